import Cluster
import Foundation
import GridFile
import Model
import Networks
import Platform

/// Ends the tasks of a sweep that wait or run in Slurm.
package struct Canceller {
  private let grid: String
  private let results: ResultsFolder
  private let families: NetworkFamilies
  private let all: Bool
  private let log: any MessageLog

  /// A canceller.
  ///
  /// - Parameters:
  ///   - grid: a grid file, or the name of a sweep.
  ///   - all: whether the job that merges is cancelled as well.
  package init(
    _ grid: String, results: ResultsFolder, families: NetworkFamilies = .builtIn, all: Bool,
    _ log: any MessageLog
  ) {
    self.grid = grid
    self.results = results
    self.families = families
    self.all = all
    self.log = log
  }

  /// Cancels.
  ///
  /// - Throws: ``Failure`` if not everything was cancelled.
  package func cancel() throws {
    let folder = try folder()
    guard isFolder(folder.path) else {
      throw Failure(
        .noInput,
        "\(folder.name) has no results in \(results.path), so nothing of it was submitted from here; name "
          + "another folder with --results"
      )
    }
    let queue: QueueListing
    do throws(SlurmProgram.Failure) { queue = try QueueSnapshot().queue(of: folder) } catch {
      throw Failure(
        .unavailable, "nothing has been cancelled: \(error.cause)\nrun the same command again later")
    }
    let jobs = queue.jobs.filter { all || !$0.isMerge }
    guard !jobs.isEmpty else {
      log.note("\(folder.name): no tasks wait or run")
      return
    }
    do throws(SlurmProgram.Failure) { try Slurm.cancel(jobs.map(\.id)) } catch {
      // What has ended by itself in the meantime cannot be cancelled, and need not be.
      let ids = Set(jobs.map(\.id))
      let left = try? QueueSnapshot().queue(of: folder).jobs.filter {
        ids.contains($0.id) && !$0.isEnding
      }
      if left?.isEmpty != true {
        throw Failure(
          .unavailable, "not everything has been cancelled: \(error.cause)\nrun the same command again later")
      }
    }
    log.print("cancelled \(folder.name): \(Self.summary(jobs))")
    if !all, queue.jobs.contains(where: \.isMerge) {
      log.note("the job that merges stays, and merges what there is; --all cancels it as well")
    }
    let file = isFile(grid) ? grid : "GRID"
    log.note("\(results.command("submit", "slurm", file)) resumes them")
  }

  /// What has been cancelled: "1 running and 2 waiting tasks, and the job that merges".
  private static func summary(_ jobs: [QueuedJob]) -> String {
    let tasks = jobs.filter { !$0.isMerge }
    // One that is just ending is cancelled as well: it may have asked to be queued again.
    let ending = tasks.count(where: \.isEnding)
    let waiting = tasks.count(where: \.isPending)
    var words = ["\(tasks.count - waiting - ending) running", "\(waiting) waiting"]
    if ending > 0 { words.append("\(ending) ending") }
    return words.dropLast().joined(separator: ", ")
      + " and \(words.last ?? "") \(tasks.count == 1 ? "task" : "tasks")"
      + (tasks.count < jobs.count ? ", and the job that merges" : "")
  }

  /// The folder of a grid file, or of a name; there need not be a database yet.
  private func folder() throws -> SweepFolder {
    if isFile(grid) || isFolder(grid) {
      return SweepFolder(
        results: results, sweep: try loadGrid(grid, families: families, allowHuge: true))
    }
    let named = SweepFolder(path: results.path + "/" + grid, name: grid)
    if isFolder(named.shards) { return named }
    return try SweepReference(grid, in: results, families: families).folder
  }
}
