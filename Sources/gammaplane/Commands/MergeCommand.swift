import ArgumentParser
import Cluster
import Foundation
import GridFile
import LimitFit
import Model
import Platform
import ResultStore
import Scheduling

/// `gammaplane merge`.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Bring the results of shards into the database of their sweep, and draw its phase map.",
    discussion: """
      Takes whatever tasks of Slurm and `run --shard` have recorded so far, also while they run; the same again \
      changes nothing. Shards that are damaged are named and passed over. Where two results of one run contradict each \
      other, both are shown, what is recorded stays, and the exit code is 74.

      \(ExitStatus.help)
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
    var merge = ShardMerge(of: folder)
    guard !merge.tasks.isEmpty else {
      throw Failure(
        .noInput,
        "\(sweep.name) has no shards in \(folder.shards); make some with \(results.command("submit", "slurm", grid)) or "
          + "\(results.command("run", "--shard", "1/4", grid))")
    }
    let store = try await open(folder.database)
    let isKnown = try store.sweeps().contains { $0.name == sweep.name }
    if isDefinition || !isKnown { try store.register(sweep) }
    try merge.run(into: store)
    say(merge)
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
    if let failure = failure(merge, failures, sweep) { throw failure }
    if !stopped.isEmpty, pending > 0 {
      throw Failure(
        .interrupted,
        "\(Formatting.count(stopped.count, "task")) (\(MergeFollowUp.ranges(stopped))) ended before \(stopped.count == 1 ? "its" : "their") "
          + "time and will not go on by \(stopped.count == 1 ? "itself" : "themselves"); "
          + "\(command("submit", "slurm", of: sweep, takesGrid: true)) takes up what is left"
      )
    }
  }

  /// In a job of Slurm, sees to the tasks that have not finished.
  private func followUp(_ folder: SweepFolder) -> [Int] {
    MergeFollowUp(set: ShardSet(path: URL(fileURLWithPath: grid).path), folder: folder).run()
  }

  /// The sweep, its folder, and whether the grid is as it is now rather than as it was submitted.
  private func reference() throws -> (Sweep, SweepFolder, Bool) {
    let set = ShardSet(path: URL(fileURLWithPath: grid).path)
    if isFolder(grid), isFile(set.manifest) {
      let sweep = try set.readManifest().sweep
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

  private func say(_ merge: ShardMerge) {
    Console.note(merge.summary)
    let underWay = merge.tasks.count { !$0.isOver && $0.report?.ending != .finished }
    if underWay > 0 {
      Console.note(
        "\(Formatting.count(underWay, "shard")) under way: merge again when \(underWay == 1 ? "it is" : "they are") done"
      )
    }
    merge.warnings.forEach(Console.note)
  }

  private func failure(_ merge: ShardMerge, _ failures: Int, _ sweep: Sweep) -> Failure? {
    if let contradiction = merge.contradiction { return contradiction }
    let damaged = merge.report.issues.count { !$0.hasVanished }
    if damaged > 0 {
      return Failure(
        .someRunsFailed,
        "\(Formatting.count(damaged, "shard")) could not be read to the end; everything else is merged. Runs that are missing are "
          + "done by \(command("submit", "slurm", of: sweep, takesGrid: true)) or \(command("run", of: sweep, takesGrid: true)) once "
          + "the damaged files are moved away")
    }
    if failures > 0 {
      return Failure(
        .someRunsFailed,
        "\(Formatting.count(failures, "run")) failed and \(failures == 1 ? "is" : "are") missing from the fit; "
          + "\(command("status", of: sweep)) says why, \(command("retry", of: sweep, takesGrid: true)) tries again"
      )
    }
    return nil
  }
}
