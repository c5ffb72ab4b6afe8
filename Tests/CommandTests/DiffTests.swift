import Foundation
import LimitFit
import Model
import Testing

@testable import gammaplane

/// `gammaplane diff`.
@Suite struct DiffTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  /// Runs two sweeps and compares them.
  private func compare(_ change: (String) -> String) async throws -> [String: Any] {
    try bench.grid()
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("other.yaml", change(text).replacing("name: tiny", with: "name: other"))
    for grid in ["tiny", "other"] { #expect(try await bench.run("run", "\(grid).yaml").status == 0) }
    let ended = try await bench.run("diff", "tiny", "other", "--json")
    #expect(ended.status == 0, "\(ended.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(ended.output.utf8))
    return try #require(value as? [String: Any])
  }

  private func keys(_ comparison: [String: Any]) -> [String?] {
    (comparison["definition"] as? [[String: String]] ?? []).map { $0["key"] }
  }

  @Test func theSameSweepTwiceDoesNotDiffer() async throws {
    let comparison = try await compare { $0 }
    #expect(keys(comparison).isEmpty)
    let runs = try #require(comparison["runs"] as? [String: Any])
    #expect(runs["both"] as? Int == 12 && runs["equal"] as? Int == 12 && runs["largest"] as? Double == 0)
    let ended = try await bench.run("diff", "tiny", "other")
    #expect(ended.output.hasSuffix("nothing differs\n"))
  }

  @Test func whatDiffersIsNamed() async throws {
    let comparison = try await compare {
      $0.replacing("[50, 100, 150]", with: "[50, 100, 200, 400]") + "tolerance: 1e-2\n"
    }
    #expect(keys(comparison) == ["axes.width", "problem.tolerance"])
    let runs = try #require(comparison["runs"] as? [String: Any])
    #expect(runs["both"] as? Int == 8 && runs["only_first"] as? Int == 4 && runs["only_second"] as? Int == 8)
    #expect(runs["compared"] as? Int == 8 && runs["equal"] as? Int == 0)
    let largest = try #require(runs["largest"] as? Double)
    #expect(largest > 0 && largest < 0.1, "the integrator's tolerance is 1 %")
    let ended = try await bench.run("diff", "tiny", "other")
    #expect(ended.output.contains("problem.tolerance  0.001") && !ended.output.contains("nothing differs"))
  }

  /// Exponents whose intervals have no number in common contradict each other, and so do trends.
  @Test func contradictionsAreFound() {
    func map(_ values: [(Double, Double, Trend)]) -> PhaseMap {
      let points = values.enumerated().map { index, value in
        var fit = PointFit(
          setting: ["x": Double(index)], trend: value.2, note: "")
        fit.exponent = .init(value: value.0, low: value.0 - value.1, high: value.0 + value.1)
        return fit
      }
      return PhaseMap(orderParameter: "q", plane: Plane(x: "x"), points: points, boundary: [])
    }
    let first = map([(0.1, 0.05, .growing), (-0.2, 0.01, .vanishing), (0.3, 0.1, .growing)])
    let second = map([(0.12, 0.05, .growing), (-0.1, 0.01, .vanishing), (0.25, 0.3, .undecided)])
    let points = SweepComparison.points(first, second)
    #expect(points.compared == 3 && points.disjoint == 1 && points.otherTrend == 1)
    #expect(points.contradicting.map { $0.setting.values } == [[1], [2]])
    #expect(abs((points.largest ?? 0) - 0.1) < 1e-12)
  }

  @Test func mistakesAreNamed() async throws {
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    #expect(try await bench.run("diff", "tiny", "tnu").status == 66)
    #expect(try await bench.run("diff", "tiny").status == 64)
  }
}
