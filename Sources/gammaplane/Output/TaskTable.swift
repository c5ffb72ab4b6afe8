import Cluster
import Foundation
import Orchestration

/// The shards of a sweep in `status`: tasks of Slurm, and shards that are run by hand.
struct TaskTable: Encodable {
  /// One task.
  struct Row: Encodable {
    var set: String
    var task: Int
    var state: String
    /// Why it waits, in Slurm's words.
    var reason: String?
    var job: String?
    var node: String?
    var attempt: Int?
    var done: Int
    var failed: Int
    var total: Int
    var rate: Double?
    var etaSeconds: Double?
    /// How long ago it reported, in seconds.
    var secondsAgo: Double?
    /// Expected CPU time of the whole shard, in seconds; absent where no manifest has it.
    var cpuSeconds: Double?

    enum CodingKeys: String, CodingKey {
      case set, task, state, reason, job, node, attempt, done, failed, total
      case rate = "rate_per_second"
      case etaSeconds = "eta_seconds"
      case secondsAgo = "seconds_ago"
      case cpuSeconds = "cpu_seconds"
    }
  }

  /// A job that merges.
  struct MergeJob: Encodable {
    var job: String
    var state: String
    var reason: String
  }

  /// All tasks that count.
  var tasks: [Row]
  var mergeJobs: [MergeJob]
  /// Results in shards that are not in the database of the sweep, as far as is known.
  var unmerged: Int
  /// Why the queue is not known; absent if it is.
  var queueFailure: String?
  private let states: [TaskState]
  private let unreadable: [String]

  enum CodingKeys: String, CodingKey {
    case tasks, unmerged
    case mergeJobs = "merge_jobs"
    case queueFailure = "queue_failure"
  }

  init(_ view: SubmissionView) {
    let now = Date().timeIntervalSince1970
    let shown = view.shown
    states = shown.map(\.state)
    tasks = shown.map { task in
      var reason: String?
      if case .queued(let words) = task.state { reason = words }
      let node = task.queued.flatMap { $0.node.isEmpty ? nil : $0.node } ?? task.report?.host
      return Row(
        set: task.set.name, task: task.number, state: task.state.word, reason: reason,
        job: task.queued?.id ?? task.report?.job, node: node, attempt: task.report?.attempt,
        done: task.report?.done ?? 0, failed: task.report?.failed ?? 0,
        total: task.entry?.runs ?? task.report?.total ?? 0,
        rate: task.state == .running ? task.report?.rate : nil,
        etaSeconds: task.state == .running ? task.report?.etaSeconds : nil,
        secondsAgo: task.report.map { max(0, now - $0.updated) }, cpuSeconds: task.entry?.seconds)
    }
    mergeJobs = view.mergeJobs.map { MergeJob(job: $0.id, state: $0.state, reason: $0.reason) }
    unmerged = view.unmerged
    queueFailure = view.queueFailure?.cause
    unreadable = view.unreadable.map { Formatting.line($0.cause) }
  }

  /// Whether any task runs.
  var runs: Bool { states.contains { [.running, .starting, .stale].contains($0) } }
  /// Whether any task waits.
  var waits: Bool { states.contains { if case .queued = $0 { true } else { false } } }
  /// Whether it is not known of any task what becomes of it.
  var isUnknown: Bool { states.contains(.unknown) }

  /// So many tasks are listed.
  private static let shownTasks = 20

  /// - Parameters:
  ///   - submit: the command that submits again.
  ///   - merge: the command that merges.
  func lines(submit: String, merge: String) -> [String] {
    var lines = unreadable.map { "warning: \($0)" }
    guard !tasks.isEmpty else { return lines }
    let order = [
      "running", "starting", "stale", "queued", "unknown", "interrupted", "lost", "missing", "failed",
      "finished",
    ]
    let byState = Dictionary(grouping: tasks, by: \.state)
    lines.append(
      "tasks: "
        + order.compactMap { state in byState[state].map { "\($0.count) \(state)" } }.joined(separator: ", "))
    if let queueFailure { lines.append("the queue could not be read: \(queueFailure)") }
    lines += table(byState)
    let reasons = Dictionary(grouping: byState["queued"] ?? []) { $0.reason ?? "" }
    for (reason, tasks) in reasons.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
      lines.append(
        "\(Formatting.count(tasks.count, "task")) \(tasks.count == 1 ? "waits" : "wait"): \(Self.meaning(reason))"
      )
    }
    for job in mergeJobs {
      let state =
        job.state == "PENDING" ? "waits: \(Self.meaning(job.reason))" : "is \(job.state.lowercased())"
      lines.append("job \(job.job), which merges, \(state)")
    }
    let stale = byState["stale"]?.count ?? 0
    if stale > 0 {
      lines.append(
        "\(Formatting.count(stale, "task")) should run and \(stale == 1 ? "has" : "have") not reported for long: "
          + "the node, or its connection to the file system, may be dead; Slurm queues a task again when it gives "
          + "a node up")
    }
    let ended = states.count(where: \.needsSubmission)
    if ended > 0 {
      lines.append(
        "\(Formatting.count(ended, "task")) ended before \(ended == 1 ? "its" : "their") time: \(submit) resumes them"
      )
    }
    if unmerged > 0 {
      lines.append(
        "about \(Formatting.count(unmerged, "result")) of them are in shards: \(merge) merges them")
    }
    return lines
  }

  private func table(_ byState: [String: [Row]]) -> [String] {
    // Those that need attention first; what waits is listed by its reasons.
    let listed = ["stale", "lost", "failed", "interrupted", "running", "starting", "unknown"].flatMap {
      byState[$0] ?? []
    }
    guard !listed.isEmpty else { return [] }
    let rows = listed.prefix(Self.shownTasks).map { task in
      [
        "\(task.set)/\(task.task)", task.state, task.node ?? "–", task.job ?? "–",
        "\(task.done)/\(task.total)",
        task.failed > 0 ? "\(task.failed)" : "–", task.rate.map { String(format: "%.3g/s", $0) } ?? "–",
        task.etaSeconds.map(Formatting.duration) ?? "–",
        task.secondsAgo.map { Formatting.duration($0) + " ago" } ?? "–",
      ]
    }
    let head = ["task", "state", "node", "job", "done", "failed", "rate", "to go", "last report"]
    var lines = [Formatting.table([head] + rows, left: [0, 1, 2, 3])]
    let more = listed.count - rows.count
    if more > 0 { lines.append("  and \(Formatting.count(more, "more task")); --json has all") }
    return lines
  }

  /// What some of Slurm's reasons for waiting mean.
  static func meaning(_ reason: String) -> String {
    let meanings = [
      "Resources": "nodes are busy", "Priority": "others come first",
      "Dependency": "other jobs have to end first",
      "BeginTime": "it was queued again and starts in about two minutes",
      "None": "it has just been submitted",
      "": "it has just been submitted", "Suspended": "others have its node for now; it resumes by itself",
      "JobHeldUser": "it is held; `scontrol release` lets it go",
      "JobHeldAdmin": "an administrator holds it",
      "PartitionTimeLimit": "it asks for more time than the partition allows",
      "QOSMaxJobsPerUserLimit": "you have as many jobs as you may",
      "ReqNodeNotAvail": "the nodes it needs are down or reserved",
      "DependencyNeverSatisfied": "the job it waits for failed; `gammaplane cancel` it",
    ]
    let words = Formatting.line(reason)
    let isHeld = reason.lowercased().contains("requeued held")
    if isHeld { return "\(words) (it could not be started and is held; `scontrol release` lets it go)" }
    return meanings[reason].map { words.isEmpty ? $0 : "\(words) (\($0))" } ?? words
  }
}
