import Model
import WorkerProtocol

/// One worker process in the life of a sweep; never used for a second process.
public struct WorkerID: Hashable, Sendable, CustomStringConvertible {
  /// Counts from 1, in the order of starting.
  public let number: Int

  /// The worker with a number.
  public init(_ number: Int) { self.number = number }

  /// `worker 1`.
  public var description: String { "worker \(number)" }
}

/// What happens to a sweep.
public enum SchedulerEvent: Hashable, Sendable {
  /// The sweep begins.
  case begin
  /// A worker sent its first line.
  case hello(WorkerID, WorkerHello)
  /// A worker gave a result, and what it recorded of the run.
  case result(WorkerID, run: RunIdentity, RunResult, arrays: RecordedArrays = [:])
  /// A worker refused a run.
  case refusal(WorkerID, run: RunIdentity, reason: String)
  /// A worker reported how far it is.
  case progress(WorkerID, run: RunIdentity, RunProgress)
  /// A worker has suspended its run, durably.
  case checkpointed(WorkerID, run: RunIdentity)
  /// A worker reported that an attempt has failed; with the last 4 KiB of its standard error.
  case failure(WorkerID, run: RunIdentity, FailureCause, detail: String, stderrTail: String = "")
  /// A worker wrote something that is no message.
  case malformedLine(WorkerID, explanation: String)
  /// A worker has closed its standard output and lives on; it is about to be killed.
  case outputClosed(WorkerID)
  /// A worker was seen to use so many bytes while it held its order number `order`, more than that
  /// allows.
  case memoryExceeded(WorkerID, order: Int, bytes: Int)
  /// A worker process has ended and been reaped. Follows every spawn, unless `spawnFailed` does.
  /// `outOfMemory`: it was killed by the system, for want of memory.
  case exited(WorkerID, WorkerExit, stderrTail: String, outOfMemory: Bool = false)
  /// A worker process could not be started. `isShortage`: for want of processes, descriptors or
  /// memory, which may pass.
  case spawnFailed(WorkerID, reason: String, isShortage: Bool = false)
  /// A timer has run out.
  case timer(TimerID)
  /// A finished run, named by its position in the plan, has been committed durably.
  case recorded(position: Int)
  /// Finished runs could not be committed.
  case recordingFailed
  /// The user wants the sweep to stop: long runs are suspended, others may finish within the grace
  /// period.
  case interrupt
  /// The user wants the sweep to stop at once; only what has been committed counts.
  case killAll
}

/// What the scheduler wants done.
public enum SchedulerAction: Hashable, Sendable {
  /// Start a worker process; answered by `exited` or `spawnFailed` in the end.
  case spawn(WorkerID)
  /// Give a run to a worker.
  case assign(WorkerID, Assignment)
  /// Ask a worker to suspend its run.
  case checkpoint(WorkerID, run: RunIdentity)
  /// Commit a finished run durably; answered by `recorded` or `recordingFailed`.
  case record(FinishedRun)
  /// Close the worker's input, and kill it if it does not end soon.
  case stop(WorkerID)
  /// Kill the worker and all that it started.
  case kill(WorkerID)
  /// Let the event `timer` happen after a while, and not when a timer of this name was to run out
  /// before. The timers of a worker end with it.
  case setTimer(TimerID, Duration)
  /// The sweep has ended: no worker lives, and every finished run has been recorded if that was
  /// possible.
  case finished(SweepEnding)
}

/// What a timer is for; there is at most one of each.
public enum TimerID: Hashable, Sendable {
  /// A worker has taken as long as it may for its hello, or for the answer to its latest order.
  case deadline(WorkerID)
  /// A worker that reports progress has sent nothing for as long as it may.
  case heartbeat(WorkerID)
  /// A run that failed, named by its position in the plan, may be tried again.
  case retry(position: Int)
  /// After a shortage, workers may be started again.
  case spawn
  /// After an interrupt, what still runs is killed.
  case shutdown
}

/// A run in the hands of a worker.
public struct Assignment: Hashable, Sendable {
  /// The run.
  public var run: PlannedRun
  /// Counts from 1.
  public var attempt: Int
  /// How many runs the worker has been given, this one included.
  public var order: Int
  /// How much memory the worker may use, in bytes; nil: no limit.
  public var memory: Int?
  /// The time that the run is expected to take, by what similar runs took; in seconds.
  public var expectedSeconds: Double
  /// How often the worker is to report progress, in seconds; nil: it cannot.
  public var progressSeconds: Double?
  /// Whether the worker can suspend and resume the run.
  public var isResumable: Bool
}

/// How a sweep ended.
public enum SweepEnding: Hashable, Sendable {
  /// Every run has been recorded, with a result or as failed.
  case completed
  /// It was interrupted; the runs that are missing are made when it is started again.
  case interrupted
  /// Workers end before they take a run, again and again, or cannot be started; what the last of
  /// them did, and the last 4 KiB of its standard error.
  case workersUnusable(WorkerFailure, stderrTail: String)
  /// The first attempts have all failed, and alike; what the worker of the last one did, how many
  /// there were, and the last 4 KiB of its standard error. The runs that are missing are made when
  /// the sweep is started again.
  case allAttemptsFailed(WorkerFailure, attempts: Int, stderrTail: String)
  /// Finished runs could not be recorded.
  case recordingFailed
}
