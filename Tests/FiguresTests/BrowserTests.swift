import Figures
import Foundation
import LimitFit
import Testing

/// What only a browser can tell: how wide text is that it sets in a font of its own.
///
/// The driver is `Tests/Browser`; without python3 or a Chromium these tests are skipped.
@Suite(.enabled(if: Browser.isInstalled, "needs python3 and Chromium (apt-get install chromium)"))
struct BrowserTests {
  @Test func noTextOfTheGalleryOverlapsAnotherOrLeavesThePage() throws {
    let gallery = Browser.root.appendingPathComponent("docs/gallery")
    let files = try FileManager.default.contentsOfDirectory(atPath: gallery.path).filter {
      $0.hasSuffix(".svg")
    }
    .sorted().map { gallery.appendingPathComponent($0).path }
    try #require(!files.isEmpty)
    #expect(try Browser.faults(of: files) == "")
  }

  @Test func noTextOfOddMapsOverlapsAnotherOrLeavesThePage() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    var figures = (0..<6).map { _ in figure(randomMap(&random)) }
    figures += [
      figure(grid([1], [0]) { _, _ in 0.5 }),
      figure(grid([1], (0..<9).map { Double($0) / 4 }) { _, h in h - 1 }),
      figure(
        SampleContext.map([fit(0, 0, slope: nil, failed: 3), fit(1, 0, slope: nil, failed: 1)])),
      figure(SampleContext.map([fit(1e-9, 0, slope: nil, pending: 3)])),
    ]
    for (i, quantity) in [MapQuantity.trend, .residual, .stationary, .orientations(SampleMaps.orientations)]
      .enumerated()
    {
      figures[i].quantity = quantity
    }
    figures += SampleMaps.figures.map(\.figure)
    #expect(try Browser.faults(of: figures) == "", "seed \(seed)")
  }

  @Test func noTextOfPanelsOverlapsAnotherOrLeavesThePage() throws {
    let figures = (SamplePanels.figures + SamplePanels.odd).map(\.figure)
    #expect(try Browser.faults(of: figures) == "")
  }
}

/// The browser of `Tests/Browser`.
enum Browser {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Whether there are python3 and a browser.
  static let isInstalled = (try? run(["browser.py"]).status) == 0

  /// What a browser finds wrong in figures, a line each.
  static func faults(of figures: [any Figure]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "gammaplane-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try figures.enumerated().map { i, figure in
      let file = folder.appendingPathComponent("\(i).svg")
      try Data(figure.svg().utf8).write(to: file)
      return file.path
    }
    return try faults(of: files)
  }

  /// What a browser finds wrong in files, a line each.
  static func faults(of files: [String]) throws -> String {
    let (status, output) = try run(["check_figures.py"] + files)
    return status == 0 ? "" : "exit code \(status): \(output)"
  }

  /// Runs a script of `Tests/Browser`.
  private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    process.currentDirectoryURL = root.appendingPathComponent("Tests/Browser")
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
