import ArgumentParser
import Cluster
import Foundation
import Grid
import LimitFit
import Model
import ResultStore
import Scheduling

/// `phasesweep merge`.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Bring the results of shards into the database of their sweep, and draw its phase map.",
    discussion: """
      Takes whatever tasks of Slurm and `run --shard` have recorded so far, also while they run; the same again \
      changes nothing. Shards that are damaged are named and passed over. Where two results of one run contradict each \
      other, both are shown, what is recorded stays, and the exit code is 74.

      \(CommandStatus.help)
      """)

  @Argument(
    help: "A grid file, the name of a sweep, or the folder of a submission.",
    completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @OptionGroup var results: ResultsOption

  @Flag(
    help: """
      In a job of Slurm, for the folder of a submission: where tasks have not ended yet, submit the job again, to run when \
      they have; tasks that Slurm has lost are submitted again.
      """)
  var follow = false

  @Flag(help: "More than ten million runs are meant.")
  var yes = false

  mutating func run() async throws {
    let (sweep, folder, isDefinition) = try reference()
    let tasks = ShardSet.all(in: folder).flatMap(\.tasks)
    guard !tasks.isEmpty else {
      throw CommandFailure(
        .noInput,
        "\(sweep.name) has no shards in \(folder.shards); make some with \(results.command("submit", "slurm", grid)) or "
          + "\(results.command("run", "--shard", "1/4", grid))")
    }
    let store = try await open(folder.database)
    let isKnown = try store.sweeps().contains { $0.name == sweep.name }
    if isDefinition || !isKnown { try store.register(sweep) }
    let report = try merge(tasks, into: store)
    gatherCheckpoints(tasks, in: folder)
    say(report, tasks, sweep)
    let map = try fitAndSave(sweep, in: store)
    try writeFigure(of: map, sweep: sweep, in: folder, results: results)
    let failures = try store.failures(of: sweep).count
    let pending = map.points.reduce(0) { $0 + $1.counts.pending }
    try store.close()
    let stopped = follow ? followUp(folder) : []
    Console.print("phase map: \(folder.phaseMap)")
    Console.print("verdicts:  \(verdictSummary(map))")
    if pending > 0 {
      Console.note(
        "\(sweep.name): \(Formatting.count(pending, "run")) to do; \(command("status", of: sweep)) says where they are"
      )
    }
    if let failure = failure(report, failures, sweep) { throw failure }
    if !stopped.isEmpty, pending > 0 {
      throw CommandFailure(
        .interrupted,
        "\(Formatting.count(stopped.count, "task")) (\(MergeFollowUp.ranges(stopped))) ended before \(stopped.count == 1 ? "its" : "their") "
          + "time and will not go on by \(stopped.count == 1 ? "itself" : "themselves"); "
          + "\(command("submit", "slurm", of: sweep, takesGrid: true)) takes up what is left"
      )
    }
  }

  /// In a job of Slurm, sees to the tasks that have not finished.
  private func followUp(_ folder: SweepFolder) -> [Int] {
    MergeFollowUp(set: ShardSet(path: URL(fileURLWithPath: grid).path), folder: folder).carryOut()
  }

  /// The sweep, its folder, and whether the grid is as it is now rather than as it was submitted.
  private func reference() throws -> (Sweep, SweepFolder, Bool) {
    let set = ShardSet(path: URL(fileURLWithPath: grid).path)
    if isFolder(grid), isFile(set.split) {
      let sweep = try set.readSplit().sweep
      let parent = URL(fileURLWithPath: set.path).deletingLastPathComponent().deletingLastPathComponent()
      return (sweep, SweepFolder(path: parent.path, name: sweep.name), false)
    }
    if isFile(grid) || isFolder(grid) {
      let sweep = try loadGrid(grid, allowHuge: yes)
      return (sweep, SweepFolder(results: results.folder, sweep: sweep), true)
    }
    let reference = try SweepReference(grid, in: results)
    let folder = reference.folder
    return (
      try SweepStatus.sweep(folder, in: try SweepStatus.store(at: folder.database, mayBeMissing: true)),
      folder, false
    )
  }

  /// A command for the user to type about the sweep, whether it was named by its grid, its name or a submission.
  private func command(_ words: String..., of sweep: Sweep, takesGrid: Bool = false) -> String {
    var option = results
    if isFolder(grid) {
      let folder = URL(fileURLWithPath: grid).deletingLastPathComponent().deletingLastPathComponent()
      option.folder = folder.deletingLastPathComponent().path
    }
    return option.command(words + [isFile(grid) ? grid : takesGrid ? "GRID" : sweep.name])
  }

  /// Opens the database. A job waits for whoever writes it, mostly another that merges: it cannot be told to come again.
  private func open(_ path: String) async throws -> ResultStore {
    let end = ContinuousClock().now + .seconds(600)
    while true {
      do {
        return try ResultStore.open(at: path)
      } catch {
        guard case .locked = error, follow, ContinuousClock().now < end else { throw error }
      }
      try await Task.sleep(for: .seconds(2))
    }
  }

  /// Merges what is there. An attempt may take earlier ones in meanwhile, whose databases vanish; then its own is there.
  private func merge(_ tasks: [TaskFolder], into store: ResultStore) throws -> MergeReport {
    let notice = MergeProgress(name: "merging")
    let atOnce = max(8, min(400, Descriptors.workersPossible()))
    var report = MergeReport()
    var databases: [String] = []
    for _ in 0..<3 {
      databases = tasks.flatMap(\.databases)
      let latest = try store.merge(databases, atOnce: atOnce, progress: notice.update)
      report.add(latest)
      guard latest.issues.contains(where: \.hasVanished) else { break }
    }
    for task in tasks {
      let own = task.databases.map { report.rowsRead[$0] ?? 0 }.max() ?? 0
      if own > task.merged { task.merged = own }
    }
    return report
  }

  /// What tasks have put down that are over is for whoever takes the runs up.
  private func gatherCheckpoints(_ tasks: [TaskFolder], in folder: SweepFolder) {
    for task in tasks where task.isOver { task.giveCheckpoints(to: folder) }
  }

  private func say(_ report: MergeReport, _ tasks: [TaskFolder], _ sweep: Sweep) {
    var words = ["\(Formatting.count(report.added, "new result"))", "\(report.known) known already"]
    if report.replaced > 0 { words.append("\(report.replaced) replaced by such as go farther") }
    if report.failures > 0 { words.append("\(Formatting.count(report.failures, "run")) set aside") }
    Console.note(
      "\(sweep.name): merged \(Formatting.count(tasks.count, "shard")): " + words.joined(separator: ", "))
    let underWay = tasks.count { !$0.isOver && $0.report?.ending != .finished }
    if underWay > 0 {
      Console.note("\(Formatting.count(underWay, "shard")) under way: merge again when they are done")
    }
    for issue in report.issues where !issue.hasVanished {
      let rows = issue.rows > 0 ? "\(Formatting.count(issue.rows, "row")) of it" : "the rest of it"
      Console.note("warning: \(issue.path): \(rows) is passed over: \(Formatting.line(issue.cause))")
    }
  }

  private func failure(_ report: MergeReport, _ failures: Int, _ sweep: Sweep) -> CommandFailure? {
    if report.conflictCount > 0 {
      let more = report.conflictCount - report.conflicts.count
      return CommandFailure(
        .inputOutput,
        "\(Formatting.count(report.conflictCount, "run")) have results that contradict each other; nothing that was recorded has "
          + "been replaced:\n" + report.conflicts.map { "\($0)" }.joined(separator: "\n")
          + (more > 0 ? "\nand \(more) more" : "")
          + "\nFind out which is wrong (do the nodes differ in processor or program?), move its database away, and merge again"
      )
    }
    let damaged = report.issues.count { !$0.hasVanished }
    if damaged > 0 {
      return CommandFailure(
        .someRunsFailed,
        "\(Formatting.count(damaged, "shard")) could not be read to the end; everything else is merged. Runs that are missing are "
          + "done by \(command("submit", "slurm", of: sweep, takesGrid: true)) or \(command("run", of: sweep, takesGrid: true)) once "
          + "the damaged files are moved away")
    }
    if failures > 0 {
      return CommandFailure(
        .someRunsFailed,
        "\(Formatting.count(failures, "run")) failed and \(failures == 1 ? "is" : "are") missing from the fit; "
          + "\(command("status", of: sweep)) says why, \(command("retry", of: sweep, takesGrid: true)) tries again"
      )
    }
    return nil
  }
}

extension TaskFolder {
  /// Moves what this task has put down to where whoever takes the runs up looks for it.
  func giveCheckpoints(to folder: SweepFolder) {
    CheckpointFolder(path: checkpoints).move(to: folder.checkpoints)
  }

  /// Whether nobody is at it: it has ended, or has been silent for long.
  var isOver: Bool {
    guard let report else { return false }
    return report.ending != nil || report.isStale(now: Date().timeIntervalSince1970)
  }
}

/// Says now and then how far a long merge is.
private final class MergeProgress {
  private let name: String
  private var last = ContinuousClock().now

  init(name: String) { self.name = name }

  func update(_ rows: Int) {
    let now = ContinuousClock().now
    guard now - last > .seconds(5) else { return }
    last = now
    Console.note("\(name): \(Formatting.count(rows, "row")) …")
  }
}
