/// What Slurm still knows of a job, or a task of an array, that is over: for about five minutes
/// (MinJobAge of slurm.conf).
public struct EndedJob: Hashable, Sendable {
  /// The number of its array, or its own if it is in none.
  public var array: Int
  /// The number in its array; nil if it is in none.
  public var task: Int?
  /// As Slurm calls it: COMPLETED, FAILED, CANCELLED, NODE_FAIL, …
  public var state: String
  /// The status with which its script ended, 0 to 255.
  public var status: Int
  /// The submission it belongs to.
  public var submission: String

  /// Whether it ended neither by itself nor on request, so that another attempt may well succeed.
  ///
  /// A script that Slurm fails to start (“Killing non-startable batch job” in the log of the
  /// controller: the permission to start it was withdrawn, the node could not make a file) counts
  /// as one that ended with 1, with which a task that has started never ends before it is finished.
  public var isLoss: Bool {
    ["NODE_FAIL", "BOOT_FAIL", "PREEMPTED"].contains(state) || (state == "FAILED" && status == 1)
  }

  /// Whether its processes are gone: that does not follow from a job being known, nor from the
  /// failure of its node.
  public var isOver: Bool {
    let over: Set = [
      "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "DEADLINE", "OUT_OF_MEMORY", "PREEMPTED", "BOOT_FAIL",
    ]
    return over.contains(state)
  }

  /// The number of the task: "4711_3", or "4711" outside of arrays.
  public var id: String { task.map { "\(array)_\($0)" } ?? "\(array)" }

  /// Reads what `scontrol --oneliner show job` prints, a line a job; jobs of other sweeps, and jobs
  /// that merge, are skipped.
  public static func all(in text: String, key: SweepKey) -> [EndedJob] {
    text.split(whereSeparator: \.isNewline).compactMap { EndedJob($0, key: key) }
  }

  private init?(_ line: Substring, key: SweepKey) {
    var fields: [Substring: Substring] = [:]
    for word in line.split(separator: " ") {
      guard let end = word.firstIndex(of: "=") else { continue }
      let name = word[..<end]
      // Names that users chose come after Slurm's own fields.
      if fields[name] == nil { fields[name] = word[word.index(after: end)...] }
    }
    let number = (fields["ArrayJobId"] ?? fields["JobId"]).flatMap { Int($0) }
    guard let number, let state = fields["JobState"],
      let status = fields["ExitCode"]?.split(separator: ":").first.flatMap({ Int($0) }),
      let (submission, isMerge) = key.submission(
        jobName: String(fields["JobName"] ?? ""), comment: String(fields["Comment"] ?? "")), !isMerge
    else { return nil }
    array = number
    task = fields["ArrayTaskId"].flatMap { Int($0) }
    self.state = String(state)
    self.status = status
    self.submission = submission
  }
}
