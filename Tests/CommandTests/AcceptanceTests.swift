import Foundation
import LimitFit
import Model
import ResultStore
import Testing

/// Whether the slow tests are asked for (`make test-all`).
private let slowTestsAreOn = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

/// The whole pipeline against the theorem, on every other point of the quickstart grid.
@Suite(.enabled(if: slowTestsAreOn))
struct AcceptanceTests {
  @Test func verdictsAreThoseOfTheTheorem() async throws {
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
      samples:
        x: [-1.0, -0.3, 0.4, 1.0]
        y: [ 0.2, -0.4, 0.6, -0.1]

      """)
    let ended = try await bench.run("run", "thin.yaml")
    #expect(ended.status == 0, "\(ended.errors)")
    let store = try ResultStore.read(at: bench.path("results/thin/\(ResultStore.fileName)"))
    let map = try #require(try store.phaseMap(of: try store.sweep(named: "thin")))
    #expect(map.points.count == 49)
    let far = map.points.filter { $0.point.distanceToTheoreticalBoundary >= 0.2 }
    let right = far.filter { $0.verdict.rawValue == $0.point.theoreticalRegime.rawValue }
    #expect(Double(right.count) >= 0.95 * Double(far.count), "\(right.count) of \(far.count)")
    for fit in far where fit.point.distanceToTheoreticalBoundary >= 0.4 {
      #expect(
        fit.verdict == .undecided || fit.verdict.rawValue == fit.point.theoreticalRegime.rawValue,
        "(\(fit.point.gamma), \(fit.point.gammaPrime)): \(fit.verdict)")
    }
  }
}
