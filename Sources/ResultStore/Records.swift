import Foundation
import Model

/// The accepted result of a run, with what is worth knowing about how it came about.
public struct RunRecord: Hashable, Sendable {
  /// The run's identity.
  public var identity: RunIdentity
  /// Setting, width and seed.
  public var run: Run
  /// The digest of its problem.
  public var problem: Digest
  /// The result.
  public var result: RunResult
  /// What the run was allowed to spend.
  public var budget: Budget
  /// How many attempts were needed; at least 1. A measurement.
  public var attempts: Int
  /// What was asked to be recorded of the run beside its result.
  public var record: RecordNames
  /// What was recorded of it; ``ResultStore/records(of:)`` leaves it out,
  /// ``ResultStore/recordedArrays(of:)`` reads it.
  public var arrays: RecordedArrays
  /// When it ended, to the second.
  public let finishedAt: Date
  var sharedProvenance: SharedProvenance?

  /// Who computed it; nil: not known.
  public var provenance: Provenance? { sharedProvenance?.value }

  /// A record; the identity follows from run and problem.
  public init(
    run: Run, problem: Digest, result: RunResult, budget: Budget, attempts: Int = 1,
    record: RecordNames = [], arrays: RecordedArrays = [:], provenance: SharedProvenance? = nil,
    finishedAt: Date = Date()
  ) {
    self.init(
      identity: run.identity(of: problem), run: run, problem: problem, result: result, budget: budget,
      attempts: attempts, record: record, arrays: arrays, provenance: provenance, finishedAt: finishedAt)
  }

  /// A record of a run whose identity is known already. The time loses its fractions of seconds.
  public init(
    identity: RunIdentity, run: Run, problem: Digest, result: RunResult, budget: Budget, attempts: Int,
    record: RecordNames = [], arrays: RecordedArrays = [:], provenance: SharedProvenance? = nil,
    finishedAt: Date
  ) {
    self.identity = identity
    self.run = run
    self.problem = problem
    self.result = result
    self.budget = budget
    self.attempts = attempts
    self.record = record
    self.arrays = arrays
    self.sharedProvenance = provenance
    self.finishedAt = Date(timeIntervalSince1970: finishedAt.timeIntervalSince1970.rounded(.down))
  }
}

/// A provenance that many records share.
public final class SharedProvenance: Hashable, Sendable {
  /// The provenance.
  public let value: Provenance

  /// A provenance to share.
  public init(_ value: Provenance) { self.value = value }

  /// Whether the values are equal.
  public static func == (a: SharedProvenance, b: SharedProvenance) -> Bool {
    a === b || a.value == b.value
  }

  /// Hashes the value.
  public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

/// A run that failed for good.
public struct FailureRecord: Hashable, Sendable {
  /// The run's identity.
  public var identity: RunIdentity
  /// Setting, width and seed.
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
  /// The first of them, by setting, width, seed.
  public var example: FailureRecord
}
