import Figures
import Foundation
import Model
import Testing
import Theories

@testable import Report

/// Reports as people use them: by mouse, by keyboard, on a telephone, in the dark, on paper.
///
/// The driver is `Tests/Browser`; without python3 or a Chromium these tests are skipped.
@Suite(.enabled(if: ReportBrowser.isInstalled, "needs python3 and Chromium (apt-get install chromium)"))
struct BrowserTests {
  @Test func aPlaneCanBeUsed() throws {
    try check(SampleReport.make(gamma: [0.5, 1, 1.5], gammaPrime: [0, 0.5, 1], isRecorded: true))
  }

  /// Panels in a row, whose cells come in another order than the points.
  @Test func slicesCanBeUsed() throws {
    let axes = Axes(
      parameters: ["gamma": [0.5, 1, 1.5, 2], "gamma_prime": [-0.5, 0, 0.5], "layers": [1, 2, 4]],
      width: SampleReport.widths, seed: [0, 1])
    let theory = LuoEtAl2021(antisymmetric: false)
    let context = FigureContext(plane: LuoEtAl2021.plane, orderParameter: "sup_rd", theory: theory)
    try check(
      SampleReport.make(axes, context) {
        (theory.exponentRange(at: $0)?.lowerBound ?? 0) - 0.1 * ($0["layers"] ?? 0)
      })
  }

  @Test func aLineCanBeUsed() throws {
    let axes = Axes(
      parameters: ["learning_rate": [0.001, 0.003, 0.01, 0.03, 0.1]], width: SampleReport.widths,
      seed: [0, 1])
    let context = FigureContext(plane: Plane(x: "learning_rate"), orderParameter: "sharpness")
    try check(SampleReport.make(axes, context) { 20 * ($0["learning_rate"] ?? 0) - 0.5 })
  }

  /// Finds no fault with a report.
  private func check(_ report: Report) throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("gammaplane-\(UUID().uuidString).html")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(try report.html().utf8).write(to: file)
    let (status, output) = try ReportBrowser.run(["check_report.py", file.path])
    #expect(status == 0, "\(output)")
  }
}

/// The browser of `Tests/Browser`.
private enum ReportBrowser {
  /// Whether there are python3 and a browser.
  static let isInstalled = (try? run(["browser.py"]).status) == 0

  /// Runs a script of `Tests/Browser`.
  static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Browser")
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
