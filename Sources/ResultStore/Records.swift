import Model

/// The accepted result of a run, with what is worth knowing about how it came about.
public struct RunRecord: Hashable, Sendable {
  /// The run's identity.
  public var identity: RunIdentity
  /// Point, width and seed.
  public var run: Run
  /// The digest of its problem.
  public var problem: Digest
  /// The result.
  public var result: RunResult
  /// What the run was allowed to spend.
  public var budget: Budget
  /// How many attempts were needed; at least 1. A measurement.
  public var attempts: Int
  /// Who computed it. A measurement.
  public var worker: String
  /// What was asked to be kept of the run.
  public var keep: Observables
  /// What was kept of it; ``ResultStore/records(of:)`` leaves it out, ``ResultStore/flowRecord(of:)`` reads it.
  public var kept: FlowRecord

  /// A record; the identity follows from run and problem.
  public init(
    run: Run, problem: Digest, result: RunResult, budget: Budget, attempts: Int = 1, worker: String = "",
    keep: Observables = [], kept: FlowRecord = FlowRecord()
  ) {
    self.init(
      identity: run.identity(of: problem), run: run, problem: problem, result: result, budget: budget,
      attempts: attempts, worker: worker, keep: keep, kept: kept)
  }

  /// A record of a run whose identity is known already.
  public init(
    identity: RunIdentity, run: Run, problem: Digest, result: RunResult, budget: Budget, attempts: Int,
    worker: String, keep: Observables = [], kept: FlowRecord = FlowRecord()
  ) {
    self.identity = identity
    self.run = run
    self.problem = problem
    self.result = result
    self.budget = budget
    self.attempts = attempts
    self.worker = worker
    self.keep = keep
    self.kept = kept
  }
}

/// A run set aside because every attempt failed.
public struct FailureRecord: Hashable, Sendable {
  /// The run's identity.
  public var identity: RunIdentity
  /// Point, width and seed.
  public var run: Run
  /// The digest of its problem.
  public var problem: Digest
  /// How many attempts were made.
  public var attempts: Int
  /// Why it has no result, in a word: `attempts`, `refused` or `memory`.
  public var cause: String
  /// Why it has no result, in words that are the same for all runs that failed alike.
  public var reason: String
  /// What is particular to this run; may be empty.
  public var detail: String
  /// The end of what the worker wrote on its standard error.
  public var stderrTail: String

  /// A failure.
  public init(
    identity: RunIdentity, run: Run, problem: Digest, attempts: Int,
    cause: String = "attempts", reason: String, detail: String = "", stderrTail: String
  ) {
    self.identity = identity
    self.run = run
    self.problem = problem
    self.attempts = attempts
    self.cause = cause
    self.reason = reason
    self.detail = detail
    self.stderrTail = stderrTail
  }
}

/// The runs of a sweep that failed for the same reason.
public struct FailureGroup: Hashable, Sendable {
  /// How many they are.
  public var runs: Int
  /// The first of them, by γ, γ', width, seed.
  public var example: FailureRecord
}
