import Model

/// A run that needs no further attempt, and how it ended.
public struct FinishedRun: Hashable, Sendable {
  /// The run.
  public var run: PlannedRun
  /// Its place in the plan, from 0.
  public var position: Int
  /// How often it was given to a worker; 0 for a run that was never tried.
  public var attempts: Int
  /// The worker that answered last, if one did.
  public var worker: WorkerID?
  /// How it ended.
  public var ending: RunEnding
  /// What was kept of it beside its result: what was asked for, as far as the worker gave it.
  public var record: FlowRecord

  /// A finished run.
  public init(
    run: PlannedRun, position: Int, attempts: Int, worker: WorkerID?, ending: RunEnding,
    record: FlowRecord = FlowRecord()
  ) {
    self.run = run
    self.position = position
    self.attempts = attempts
    self.worker = worker
    self.ending = ending
    self.record = record
  }
}

/// How a run ended.
public enum RunEnding: Hashable, Sendable {
  /// With a result.
  case result(RunResult)
  /// Without, and it will not be tried again in this sweep. The failed attempts come in order.
  case setAside(SetAsideReason, attempts: [FailedAttempt])
}

/// Why a run is not tried again.
public enum SetAsideReason: Hashable, Sendable, CustomStringConvertible {
  /// It failed as often as the limits allow.
  case attempts
  /// A worker refused it, with this explanation; another attempt would be refused too.
  case refused(String)
  /// It needs more memory than the sweep may use, in bytes: by its estimate, and then it was not tried, or because it
  /// ran out of what it was allowed, and twice that, which it would be given next, is too much.
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
  /// Why the run is not tried again; nil if there is a result.
  public var setAsideReason: SetAsideReason? {
    guard case .setAside(let reason, _) = self else { return nil }
    return reason
  }

  /// Why there is no result, in words that are the same for all runs that ended so; nil if there is one.
  public var cause: String? {
    switch self {
    case .result: nil
    case .setAside(.refused, _): "refused by the worker"
    case .setAside(let reason, let attempts):
      "\(reason)" + (attempts.last.map { "; the last worker \($0.failure.cause)" } ?? "")
    }
  }

  /// What is particular to this run's failure; empty if the cause says all.
  public var detail: String {
    switch self {
    case .result: ""
    case .setAside(.refused(let explanation), _): explanation
    case .setAside(_, let attempts): attempts.last?.failure.detail ?? ""
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

/// What a worker did wrong.
public enum WorkerFailure: Hashable, Sendable, CustomStringConvertible {
  /// It could not be started.
  case notStarted(String)
  /// It ended though nobody had asked it to.
  case exited(WorkerExit)
  /// It did not say hello in time.
  case noHello(within: Duration)
  /// It did not answer for its run in time.
  case noAnswer(within: Duration)
  /// It can report progress, held a run, and said nothing for so long.
  case silent(within: Duration)
  /// It needed more memory than it was allowed, or than there was; who noticed, and figures.
  case outOfMemory(String)
  /// It gave up the attempt itself, for this reason.
  case gaveUp(String)
  /// It wrote a line that is no message; with the explanation and the beginning of the line.
  case malformedLine(String)
  /// It closed its standard output, and lived on.
  case outputClosed
  /// It speaks another version of the protocol.
  case protocolVersion(Int)
  /// It does not know the method of the sweep.
  case methodMissing(String, offered: [String])
  /// It answered for a run that it did not hold: another one, or one that it had answered before.
  case answeredForAnotherRun(RunIdentity)
  /// A number of its result cannot be one; which, and why.
  case implausibleResult(String)
  /// It said a message at the wrong time: an answer before hello, or hello twice.
  case untimely(String)

  /// A few words for people: the cause with its detail.
  public var description: String { cause + (detail.map { ": \($0)" } ?? "") }

  /// The cause in words that are the same for all runs that failed so.
  public var cause: String {
    switch self {
    case .notStarted: "could not be started"
    case .exited(let status): "ended by itself: \(status)"
    case .noHello(let limit): "did not say hello within \(seconds(limit)) s"
    case .noAnswer(let limit): "gave no answer within \(seconds(limit)) s"
    case .silent(let limit): "said nothing for \(seconds(limit)) s"
    case .outOfMemory: "ran out of memory"
    case .gaveUp: "gave up"
    case .malformedLine: "wrote something that is no message"
    case .outputClosed: "closed its standard output"
    case .protocolVersion(let version): "speaks version \(version) of the protocol"
    case .methodMissing(let method, let offered):
      "does not know the method \(method); it offers \(offered.joined(separator: ", "))"
    case .answeredForAnotherRun: "answered for a run that it did not hold"
    case .implausibleResult(let flaw): "gave a result that cannot be: \(flaw)"
    case .untimely(let message): "said \(message) at the wrong time"
    }
  }

  /// What is particular to this failure; nil if the cause says all.
  public var detail: String? {
    switch self {
    case .notStarted(let reason): reason
    case .malformedLine(let explanation): explanation
    case .outOfMemory(let explanation), .gaveUp(let explanation): explanation
    case .answeredForAnotherRun(let run): "\(run)"
    case .exited, .noHello, .noAnswer, .silent, .outputClosed, .protocolVersion, .methodMissing,
      .implausibleResult,
      .untimely:
      nil
    }
  }
}

/// 10 or 0.5: seconds as people write them.
private func seconds(_ duration: Duration) -> String {
  let seconds = duration / .seconds(1)
  return Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
}

/// How a process ended.
public enum WorkerExit: Hashable, Sendable, CustomStringConvertible {
  /// With this exit code.
  case code(Int)
  /// By this signal.
  case signal(Int)
  /// The system could not tell.
  case unknown

  /// A few words for people.
  public var description: String {
    switch self {
    case .code(let code): "exit code \(code)"
    case .signal(let number): "signal \(number)"
    case .unknown: "unknown exit status"
    }
  }
}
