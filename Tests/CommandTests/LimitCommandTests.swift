import Foundation
import Testing

/// `gammaplane limit`, and `gammaplane flow` with weighted nodes.
struct LimitCommandTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  private func object(_ output: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
  }

  @Test func jsonHasEverythingThatIsPromised() async throws {
    let ended = try await bench.run("limit", "--gamma", "1.25", "--gamma-prime", "0.5", "--json")
    #expect(ended.status == 0)
    let object = try object(ended.output)
    #expect(object["gamma"] as? Double == 1.25 && object["gamma_prime"] as? Double == 0.5)
    let exponent = try #require(object["exponent"] as? Double)
    let low = try #require(object["exponent_low"] as? Double)
    let high = try #require(object["exponent_high"] as? Double)
    #expect(abs(exponent + 0.5) < 1e-4 && low < exponent && exponent < high)
    let crossover = try #require(object["crossover_width"] as? Double)
    #expect(abs(log10(crossover) - 9.6) < 0.3)
    #expect(object["limit_value"] == nil, "it vanishes")
    let widths = try #require(object["widths"] as? [[String: Any]])
    #expect(widths.count > 4)
    let all = widths.compactMap { $0["width"] as? Double }
    #expect(all == all.sorted() && widths.allSatisfy { $0["rd"] is Double && $0["outcome"] is String })
    #expect(widths.last?["slope"] is Double)
  }

  @Test func withoutJSONSentencesAndATableArePrinted() async throws {
    let ended = try await bench.run("limit", "--gamma", "1.5", "--gamma-prime", "0.5")
    #expect(ended.status == 0)
    #expect(ended.output.contains("exponent S of sup RD"))
    #expect(ended.output.contains("lim sup RD  1.05"))
    #expect(ended.output.contains("crossover width"))
    #expect(ended.output.contains("Luo et al."))
    #expect(!ended.output.contains("nan") && !ended.output.contains("inf"))
  }

  @Test func aRangeOfTheTheoryIsPrintedAsOne() async throws {
    let ended = try await bench.run("limit", "--gamma", "1.25", "--gamma-prime", "-0.5")
    #expect(ended.output.contains("between 0.2500 and 0.3750, depending on the data"))
  }

  @Test func samplesAndTargetAreUsed() async throws {
    try bench.file("samples.csv", "x,y\n-1.0,0.2\n0.5,0.6\n")
    let ended = try await bench.run(
      "limit", "--gamma", "0.5", "--gamma-prime", "0", "--samples", "samples.csv", "--json")
    #expect(ended.status == 0)
    #expect(try abs(#require(object(ended.output)["exponent"] as? Double) + 0.5) < 1e-3)
    let easy = try await bench.run(
      "limit", "--gamma", "0.5", "--gamma-prime", "0", "--samples", "samples.csv", "--target", "1")
    #expect(easy.status == 64 && easy.errors.contains("nothing is learned"))
  }

  @Test func aFlowOfTheMeanReachesAnyWidth() async throws {
    let ended = try await bench.run(
      "flow", "--gamma", "1", "--gamma-prime", "0", "--width", "1e100", "--law", "mean", "--nodes", "1024",
      "--json")
    #expect(ended.status == 0)
    let quantities = try #require(try object(ended.output)["quantities"] as? [String: Double])
    #expect(try abs(#require(quantities["rd"]) / 1.1481433 - 1) < 1e-3)
    #expect(try #require(quantities["nodes_error"]) < 1e-2)
  }

  @Test(arguments: [
    (["--law", "mean", "--seed", "3"], "the mean of the initial values has none"),
    (["--law", "averaged"], "must be sampled, nodes or mean"),
    (["--law", "nodes", "--width", "5"], "at least 10"),
  ])
  func whatALawCannotDoIsRefused(arguments: [String], message: String) async throws {
    let width = arguments.contains("--width") ? [] : ["--width", "1000"]
    let ended = try await bench.start(
      ["flow", "--gamma", "1", "--gamma-prime", "0"] + width + arguments
    ).end()
    #expect(ended.status == 64)
    #expect(ended.errors.contains(message), "\(ended.errors)")
  }
}
