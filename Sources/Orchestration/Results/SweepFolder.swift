import Foundation
import GridFile
import Planning
import Model
import Platform
import ResultStore
import Scheduling

/// The folder below which every sweep has a folder of its own.
package struct ResultsFolder: Hashable, Sendable {
  /// Its path.
  package var path: String

  /// The folder that is meant where none is named.
  package static let defaultPath = "results"

  /// A folder.
  package init(path: String = defaultPath) { self.path = path }

  /// A command for the user to type, in quotes, with `--results` if the folder is not the default.
  package func command(_ words: String...) -> String { command(words) }

  /// A command for the user to type, in quotes, with `--results` if the folder is not the default.
  package func command(_ words: [String]) -> String {
    let option = path == Self.defaultPath ? [] : ["--results", path]
    return "`" + (["gammaplane"] + (words + option).map(shellQuoted)).joined(separator: " ") + "`"
  }
}

/// The folder of one sweep's results, which it may share with other sweeps, and what lies in it.
package struct SweepFolder: Hashable {
  /// The folder.
  package var path: String
  /// The name of the sweep.
  package var name: String

  /// The folder of a sweep below `results`.
  package init(results: ResultsFolder, sweep: Sweep) {
    self.init(results: results.path, folder: sweep.database ?? sweep.name, name: sweep.name)
  }

  private init(results: String, folder: String, name: String) {
    self.init(path: results + "/" + folder, name: name)
  }

  /// The folder at a path, of the sweep of that name.
  package init(path: String, name: String) {
    self.path = path
    self.name = name
  }

  /// The checkpoints of suspended runs; absolute, for workers that run elsewhere.
  package var checkpoints: String { URL(fileURLWithPath: path).path + "/checkpoints" }
  /// What workers write to their standard error.
  package var logs: String { URL(fileURLWithPath: path).path + "/logs" }

  /// Removes checkpoints from which no sweep of the database will resume, and their folder if it is
  /// empty then. Those of other grids, and of runs that failed or are left out for now, stay. Only
  /// for the process that writes the database.
  ///
  /// - Throws: what the store throws.
  package func removeStaleCheckpoints(_ store: ResultStore) throws {
    try Self.removeStaleCheckpoints(in: checkpoints, store)
  }

  /// The same for a folder of checkpoints of which a store has the results.
  package static func removeStaleCheckpoints(in folder: String, _ store: ResultStore) throws {
    try CheckpointFolder(path: folder).removeStale { runs in
      var finished: Set<RunIdentity> = []
      for (problem, sweeps) in Dictionary(grouping: try store.sweeps(), by: \.problem.digest) {
        let wishes = sweeps.map { sweep in
          (sweep.budget, sweep.record.reduce(into: RecordNames([])) { $0.formUnion($1.what) })
        }
        for (run, state) in try store.recordedStates(of: problem) where runs.contains(run) {
          if wishes.allSatisfy({ PlanState(state, budget: $0, record: $1) == .done }) { finished.insert(run) }
        }
      }
      return finished
    }
    rmdir(folder)
  }

  /// The database.
  package var database: String { path + "/" + ResultStore.fileName }
  /// Whether there is a database.
  package var hasDatabase: Bool { FileManager.default.fileExists(atPath: database) }
  /// The figure that `run` draws.
  package var phaseMap: String { figure("phase-map", isDefault: true) }

  /// Where a figure is; named after the sweep where the folder is not.
  ///
  /// - Parameters:
  ///   - kind: the name of its kind.
  ///   - isDefault: whether it is the one that `run` draws.
  ///   - ending: what follows the name: `.svg`, `-dark.svg`.
  package func figure(_ kind: String, isDefault: Bool, ending: String = ".svg") -> String {
    let isShared = URL(fileURLWithPath: path).lastPathComponent != name
    let stem = isShared ? (isDefault ? name : "\(name)-\(kind)") : kind
    return "\(path)/\(stem)\(ending)"
  }

  /// The report; named after the sweep where the folder is not.
  ///
  /// - Parameter suffix: what to add to its name.
  package func report(_ suffix: String = "") -> String {
    let isShared = URL(fileURLWithPath: path).lastPathComponent != name
    return "\(path)/\(isShared ? "\(name)-report" : "report")\(suffix).html"
  }

  /// The folders of all sweeps below `results` that have a database, by name of the folder, then of
  /// the sweep. A database that cannot be read counts for the sweep that its folder is named after.
  package static func all(in results: ResultsFolder) -> [SweepFolder] {
    let results = results.path
    let names = listFolder(results)
    return names.sorted().flatMap { folder -> [SweepFolder] in
      let own = SweepFolder(results: results, folder: folder, name: folder)
      // Before anything is merged, a sweep that was submitted is known by its shards only.
      let submitted = own.submittedNames
      guard own.hasDatabase || !submitted.isEmpty else { return [] }
      let recorded = (try? ResultStore.read(at: own.database, checked: false).sweeps().map(\.name)) ?? []
      let all = recorded + submitted.filter { !recorded.contains($0) }
      return all.isEmpty ? [own] : all.map { SweepFolder(results: results, folder: folder, name: $0) }
    }
  }
}

extension SweepFolder {
  /// The sweep as it was run last, or else submitted.
  ///
  /// - Throws: ``Failure`` or what the store throws if it was neither.
  package func sweep(in store: ResultStore?) throws -> Sweep {
    if let store, try store.sweeps().contains(where: { $0.name == name }) {
      return try store.sweep(named: name)
    }
    do {
      return try submittedSweep()
    } catch {
      // Its error is the better one where there is a database.
      guard let store else { throw error }
      return try store.sweep(named: name)
    }
  }

  /// The database, for reading; nil if there is none and there may be none: tasks have merged
  /// nothing yet.
  package func store(mayBeMissing: Bool) throws(StoreError) -> ResultStore? {
    do {
      return try ResultStore.read(at: database)
    } catch {
      if mayBeMissing, case .missing = error { return nil }
      throw error
    }
  }
}
