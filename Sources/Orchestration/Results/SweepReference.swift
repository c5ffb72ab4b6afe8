import Foundation
import GridFile
import Model
import Networks
import Platform
import ResultStore

/// What the argument GRID of a command stands for: a grid file, the name of a sweep that has
/// results, or that of a grid that comes with the program.
package struct SweepReference {
  /// The folder of its results, which need not exist for a grid file.
  package var folder: SweepFolder
  /// The sweep in the grid file; nil if the sweep was named.
  package var grid: Sweep?
  /// What was typed, or would have been.
  private var argument: String
  private var results: ResultsFolder

  /// A command for the user to type about this sweep.
  package func command(_ words: String...) -> String { results.command(words + [argument]) }

  /// A command for the user to type that takes a grid file only.
  package func gridCommand(_ words: String...) -> String {
    results.command(words + [grid == nil ? "GRID" : argument])
  }

  /// Looks up an argument: a file first, then a name below `results`, then a grid that comes with
  /// the program.
  package init(
    _ argument: String, in results: ResultsFolder, families: NetworkFamilies = .builtIn
  ) throws {
    func use(_ path: String) throws -> SweepReference {
      let sweep = try GridFile.load(path: path, families: families, allowHuge: true)
      return SweepReference(
        folder: SweepFolder(results: results, sweep: sweep), grid: sweep, argument, results)
    }
    if isFile(argument) {
      self = try use(argument)
      return
    }
    let names = SweepNames(try SweepFolder.all(in: results))
    let meantFolders = names.folders(named: argument)
    if let folder = meantFolders.first, meantFolders.count == 1 {
      self.init(folder: folder, grid: nil, argument, results)
      return
    }
    if meantFolders.isEmpty, let path = ShippedGrids.own.path(of: argument) {
      self = try use(path)
      return
    }
    let known = names.folders.map(names.word)
    guard meantFolders.isEmpty else {
      throw Failure(
        .usage,
        "“\(argument)” is in several folders of \(results.path); name one: "
          + meantFolders.map(names.word).joined(separator: ", "))
    }
    let hint =
      known.isEmpty
      ? "start a sweep with \(results.command("run", "GRID"))"
      : "sweeps in \(results.path): \(known.joined(separator: ", "))"
    if isFolder(argument) {
      throw Failure(.noInput, "“\(argument)” is a folder, neither a grid file nor a sweep; \(hint)")
    }
    let meant = nearest(to: argument, of: known) ?? nearestFile(to: argument)
    throw Failure(
      .noInput,
      "there is neither a grid file “\(argument)” nor a sweep of that name in \(results.path); "
        + (meant.map { "did you mean \($0)? " } ?? "") + hint)
  }

  private init(folder: SweepFolder, grid: Sweep?, _ argument: String, _ results: ResultsFolder) {
    self.folder = folder
    self.grid = grid
    self.argument = argument
    self.results = results
  }

  /// What one argument stands for, or everything below `results` without one.
  ///
  /// - Throws: ``Failure`` if there is nothing.
  package static func all(
    _ argument: String?, in results: ResultsFolder, families: NetworkFamilies = .builtIn
  ) throws -> [SweepReference] {
    if let argument { return [try SweepReference(argument, in: results, families: families)] }
    let names = SweepNames(try SweepFolder.all(in: results))
    guard !names.folders.isEmpty else {
      throw Failure(
        .noInput,
        "there are no results in \(results.path); start a sweep with \(results.command("run", "GRID")), or name "
          + "another folder with --results")
    }
    return names.folders.map { SweepReference(folder: $0, grid: nil, names.word(for: $0), results) }
  }

  /// What one argument stands for, or the only sweep below `results` without one.
  ///
  /// - Throws: ``Failure`` if there is nothing, or more than one.
  package static func only(
    _ argument: String?, in results: ResultsFolder, families: NetworkFamilies = .builtIn
  ) throws -> SweepReference {
    let references = try all(argument, in: results, families: families)
    guard references.count == 1, let reference = references.first else {
      throw Failure(
        .usage,
        "there are several sweeps in \(results.path); name one: "
          + references.map(\.argument).joined(separator: ", "))
    }
    return reference
  }
}

/// The path of a grid file: an argument that is none may name a grid that comes with the program.
func gridPath(_ argument: String) -> String {
  isFile(argument) ? argument : ShippedGrids.own.path(of: argument) ?? argument
}

/// The sweep of a grid file that must exist, or of a grid that comes with the program.
package func loadGrid(_ path: String, families: NetworkFamilies = .builtIn, allowHuge: Bool) throws -> Sweep {
  guard !isFolder(path) else {
    throw Failure(.noInput, "“\(path)” is a folder, not a grid file; name a file in it")
  }
  let path = gridPath(path)
  guard isFile(path) else {
    let shipped = ShippedGrids.own.names
    let advice =
      nearestFile(to: path).map { "did you mean \($0)?" }
      ?? "check the path ("
      + (shipped.isEmpty
        ? "examples are in the folder grids)"
        : "by name there are \(shipped.joined(separator: ", ")))")
    throw Failure(.noInput, "there is no grid file “\(path)”; \(advice)")
  }
  return try GridFile.load(path: path, families: families, allowHuge: allowHuge)
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
