import Model
import RealModule
import Testing

@testable import LimitFit

/// Exponents that were computed at m → ∞, beside what finite widths give.
struct ComputedLimitTests {
  private let plane = Plane(x: "x", y: "y")

  /// Runs whose slope at finite widths is another than the exponent.
  private func observations(
    _ setting: Setting, slope: Double, limit: ComputedLimit?, hasLimit: Bool = true
  ) -> [Observation] {
    let finite = [1000.0, 3000, 10_000, 30_000].flatMap { width in
      (0..<2).map { seed in
        Observation(
          run: Run(setting, width: width, seed: seed),
          state: .finished(
            .converged, value: Double.exp(slope * Double.log(width) + 0.001 * Double(seed) - 0.0005)))
      }
    }
    guard hasLimit else { return finite }
    let state: Observation.State = limit == nil ? .pending : .finished(.converged, value: nil)
    return finite + [Observation(run: .limit(setting), state: state, limit: limit)]
  }

  private func limit(_ exponent: Double, half: Double = 0.001, crossover: Double? = nil) -> ComputedLimit {
    ComputedLimit(
      exponent: .init(value: exponent, low: exponent - half, high: exponent + half), crossoverWidth: crossover
    )
  }

  private func fit(_ observations: [Observation]) throws -> PointFit {
    let map = PhaseMap.fit(observations: observations, orderParameter: "q", plane: plane)
    return try #require(map.points.first)
  }

  @Test func theComputedExponentCounts() throws {
    let setting: Setting = ["x": 1, "y": 0]
    let with = try fit(observations(setting, slope: -0.2, limit: limit(-0.5, crossover: 1e9)))
    #expect(with.exponent?.value == -0.5 && with.exponentSource == .computed && with.trend == .vanishing)
    #expect(with.crossoverWidth == 1e9 && with.note.contains("1e9"))
    // What the widths give is what they give without it.
    let without = try fit(observations(setting, slope: -0.2, limit: nil, hasLimit: false))
    #expect(with.extrapolated == without.exponent && with.slope == without.slope)
    #expect(without.exponentSource == .extrapolated && with.counts == without.counts)
    #expect(abs((without.exponent?.value ?? 0) + 0.2) < 0.02)
    let pending = try fit(observations(setting, slope: -0.2, limit: nil))
    #expect(pending.exponent == without.exponent && pending.note.contains("limit pending"))
  }

  /// However small, unless the interval includes 0.
  @Test(arguments: [(0.004, Trend.growing), (-0.004, .vanishing), (0.0005, .bounded)])
  func theSignOfTheComputedExponentDecides(exponent: Double, trend: Trend) throws {
    #expect(try fit(observations(["x": 0, "y": 0], slope: 0, limit: limit(exponent))).trend == trend)
  }

  @Test func aWideIntervalDecidesNothing() throws {
    let fit = try fit(observations(["x": 0, "y": 0], slope: 0, limit: limit(0.01, half: 0.2)))
    #expect(fit.trend == .undecided && !fit.note.isEmpty)
  }

  @Test func anInstabilityIsMentioned() throws {
    var unstable = limit(0.5)
    unstable.instability = 0.7
    let stable = try fit(observations(["x": 0, "y": 0], slope: 0.5, limit: limit(0.5)))
    let other = try fit(observations(["x": 0, "y": 0], slope: 0.5, limit: unstable))
    #expect(other.note.contains("fluctuations") && !stable.note.contains("fluctuations"))
  }

  /// A map of limits alone: the boundary is where the computed exponent changes its sign, and
  /// refining bisects there with limits alone.
  @Test func limitsAloneMakeABoundary() throws {
    let line = stride(from: 0.0, through: 1, by: 0.25)
    let settings = line.flatMap { x in line.map { y in ["x": x, "y": y] as Setting } }
    let observations = settings.map { setting in
      let exponent = (setting["x"] ?? 0) - 0.6
      return Observation(
        run: .limit(setting), state: .finished(.converged, value: nil), limit: limit(exponent))
    }
    let map = PhaseMap.fit(observations: observations, orderParameter: "q", plane: plane)
    let boundary = try #require(map.boundary.first)
    for vertex in boundary.vertices {
      #expect(abs(vertex.point.x - 0.6) < 0.01)
      let edge = try #require(vertex.towardsGrowing)
      // The intervals are ± 0.001, and the exponent rises by 1 in x.
      #expect((0.0003...0.002).contains(edge.x - vertex.point.x), "\(edge)")
    }
    let axes = Axes(parameters: ["x": Array(line), "y": Array(line)], width: [], seed: [])
    let refinement = Refinement(
      observations: observations, plane: plane, axes: axes,
      goal: .init(distance: 0.01, maxWidth: 1, maxSeeds: 1)
    ) { _, _ in 1 }
    #expect(refinement.additions.count == line.reduce(0) { n, _ in n + 1 })
    #expect(refinement.additions.allSatisfy { $0.widths == [] && $0.setting["x"] == 0.625 })
  }

  @Test func quantitiesHaveNames() {
    let quantities: NamedNumbers = [
      "q_exponent": 0.5, "q_exponent_low": 0.4, "q_exponent_high": 0.6, "q_crossover_width": 1e5,
    ]
    let limit = ComputedLimit(quantities, of: "q")
    #expect(limit?.exponent == .init(value: 0.5, low: 0.4, high: 0.6) && limit?.crossoverWidth == 1e5)
    #expect(ComputedLimit(quantities, of: "other") == nil)
  }
}
