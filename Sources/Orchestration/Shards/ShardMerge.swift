import Foundation
import Model
import ResultStore
import Scheduling

/// Merges what the shards of a sweep have recorded into its database, for `merge` and before a
/// `run`: what is done somewhere is not done again.
package struct ShardMerge {
  private let folder: SweepFolder
  /// The shards, whatever state they are in.
  package let tasks: [TaskFolder]
  /// What came of it.
  private(set) var report = MergeReport()

  /// All shards that are in a folder, of whatever sweep.
  package init(of folder: SweepFolder) {
    self.folder = folder
    tasks = ShardSet.all(in: folder).flatMap(\.tasks)
  }

  /// Merges what is there, and moves the checkpoints of shards that are over to the sweep's folder,
  /// where the next process finds them.
  ///
  /// - Throws: ``StoreError`` about the database of the sweep.
  package mutating func merge(into store: ResultStore, _ log: any MessageLog) throws {
    let notice = MergeProgress(name: "merging", log)
    let atOnce = max(8, min(400, Descriptors.workersPossible()))
    // An attempt may merge earlier ones meanwhile, whose databases vanish; then its own is there.
    for _ in 0..<3 {
      let databases = tasks.flatMap(\.databases)
      let latest = try store.merge(databases, atOnce: atOnce, progress: notice.update)
      report.add(latest)
      guard latest.issues.contains(where: \.hasVanished) else { break }
    }
    for task in tasks {
      let own = task.databases.map { report.rowsRead[$0] ?? 0 }.max() ?? 0
      if own > task.merged { task.merged = own }
    }
    for task in tasks where task.isOver { task.moveCheckpoints(to: folder) }
    // Another process may have resumed a run meanwhile, and ended it.
    try folder.removeStaleCheckpoints(store)
  }

  /// Whether anything is in the database of the sweep that was not there.
  package var broughtAnything: Bool { report.added + report.replaced + report.failures > 0 }

  /// What came of it, in a line.
  package var summary: String {
    var words = ["\(Formatting.count(report.added, "new result"))", "\(report.known) known already"]
    if report.replaced > 0 { words.append("\(report.replaced) replaced by runs that went farther") }
    if report.failures > 0 { words.append("\(Formatting.count(report.failures, "failed run"))") }
    return "\(folder.name): merged \(Formatting.count(tasks.count, "shard")): "
      + words.joined(separator: ", ")
  }

  /// A line for each database, or part of one, that could not be used.
  package var warnings: [String] {
    report.issues.filter { !$0.hasVanished }.map { issue in
      let rows = issue.rows > 0 ? "\(Formatting.count(issue.rows, "row")) of it" : "the rest of it"
      return "warning: \(issue.path): \(rows) is skipped: \(Formatting.line(issue.cause))"
    }
  }

  /// Results that contradict each other, both sides of each; nil if none do.
  package var contradiction: Failure? {
    guard report.conflictCount > 0 else { return nil }
    let more = report.conflictCount - report.conflicts.count
    return Failure(
      .inputOutput,
      "\(Formatting.count(report.conflictCount, "run")) have results that contradict each other; nothing that "
        + "was recorded has been replaced:\n" + report.conflicts.map { "\($0)" }.joined(separator: "\n")
        + (more > 0 ? "\nand \(more) more" : "")
        + "\nFind out which is wrong (do the nodes differ in processor or program?), move its database away, and "
        + "merge again"
    )
  }
}

extension TaskFolder {
  /// Moves the checkpoints of this task to the sweep's folder, where the next process finds them.
  package func moveCheckpoints(to folder: SweepFolder) {
    CheckpointFolder(path: checkpoints).move(to: folder.checkpoints)
  }

  /// Whether no process runs it: it has ended, or has not reported for long.
  package var isOver: Bool {
    guard let report else { return false }
    return report.ending != nil || report.isStale(now: Date().timeIntervalSince1970)
  }

  /// Whether an attempt at it reports that it is under way.
  package var isUnderWay: Bool { report != nil && !isOver }
}

/// Logs now and then how far a long merge is.
private final class MergeProgress {
  private let name: String
  private let log: any MessageLog
  private var last = ContinuousClock().now

  init(name: String, _ log: any MessageLog) {
    self.name = name
    self.log = log
  }

  func update(_ rows: Int) {
    let now = ContinuousClock().now
    guard now - last > .seconds(5) else { return }
    last = now
    log.note("\(name): \(Formatting.count(rows, "row")) …")
  }
}
