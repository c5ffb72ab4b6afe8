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
  /// Whether the folder is the one in which `run` puts the results of the sweep; one that has been
  /// copied or renamed is not.
  package private(set) var isHome = true
  /// Whether figures are named without the sweep: others, which share the folder, are not.
  fileprivate var isOwn: Bool

  /// The folder of a sweep below `results`.
  package init(results: ResultsFolder, sweep: Sweep) {
    self.init(path: results.path + "/" + (sweep.database ?? sweep.name), name: sweep.name)
  }

  /// The folder at a path, of the sweep of that name.
  package init(path: String, name: String) {
    self.path = path
    self.name = name
    isOwn = Self.lastComponent(of: path) == name
  }

  /// A folder at a path, of one of the sweeps that are recorded there.
  fileprivate init(path: String, sweep: Sweep, among sweeps: [Sweep]) {
    self.init(path: path, name: sweep.name)
    let folder = Self.lastComponent(of: path)
    isHome = folder == sweep.database ?? sweep.name
    // In a folder that has been renamed, the sweep it was named after.
    if !sweeps.contains(where: { $0.name == folder }), sweep.database == nil {
      isOwn = sweeps.count { $0.database == nil } == 1
    }
  }

  /// The last part of its path.
  package var folderName: String { Self.lastComponent(of: path) }

  private static func lastComponent(of path: String) -> String {
    URL(fileURLWithPath: path).lastPathComponent
  }

  /// The checkpoints of suspended runs; absolute, for workers that run elsewhere.
  package var checkpoints: String { URL(fileURLWithPath: path).path + "/checkpoints" }
  /// What workers write to their standard error.
  package var logs: String { URL(fileURLWithPath: path).path + "/logs" }
  /// The runs under way, for the session after one that was killed.
  package var attempts: String { path + "/attempts" }

  /// Removes checkpoints from which no sweep of the database will resume, their folder if it is
  /// empty then, and notes of attempts at runs that are over. Those of other grids, and of runs
  /// that failed or are left out for now, stay. Only for the process that writes the database.
  ///
  /// - Throws: what the store throws.
  package func removeStaleCheckpoints(_ store: ResultStore) throws {
    try Self.removeStaleCheckpoints(in: checkpoints, attempts: attempts, store)
  }

  /// The same for a folder of checkpoints, and notes of attempts, of which a store has the results.
  package static func removeStaleCheckpoints(
    in folder: String, attempts: String, _ store: ResultStore
  ) throws {
    // A run that has failed may be retried, and is resumed then; its attempts are counted anew.
    try CheckpointFolder(path: folder).removeStale { try runs($0, in: store) { $0 == .done } }
    rmdir(folder)
    let log = AttemptLog(path: attempts)
    try log.removeStale { try runs($0, in: store) { $0 != .toDo } }
    log.close()
  }

  /// Those of some runs that are in a state for all sweeps of the database.
  private static func runs(
    _ runs: Set<RunIdentity>, in store: ResultStore, where isMeant: (PlanState) -> Bool
  ) throws -> Set<RunIdentity> {
    var found: Set<RunIdentity> = []
    for (problem, sweeps) in Dictionary(grouping: try store.sweeps(), by: \.problem.digest) {
      let wishes = sweeps.map { sweep in
        (sweep.budget, sweep.record.reduce(into: RecordNames([])) { $0.formUnion($1.what) })
      }
      for (run, state) in try store.recordedStates(of: problem) where runs.contains(run) {
        if wishes.allSatisfy({ isMeant(PlanState(state, budget: $0, record: $1)) }) { found.insert(run) }
      }
    }
    return found
  }

  /// The database.
  package var database: String { path + "/" + ResultStore.fileName }
  /// Whether there is a database, or may be one in a folder that cannot be searched.
  package var hasDatabase: Bool {
    accessError(database, F_OK).map { ![ENOENT, ENOTDIR].contains($0.number) } ?? true
  }
  /// The figure that `run` draws.
  package var phaseMap: String { figure("phase-map") }

  /// Where a figure or a report is: `KIND.svg`, and `NAME.KIND.svg` of other sweeps that share the
  /// folder, so that no two have one name.
  ///
  /// - Parameters:
  ///   - kind: its kind, without a dot, then what tells figures of a kind apart, after a hyphen.
  ///   - ending: what follows: `.svg`, `-dark.svg`.
  package func figure(_ kind: String, ending: String = ".svg") -> String {
    "\(path)/\(isOwn ? "" : name + ".")\(kind)\(ending)"
  }

  /// The folders of all sweeps below `results` that have a database, by name of the folder, then of
  /// the sweep. A database that cannot be read counts for the sweep that its folder is named after.
  ///
  /// - Throws: ``StoreError`` if `results` cannot be read.
  package static func all(in results: ResultsFolder) throws -> [SweepFolder] {
    let results = results.path
    if let obstacle = accessError(results, R_OK | X_OK), obstacle.number == EACCES {
      throw StoreError.notReadable(path: results, cause: obstacle.description)
    }
    return listFolder(results).sorted().flatMap { folder -> [SweepFolder] in
      let own = SweepFolder(path: results + "/" + folder, name: folder)
      // Before anything is merged, a sweep that was submitted is known by its shards only.
      let submitted = own.submittedNames
      guard own.hasDatabase || !submitted.isEmpty else { return [] }
      let recorded = (try? ResultStore.read(at: own.database, checked: false).sweeps()) ?? []
      let all =
        recorded.map { SweepFolder(path: own.path, sweep: $0, among: recorded) }
        + submitted.filter { name in !recorded.contains { $0.name == name } }
        .map { SweepFolder(path: own.path, name: $0) }
      return all.isEmpty ? [own] : all
    }
  }
}

extension SweepFolder {
  /// A warning where there is no database and a folder beside it has results of a sweep of this
  /// name, as after renaming; nil otherwise.
  package var namesakeWarning: String? {
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().relativePath
    guard !hasDatabase, let folders = try? Self.all(in: ResultsFolder(path: parent)),
      let other = folders.first(where: { $0.name == name && !$0.isHome })
    else { return nil }
    return "warning: \(other.path) has results of a sweep called \(name), which do not count here; to resume "
      + "that sweep, rename the folder to \(path)"
  }
}

/// How the sweeps below a folder are named on the command line.
///
/// The name of a sweep means the one that is where `run` puts it, before copies of it in other
/// folders. The name of a folder also names a sweep, and `FOLDER/NAME` always does.
package struct SweepNames {
  /// All folders of sweeps (``SweepFolder/all(in:)``).
  package let folders: [SweepFolder]

  /// The names of these sweeps.
  package init(_ folders: [SweepFolder]) { self.folders = folders }

  /// The sweeps that a word may mean: none, one, or several between which it does not decide.
  package func folders(named word: String) -> [SweepFolder] {
    let named = folders.filter { $0.name == word }
    let inFolder = folders.filter { $0.folderName == word }
    return [
      named.filter(\.isHome), named, inFolder.filter(\.isOwn), inFolder,
      folders.filter { "\($0.folderName)/\($0.name)" == word },
    ].first { !$0.isEmpty } ?? []
  }

  /// The shortest word that means a sweep and no other.
  package func word(for folder: SweepFolder) -> String {
    [folder.name, folder.folderName].first { folders(named: $0) == [folder] }
      ?? "\(folder.folderName)/\(folder.name)"
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
