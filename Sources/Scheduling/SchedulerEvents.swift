import Model

/// One worker process in the life of a sweep; never used for a second process.
public struct WorkerID: Hashable, Sendable, CustomStringConvertible {
  /// Counts from 1, in the order of starting.
  public let number: Int

  /// The worker with a number.
  public init(_ number: Int) { self.number = number }

  /// `worker 1`.
  public var description: String { "worker \(number)" }
}

/// What the scheduler is told.
public enum SchedulerEvent: Hashable, Sendable {
  /// The sweep begins.
  case begin
  /// A worker said hello.
  case hello(WorkerID, protocolVersion: Int, methods: [String])
  /// A worker gave a result, and what it kept of the run.
  case result(WorkerID, run: RunIdentity, RunResult, record: FlowRecord = FlowRecord())
  /// A worker refused a run.
  case refusal(WorkerID, run: RunIdentity, reason: String)
  /// A worker wrote something that is no message.
  case malformedLine(WorkerID, explanation: String)
  /// A worker process has ended and been reaped. Follows every spawn, unless `spawnFailed` does.
  case exited(WorkerID, WorkerExit, stderrTail: String)
  /// A worker process could not be started.
  case spawnFailed(WorkerID, reason: String)
  /// A worker has taken as long as it may: for its hello if it has been given no run yet, else for an answer to
  /// the last of `orders` runs. Ignored if the worker has spoken since.
  case deadline(WorkerID, orders: Int)
  /// A finished run, named by its place in the plan, has been committed durably.
  case recorded(position: Int)
  /// Finished runs could not be committed.
  case recordingFailed
  /// The user wants the sweep to stop; what has been received is still recorded.
  case interrupt
  /// The user wants the sweep to stop at once; only what has been committed counts.
  case killAll
}

/// What the scheduler wants done.
public enum SchedulerAction: Hashable, Sendable {
  /// Start a worker process; answered by `exited` or `spawnFailed` in the end.
  case spawn(WorkerID)
  /// Give a run to a worker; the attempt counts from 1.
  case assign(WorkerID, PlannedRun, attempt: Int)
  /// Commit a finished run durably; answered by `recorded` or `recordingFailed`.
  case record(FinishedRun)
  /// Close the worker's input, and kill it if it does not end soon.
  case stop(WorkerID)
  /// Kill the worker and all that it started.
  case kill(WorkerID)
  /// The sweep has ended: no worker lives, and every finished run has been recorded if that was possible.
  case finished(SweepEnding)
}

/// How a sweep ended.
public enum SweepEnding: Hashable, Sendable {
  /// Every run has been recorded, with a result or as set aside.
  case completed
  /// It was interrupted; the runs that are missing are carried out when it is started again.
  case interrupted
  /// Workers end before they take a run, again and again; what the last of them did, and the last 4 KiB of
  /// its standard error.
  case workersUnusable(WorkerFailure, stderrTail: String)
  /// Finished runs could not be recorded.
  case recordingFailed
}

/// What the scheduler must keep to.
public struct SchedulerLimits: Hashable, Sendable {
  /// The number of worker processes, at least 1.
  public var workers: Int
  /// How often a run is tried, at least 1.
  public var attempts: Int
  /// What all running runs together may use by their estimates, in bytes; nil: no limit.
  public var memory: Int?
  /// How long a worker may take from its start to its hello; positive.
  public var hello: Duration
  /// How long a worker may take from a run to its answer; positive.
  public var answer: Duration
  /// After this many workers in a row that ended without a run in hand, none is started until one of those
  /// that live has answered; at least 1.
  public var barrenWorkers: Int

  /// Limits; values below the least allowed are raised to it.
  public init(
    workers: Int, attempts: Int = 3, memory: Int? = nil, barrenWorkers: Int = 3,
    hello: Duration = .seconds(10), answer: Duration = SchedulerLimits.answer(within: .standard)
  ) {
    self.hello = hello
    self.answer = answer
    self.workers = max(1, workers)
    self.attempts = max(1, attempts)
    self.memory = memory.map { max(0, $0) }
    self.barrenWorkers = max(1, barrenWorkers)
  }

  /// How long to wait for the answer to a run with a budget, which the worker itself should keep: twice its
  /// seconds and half a minute.
  public static func answer(within budget: Budget) -> Duration {
    // More than thirty years would not fit into a clock.
    .seconds(min(1e9, 2 * budget.wallSeconds + 30))
  }
}

/// Where a sweep stands.
public struct SweepProgress: Hashable, Sendable {
  /// How many runs the sweep was given (each identity once).
  public var total: Int
  /// How many have been recorded with a result.
  public var recorded = 0
  /// How many have been recorded as set aside.
  public var setAside = 0
  /// How many a worker holds.
  public var running = 0
  /// How many wait for a worker.
  public var waiting: Int
  /// How many worker processes live.
  public var workers = 0
  /// The estimated time of all runs that have not ended yet, in seconds of one core.
  public var remainingCost: Double
  /// The estimated time of all runs, in seconds of one core.
  public var totalCost: Double
}
