import Model

/// A run of a smooth network: the flow itself, and after it others that tell how far its RD can be
/// trusted: with other nodes, or from perturbed initial values.
struct SmoothFlow: Flow {
  typealias Single = ImpulseFlow<SmoothEnsemble, ViewRecorder<SmoothEnsemble>>

  /// What another flow is compared for.
  enum Purpose: Sendable {
    /// The error of the nodes: ``errorName``.
    case nodes
    /// How sensitive RD is to initial values: ``perturbedName``.
    case sensitivity
  }

  /// What is under way.
  private var flow: Single
  /// The other flows, in their order, at their starts.
  private let comparisons: [(purpose: Purpose, start: SmoothStart)]
  private let problem: Problem
  /// Whether other nodes are compared with the flow itself, or with each other.
  private let comparesItself: Bool
  private let threads: Int
  /// How the flow itself ended, and RD of the others that have.
  private var ending: FlowEnding?
  private var compared: [Double] = []

  /// The name of the relative difference of RD between two sets of nodes.
  static let errorName = "nodes_error"
  /// The name of RD of the flow from perturbed initial values.
  static let perturbedName = "perturbed_rd"

  /// A run whose flow is at its initial values.
  init(
    _ flow: Single, comparisons: [(purpose: Purpose, start: SmoothStart)], comparesItself: Bool,
    threads: Int, of problem: Problem
  ) {
    self.flow = flow
    self.comparisons = comparisons
    self.comparesItself = comparesItself
    self.threads = threads
    self.problem = problem
  }

  var state: FlowState {
    guard let ending else { return flow.state }
    let quantities = ending.result.quantities
    return FlowState(
      steps: ending.result.steps, time: quantities[Quantity.time.name] ?? 0, quantities: quantities)
  }

  var record: RecordNames { flow.record }

  mutating func step(within budget: Budget) -> FlowEnding? {
    guard let ended = flow.step(within: budget) else { return nil }
    if let ending {
      compared.append(ended.result.quantities[SmoothEnsemble.relativeChangeName] ?? .nan)
      self.ending?.result.wallSeconds = ending.result.wallSeconds + ended.result.wallSeconds
    } else {
      // One that goes on under a larger budget must not change.
      guard ended.result.outcome != .budgetExhausted else { return ended }
      ending = ended
    }
    guard compared.count < comparisons.count, let next = comparison(compared.count) else {
      return withComparisons()
    }
    flow = next
    return nil
  }

  /// The flow of a comparison at its initial values.
  private func comparison(_ index: Int) -> Single? {
    let start = comparisons[index].start
    guard let ensemble = try? start.ensemble(threads: threads) else { return nil }
    return Self.flow(ensemble, start.scales, [], problem)
  }

  /// A flow that records something.
  static func flow(
    _ ensemble: SmoothEnsemble, _ scales: SmoothScales, _ record: RecordNames, _ problem: Problem,
    clock: FlowClock = FlowClock()
  ) -> Single {
    Single(
      ensemble, recorder: ViewRecorder(record, ensemble), of: problem, timeScale: scales.timeScale,
      clock: clock)
  }

  private func withComparisons() -> FlowEnding? {
    guard var ending else { return nil }
    let own = ending.result.quantities[SmoothEnsemble.relativeChangeName] ?? 0
    var nodes = comparesItself ? [own] : []
    for (comparison, value) in zip(comparisons, compared) where value.isFinite {
      switch comparison.purpose {
      case .nodes: nodes.append(value)
      case .sensitivity:
        ending.result.quantities = ending.result.quantities.setting(Self.perturbedName, to: value)
      }
    }
    if nodes.count > 1, nodes[0] > 0 {
      ending.result.quantities = ending.result.quantities.setting(
        Self.errorName, to: abs(nodes[1] / nodes[0] - 1))
    }
    return ending
  }
}

// MARK: Checkpoints

extension SmoothFlow {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(ending == nil ? 0 : 1)
    try ending?.result.save(to: &writer)
    if let ending { try writer.write(ending.arrays) }
    try writer.write(compared.count)
    for value in compared { try writer.write(value) }
    try flow.save(to: &writer)
  }

  /// A run at the state that ``save(to:)`` wrote.
  ///
  /// - Throws: ``CheckpointError``, or what the reader throws.
  init(
    resuming start: SmoothStart, comparisons: [(purpose: Purpose, start: SmoothStart)], comparesItself: Bool,
    threads: Int, of problem: Problem, from reader: inout CheckpointReader
  ) throws {
    self.comparisons = comparisons
    self.comparesItself = comparesItself
    self.threads = threads
    self.problem = problem
    if try reader.int(in: 0...1) == 1 {
      let result = try RunResult(from: &reader)
      ending = FlowEnding(result: result, arrays: try reader.arrays())
    }
    for _ in 0..<(try reader.int(in: 0...comparisons.count)) { compared.append(try reader.double()) }
    guard ending == nil || compared.count < comparisons.count else { throw CheckpointError.damaged }
    let current = ending == nil ? start : comparisons[compared.count].start
    let clock = try FlowClock(from: &reader)
    let recorder = try ViewRecorder<SmoothEnsemble>(
      width: current.count, isPlanar: current.samples.isPlanar, from: &reader)
    let ensemble = try SmoothEnsemble(
      samples: current.samples, activation: current.activation, scales: current.scales, width: current.count,
      tolerance: current.tolerance, threads: threads, from: &reader)
    flow = try Single(
      resuming: ensemble, recorder: recorder, of: problem, timeScale: current.scales.timeScale, clock: clock,
      from: &reader)
  }
}
