import Scheduling

/// What is said of workers that send nothing.
struct WaitingNotices {
  private var hasAdvised = false

  /// A shorter time without a message is not noted, in seconds: programs take a moment to begin,
  /// and runs may be long.
  private static let leastSeconds = (start: 3.0, run: 30.0)
  /// When something is probably wrong, in seconds.
  private static let adviceSeconds = 10.0

  /// What is waited for, for a line of progress; nil if that need not be said.
  static func words(_ awaited: AwaitedMessage) -> String? {
    guard awaited.seconds >= (awaited.isStart ? leastSeconds.start : leastSeconds.run) else { return nil }
    let whom = awaited.workers == 1 ? "the worker" : "\(awaited.workers) workers"
    let what = awaited.isStart ? "the hello of \(whom)" : "\(whom) to answer"
    return
      "waiting for \(what), \(Formatting.duration(awaited.seconds)) of "
      + "\(Formatting.duration(awaited.limit / .seconds(1)))"
  }

  /// What to look at if workers do not begin; nil if they do, or it has been said.
  mutating func advice(on awaited: AwaitedMessage?, _ worker: WorkerCommand) -> String? {
    guard let awaited, awaited.isStart, awaited.seconds >= Self.adviceSeconds, !hasAdvised else { return nil }
    hasAdvised = true
    return
      "no worker has sent its hello for \(Formatting.duration(awaited.seconds)). It has to be one line of JSON, "
      + "and the output has to be flushed after it; `\(worker.trial)` shows what comes. A worker is killed after "
      + "\(Formatting.duration(awaited.limit / .seconds(1))) (limits.hello_timeout)"
  }
}
