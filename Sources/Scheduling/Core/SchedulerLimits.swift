import Model

/// What the scheduler must keep to.
public struct SchedulerLimits: Hashable, Sendable {
  /// The number of worker processes, at least 1.
  public var workers: Int
  /// How often a run is tried, at least 1.
  public var attempts: Int
  /// What all running runs together may use, in bytes; nil: no limit. A run counts with its estimate at the first
  /// attempt and with its allowance at later ones.
  public var memory: Int?
  /// What a single run may use, in bytes; it then also stands for the estimate. Nil: what its estimate suggests,
  /// see ``allowance(estimate:)``.
  public var runMemory: Int?
  /// How long a worker may take from its start to its hello; positive.
  public var hello: Duration
  /// How long a worker may take from a run to its answer; positive.
  public var answer: Duration
  /// How long a worker that can report progress may say nothing while it holds a run; positive.
  public var silence: Duration
  /// How long runs may go on after an interrupt, to finish or to be put down.
  public var grace: Duration
  /// How long a run waits after its first failed attempt; twice as long after each further one, at most a minute.
  /// Zero: not at all.
  public var backoff: Duration
  /// After this many workers in a row that ended without a run in hand, none is started until one of those
  /// that live has answered; at least 1.
  public var barrenWorkers: Int
  /// After this many workers in a row that could not be started for want of processes, descriptors or memory, while
  /// no other lived, the sweep ends; at least 1.
  public var shortages: Int

  /// With so many finished runs on their way to the disk none is given out, at least 1: a slow disk must not let them
  /// pile up in memory, nor an interrupt wait for long.
  public var backlog: Int

  /// How long a worker may take to its hello if nobody says otherwise: programs that load large libraries from a file system
  /// that many others are reading at the time take their time.
  public static let standardHello = Duration.seconds(60)

  /// Limits; values below the least allowed are raised to it.
  public init(
    workers: Int, attempts: Int = 3, memory: Int? = nil, runMemory: Int? = nil, barrenWorkers: Int = 3,
    shortages: Int = 6, backlog: Int = 1024, hello: Duration = SchedulerLimits.standardHello,
    answer: Duration = SchedulerLimits.answer(within: .standard), silence: Duration = .seconds(60),
    grace: Duration = .seconds(10), backoff: Duration = .seconds(1)
  ) {
    self.workers = max(1, workers)
    self.attempts = max(1, attempts)
    self.memory = memory.map { max(0, $0) }
    self.runMemory = runMemory.map { max(0, $0) }
    self.barrenWorkers = max(1, barrenWorkers)
    self.shortages = max(1, shortages)
    self.backlog = max(1, backlog)
    self.hello = hello
    self.answer = answer
    self.silence = silence
    self.grace = max(.zero, grace)
    self.backoff = max(.zero, backoff)
  }

  /// How long to wait for the answer to a run with a budget, which the worker itself should keep: twice its
  /// seconds and half a minute.
  public static func answer(within budget: Budget) -> Duration {
    // More than thirty years would not fit into a clock.
    .seconds(min(1e9, 2 * budget.wallSeconds + 30))
  }

  /// The memory that a run may use at its first attempt, given its estimate: `runMemory`, else twice the estimate
  /// and at least 256 MiB more than it, but never more than the whole sweep; bytes.
  public func allowance(estimate: Int) -> Int {
    if let runMemory { return runMemory }
    let (generous, overflow) = estimate.addingReportingOverflow(max(estimate, 256 << 20))
    return min(memory ?? .max, overflow ? .max : generous)
  }

  /// How often a worker reports progress.
  var progressInterval: Duration { min(.seconds(1), silence / 4) }

  /// How long to wait after the k-th failure in a row, k ≥ 1.
  func backoff(after k: Int) -> Duration { min(.seconds(60), backoff * (1 << min(k - 1, 20))) }
}
