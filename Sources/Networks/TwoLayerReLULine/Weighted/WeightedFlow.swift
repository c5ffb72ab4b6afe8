import Model

/// A run of weighted nodes: the flow itself, and after it one or two cheaper ones with fewer nodes,
/// whose difference is the error of the nodes.
struct WeightedFlow: Flow {
  typealias LineFlow = ImpulseFlow<LineReLUEnsemble, NeuronRecorder>

  /// What is under way.
  private var flow: RestCheckedFlow<LineFlow>
  /// The starts of the flows that are compared, in their order.
  private let comparisons: [WeightedStart]
  private let problem: Problem
  /// Whether the first comparison is with the flow itself, or with the second.
  private let comparesItself: Bool
  /// How the flow itself ended, and RD of the comparisons that have.
  private var ending: FlowEnding?
  private var compared: [Double] = []

  /// The name of the relative difference of RD.
  static let errorName = "nodes_error"

  /// A run at its initial values.
  ///
  /// - Throws: ``FlowRunError/overflow``.
  init(
    _ start: WeightedStart, comparisons: [WeightedStart], comparesItself: Bool, of problem: Problem,
    record: RecordNames, threads: Int
  ) throws {
    flow = try Self.checked(start, of: problem, record: record, threads: threads)
    self.comparisons = comparisons
    self.comparesItself = comparesItself
    self.problem = problem
    self.record = record
  }

  var state: FlowState {
    guard let ending else { return flow.state }
    let quantities = ending.result.quantities
    return FlowState(
      steps: ending.result.steps, time: quantities[Quantity.time.name] ?? 0, quantities: quantities)
  }

  let record: RecordNames

  mutating func step(within budget: Budget) -> FlowEnding? {
    guard let ended = flow.step(within: budget) else { return nil }
    if let ending {
      compared.append(ended.result.quantities[LineReLUEnsemble.relativeChangeName] ?? 0)
      self.ending?.result.wallSeconds = ending.result.wallSeconds + ended.result.wallSeconds
    } else {
      // One that goes on under a larger budget must not change.
      guard ended.result.outcome != .budgetExhausted else { return ended }
      ending = ended
    }
    guard compared.count < comparisons.count,
      let next = try? Self.checked(comparisons[compared.count], of: problem)
    else {
      return withError()
    }
    flow = next
    return nil
  }

  /// A flow at its initial values, repeated where it rests.
  private static func checked(
    _ start: WeightedStart, of problem: Problem, record: RecordNames = [], threads: Int = 1
  ) throws -> RestCheckedFlow<LineFlow> {
    try RestCheckedFlow(
      of: problem, comparing: LineFlow.namesAtRest, record: record, start: restart(start, threads: threads))
  }

  private static func restart(
    _ start: WeightedStart, threads: Int
  ) -> (Problem, RecordNames) throws -> LineFlow {
    { problem, record in
      var clock = FlowClock()
      let ensemble = try start.ensemble(threads: threads)
      clock.noteInitialValues()
      return flow(ensemble, start.scales, record, problem, clock: clock)
    }
  }

  /// A flow that records something.
  static func flow(
    _ ensemble: LineReLUEnsemble, _ scales: WidthScales, _ record: RecordNames, _ problem: Problem,
    clock: FlowClock = FlowClock()
  ) -> LineFlow {
    guard let samples = problem.samples else { preconditionFailure("a checked problem has samples") }
    return LineFlow(
      ensemble, recorder: NeuronRecorder(record, scales: scales, samples: samples, ensemble), of: problem,
      timeScale: scales.kappa, clock: clock)
  }

  private func withError() -> FlowEnding? {
    guard var ending else { return nil }
    let name = LineReLUEnsemble.relativeChangeName
    let values = (comparesItself ? [ending.result.quantities[name] ?? 0] : []) + compared
    if values.count > 1, let first = values.first, let last = values.last, first > 0 {
      ending.result.quantities = ending.result.quantities.setting(
        Self.errorName, to: abs(last / first - 1))
    }
    return ending
  }
}

// MARK: Checkpoints

extension WeightedFlow {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(record.names.count)
    for name in record.names { try writer.write(name) }
    try writer.write(ending == nil ? 0 : 1)
    try ending?.result.save(to: &writer)
    if let ending { try writer.write(ending.arrays) }
    try writer.write(compared.count)
    for value in compared { try writer.write(value) }
    try writer.write(flow.flow?.neuronCount ?? 0)
    try flow.save(to: &writer)
  }

  /// A run at the state that ``save(to:)`` wrote.
  ///
  /// - Throws: ``CheckpointError``, or what the reader throws.
  init(
    resuming start: WeightedStart, comparisons: [WeightedStart], comparesItself: Bool, threads: Int,
    of problem: Problem, from reader: inout CheckpointReader
  ) throws {
    self.comparisons = comparisons
    self.comparesItself = comparesItself
    self.problem = problem
    record = RecordNames(try (0..<reader.int(in: 0...1000)).map { _ in try reader.string() })
    if try reader.int(in: 0...1) == 1 {
      let result = try RunResult(from: &reader)
      ending = FlowEnding(result: result, arrays: try reader.arrays())
    }
    for _ in 0..<(try reader.int(in: 0...comparisons.count)) { compared.append(try reader.double()) }
    let present = ending == nil ? start : comparisons[min(compared.count, comparisons.count - 1)]
    let nodes = try reader.int(in: 1...TwoLayerReLULine.maxWidth)
    flow = try RestCheckedFlow(
      resuming: problem, comparing: LineFlow.namesAtRest, start: Self.restart(present, threads: threads),
      from: &reader
    ) { problem, reader in
      let clock = try FlowClock(from: &reader)
      let scales = present.scales
      let recorder = try NeuronRecorder(
        width: nodes, scales: scales, samples: present.samples, from: &reader)
      var ensemble = try LineReLUEnsemble(
        samples: present.samples, scales: scales, width: nodes, threads: threads, from: &reader)
      ensemble.isPaired = present.fluctuations == nil
      return try LineFlow(
        resuming: ensemble, recorder: recorder, of: problem, timeScale: scales.kappa, clock: clock,
        from: &reader)
    }
  }
}

extension ImpulseFlow where E == LineReLUEnsemble {
  /// How many neurons are kept.
  fileprivate var neuronCount: Int { ensemble.width }
}
