import Model

/// What the scheduler must keep to.
public struct SchedulerLimits: Hashable, Sendable {
  /// The number of worker processes, at least 1.
  public var workers: Int
  /// How often a run is tried, at least 1.
  public var attempts: Int
  /// What all runs under way together may use, in bytes; nil: no limit. A run counts with its
  /// estimate at the first attempt and with its allowance at later ones.
  public var memory: Int?
  /// What a single run may use, in bytes; it then also stands for the estimate. Nil: what its
  /// estimate suggests, see ``allowance(estimate:)``.
  public var runMemory: Int?
  /// How long a worker may take from its start to its hello; positive.
  public var helloTimeout: Duration
  /// How long a worker may take from a run to its answer; positive.
  public var answerTimeout: Duration
  /// How long a worker that can report progress may send nothing while it holds a run; positive.
  public var heartbeatTimeout: Duration
  /// How long runs may go on after an interrupt, to finish or to be suspended.
  public var shutdownGracePeriod: Duration
  /// How long a run waits after its first failed attempt; twice as long after each further one, at
  /// most a minute. Zero: not at all.
  public var backoff: Duration
  /// After this many workers in a row that ended without a run in hand, none is started until one
  /// of those that live has answered; at least 1.
  public var maxFruitlessStarts: Int
  /// After this many workers in a row that could not be started for want of processes, descriptors
  /// or memory, while no other lived, the sweep ends; at least 1.
  public var maxShortages: Int
  /// After this many failed attempts, all of them alike and none with a result before, the sweep
  /// ends; at least 1.
  public var maxInitialFailures: Int
  /// With so many finished runs on their way to the disk none is given out, at least 1: a slow disk
  /// must not let them pile up in memory, nor an interrupt wait for long.
  public var maxUnrecorded: Int

  /// Limits; values below the minimum are raised to it.
  public init(
    workers: Int, attempts: Int = 3, memory: Int? = nil, runMemory: Int? = nil, maxFruitlessStarts: Int = 3,
    maxShortages: Int = 6, maxInitialFailures: Int = Limits.defaultInitialFailures, maxUnrecorded: Int = 1024,
    helloTimeout: Duration = .seconds(Limits.defaultHelloTimeout),
    answerTimeout: Duration = answerTimeout(for: .default),
    heartbeatTimeout: Duration = .seconds(Limits.defaultHeartbeatTimeout),
    shutdownGracePeriod: Duration = .seconds(Limits.defaultShutdownGracePeriod),
    backoff: Duration = .seconds(1)
  ) {
    self.workers = max(1, workers)
    self.attempts = max(1, attempts)
    self.memory = memory.map { max(0, $0) }
    self.runMemory = runMemory.map { max(0, $0) }
    self.maxFruitlessStarts = max(1, maxFruitlessStarts)
    self.maxShortages = max(1, maxShortages)
    self.maxInitialFailures = max(1, maxInitialFailures)
    self.maxUnrecorded = max(1, maxUnrecorded)
    self.helloTimeout = helloTimeout
    self.answerTimeout = answerTimeout
    self.heartbeatTimeout = heartbeatTimeout
    self.shutdownGracePeriod = max(.zero, shutdownGracePeriod)
    self.backoff = max(.zero, backoff)
  }

  /// How long to wait for the answer to a run with a budget, which the worker itself should keep:
  /// twice its seconds and half a minute.
  public static func answerTimeout(for budget: Budget) -> Duration {
    // More than thirty years would not fit into a clock.
    .seconds(min(1e9, 2 * budget.wallSeconds + 30))
  }

  /// The memory that a run may use at its first attempt, given its estimate: `runMemory`, else
  /// twice the estimate and at least 256 MiB more than it, but never more than the whole sweep;
  /// bytes.
  public func allowance(estimate: Int) -> Int {
    if let runMemory { return runMemory }
    let (generous, overflow) = estimate.addingReportingOverflow(max(estimate, 256 << 20))
    return min(memory ?? .max, overflow ? .max : generous)
  }

  /// How often a worker reports progress.
  var progressInterval: Duration { min(.seconds(1), heartbeatTimeout / 4) }

  /// How long to wait after the k-th failure in a row, k ≥ 1.
  func backoff(after k: Int) -> Duration { min(.seconds(60), backoff * (1 << min(k - 1, 20))) }
}
