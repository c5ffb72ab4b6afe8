import Foundation

/// The files of the project.
public enum Repository {
  /// Its folder.
  public static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The files below some folders that end in one of some endings, by path relative to the project.
  public static func files(in folders: [String], endings: [String]) throws -> [String: String] {
    var files: [String: String] = [:]
    for folder in folders {
      let root = URL(fileURLWithPath: path + "/" + folder)
      let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
      for name in names where endings.contains(where: name.hasSuffix) {
        files[folder + "/" + name] = try String(contentsOfFile: root.path + "/" + name, encoding: .utf8)
      }
    }
    return files
  }
}
