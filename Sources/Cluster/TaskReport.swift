/// The state of an attempt at a shard, in a file beside the shard's database, every 20 s
/// and at its end. It is for display only: what counts is in the database.
public struct TaskReport: Hashable, Sendable, Codable {
  /// How an attempt ended.
  public enum Ending: String, Hashable, Sendable, Codable {
    /// Every run of the shard has a result, or failed, or does not fit into the memory.
    case finished
    /// A signal asked it to end; the same command resumes it.
    case interrupted
    /// Another attempt has taken the shard over.
    case superseded
    /// It failed; its log has the reason.
    case failed
  }

  /// The form of the file; one of another form is not read.
  public static let currentVersion = 1

  /// The form of the file.
  public var version = Self.currentVersion
  /// The shard, "3/8".
  public var shard: String
  /// The fencing token of the attempt.
  public var token: String
  /// Counts from 1.
  public var attempt: Int
  /// The process.
  public var pid: Int32
  /// The name of its machine.
  public var host: String
  /// The number of the job of Slurm, "4711_3"; nil where there is none.
  public var job: String?
  /// The folder on the disk of its machine in which its database is; nil if that is beside the
  /// sweep.
  public var scratch: String?
  /// When it began, in seconds since 1970.
  public var started: Double
  /// When it wrote this, in seconds since 1970.
  public var updated: Double
  /// How often it means to write, in seconds.
  public var interval: Double
  /// Runs of the shard with a result.
  public var done: Int
  /// How many of them were in the sweep's database and are not in this shard's; nil: none.
  public var elsewhere: Int?
  /// Runs that failed.
  public var failed: Int
  /// All runs of the shard.
  public var total: Int
  /// How many of the runs with a result have been copied back, or were recorded beside the sweep at
  /// once.
  public var kept: Int
  /// Recent results a second.
  public var rate: Double
  /// How long the rest is expected to take, in seconds; nil if that is not known.
  public var etaSeconds: Double?
  /// How it ended; nil while it goes on.
  public var ending: Ending?

  enum CodingKeys: String, CodingKey {
    case version, shard, token, attempt, pid, host, job, scratch, started, updated, interval, done,
      elsewhere, failed, total, kept, ending
    case rate = "rate_per_second"
    case etaSeconds = "eta_seconds"
  }

  /// The report of an attempt that begins.
  public init(
    shard: Shard, token: String, attempt: Int, pid: Int32, host: String, job: String?,
    scratch: String? = nil, started: Double, interval: Double, total: Int
  ) {
    self.shard = "\(shard)"
    self.token = token
    self.attempt = attempt
    self.pid = pid
    self.host = host
    self.job = job
    self.scratch = scratch
    self.started = started
    updated = started
    self.interval = interval
    done = 0
    failed = 0
    self.total = total
    kept = 0
    rate = 0
  }

  /// Runs with a result that a merge brings from this shard.
  public var own: Int { done - (elsewhere ?? 0) }

  /// Whether it has not reported for so long that the process is probably dead, or its node is.
  ///
  /// - Parameter now: in seconds since 1970.
  public func isStale(now: Double) -> Bool { ending == nil && now - updated > max(90, 4 * interval) }
}
