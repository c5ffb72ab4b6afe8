import Model
import RealModule
import Testing

@testable import LimitFit

struct FitTests {
  static let widths = [1000, 3162, 10_000, 31_623, 100_000]
  let point = PhasePoint(gamma: 0.5, gammaPrime: 0)

  /// Runs on a power law, two seeds a width.
  func powerLaw(
    _ exponent: Double, at point: PhasePoint? = nil, widths: [Int] = widths, outcome: Outcome = .converged
  ) -> [Observation] {
    widths.flatMap { m in
      (0..<2).map { seed in
        // The scatter of seeds, without randomness.
        let rd = Double.pow(Double(m), exponent) * (1 + 0.002 * Double(seed))
        return observation(m, seed, .finished(outcome, supRD: rd), at: point)
      }
    }
  }

  func observation(_ m: Int, _ seed: Int, _ state: Observation.State, at point: PhasePoint? = nil)
    -> Observation
  {
    Observation(run: Run(point: point ?? self.point, width: m, seed: UInt64(seed)), state: state)
  }

  func fit(_ observations: [Observation]) throws -> PointFit {
    let map = PhaseMap.fit(observations: observations, antisymmetric: false)
    #expect(map.points.count == 1)
    return try #require(map.points.first)
  }

  @Test(arguments: [
    (-0.30, -0.10, Verdict.linear), (0.10, 0.30, .condensed), (-0.04, 0.04, .critical),
    (-0.05, 0.05, .critical), (-0.03, -0.01, .critical), (0.01, 0.05, .critical), (0.01, 0.06, .condensed),
    (-0.06, -0.01, .linear), (-0.06, 0.04, .undecided), (-0.04, 0.06, .undecided), (0, 0.06, .undecided),
    (-0.06, 0, .undecided),
  ])
  func verdictOfAnInterval(low: Double, high: Double, verdict: Verdict) {
    #expect(Verdict(low: low, high: high) == verdict)
  }

  @Test(arguments: [(-0.5, Verdict.linear), (0.5, .condensed), (-0.01, .critical)])
  func verdictOfAPowerLaw(exponent: Double, verdict: Verdict) throws {
    let fit = try fit(powerLaw(exponent))
    #expect(fit.verdict == verdict)
    #expect(fit.note == "")
    #expect(fit.expectedExponent == -0.5)
    #expect(fit.widths == 5 && fit.runsUsed == 10 && fit.counts.converged == 10 && fit.counts.total == 10)
    for estimate in [fit.slope, fit.exponent] {
      let estimate = try #require(estimate)
      let (low, high) = (try #require(estimate.low), try #require(estimate.high))
      #expect(low <= exponent && exponent <= high && low < estimate.value && estimate.value < high)
      #expect(high - low < 0.02)
    }
    #expect(fit.localSlopes.count == 4 && fit.localSlopes.allSatisfy { abs($0.slope - exponent) < 1e-12 })
  }

  @Test func anIntervalAroundZeroDoesNotDecide() throws {
    let observations = Self.widths.enumerated().map { i, m in
      observation(m, 0, .finished(.converged, supRD: i.isMultiple(of: 2) ? 1 : 2))
    }
    let fit = try fit(observations)
    #expect(fit.verdict == .undecided)
    #expect(fit.note == "interval includes 0")
  }

  @Test func stalledRunsEnter() throws {
    let fit = try fit(powerLaw(0.5, outcome: .stalled))
    #expect(fit.runsUsed == 10 && fit.counts.stalled == 10 && fit.verdict == .condensed)
  }

  @Test func runsThatAreMissingAreCountedAndSaid() throws {
    let missing: [Observation] = [
      observation(1_000_000, 0, .finished(.budget, supRD: 1e9)),
      observation(1_000_000, 1, .failed),
      observation(1_000_000, 2, .pending),
      observation(1_000_000, 3, .pending),
      observation(1_000_000, 4, .finished(.converged, supRD: 0)),
      observation(1_000_000, 5, .finished(.stalled, supRD: .nan)),
    ]
    let complete = try fit(powerLaw(-0.5))
    let incomplete = try fit(powerLaw(-0.5) + missing)
    #expect(incomplete.slope == complete.slope)
    #expect(incomplete.exponent != complete.exponent, "a lower bound this high cannot be ignored")
    #expect(
      incomplete.note.hasSuffix(
        "2 runs pending; 1 run failed; 1 run out of budget, lower bounds; "
          + "1 run with RD = 0, left out; 1 run without a valid RD, left out"))
    #expect(incomplete.counts.converged == 11 && incomplete.counts.stalled == 1)
    #expect(incomplete.counts.budget == 1 && incomplete.counts.failed == 1 && incomplete.counts.pending == 2)
    #expect(incomplete.counts.total == 16 && incomplete.runsUsed == 11 && incomplete.widths == 5)
  }

  /// Seeds that agree to the last digit, and lower bounds that no curve through them reaches: nothing is certain then.
  @Test(arguments: [-0.5, 0.0, 0.4])
  func boundsThatContradictTheValuesLeaveNothingCertain(exponent: Double) throws {
    let values = [50, 100, 200, 400].flatMap { m in
      (0..<3).map { observation(m, $0, .finished(.converged, supRD: Double.pow(Double(m), exponent))) }
    }
    let bounds = [1000, 3000].flatMap { m in
      (0..<3).map { observation(m, $0, .finished(.budget, supRD: 1e6)) }
    }
    let fit = try fit(values + bounds)
    let estimate = try #require(fit.exponent)
    let (low, high) = (try #require(estimate.low), try #require(estimate.high))
    #expect(low <= estimate.value && estimate.value <= high && high - low > 1)
    #expect(try #require(fit.lackOfFit) > 1)
    #expect(fit.verdict != .linear && fit.verdict != .critical)
  }

  @Test func twoWidthsHaveASlopeButNoVerdict() throws {
    let fit = try fit(powerLaw(-0.5, widths: [1000, 10_000]) + [observation(100_000, 0, .pending)])
    #expect(fit.slope.map { ($0.value + 0.5).magnitude < 1e-12 } == true)
    #expect(fit.slope?.low == nil && fit.slope?.high == nil && fit.exponent == nil)
    #expect(fit.verdict == .undecided)
    #expect(fit.note == "too few widths: 2 of the 3 needed; 1 run pending")
  }

  @Test(arguments: [Observation.State.pending, .failed, .finished(.budget, supRD: 1)])
  func pointsWithoutAResultHaveARow(state: Observation.State) throws {
    let fit = try fit([observation(1000, 0, state)])
    #expect(fit.slope == nil && fit.exponent == nil)
    #expect(fit.verdict == .undecided && fit.widths == 0 && fit.runsUsed == 0 && fit.counts.total == 1)
  }

  @Test func rowsAreInOrderWhateverTheOrderOfTheRuns() {
    let points = [0.5, 1, 1.5].flatMap { g in [-0.5, 0, 0.5].map { PhasePoint(gamma: g, gammaPrime: $0) } }
    let observations = points.flatMap { powerLaw($0.expectedExponent(antisymmetric: false), at: $0) }
    let map = PhaseMap.fit(observations: observations, antisymmetric: false)
    #expect(map.points.map(\.point) == points)
    var random = SplitMix64(state: 11)
    let shuffled = observations.shuffled(using: &random)
    #expect(PhaseMap.fit(observations: shuffled, antisymmetric: false) == map)
    #expect(!map.boundary.isEmpty)
  }

  @Test func theExpectedExponentKnowsTheInitialisation() throws {
    let point = PhasePoint(gamma: 0.25, gammaPrime: 0)
    let runs = powerLaw(-0.5, at: point)
    #expect(PhaseMap.fit(observations: runs, antisymmetric: true).points.first?.expectedExponent == -0.75)
    #expect(PhaseMap.fit(observations: runs, antisymmetric: false).points.first?.expectedExponent == -0.5)
  }

  @Test func nothingToFit() {
    #expect(PhaseMap.fit(observations: [], antisymmetric: false) == PhaseMap(points: [], boundary: []))
  }
}
