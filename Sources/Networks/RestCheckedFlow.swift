import Model

/// A run that, where it comes to rest, is repeated from its initial values at finer tolerances
/// until two runs in a row rest alike, or one does not rest: what a tolerance has decided is no
/// limit for t → ∞ (`docs/method.md`, section 6).
///
/// The finest run is the one that counts: its numbers and what it recorded are the result. Steps
/// and seconds are those of all, and so is the budget of them.
public struct RestCheckedFlow<Repeated: Flow>: Flow {
  private let problem: Problem
  private let compared: [String]
  private let start: (Problem, RecordNames) throws -> Repeated
  /// The run under way; nil where it could not be made again.
  private var current: Repeated?
  /// How the runs before it ended.
  private var earlier: [RunResult] = []
  /// The seconds of this process that were spent on them.
  private var secondsBefore = 0.0
  private let clock = FlowClock()
  /// What is recorded beside the result.
  public let record: RecordNames

  /// By which factor the tolerance shrinks.
  private static var refinement: Double { 10 }
  /// How often a run is repeated.
  private static var maxRepetitions: Int { 3 }
  /// The relative difference of two runs that rest alike, in tolerances of the coarser.
  private static var agreement: Double { 10 }
  /// At finer tolerances rounding decides, and nothing is repeated.
  private static var minTolerance: Double { 1e-9 }

  /// A run at its initial values.
  ///
  /// - Parameters:
  ///   - problem: the problem of the run.
  ///   - compared: the names of the quantities that are the same in runs that rest alike.
  ///   - record: what to record beside the result.
  ///   - start: makes the flow at its initial values, of a problem that differs from that of the
  ///     run by its tolerance.
  /// - Throws: what `start` throws.
  public init(
    of problem: Problem, comparing compared: [String], record: RecordNames,
    start: @escaping (Problem, RecordNames) throws -> Repeated
  ) throws {
    self.problem = problem
    self.compared = compared
    self.record = record
    self.start = start
    current = try start(problem, record)
  }

  /// A run at the state that ``save(to:)`` wrote.
  ///
  /// - Parameters:
  ///   - problem: as at the start.
  ///   - compared: as at the start.
  ///   - start: as at the start.
  ///   - reader: what was written.
  ///   - resume: makes the flow at the state that it wrote, of a problem as `start` takes it.
  /// - Throws: ``CheckpointError``, or what the reader or `resume` throws.
  public init(
    resuming problem: Problem, comparing compared: [String],
    start: @escaping (Problem, RecordNames) throws -> Repeated, from reader: inout CheckpointReader,
    resume: (Problem, inout CheckpointReader) throws -> Repeated
  ) throws {
    self.problem = problem
    self.compared = compared
    self.start = start
    for _ in 0..<(try reader.int(in: 0...Self.maxRepetitions)) {
      earlier.append(try RunResult(from: &reader))
    }
    let flow = try resume(Self.problem(problem, repetition: earlier.count), &reader)
    record = flow.record
    current = flow
  }

  /// Writes how the runs before ended, and the one under way.
  public func save(to writer: inout CheckpointWriter) throws {
    try writer.write(earlier.count)
    for result in earlier { try result.save(to: &writer) }
    try current?.save(to: &writer)
  }

  /// The problem with the tolerance of a repetition; 0 is the run itself.
  private static func problem(_ problem: Problem, repetition: Int) -> Problem {
    var problem = problem
    for _ in 0..<repetition { problem.tolerance /= refinement }
    return problem
  }

  private func tolerance(_ repetition: Int) -> Double {
    Self.problem(problem, repetition: repetition).tolerance
  }

  // MARK: State

  /// The run under way.
  var flow: Repeated? { current }

  /// The state of the run under way, with the steps of all runs and the latest time of any.
  public var state: FlowState {
    var state = current?.state ?? FlowState(steps: 0, time: 0, quantities: .none)
    for result in earlier {
      state.steps += result.steps
      state.time = max(state.time, result.quantities[Quantity.time.name] ?? 0)
    }
    return state
  }

  /// Makes a step of the run under way; where that comes to rest, begins the next one.
  public mutating func step(within budget: Budget) -> FlowEnding? {
    var left = budget
    left.steps -= earlier.reduce(0) { $0 + $1.steps }
    left.wallSeconds -= secondsBefore
    guard let ended = current?.step(within: left) else { return nil }
    let result = ended.result
    let isStuck = result.outcome == .budgetExhausted && result.reason == RunResult.stepsCollapsed
    guard result.outcome == .stationary || isStuck && !earlier.isEmpty else {
      let rest = earlier.lastIndex { $0.outcome == .stationary }
      return sum(ended, rest.map { ["at rest at tolerance \(short(tolerance($0)))"] } ?? [])
    }
    if let last = earlier.last, restAlike(last, result) {
      let others = earlier.count > 1 ? ", not at \(short(tolerance(earlier.count - 2)))" : ""
      return sum(ended, ["same at tolerance \(short(tolerance(earlier.count - 1)))" + others])
    }
    guard earlier.count < Self.maxRepetitions, tolerance(earlier.count + 1) >= Self.minTolerance else {
      return earlier.isEmpty ? ended : undecided(ended)
    }
    // The neurons of two runs may not fit into the memory.
    current = nil
    do {
      current = try start(Self.problem(problem, repetition: earlier.count + 1), record)
    } catch {
      return undecided(ended)
    }
    earlier.append(result)
    secondsBefore = clock.secondsHere
    return nil
  }

  // MARK: Endings

  private func restAlike(_ coarse: RunResult, _ fine: RunResult) -> Bool {
    guard coarse.outcome == .stationary, fine.outcome == .stationary else { return false }
    let allowed = Self.agreement * tolerance(earlier.count - 1)
    return compared.allSatisfy { name in
      let (a, b) = (coarse.quantities[name] ?? 0, fine.quantities[name] ?? 0)
      return abs(a - b) <= allowed * max(abs(a), abs(b))
    }
  }

  /// The ending of the finest run as that of all.
  private func sum(_ ending: FlowEnding, _ clauses: [String]) -> FlowEnding {
    var ending = ending
    ending.result.reason = ([ending.result.reason] + clauses).joined(separator: "; ")
    for result in earlier {
      ending.result.steps += result.steps
      ending.result.wallSeconds += result.wallSeconds
      ending.result.initialSeconds += result.initialSeconds
    }
    return ending
  }

  private func undecided(_ ending: FlowEnding) -> FlowEnding {
    var ending = ending
    ending.result.outcome = .budgetExhausted
    ending.result.reason = RunResult.restUndecided
    let range = "from \(short(tolerance(0))) to \(short(tolerance(earlier.count)))"
    return sum(ending, ["tolerances \(range)"])
  }
}
