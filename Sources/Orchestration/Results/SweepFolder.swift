import ArgumentParser
import Foundation
import GridFile
import Model
import Platform
import ResultStore
import Scheduling

/// Where results are kept; an option of every command.
struct ResultsOption: ParsableArguments {
  @Option(
    name: .customLong("results"), help: "The folder below which every sweep has a folder of its own.",
    completion: .directory)
  var folder = "results"

  func validate() throws {
    if folder.isEmpty {
      throw ValidationError("--results is empty; name a folder, or leave it out for the folder results.")
    }
  }

  /// A command for the user to type, with the option repeated if it was given.
  func command(_ words: String...) -> String { command(words) }

  /// A command for the user to type, with the option repeated if it was given.
  func command(_ words: [String]) -> String {
    let option = folder == "results" ? [] : ["--results", folder]
    return "`" + (["gammaplane"] + (words + option).map(shellQuoted)).joined(separator: " ") + "`"
  }
}

/// The folder of one sweep's results, which it may share with other sweeps, and what lies in it.
struct SweepFolder: Hashable {
  /// The folder.
  var path: String
  /// The name of the sweep.
  var name: String

  /// The folder of a sweep below `results`.
  init(results: String, sweep: Sweep) {
    self.init(results: results, folder: sweep.database ?? sweep.name, name: sweep.name)
  }

  private init(results: String, folder: String, name: String) {
    self.init(path: results + "/" + folder, name: name)
  }

  /// The folder at a path, of the sweep of that name.
  init(path: String, name: String) {
    self.path = path
    self.name = name
  }

  /// Where runs are put down; absolute, for workers that run elsewhere.
  var checkpoints: String { URL(fileURLWithPath: path).path + "/checkpoints" }
  /// What workers write to their standard error.
  var logs: String { URL(fileURLWithPath: path).path + "/logs" }
  /// Removes checkpoints that no sweep of the database will continue, and their folder if it is empty then. Those of
  /// other grids, and of runs that failed or are left out for now, stay. Only for the process that writes the database.
  ///
  /// - Throws: what the store throws.
  func removeStaleCheckpoints(_ store: ResultStore) throws {
    try Self.removeStaleCheckpoints(in: checkpoints, store)
  }

  /// The same for a folder of checkpoints of which a store has the results.
  static func removeStaleCheckpoints(in folder: String, _ store: ResultStore) throws {
    try CheckpointFolder(path: folder).removeStale { runs in
      var finished: Set<RunIdentity> = []
      for (problem, sweeps) in Dictionary(grouping: try store.sweeps(), by: \.problem.digest) {
        let wishes = sweeps.map { ($0.budget, $0.keep.reduce(into: RecordNames()) { $0.formUnion($1.what) }) }
        for (run, state) in try store.recordedStates(of: problem) where runs.contains(run) {
          if wishes.allSatisfy({ PlanState(state, budget: $0, keep: $1) == .done }) { finished.insert(run) }
        }
      }
      return finished
    }
    rmdir(folder)
  }

  /// The database.
  var database: String { path + "/" + ResultStore.fileName }
  /// Whether there is a database.
  var hasDatabase: Bool { FileManager.default.fileExists(atPath: database) }
  /// The picture that `run` draws.
  var phaseMap: String { figure(.usual) }

  /// Where a figure is; named after the sweep where the folder is not.
  func figure(_ kind: FigureKind, theme: ThemeName = .light, format: FigureFormat = .svg) -> String {
    let isShared = URL(fileURLWithPath: path).lastPathComponent != name
    let isUsual = kind.name == FigureKind.usual.name
    let stem = isShared ? (isUsual ? name : "\(name)-\(kind.name)") : kind.name
    return "\(path)/\(stem)\(theme == .light ? "" : "-\(theme.rawValue)").\(format.rawValue)"
  }

  /// The report; named after the sweep where the folder is not.
  var report: String {
    let isShared = URL(fileURLWithPath: path).lastPathComponent != name
    return "\(path)/\(isShared ? "\(name)-report" : "report").html"
  }

  /// The folders of all sweeps below `results` that have a database, by name of the folder, then of the sweep. A database
  /// that cannot be read counts for the sweep that its folder is named after.
  static func all(in results: String) -> [SweepFolder] {
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

/// What the argument GRID of a command stands for: a grid file, or the name of a sweep that has results.
struct SweepReference {
  /// The folder of its results, which need not exist for a grid file.
  var folder: SweepFolder
  /// What the grid file says; nil if the sweep was named.
  var grid: Sweep?
  /// What was typed, or would have been.
  private var argument: String
  private var option: ResultsOption

  /// A command for the user to type about this sweep.
  func command(_ words: String...) -> String { option.command(words + [argument]) }

  /// A command for the user to type that takes a grid file only.
  func gridCommand(_ words: String...) -> String { option.command(words + [grid == nil ? "GRID" : argument]) }

  /// Looks up an argument: a file first, then a name below `results`.
  init(_ argument: String, in option: ResultsOption) throws {
    let results = option.folder
    if isFile(argument) {
      let sweep = try GridFile.load(path: argument, allowHuge: true)
      self.init(folder: SweepFolder(results: results, sweep: sweep), grid: sweep, argument, option)
      return
    }
    let folders = SweepFolder.all(in: results)
    if let folder = folders.first(where: { $0.name == argument }) {
      self.init(folder: folder, grid: nil, argument, option)
      return
    }
    let known = folders.map(\.name)
    let hint =
      known.isEmpty
      ? "start a sweep with \(option.command("run", "GRID"))"
      : "sweeps in \(results): \(known.joined(separator: ", "))"
    if isFolder(argument) {
      throw Failure(.noInput, "“\(argument)” is a folder, neither a grid file nor a sweep; \(hint)")
    }
    let meant = nearest(to: argument, of: known) ?? nearestFile(to: argument)
    throw Failure(
      .noInput,
      "there is neither a grid file “\(argument)” nor a sweep of that name in \(results); "
        + (meant.map { "did you mean \($0)? " } ?? "") + hint)
  }

  private init(folder: SweepFolder, grid: Sweep?, _ argument: String, _ option: ResultsOption) {
    self.folder = folder
    self.grid = grid
    self.argument = argument
    self.option = option
  }

  /// What one argument stands for, or everything below `results` without one.
  ///
  /// - Throws: ``Failure`` if there is nothing.
  static func all(_ argument: String?, in option: ResultsOption) throws -> [SweepReference] {
    if let argument { return [try SweepReference(argument, in: option)] }
    let results = option.folder
    let folders = SweepFolder.all(in: results)
    guard !folders.isEmpty else {
      throw Failure(
        .noInput,
        "there are no results in \(results); start a sweep with \(option.command("run", "GRID")), or name "
          + "another folder with --results")
    }
    return folders.map { SweepReference(folder: $0, grid: nil, $0.name, option) }
  }

  /// What one argument stands for, or the only sweep below `results` without one.
  ///
  /// - Throws: ``Failure`` if there is nothing, or more than one.
  static func only(_ argument: String?, in option: ResultsOption) throws -> SweepReference {
    let references = try all(argument, in: option)
    guard references.count == 1, let reference = references.first else {
      throw Failure(
        .usage,
        "there are several sweeps in \(option.folder); name one: "
          + references.map(\.folder.name).joined(separator: ", "))
    }
    return reference
  }
}

/// The sweep of a grid file that must exist.
func loadGrid(_ path: String, allowHuge: Bool) throws -> Sweep {
  guard !isFolder(path) else {
    throw Failure(.noInput, "“\(path)” is a folder, not a grid file; name a file in it")
  }
  guard isFile(path) else {
    let advice =
      nearestFile(to: path).map { "did you mean \($0)?" }
      ?? "check the path (examples are in the folder grids)"
    throw Failure(.noInput, "there is no grid file “\(path)”; \(advice)")
  }
  return try GridFile.load(path: path, allowHuge: allowHuge)
}

/// The grid file of the same folder whose name is nearest to that of a path; nil if none is near.
private func nearestFile(to path: String) -> String? {
  let url = URL(fileURLWithPath: path)
  let folder = path.contains("/") ? String(path[...(path.lastIndex(of: "/") ?? path.startIndex)]) : ""
  let names =
    listFolder(url.deletingLastPathComponent().path)
  let grids = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
  return nearest(to: url.lastPathComponent, of: grids).map { folder + $0 }
}
