import ArgumentParser
import Foundation
import Orchestration
import Platform

extension CompletionKind {
  /// Sweeps that have results, and grid files.
  static var gridOrSweep: CompletionKind {
    .custom { words, _, prefix in GridCompletion(words).candidates(prefix) }
  }
}

/// What a shell offers where a grid file or the name of a sweep is meant.
struct GridCompletion {
  private let results: ResultsFolder

  /// - Parameter words: the command line, in which `--results` may name the folder of the sweeps.
  init(_ words: [String]) {
    let option = "--results"
    var path = ResultsFolder.defaultPath
    for (word, next) in zip(words, words.dropFirst() + [""]) {
      if word == option, !next.isEmpty { path = next }
      if word.hasPrefix(option + "=") { path = String(word.dropFirst(option.count + 1)) }
    }
    results = ResultsFolder(path: path)
  }

  /// The sweeps, grid files and folders that begin with a prefix.
  func candidates(_ prefix: String) -> [String] {
    // A database that cannot be read is for the command to complain about.
    let names = SweepNames((try? SweepFolder.all(in: results)) ?? [])
    let sweeps = names.folders.map(names.word)
    return (sweeps + Self.files(prefix)).filter { $0.hasPrefix(prefix) }
  }

  /// The grid files, and the folders in which there may be some, beside what a path begins with.
  private static func files(_ prefix: String) -> [String] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    return listFolder(folder.isEmpty ? "." : folder).sorted().compactMap { name in
      if [".yaml", ".yml"].contains(where: name.hasSuffix) { return folder + name }
      return !name.hasPrefix(".") && isFolder(folder + name) ? folder + name + "/" : nil
    }
  }
}
