import Foundation
import Model
import Testing

/// `report`, and the figures of single points that `render` draws.
@Suite struct ReportCommandTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A sweep with negative coordinates, of which everything is recorded.
  private func sweep(record: String = "record: [trajectory, neurons, function]") async throws {
    let text = try String(contentsOfFile: bench.path(bench.grid()), encoding: .utf8)
    try bench.file(
      "tiny.yaml", text.replacing("gamma_prime: [0.0]", with: "gamma_prime: [-0.5, 0.0]") + "\(record)\n")
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
  }

  @Test func theSameResultsGiveTheSameReport() async throws {
    try await sweep()
    let first = try await bench.run("report")
    #expect(first.status == 0 && first.output == "results/tiny/report.html\n", "\(first.errors)")
    let page = try String(contentsOfFile: bench.path("results/tiny/report.html"), encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    let again = try await bench.run("report", "tiny.yaml", "--output", "again.html")
    #expect(again.status == 0 && again.output == "again.html\n")
    #expect(try String(contentsOfFile: bench.path("again.html"), encoding: .utf8) == page)
    #expect(try await bench.run("report", "tiny", "-o", "-").output == page)
  }

  @Test func aReportWithoutSweepSaysWhatToDo() async throws {
    #expect(try await bench.run("report", "nothing").status == 66)
    try await sweep(record: "")
    let folder = try await bench.run("report", "tiny", "-o", "results")
    #expect(folder.status == 64 && folder.errors.contains("name a file"))
    let elsewhere = try await bench.run("report", "tiny", "-o", "no/such/folder/r.html")
    #expect(elsewhere.status == 73, "\(elsewhere.errors)")
  }

  /// As people use it: `Tests/Browser/check_report.py` says what is tried.
  @Test(.enabled(if: ReportBrowser.isInstalled, "needs python3 and Chromium (apt-get install chromium)"))
  func aReportWorksInABrowser() async throws {
    try await sweep()
    #expect(try await bench.run("report").status == 0)
    let (status, output) = try ReportBrowser.run(["check_report.py", bench.path("results/tiny/report.html")])
    #expect(status == 0, "\(output)")
  }

  @Test func figuresOfPointsAreDrawn() async throws {
    try await sweep()
    for kind in ["scaling", "features", "trajectories", "functions"] {
      let all = try await bench.run("render", "tiny", "--figure", kind)
      #expect(all.status == 0 && all.output == "results/tiny/\(kind).svg\n", "\(all.errors)")
      for arguments in [
        ["--point", "1.75,-0.5"], ["--point", "1.75,\u{2212}0.5", "--point", "0.5,0"],
        ["--gamma-prime", "-0.5"],
        ["--gamma", "0.5", "--gamma-prime", "-0.5"],
      ] {
        let some = try await bench.start(["render", "tiny", "--figure", kind, "-o", "-"] + arguments).end()
        #expect(some.status == 0, "\(arguments): \(some.errors)")
        let panels = some.output.components(separatedBy: "class=\"panel\"").count - 1
        #expect(
          panels
            == (arguments.count == 2 && arguments[0] == "--gamma-prime"
              || arguments.count == 4 && arguments[2] == "--point" ? 2 : 1))
      }
    }
    let wide = try await bench.run("render", "tiny", "--figure", "features", "--width", "150", "-o", "-")
    #expect(
      wide.status == 0 && wide.output.contains("150, every neuron") && !wide.output.contains("50, mean"))
  }

  @Test func whatIsNoPointIsNamed() async throws {
    try await sweep(record: "record: [{ what: trajectory, gamma: 0.5 }]")
    for (arguments, status, says) in [
      (["--figure", "scaling", "--point", "1.7,-0.5"], 66, "the nearest is --point 1.75,-0.5"),
      (["--figure", "scaling", "--point", "1.7"], 64, "1 coordinate given; a point of tiny has gamma and "),
      (["--figure", "scaling", "--point", "1.7,a"], 64, "--point"),
      (["--figure", "scaling", "--gamma", "9"], 66, "the nearest is --at gamma=1.75"),
      (["--figure", "scaling", "--width", "50"], 64, "figures that take it: features"),
      (["--figure", "scalling"], 64, "did you mean scaling?"),
      (["--figure", "features"], 66, "add `record: [neurons]` to the grid"),
      (["--figure", "trajectories", "--point", "1.75,0"], 66, "--point 0.5,-0.5"),
      (["--figure", "trajectories", "--gamma", "1.75"], 66, "--point 0.5,-0.5"),
      (["--figure", "trajectories", "--width", "51"], 66, "width 50 seed 0"),
      (["--figure", "trajectories", "--width", "0"], 64, "no width"),
      (["--point", "0.5,0"], 64, "means nothing to the figure phase-map"),
    ] {
      let wrong = try await bench.start(["render", "tiny", "-o", "-"] + arguments).end()
      #expect(
        wrong.status == status && wrong.errors.contains(says), "\(arguments): \(wrong.status) \(wrong.errors)"
      )
      #expect(wrong.output.isEmpty)
    }
  }
}

/// The browser of `Tests/Browser`.
enum ReportBrowser {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Browser")

  /// Whether there are python3 and a browser.
  static let isInstalled = (try? run(["browser.py"]).status) == 0

  /// Runs a script of `Tests/Browser`.
  static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
