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
      ["--gamma", "1.75", "--gamma-prime", "-0.5"], ["--at", "gamma_prime=-0.5", "--gamma=1.75", "tiny"],
      ["--plane", "gamma-prime,gamma", "-0.5", "1.75"], ["--plane=gamma_prime", "-0.5", "--gamma", "1.75"],
    ] {
      let shown = try await bench.start(["show"] + arguments).end()
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.output.hasPrefix("tiny: gamma = 1.75, gamma_prime = -0.5\n"))
      #expect(shown.output.contains("extrapolated to m → ∞"))
      #expect(shown.output.contains("computed: 6 by gammaplane-worker "))
    }
    let json = try await bench.run("show", "--json", "1.75", "-0.5")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["setting"] as? [String: Double] == ["gamma": 1.75, "gamma_prime": -0.5])
    #expect(object["order_parameter"] as? String == "sup_rd")
    let runs = try #require(object["runs"] as? [[String: Any]])
    #expect(runs.count == 6 && runs.allSatisfy { $0["state"] as? String == "converged" })
    let widths = try #require(object["widths"] as? [[String: Any]])
    for (width, results) in zip(
      widths,
      Dictionary(
        grouping: try bench.results().filter {
          $0.run.setting == ["gamma": 1.75, "gamma_prime": -0.5]
        }, by: \.run.width
      ).sorted { $0.key < $1.key })
    {
      let values = results.value.compactMap { $0.result.quantities["sup_rd"] }
      let mean = exp(values.map { log($0) }.reduce(0, +) / Double(values.count))
      #expect(abs((width["mean"] as? Double ?? 0) / mean - 1) < 1e-12)
    }
  }

  @Test func theNearestPointIsSuggested() async throws {
    try grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let missed = try await bench.run("show", "1.7", "-0.4", "tiny")
    #expect(missed.status == 66)
    #expect(missed.errors.contains("; the nearest is 1.75 -0.5\n"), "\(missed.errors)")
    let half = try await bench.run("show", "--gamma", "1.75", "tiny")
    #expect(half.status == 64, "\(half.errors)")
    #expect(half.errors.contains("tiny has 2 such points; name one, such as 1.75 -0.5\n"))
    let one = try await bench.run("show", "1.75", "tiny")
    #expect(one.status == 64, "\(one.errors)")
    #expect(one.errors.contains("1 coordinate given; a point of tiny has gamma and gamma_prime\n"))
    let depth = try await bench.run("show", "1.75", "-0.5", "--at", "depth=2")
    #expect(depth.status == 64 && depth.errors.contains("tiny has no parameter depth"), "\(depth.errors)")
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
      printf '%s\\n' '{"type":"hello","worker":"w","protocol":1,"methods":["impulse/4"]}'
      read -r problem; read -r run; echo 'out of luck' >&2; exit 3
      """)
    #expect(try await bench.run("run", "tiny.yaml", "--workers", "1", worker: worker).status != 0)
    let shown = try await bench.run("show", "0.5", "0")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("failed") && shown.output.contains("  | out of luck"))
  }

  /// The fit is of what is recorded now, and of any quantity.
  @Test func anyQuantityIsFittedToWhatIsThere() async throws {
    try grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("tiny.yaml", text.replacing("[50, 100, 150]", with: "[50, 100, 150, 200]"))
    let grown = try await bench.run("show", "0.5", "0", "tiny.yaml")
    #expect(grown.status == 0 && grown.output.contains("pending"), "\(grown.errors)")
    #expect(grown.errors == "tiny: provisional, 8 runs pending\n")
    let json = try await bench.run("show", "0.5", "0", "tiny", "--quantity", "time", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["order_parameter"] as? String == "time")
    let fit = try #require(object["fit"] as? [String: Any])
    #expect(fit["exponent"] != nil && fit["expected_exponent"] == nil, "no theory of it")
    let wrong = try await bench.run("show", "0.5", "0", "tiny", "--quantity", "loss")
    #expect(wrong.status == 64, "\(wrong.errors)")
    #expect(wrong.errors.contains("“loss”; they have mean_squared_residual, rd, sup_rd, time\n"))
    let plane = try await bench.run("show", "0.5", "0", "tiny", "--plane", "gamma,depth")
    #expect(plane.status == 64, "\(plane.errors)")
    #expect(plane.errors.contains("--plane takes one or two of the parameters of tiny: gamma, gamma_prime\n"))
  }
}
