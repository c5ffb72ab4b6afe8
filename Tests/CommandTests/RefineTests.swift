import Foundation
import GridFile
import Model
import Testing

@testable import gammaplane

struct RefineTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A grid with a boundary at γ = 1, of runs of milliseconds.
  private let text = """
    # a comment
    name: tiny # another
    axes:
      gamma:       [0.5, 1.7]
      gamma_prime: [-0.5, -0.2]
      width:       [100, 200, 400, 800]
      seed:        { count: 2 }
    limit: off
    samples:
      x: [-1.0, -0.3, 0.4, 1.0]
      y: [ 0.2, -0.4, 0.6, -0.1]
    limits: { shutdown_grace_period: 1, heartbeat_timeout: 3600 }
    """

  @Test(arguments: ["\n", "\r\n"])
  func theResultIsAnOrdinaryGridThatIsResumed(lineBreak: String) async throws {
    let whole = text.replacing("\n", with: lineBreak)
    try bench.file("tiny.yaml", whole)
    let refined = try await bench.run(
      "refine", "tiny.yaml", "--distance", "0.2", "--max-seeds", "2", "--max-width", "800")
    #expect(refined.status == 0, "\(refined.errors)")
    #expect(refined.output.contains("tiny-refined.yaml"))
    #expect(try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8) == whole)
    let text = try String(contentsOfFile: bench.path("tiny-refined.yaml"), encoding: .utf8)
    #expect(text.contains("# a comment") && text.contains("# another"))
    let sweep = try GridFile.load(path: bench.path("tiny-refined.yaml"))
    #expect(sweep.name == "tiny-refined" && sweep.database == "tiny" && !sweep.include.isEmpty)

    let again = try await bench.run("run", "tiny-refined.yaml", worker: "/nonexistent/worker")
    #expect(again.status == 0 && again.errors.contains("nothing to do"), "\(again.errors)")
    let nothing = try await bench.run(
      "refine", "tiny.yaml", "--distance", "0.2", "--max-seeds", "2", "--max-width", "800",
      worker: "/nonexistent/worker")
    #expect(nothing.status == 0, "\(nothing.errors)")
    #expect(try String(contentsOfFile: bench.path("tiny-refined.yaml"), encoding: .utf8) == text)
    let next = try await bench.run("refine", "tiny.yaml", "--dry-run", "--distance", "0.01")
    #expect(next.status == 0 && next.output.contains("to add"), "\(next.errors)")
  }

  @Test func whatIsRefusedAtTheBeginningLeavesNoGrid() async throws {
    try bench.file("tiny.yaml", text)
    let refused = try await bench.run("refine", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(refused.status == 69, "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: bench.path("tiny-refined.yaml")))
    try bench.file(
      "tiny-refined.yaml", text.replacing("name: tiny", with: "name: tiny-refined\ndatabase: tiny"))
    #expect(try await bench.run("refine", "tiny.yaml", worker: "/nonexistent/worker").status == 69)
    #expect(FileManager.default.fileExists(atPath: bench.path("tiny-refined.yaml")))
  }

  @Test func whatCannotBeExtendedIsLeftAsItIs() async throws {
    let odd = text + "\ninclude : []\n"
    for name in ["odd.yaml", "odd-refined.yaml"] {
      try bench.file(name, odd.replacing("# a comment", with: "? "))
      let ended = try await bench.run("refine", name)
      #expect(ended.status == 65, "\(ended.errors)")
      #expect(try String(contentsOfFile: bench.path(name), encoding: .utf8).hasPrefix("? "))
    }
    #expect(!FileManager.default.fileExists(atPath: bench.path("results")))
  }

  @Test func withoutAnExponentItSaysSo() async throws {
    try bench.file("two.yaml", text.replacing(", 400, 800", with: ""))
    let ended = try await bench.run("refine", "two.yaml")
    #expect(
      ended.status == 1 && ended.errors.contains("no point has an exponent yet, 4 of 4"), "\(ended.errors)")
  }
}
