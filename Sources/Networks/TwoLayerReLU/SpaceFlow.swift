import Model

/// A run of a ReLU network with inputs in ℝᵈ: the flow itself, and after it, if its neurons are
/// nodes, others with other nodes, whose difference is their error.
struct SpaceFlow: Flow {
  typealias Single = ImpulseFlow<ReLUEnsemble, ViewRecorder<ReLUEnsemble>>

  /// What is under way.
  private var flow: RestCheckedFlow<Single>
  /// The starts of the other flows, in their order.
  private let comparisons: [SpaceStart]
  private let problem: Problem
  /// Whether other nodes are compared with the flow itself, or with each other.
  private let comparesItself: Bool
  private let threads: Int
  /// How the flow itself ended, and RD of the others that have.
  private var ending: FlowEnding?
  private var compared: [Double] = []
  let record: RecordNames

  /// A run at its initial values.
  ///
  /// - Throws: ``FlowRunError``.
  init(
    _ start: SpaceStart, comparisons: [SpaceStart], comparesItself: Bool, of problem: Problem,
    options: FlowOptions
  ) throws {
    flow = try Self.checked(start, of: problem, options: options)
    self.comparisons = comparisons
    self.comparesItself = comparesItself
    self.problem = problem
    threads = options.threads
    record = options.record
  }

  var state: FlowState {
    guard let ending else { return flow.state }
    let quantities = ending.result.quantities
    return FlowState(
      steps: ending.result.steps, time: quantities[Quantity.time.name] ?? 0, quantities: quantities)
  }

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
      let next = try? Self.checked(
        comparisons[compared.count], of: problem, options: FlowOptions(threads: threads))
    else { return withError() }
    flow = next
    return nil
  }

  /// A flow at its initial values, repeated where it rests.
  private static func checked(
    _ start: SpaceStart, of problem: Problem, options: FlowOptions
  ) throws -> RestCheckedFlow<Single> {
    try RestCheckedFlow(
      of: problem, comparing: Single.namesAtRest, record: options.record, start: restart(start, options))
  }

  private static func restart(
    _ start: SpaceStart, _ options: FlowOptions
  ) -> (Problem, RecordNames) throws -> Single {
    { problem, record in
      var clock = FlowClock()
      let ensemble = try start.ensemble(threads: options.threads, onProgress: options.onProgress)
      clock.noteInitialValues()
      return flow(ensemble, record, problem, clock: clock)
    }
  }

  /// A flow that records something, and is not repeated where it rests.
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
    try writer.write(record.names.count)
    for name in record.names { try writer.write(name) }
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
    resuming start: SpaceStart, comparisons: [SpaceStart], comparesItself: Bool, of problem: Problem,
    options: FlowOptions, from reader: inout CheckpointReader
  ) throws {
    self.comparisons = comparisons
    self.comparesItself = comparesItself
    self.problem = problem
    threads = options.threads
    record = RecordNames(try (0..<reader.int(in: 0...1000)).map { _ in try reader.string() })
    if try reader.int(in: 0...1) == 1 {
      let result = try RunResult(from: &reader)
      ending = FlowEnding(result: result, arrays: try reader.arrays())
    }
    for _ in 0..<(try reader.int(in: 0...comparisons.count)) { compared.append(try reader.double()) }
    guard ending == nil || compared.count < comparisons.count else { throw CheckpointError.damaged }
    let present = ending == nil ? start : comparisons[compared.count]
    flow = try RestCheckedFlow(
      resuming: problem, comparing: Single.namesAtRest, start: Self.restart(present, options), from: &reader
    ) { problem, reader in
      let clock = try FlowClock(from: &reader)
      let recorder = try ViewRecorder<ReLUEnsemble>(width: present.count, isPlanar: false, from: &reader)
      let samples = SpaceSamples(present.samples, bias: present.bias)
      let ensemble = try ReLUEnsemble(
        samples, scales: present.scales, initial: try present.weights(samples), threads: options.threads,
        from: &reader)
      return try Single(
        resuming: ensemble, recorder: recorder, of: problem, timeScale: present.scales.kappa, clock: clock,
        from: &reader)
    }
  }
}
