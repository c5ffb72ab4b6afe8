import Cluster
import Foundation
import GridFile
import LimitFit
import Model
import Networks
import Platform
import ResultStore
import Scheduling

/// Merges the results of a sweep's shards into its database, and draws its phase map.
package struct SweepMerger {
  private let grid: String
  private let results: ResultsFolder
  private let families: NetworkFamilies
  private let follow: Bool
  private let allowHuge: Bool
  private let log: any MessageLog
  private let draw: SweepRunner.Draw

  /// A merger.
  ///
  /// - Parameters:
  ///   - grid: a grid file, the name of a sweep, or the folder of a submission.
  ///   - follow: whether to follow up on tasks that have not finished, in a job of Slurm.
  ///   - allowHuge: whether more than ten million runs are meant.
  package init(
    _ grid: String, results: ResultsFolder, families: NetworkFamilies = .builtIn, follow: Bool,
    allowHuge: Bool, _ log: any MessageLog, draw: @escaping SweepRunner.Draw
  ) {
    self.grid = grid
    self.results = results
    self.families = families
    self.follow = follow
    self.allowHuge = allowHuge
    self.log = log
    self.draw = draw
  }

  /// Merges what there is.
  ///
  /// - Returns: what came of it.
  /// - Throws: ``Failure``; what the store throws.
  package func merge() async throws -> SweepRunner.Outcome {
    let (sweep, folder, isDefinition) = try reference()
    var merge = ShardMerge(of: folder)
    guard !merge.tasks.isEmpty else {
      throw Failure(
        .noInput,
        "\(sweep.name) has no shards in \(folder.shards); make some with "
          + "\(results.command("submit", "slurm", "GRID")) or "
          + results.command("run", "--shard", "1/4", "GRID")
      )
    }
    let store = try await open(folder.database)
    let isKnown = try store.sweeps().contains { $0.name == sweep.name }
    if isDefinition || !isKnown { try store.register(sweep) }
    try merge.merge(into: store, log)
    report(merge)
    let context = try SweepContext(sweep, families: families, store: store)
    let map = try fitAndSave(sweep, context, in: store)
    try draw(map, sweep, context, folder)
    let failures = try store.failures(of: sweep).count
    let pending = map.points.reduce(0) { $0 + $1.counts.pending }
    try store.close()
    let stopped = follow ? followUp(folder) : []
    if pending > 0 {
      log.note(
        "\(sweep.name): \(Formatting.count(pending, "run")) to do; \(command("status", of: sweep)) shows where they are"
      )
    }
    var outcome = SweepRunner.Outcome(map: map, context: context, folder: folder)
    outcome.failure = failure(merge, failures, sweep)
    if outcome.failure == nil, !stopped.isEmpty, pending > 0 {
      outcome.failure = Failure(
        .interrupted,
        "\(Formatting.count(stopped.count, "task")) (\(MergeFollowUp.ranges(stopped))) ended before "
          + "\(stopped.count == 1 ? "its" : "their") time and will not resume by "
          + "\(stopped.count == 1 ? "itself" : "themselves"); "
          + "\(command("submit", "slurm", of: sweep, takesGrid: true)) runs what is left")
    }
    return outcome
  }

  /// In a job of Slurm, follows up on the tasks that have not finished.
  private func followUp(_ folder: SweepFolder) -> [Int] {
    MergeFollowUp(
      set: ShardSet(path: URL(fileURLWithPath: grid).path), folder: folder, families: families, log: log
    ).run()
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
      let sweep = try loadGrid(grid, families: families, allowHuge: allowHuge)
      return (sweep, SweepFolder(results: results, sweep: sweep), true)
    }
    let reference = try SweepReference(grid, in: results, families: families)
    let folder = reference.folder
    return (
      try folder.sweep(in: try folder.store(mayBeMissing: true)),
      folder, false
    )
  }

  /// A command for the user to type about the sweep, whether it was named by its grid, its name or
  /// a submission.
  private func command(_ words: String..., of sweep: Sweep, takesGrid: Bool = false) -> String {
    var results = results
    if isFolder(grid) {
      let folder = URL(fileURLWithPath: grid).deletingLastPathComponent().deletingLastPathComponent()
      results.path = folder.deletingLastPathComponent().path
    }
    return results.command(words + [isFile(grid) ? grid : takesGrid ? "GRID" : sweep.name])
  }

  /// Opens the database. A job waits for the process that writes it, mostly another merge.
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

  private func report(_ merge: ShardMerge) {
    log.note(merge.summary)
    let underWay = merge.tasks.count { !$0.isOver && $0.report?.ending != .finished }
    if underWay > 0 {
      log.note(
        "\(Formatting.count(underWay, "shard")) under way: merge again when "
          + (underWay == 1 ? "it is done" : "they are done")
      )
    }
    merge.warnings.forEach(log.note)
  }

  private func failure(_ merge: ShardMerge, _ failures: Int, _ sweep: Sweep) -> Failure? {
    if let contradiction = merge.contradiction { return contradiction }
    let damaged = merge.report.issues.count { !$0.hasVanished }
    if damaged > 0 {
      return Failure(
        .someRunsFailed,
        "\(Formatting.count(damaged, "shard")) could not be read to the end; everything else is merged. "
          + "\(command("submit", "slurm", of: sweep, takesGrid: true)) or "
          + "\(command("run", of: sweep, takesGrid: true)) makes the missing runs once the damaged files are "
          + "moved away")
    }
    if failures > 0 {
      return Failure(
        .someRunsFailed,
        "\(Formatting.count(failures, "run")) failed and \(failures == 1 ? "is" : "are") missing from the fit; "
          + "\(command("status", of: sweep)) shows why, \(command("retry", of: sweep, takesGrid: true)) retries"
      )
    }
    return nil
  }
}
