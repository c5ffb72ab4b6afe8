import Model
import WorkerProtocol

/// A run that needs no further attempt, and how it ended.
public struct FinishedRun: Hashable, Sendable {
  /// The run.
  public var run: PlannedRun
  /// Its position in the plan, from 0.
  public var position: Int
  /// How often it was given to a worker; 0 for a run that was never tried.
  public var attempts: Int
  /// What the worker that held it last told of itself; nil if it was never tried. All runs of one
  /// process share it.
  public var worker: WorkerHello?
  /// How it ended.
  public var ending: RunEnding
  /// What was recorded of it beside its result: what was asked for, as far as the worker gave it.
  public var arrays: RecordedArrays

  /// A finished run.
  public init(
    run: PlannedRun, position: Int, attempts: Int, worker: WorkerHello?, ending: RunEnding,
    arrays: RecordedArrays = [:]
  ) {
    self.run = run
    self.position = position
    self.attempts = attempts
    self.worker = worker
    self.ending = ending
    self.arrays = arrays
  }
}

/// How a run ended.
public enum RunEnding: Hashable, Sendable {
  /// With a result.
  case result(RunResult)
  /// Without, and it will not be tried again in this sweep. The failed attempts come in order.
  case failed(FailureReason, attempts: [FailedAttempt])
}

/// Why a run has failed, and is not tried again.
public enum FailureReason: Hashable, Sendable, CustomStringConvertible {
  /// As many attempts have failed as the limits allow.
  case attempts
  /// A worker refused it, with this explanation; another attempt would be refused too.
  case refused(String)
  /// It needs more memory than the sweep may use, in bytes: by its estimate, and then it was not
  /// tried, or because it ran out of what it was allowed, and twice that, which it would get next,
  /// is too much.
  case memory(needed: Int, allowed: Int)

  /// A word for tables and for selecting runs: `attempts`, `refused` or `memory`.
  public var name: String {
    switch self {
    case .attempts: "attempts"
    case .refused: "refused"
    case .memory: "memory"
    }
  }

  /// A few words for people.
  public var description: String {
    switch self {
    case .attempts: "every attempt failed"
    case .refused(let explanation): "refused by the worker: \(explanation)"
    case .memory(let needed, let allowed):
      "needs about \(needed) bytes of memory and the sweep may use \(allowed); raise limits.memory"
    }
  }
}

extension RunEnding {
  /// Why the run has failed; nil if there is a result.
  public var failureReason: FailureReason? {
    guard case .failed(let reason, _) = self else { return nil }
    return reason
  }

  /// Why there is no result, in words that are the same for all runs that ended so; nil if there is
  /// one.
  public var cause: String? {
    switch self {
    case .result: nil
    case .failed(.refused, _): "refused by the worker"
    case .failed(let reason, let attempts):
      "\(reason)" + (attempts.last.map { "; the last worker \($0.failure.cause)" } ?? "")
    }
  }

  /// What is particular to this run's failure; empty if the cause tells all.
  public var detail: String {
    switch self {
    case .result: ""
    case .failed(.refused(let explanation), _): explanation
    case .failed(_, let attempts): attempts.last?.failure.detail ?? ""
    }
  }
}

/// An attempt at a run that ended without a result.
public struct FailedAttempt: Hashable, Sendable {
  /// Counts from 1.
  public var attempt: Int
  /// What happened.
  public var failure: WorkerFailure
  /// How the worker process ended in consequence; nil if it lives on.
  public var exit: WorkerExit?
  /// The last 4 KiB that the worker wrote to its standard error; invalid UTF-8 is replaced.
  public var stderrTail: String

  /// A failed attempt.
  public init(attempt: Int, failure: WorkerFailure, exit: WorkerExit?, stderrTail: String) {
    self.attempt = attempt
    self.failure = failure
    self.exit = exit
    self.stderrTail = stderrTail
  }
}
