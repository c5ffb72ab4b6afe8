import Model

/// A run of a ReLU network with inputs in ℝᵈ: the flow itself, and after it, if its neurons are
/// nodes, others with other nodes, whose difference is their error.
struct SpaceFlow: Flow {
  typealias Single = ImpulseFlow<ReLUEnsemble, ViewRecorder<ReLUEnsemble>>

  /// What is under way.
  private var flow: Single
  /// The other flows, in their order, at their starts.
  private let comparisons: [SpaceStart]
  private let problem: Problem
  /// Whether other nodes are compared with the flow itself, or with each other.
  private let comparesItself: Bool
  private let threads: Int
  /// How the flow itself ended, and RD of the others that have.
  private var ending: FlowEnding?
  private var compared: [Double] = []

  /// A run whose flow is at its initial values.
  init(
    _ flow: Single, comparisons: [SpaceStart], comparesItself: Bool, threads: Int, of problem: Problem
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
      compared.append(ended.result.quantities[ReLUEnsemble.relativeChangeName] ?? .nan)
      self.ending?.result.wallSeconds = ending.result.wallSeconds + ended.result.wallSeconds
    } else {
      // One that goes on under a larger budget must not change.
      guard !comparisons.isEmpty, ended.result.outcome != .budgetExhausted else { return ended }
      ending = ended
    }
    guard compared.count < comparisons.count,
      let ensemble = try? comparisons[compared.count].ensemble(threads: threads)
    else { return withError() }
    flow = Self.flow(ensemble, [], problem)
    return nil
  }

  /// A flow that records something.
  static func flow(
    _ ensemble: ReLUEnsemble, _ record: RecordNames, _ problem: Problem, clock: FlowClock = FlowClock()
  ) -> Single {
    Single(
      ensemble, recorder: ViewRecorder(record, ensemble), of: problem, timeScale: ensemble.scales.kappa,
      clock: clock)
  }

  private func withError() -> FlowEnding? {
    guard var ending else { return nil }
    let own = ending.result.quantities[ReLUEnsemble.relativeChangeName] ?? 0
    let values = (comparesItself ? [own] : []) + compared
    if values.count > 1, values[0] > 0, values[1].isFinite {
      ending.result.quantities = ending.result.quantities.setting(
        WeightedFlow.errorName, to: abs(values[1] / values[0] - 1))
    }
    return ending
  }
}

// MARK: Checkpoints

extension SpaceFlow {
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
    resuming start: SpaceStart, comparisons: [SpaceStart], comparesItself: Bool, threads: Int,
    of problem: Problem, from reader: inout CheckpointReader
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
    let current = ending == nil ? start : comparisons[compared.count]
    let clock = try FlowClock(from: &reader)
    let recorder = try ViewRecorder<ReLUEnsemble>(width: current.count, isPlanar: false, from: &reader)
    let ensemble = try ReLUEnsemble(
      SpaceSamples(current.samples, bias: current.bias), scales: current.scales, width: current.count,
      threads: threads, from: &reader)
    flow = try Single(
      resuming: ensemble, recorder: recorder, of: problem, timeScale: current.scales.kappa, clock: clock,
      from: &reader)
  }
}
