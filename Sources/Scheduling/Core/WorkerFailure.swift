import Model

/// What a worker did wrong.
public enum WorkerFailure: Hashable, Sendable, CustomStringConvertible {
  /// It could not be started.
  case notStarted(String)
  /// It ended without having been asked to.
  case exited(WorkerExit)
  /// It sent no hello in time.
  case noHello(within: Duration)
  /// It did not answer for its run in time.
  case noAnswer(within: Duration)
  /// It can report progress, held a run, and sent nothing for so long.
  case noHeartbeat(within: Duration)
  /// It needed more memory than it was allowed, or than there was; who noticed, and figures.
  case outOfMemory(String)
  /// It reported that the attempt has failed, for this reason.
  case reportedFailure(String)
  /// It wrote a line that is no message; with the explanation and the beginning of the line.
  case malformedLine(String)
  /// It closed its standard output, and lived on.
  case outputClosed
  /// It uses another version of the protocol.
  case protocolVersion(Int)
  /// It does not know the method of the sweep.
  case unknownMethod(String, known: [String])
  /// It does not know these parameters of the sweep.
  case unknownParameters([String], known: [String])
  /// A value of the sweep is none that it takes for a parameter.
  case parameterOutOfRange(String, value: Double, allowed: ClosedRange<Double>)
  /// It does not offer to record this.
  case notRecordable([String], known: [String])
  /// Its runs do not yield the order parameter of the sweep.
  case unknownOrderParameter(String, known: [String])
  /// It answered for a run that it did not hold: another one, or one that it had answered before.
  case answeredForAnotherRun(RunIdentity)
  /// Its result lacks the order parameter; with the quantities that it has.
  case orderParameterMissing(String, given: [String])
  /// Its result cannot be one; why.
  case implausibleResult(String)
  /// It had the run when the process that had started it was killed.
  case killedWithOrchestrator
  /// It sent a message at the wrong time: an answer before hello, or hello twice.
  case untimely(String)

  /// A few words for people: the cause with its detail.
  public var description: String { cause + (detail.map { ": \($0)" } ?? "") }

  /// The cause in words that are the same for all runs that failed so. It completes “the worker …”.
  public var cause: String {
    switch self {
    case .notStarted: "could not be started"
    case .exited(let status): "ended by itself: \(status)"
    case .noHello(let limit): "sent no hello within \(seconds(limit)) s"
    case .noAnswer(let limit): "did not answer within \(seconds(limit)) s"
    case .noHeartbeat(let limit): "reported no progress for \(seconds(limit)) s"
    case .outOfMemory: "ran out of memory"
    case .reportedFailure: "reported a failure"
    case .malformedLine: "wrote something that is no message"
    case .outputClosed: "closed its standard output"
    case .protocolVersion(let version): "uses version \(version) of the protocol"
    case .unknownMethod(let method, let known): "does not know the method \(method); it knows \(list(known))"
    case .unknownParameters(let names, let known):
      "does not know the \(names.count == 1 ? "parameter" : "parameters") \(list(names)) of the sweep; it "
        + "knows \(list(known))"
    case .unknownOrderParameter(let name, let known):
      "does not yield the order parameter \(name) of the sweep; it yields \(list(known))"
    case .parameterOutOfRange(let name, let value, let allowed):
      "takes \(name) \(range(allowed)), and the sweep has \(formattedNumber(value))"
    case .notRecordable(let names, let known):
      "does not record \(list(names)), which `record` of the grid asks for; it records \(list(known))"
    case .answeredForAnotherRun: "answered for a run that it did not hold"
    case .orderParameterMissing(let name, let given):
      "gave a result without the order parameter \(name); it has \(list(given))"
    case .implausibleResult(let flaw): "gave a result that cannot be: \(flaw)"
    case .killedWithOrchestrator: "was at it when the whole sweep was killed"
    case .untimely(let message): "sent \(message) at the wrong time"
    }
  }

  /// What is particular to this failure; nil if the cause tells all.
  public var detail: String? {
    switch self {
    case .notStarted(let explanation), .malformedLine(let explanation), .outOfMemory(let explanation),
      .reportedFailure(let explanation):
      explanation
    case .answeredForAnotherRun(let run): "\(run)"
    case .killedWithOrchestrator:
      "perhaps the run uses up the memory of the machine or of the job: limits.run_memory in the grid stops it "
        + "before"
    case .exited, .noHello, .noAnswer, .noHeartbeat, .outputClosed, .protocolVersion, .unknownMethod,
      .unknownParameters, .parameterOutOfRange, .notRecordable, .unknownOrderParameter,
      .orderParameterMissing, .implausibleResult, .untimely:
      nil
    }
  }

  /// Whether every process of the same program would fail so.
  var isOfProgram: Bool {
    switch self {
    case .protocolVersion, .unknownMethod, .unknownParameters, .parameterOutOfRange, .notRecordable,
      .unknownOrderParameter:
      true
    default: false
    }
  }

  /// Whether it may come from the size of the run, so that smaller ones may fare better.
  var mayComeFromSize: Bool {
    switch self {
    case .outOfMemory, .noAnswer, .noHeartbeat, .killedWithOrchestrator: true
    // Systems end processes so for want of memory; 137 is how shells report it.
    case .exited(.signal(9)), .exited(.code(137)): true
    default: false
    }
  }

  /// Whether another attempt failed for the same reason, as far as that can be told.
  func isLike(_ other: WorkerFailure) -> Bool {
    guard case .reportedFailure(let own) = self, case .reportedFailure(let others) = other else {
      return cause == other.cause
    }
    return own == others
  }
}

private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }

/// "from 0 to 1", "from 0 on" or "up to 1".
private func range(_ range: ClosedRange<Double>) -> String {
  let (low, high) = (range.lowerBound, range.upperBound)
  if high == .infinity { return "from \(formattedNumber(low)) on" }
  return low == -.infinity
    ? "up to \(formattedNumber(high))" : "from \(formattedNumber(low)) to \(formattedNumber(high))"
}

/// 10 or 0.5: seconds as people write them.
private func seconds(_ duration: Duration) -> String { formattedNumber(duration / .seconds(1)) }

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
