import Foundation
import LimitFit
import Model
import Networks
import Orchestration
import ResultStore
import Testing

/// Whether the slow tests are asked for (`make test-all`).
private let slowTestsAreOn = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

/// The whole pipeline against the theorem, on every other point of the quickstart grid.
@Suite(.enabled(if: slowTestsAreOn))
struct AcceptanceTests {
  @Test func trendsAreThoseOfTheTheorem() async throws {
    let bench = try Workbench()
    try bench.file(
      "thin.yaml",
      """
      name: thin
      axes:
        gamma:       { from: 0.5, to: 2.0, step: 0.25 }
        gamma_prime: { from: -0.5, to: 1.0, step: 0.25 }
        width:       [1000, 3162, 10000, 31623]
        seed:        { count: 1 }
      limit: off
      samples:
        x: [-1.0, -0.3, 0.4, 1.0]
        y: [ 0.2, -0.4, 0.6, -0.1]

      """)
    let ended = try await bench.run("run", "thin.yaml")
    #expect(ended.status == 0, "\(ended.errors)")
    let store = try ResultStore.read(at: bench.path("results/thin/\(ResultStore.fileName)"))
    let sweep = try store.sweep(named: "thin")
    let context = try SweepContext(sweep, families: .builtIn, store: store)
    let theory = try #require(context.theory)
    let map = try #require(
      try store.currentPhaseMap(of: sweep, orderParameter: context.orderParameter, plane: context.plane))
    #expect(map.points.count == 49)
    func distance(_ fit: PointFit) -> Double {
      theory.distanceToBoundary(context.plane.point(fit.setting))
    }
    let far = map.points.filter { distance($0) >= 0.2 }
    let right = far.filter { $0.trend == theory.trend(at: $0.setting) }
    #expect(Double(right.count) >= 0.95 * Double(far.count), "\(right.count) of \(far.count)")
    for fit in far where distance(fit) >= 0.4 {
      #expect(
        fit.trend == .undecided || fit.trend == theory.trend(at: fit.setting),
        "\(fit.setting.text): \(fit.trend)")
    }
  }
}
