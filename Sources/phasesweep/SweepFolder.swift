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

  func validate() throws {
    if folder.isEmpty {
      throw ValidationError("--results is empty; name a folder, or leave it out for the folder results.")
    }
  }

  /// A command for the user to type, with the option repeated if it was given.
  func command(_ words: String...) -> String {
    let option = folder == "results" ? [] : ["--results", folder]
    return "`" + (["phasesweep"] + (words + option).map(shellQuoted)).joined(separator: " ") + "`"
  }
}

/// A word as a shell reads it as one.
func shellQuoted(_ word: String) -> String {
  let isPlain = word.unicodeScalars.allSatisfy {
    $0.value > 127 || $0.properties.isAlphabetic || ("0"..."9").contains($0)
      || "-_./+=:,@%".unicodeScalars.contains($0)
  }
  return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
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
  init(_ argument: String, in option: ResultsOption) throws {
    let results = option.folder
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
      ? "start a sweep with \(option.command("run", "GRID"))"
      : "sweeps in \(results): \(known.joined(separator: ", "))"
    if isFolder(argument) {
      throw CommandFailure(.noInput, "“\(argument)” is a folder, neither a grid file nor a sweep; \(hint)")
    }
    let meant = nearest(to: argument, of: known) ?? nearestFile(to: argument)
    throw CommandFailure(
      .noInput,
      "there is neither a grid file “\(argument)” nor a sweep of that name in \(results); "
        + (meant.map { "did you mean \($0)? " } ?? "") + hint)
  }

  private init(folder: SweepFolder, grid: Sweep?) {
    self.folder = folder
    self.grid = grid
  }

  /// What one argument stands for, or everything below `results` without one.
  ///
  /// - Throws: ``CommandFailure`` if there is nothing.
  static func all(_ argument: String?, in option: ResultsOption) throws -> [SweepReference] {
    if let argument { return [try SweepReference(argument, in: option)] }
    let results = option.folder
    let folders = SweepFolder.all(in: results)
    guard !folders.isEmpty else {
      throw CommandFailure(
        .noInput,
        "there are no results in \(results); start a sweep with \(option.command("run", "GRID")), or name "
          + "another folder with --results")
    }
    return folders.map { SweepReference(folder: $0, grid: nil) }
  }
}

/// The sweep of a grid file that must exist.
func loadGrid(_ path: String, allowHuge: Bool) throws -> Sweep {
  guard !isFolder(path) else {
    throw CommandFailure(.noInput, "“\(path)” is a folder, not a grid file; name a file in it")
  }
  guard isFile(path) else {
    let advice =
      nearestFile(to: path).map { "did you mean \($0)?" }
      ?? "check the path (examples are in the folder grids)"
    throw CommandFailure(.noInput, "there is no grid file “\(path)”; \(advice)")
  }
  return try GridFile.load(path: path, allowHuge: allowHuge)
}

/// The grid file of the same folder whose name is nearest to that of a path; nil if none is near.
private func nearestFile(to path: String) -> String? {
  let url = URL(fileURLWithPath: path)
  let folder = path.contains("/") ? String(path[...(path.lastIndex(of: "/") ?? path.startIndex)]) : ""
  let names =
    (try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)) ?? []
  let grids = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
  return nearest(to: url.lastPathComponent, of: grids).map { folder + $0 }
}

/// Whether there is a folder of that name.
func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

private func isFile(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
}
