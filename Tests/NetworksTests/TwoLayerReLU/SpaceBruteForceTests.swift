import Foundation
import Testing

@testable import Networks

/// The ensemble in ℝᵈ against tiny steps, on random data at points of all regimes.
@Suite(.serialized) struct SpaceBruteForceTests {
  static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil
  static let points = [(0.5, 0.0), (1, 0), (1.25, 0.5), (1.5, -0.5), (1.75, 0), (2, 0.5), (0.3, -0.3)]
  /// Inputs d, samples n, and neurons m; with a bias if it is true.
  static let sizes = [
    (1, 3, 5, false), (2, 3, 5, true), (2, 4, 8, false), (3, 4, 8, true), (2, 5, 10, true), (5, 4, 6, true),
    (4, 7, 8, false),
  ]

  private func compare(_ seeds: [Int], tolerance: Double, bound: Double, limit: Int) throws {
    var counts: [String: Int] = [:]
    for seed in seeds {
      let (d, n, m, bias) = Self.sizes[seed % Self.sizes.count]
      let point = Self.points[(seed / Self.sizes.count + 3 * seed) % Self.points.count]
      let network = SpaceNetwork(
        dimension: d, samples: n, width: m, gamma: point.0, gammaPrime: point.1, seed: UInt64(seed),
        bias: bias)
      let name = "d \(d), n \(n), m \(m), bias \(bias), \(point), seed \(seed)"
      guard let end = try network.end(tolerance: tolerance, target: 1e-4, steps: 3000) else {
        counts["endless", default: 0] += 1
        continue
      }
      let brute = SpaceBruteForce(network: network, target: 1e-4)
      let horizon = end.hasConverged ? 2 * end.time : min(end.time, 1e4)
      guard let tiny = brute.settled(until: horizon, bound: bound, limit: limit) else {
        counts["unsettled", default: 0] += 1
        continue
      }
      let agrees = tiny.hasConverged == end.hasConverged && abs(end.rd / tiny.rd - 1) < bound
      let kind = agrees ? "agrees" : tiny.metFork ? "fork" : "disagrees"
      counts[kind, default: 0] += 1
      #expect(kind != "disagrees", "\(name): \(end.rd), tiny steps \(tiny.rd)")
    }
    print("tolerance \(tolerance): \(counts.sorted { $0.key < $1.key })")
    #expect(counts["agrees", default: 0] * 10 >= 7 * seeds.count, "\(counts)")
  }

  @Test func agreesWithTinySteps() throws {
    try compare([0, 1, 3, 5, 6], tolerance: 1e-4, bound: 1e-3, limit: 60_000)
  }

  @Test(.enabled(if: slow)) func agreesWithTinyStepsOfManyNetworks() throws {
    try compare(Array(100..<170), tolerance: 1e-4, bound: 1e-3, limit: 500_000)
  }
}
