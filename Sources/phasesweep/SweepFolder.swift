import ArgumentParser
import Foundation
import Grid
import Model
import ResultStore

/// Where results are kept; an option of every command.
struct ResultsOption: ParsableArguments {
  @Option(
    name: .customLong("results"), help: "The folder below which every sweep has a folder of its own.",
    completion: .directory)
  var folder = "results"
}

/// The folder of one sweep's results, and what lies in it.
struct SweepFolder: Hashable {
  /// The folder.
  var path: String

  /// The folder of the sweep of the given name below `results`.
  init(results: String, name: String) { path = results + "/" + name }

  /// The database.
  var database: String { path + "/" + ResultStore.fileName }
  /// The picture.
  var phaseMap: String { path + "/phase-map.svg" }
  /// The name of the sweep.
  var name: String { URL(fileURLWithPath: path).lastPathComponent }
  /// Whether there is a database.
  var hasDatabase: Bool { FileManager.default.fileExists(atPath: database) }

  /// All folders below `results` that hold a database, by name.
  static func all(in results: String) -> [SweepFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: results)) ?? []
    return names.sorted().map { SweepFolder(results: results, name: $0) }.filter(\.hasDatabase)
  }
}

/// What the argument GRID of a command stands for: a grid file, or the name of a sweep that has results.
struct SweepReference {
  /// The folder of its results, which need not exist for a grid file.
  var folder: SweepFolder
  /// What the grid file says; nil if the sweep was named.
  var grid: Sweep?

  /// Looks up an argument: a file first, then a name below `results`.
  init(_ argument: String, results: String) throws {
    if isFile(argument) {
      let sweep = try GridFile.load(path: argument, allowHuge: true)
      self.init(folder: SweepFolder(results: results, name: sweep.name), grid: sweep)
      return
    }
    let folder = SweepFolder(results: results, name: argument)
    if !argument.contains("/"), folder.hasDatabase {
      self.init(folder: folder, grid: nil)
      return
    }
    let known = SweepFolder.all(in: results).map(\.name)
    let hint =
      known.isEmpty
      ? "start a sweep with `phasesweep run GRID`" : "sweeps in \(results): \(known.joined(separator: ", "))"
    throw CommandFailure(
      .noInput, "there is neither a grid file “\(argument)” nor a sweep of that name in \(results); \(hint)")
  }

  private init(folder: SweepFolder, grid: Sweep?) {
    self.folder = folder
    self.grid = grid
  }

  /// What one argument stands for, or everything below `results` without one.
  ///
  /// - Throws: ``CommandFailure`` if there is nothing.
  static func all(_ argument: String?, results: String) throws -> [SweepReference] {
    if let argument { return [try SweepReference(argument, results: results)] }
    let folders = SweepFolder.all(in: results)
    guard !folders.isEmpty else {
      throw CommandFailure(
        .noInput,
        "there are no results in \(results); start a sweep with `phasesweep run GRID`, or name "
          + "another folder with --results")
    }
    return folders.map { SweepReference(folder: $0, grid: nil) }
  }
}

/// The sweep of a grid file that must exist.
func loadGrid(_ path: String, allowHuge: Bool) throws -> Sweep {
  guard isFile(path) else {
    throw CommandFailure(
      .noInput, "there is no grid file “\(path)”; check the path (examples are in the folder grids)")
  }
  return try GridFile.load(path: path, allowHuge: allowHuge)
}

private func isFile(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
}
