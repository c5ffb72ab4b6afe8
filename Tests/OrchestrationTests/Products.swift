import Foundation

/// The programs that were built beside the tests.
enum Products {
  /// The path of a program.
  static func path(_ name: String) -> String {
    let bundle = Bundle.main.executableURL?.deletingLastPathComponent()
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folders = [bundle, package.appendingPathComponent(".build/debug")].compactMap { $0 }
    let candidates = folders.map { $0.appendingPathComponent(name).path }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
  }
}
