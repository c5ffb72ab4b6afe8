import Foundation
import Model
import Testing

@testable import gammaplane

/// `show`: one point, with negative numbers as arguments.
@Suite struct ShowTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func grid() throws {
    let text = try String(contentsOfFile: bench.path(bench.grid()), encoding: .utf8)
    try bench.file("tiny.yaml", text.replacing("gamma_prime: [0.0]", with: "gamma_prime: [-0.5, 0.0]"))
  }

  @Test func aPointIsShownWithItsFitAndAllItsRuns() async throws {
    try grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    for arguments in [
      ["1.75", "-0.5"], ["1.75", "-0.5", "tiny"], ["1.75", "-0.5", "tiny.yaml", "--results", "results"],
    ] {
      let shown = try await bench.start(["show"] + arguments).end()
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.output.hasPrefix("tiny: γ = 1.75, γ' = -0.5\n"))
      #expect(shown.output.contains("exponent S for m → ∞: "))
    }
    let json = try await bench.run("show", "--json", "1.75", "-0.5")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["gamma_prime"] as? Double == -0.5)
    let runs = try #require(object["runs"] as? [[String: Any]])
    #expect(runs.count == 6 && runs.allSatisfy { $0["state"] as? String == "converged" })
    let widths = try #require(object["widths"] as? [[String: Any]])
    for (width, results) in zip(
      widths,
      Dictionary(
        grouping: try bench.results().filter {
          $0.run.point == PhasePoint(gamma: 1.75, gammaPrime: -0.5)
        }, by: \.run.width
      ).sorted { $0.key < $1.key })
    {
      let mean = exp(results.value.map { log($0.result.supRD) }.reduce(0, +) / Double(results.value.count))
      #expect(abs((width["sup_rd"] as? Double ?? 0) / mean - 1) < 1e-12)
    }
  }

  @Test func theNearestPointIsSuggested() async throws {
    try grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let missed = try await bench.run("show", "1.7", "-0.4", "tiny")
    #expect(missed.status == 66)
    #expect(missed.errors.contains("the nearest is `gammaplane show 1.75 -0.5 tiny`"))
    #expect(try await bench.run("show", "x", "0").status == 64)
    #expect(try await bench.run("show", "1", "0", "nothing").status == 66)
    try bench.grid("other")
    #expect(try await bench.run("run", "other.yaml").status == 0)
    let several = try await bench.run("show", "1.75", "-0.5")
    #expect(several.status == 64 && several.errors.contains("other, tiny"))
  }

  @Test func failuresAreShownWithTheirLastWords() async throws {
    try bench.grid(attempts: 1)
    let worker = try bench.worker(
      """
      printf '%s\\n' '{"type":"hello","worker":"w","protocol":1,"methods":["impulse/3"]}'
      read -r problem; read -r run; echo 'out of luck' >&2; exit 3
      """)
    #expect(try await bench.run("run", "tiny.yaml", "--workers", "1", worker: worker).status != 0)
    let shown = try await bench.run("show", "0.5", "0")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("failed") && shown.output.contains("  | out of luck"))
  }
}
