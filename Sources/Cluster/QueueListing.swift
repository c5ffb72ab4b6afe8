/// A job, or a task of an array, that Slurm has in its queue.
public struct QueuedJob: Hashable, Sendable {
  /// The number by which `scancel` knows it: "4711" or "4711_3".
  public var id: String
  /// The number in its array; nil if it is in none.
  public var task: Int?
  /// As Slurm calls it: PENDING, RUNNING, COMPLETING, …
  public var state: String
  /// The node it runs on; empty if none.
  public var node: String
  /// Why it waits; empty or "None" if it does not.
  public var reason: String
  /// The submission it belongs to.
  public var submission: String
  /// Whether it merges shards rather than running one.
  public var isMerge: Bool

  /// Whether it waits.
  public var isPending: Bool { state == "PENDING" }
  /// Whether it has been stopped to make room for others, and goes on where it is.
  public var isSuspended: Bool { state == "SUSPENDED" }
  /// Whether it is over but for what Slurm has to clear away; it may wait again then.
  public var isEnding: Bool { state == "COMPLETING" }
}

/// The jobs of a sweep as `squeue` lists them.
public struct QueueListing: Hashable, Sendable {
  /// The jobs, in the order in which Slurm named them.
  public var jobs: [QueuedJob]

  /// The format to ask for; the reason, which may be any text, comes last.
  public static let format = "%F|%K|%T|%N|%j|%k|%r"

  /// States of jobs that are over, which squeue lists for a moment.
  private static let over: Set = [
    "COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE",
    "OUT_OF_MEMORY", "REVOKED",
  ]

  /// Jobs that are listed.
  public init(jobs: [QueuedJob]) { self.jobs = jobs }

  /// Reads the output of `squeue --noheader --array --format=…`; lines of other jobs, and malformed
  /// lines, are skipped.
  public init(parsing text: String, key: SweepKey) {
    jobs = text.split(separator: "\n").flatMap { line -> [QueuedJob] in
      let fields = line.split(separator: "|", maxSplits: 6, omittingEmptySubsequences: false).map {
        $0.drop(while: \.isWhitespace)
      }
      guard fields.count == 7, Int(fields[0]) != nil,
        let (submission, isMerge) = key.submission(jobName: String(fields[4]), comment: String(fields[5])),
        !Self.over.contains(String(fields[2]))
      else { return [] }
      func job(_ id: String, _ task: Int?) -> QueuedJob {
        QueuedJob(
          id: id, task: task, state: String(fields[2]), node: String(fields[3]), reason: String(fields[6]),
          submission: submission, isMerge: isMerge)
      }
      let tasks = Self.tasks(fields[1])
      return tasks.isEmpty
        ? [job(String(fields[0]), nil)] : tasks.map { job("\(fields[0])_\($0)", $0) }
    }
  }

  /// The numbers of tasks that a field names: "3", "[1-4,7]", "1-100%5"; none if it is "N/A".
  static func tasks(_ text: Substring) -> [Int] {
    let bare = text.filter { $0 != "[" && $0 != "]" }.prefix { $0 != "%" }
    return bare.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last, ends.count <= 2,
        last - first < Shard.maxCount
      else { return [] }
      return Array(first...last)
    }
  }
}
