import Model
import RealModule
import Testing

@testable import LimitFit

struct FitTests {
  static let widths: [Double] = [1000, 3162, 10_000, 31_623, 100_000]
  static let plane = Plane(x: "x", y: "y")
  let setting: Setting = ["x": 0.5, "y": 0]

  /// Runs on a power law, two seeds a width.
  func powerLaw(
    _ exponent: Double, at setting: Setting? = nil, widths: [Double] = widths,
    outcome: Outcome = .converged
  ) -> [Observation] {
    widths.flatMap { m in
      (0..<2).map { seed in
        // A dispersion of seeds without randomness.
        let value = Double.pow(m, exponent) * (1 + 0.002 * Double(seed))
        return observation(m, seed, .finished(outcome, value: value), at: setting)
      }
    }
  }

  func observation(
    _ m: Double, _ seed: Int, _ state: Observation.State, at setting: Setting? = nil
  ) -> Observation {
    Observation(run: Run(setting ?? self.setting, width: m, seed: UInt64(seed)), state: state)
  }

  func map(_ observations: [Observation]) -> PhaseMap {
    PhaseMap.fit(observations: observations, orderParameter: "q", plane: Self.plane)
  }

  func fit(_ observations: [Observation]) throws -> PointFit {
    let map = map(observations)
    #expect(map.points.count == 1)
    return try #require(map.points.first)
  }

  /// The first trend with 95 %; what is left out lies on one side only.
  @Test(arguments: [
    (1, 0, 0, Trend.vanishing), (0, 1, 0, .growing), (0, 0, 1, .bounded), (0.96, 0, 0.04, .vanishing),
    (0.03, 0.97, 0.1, .growing), (0.97, 0.03, 0.96, .bounded), (0.94, 0, 0.5, .undecided),
    (0.5, 0.5, 0.94, .undecided), (0, 0.94, 0.06, .undecided),
  ])
  func trendOfProbabilities(negative: Double, positive: Double, bounded: Double, trend: Trend) {
    #expect(TrendRule.trend(ExponentSign(negative: negative, positive: positive, bounded: bounded)) == trend)
  }

  /// A trend is named with 95 % where an interval, which leaves out as much on either side, still
  /// includes 0, and the note tells the probability.
  @Test func aTrendNeedsNoWholeInterval() throws {
    var seen = 0
    for seed in 0..<60 {
      var random = SplitMix64(state: UInt64(seed))
      let draw = Synthetic(law: .power, widths: [100, 316, 1000], seeds: 2, dispersion: 0.3).draw(&random)
      let fit = PointFitter(
        PointData(setting: ["x": 1, "y": 0], observations: draw.observations), isNested: true
      ).fit(theory: nil)
      guard let exponent = fit.exponent else { continue }
      if fit.trend == .growing || fit.trend == .vanishing {
        #expect(exponent.value != 0)
        #expect(exponent.mayVanish == fit.note.contains("interval includes 0; \(fit.trend.rawValue) with 9"))
        if exponent.mayVanish { seen += 1 }
      }
      if exponent.mayVanish == false { #expect(fit.trend != .undecided) }
    }
    #expect(seen > 0)
  }

  /// Of a run whose steps collapsed, or which rests elsewhere at every tolerance, nothing is known,
  /// not even a bound.
  @Test(arguments: [
    (RunResult.stepsCollapsed, nil), (RunResult.stepsCollapsed + "; at rest at tolerance 1e-3", nil),
    (RunResult.restUndecided + "; tolerances from 1e-3 to 4e-6", nil), ("100 steps", 1e-9),
  ])
  func whatMayBeWrongBoundsNothing(reason: String, bound: Double?) {
    let state = Observation.State(.budgetExhausted, reason: reason, value: 1e-9, of: "sup_q")
    #expect(state == .finished(.budgetExhausted, value: bound))
  }

  @Test(arguments: [(-0.5, Trend.vanishing), (0.5, .growing), (-0.01, .bounded)])
  func trendOfAPowerLaw(exponent: Double, trend: Trend) throws {
    let fit = try fit(powerLaw(exponent))
    #expect(fit.trend == trend)
    #expect(fit.note == "")
    #expect(fit.widths == 5 && fit.runsUsed == 10)
    #expect(fit.counts.converged == 10 && fit.counts.total == 10)
    for estimate in [fit.slope, fit.exponent] {
      let estimate = try #require(estimate)
      let (low, high) = (try #require(estimate.low), try #require(estimate.high))
      #expect(low <= exponent && exponent <= high && low < estimate.value && estimate.value < high)
      #expect(high - low < 0.02)
    }
    #expect(fit.localSlopes.count == 4)
    #expect(fit.localSlopes.allSatisfy { abs($0.slope - exponent) < 1e-12 })
  }

  @Test func anIntervalAroundZeroDoesNotDecide() throws {
    let observations = Self.widths.enumerated().map { i, m in
      observation(m, 0, .finished(.converged, value: i.isMultiple(of: 2) ? 1 : 2))
    }
    let fit = try fit(observations)
    #expect(fit.trend == .undecided)
    #expect(fit.note.hasPrefix("the order parameter vanishes with "))
    #expect(fit.note.contains(" levels off at a finite limit with ") && fit.note.contains(" grows with "))
  }

  @Test func stationaryRunsEnter() throws {
    let fit = try fit(powerLaw(0.5, outcome: .stationary))
    #expect(fit.runsUsed == 10 && fit.counts.stationary == 10 && fit.trend == .growing)
  }

  @Test func runsThatAreMissingAreCountedAndNoted() throws {
    let missing: [Observation] = [
      observation(1_000_000, 0, .finished(.budgetExhausted, value: 1e9)),
      observation(1_000_000, 1, .failed),
      observation(1_000_000, 2, .pending),
      observation(1_000_000, 3, .pending),
      observation(1_000_000, 4, .finished(.converged, value: 0)),
      observation(1_000_000, 5, .finished(.stationary, value: .nan)),
      observation(1_000_000, 6, .finished(.converged, value: -1)),
      observation(1_000_000, 7, .finished(.budgetExhausted, value: nil)),
    ]
    let complete = try fit(powerLaw(-0.5))
    let incomplete = try fit(powerLaw(-0.5) + missing)
    #expect(incomplete.slope == complete.slope)
    #expect(incomplete.exponent != complete.exponent, "a lower bound this high cannot be ignored")
    #expect(
      incomplete.note.hasSuffix(
        "2 runs pending; 1 run failed; 1 run out of budget, lower bounds; "
          + "1 run out of budget, left out; 1 run with value 0, left out; "
          + "2 runs without a valid value, left out"))
    #expect(incomplete.counts.converged == 12 && incomplete.counts.stationary == 1)
    #expect(incomplete.counts.budgetExhausted == 2 && incomplete.counts.failed == 1)
    #expect(incomplete.counts.pending == 2 && incomplete.counts.total == 18)
    #expect(incomplete.runsUsed == 11 && incomplete.widths == 5)
  }

  /// Results without the order parameter change nothing but counts and the note.
  @Test func resultsWithoutTheQuantityAreWithoutAValidValue() throws {
    let lacking = Self.widths.map { observation($0, 5, .finished(.converged, value: nil)) }
    let complete = try fit(powerLaw(-0.5))
    var incomplete = try fit(powerLaw(-0.5) + lacking)
    #expect(incomplete.note == "5 runs without a valid value, left out")
    #expect(incomplete.counts.converged == 15)
    (incomplete.note, incomplete.counts) = (complete.note, complete.counts)
    #expect(incomplete == complete)

    let none = try fit(lacking)
    #expect(none.trend == .undecided && none.exponent == nil && none.runsUsed == 0)
    #expect(
      none.note == "too few widths: 0 of the 3 needed; 5 runs without a valid value, left out")
  }

  /// Of a run that used up its budget, only a running supremum is a lower bound.
  @Test func onlySupremaBoundFromBelow() {
    func state(_ outcome: Outcome, _ orderParameter: String) -> Observation.State {
      let quantities: NamedNumbers = ["q": 2, "sup_q": 3]
      return Observation.State(
        outcome, reason: "", value: quantities[orderParameter], of: orderParameter)
    }
    for outcome in [Outcome.converged, .stationary] {
      #expect(state(outcome, "q") == .finished(outcome, value: 2))
      #expect(state(outcome, "sup_q") == .finished(outcome, value: 3))
      #expect(state(outcome, "other") == .finished(outcome, value: nil))
    }
    #expect(state(.budgetExhausted, "sup_q") == .finished(.budgetExhausted, value: 3))
    #expect(state(.budgetExhausted, "q") == .finished(.budgetExhausted, value: nil))
  }

  /// Seeds that agree to the last digit, and lower bounds that no curve through them reaches:
  /// nothing is certain then.
  @Test(arguments: [-0.5, 0.0, 0.4])
  func boundsThatContradictTheValuesLeaveNothingCertain(exponent: Double) throws {
    let values = [50.0, 100, 200, 400].flatMap { m in
      (0..<3).map {
        observation(m, $0, .finished(.converged, value: Double.pow(m, exponent)))
      }
    }
    let bounds = [1000.0, 3000].flatMap { m in
      (0..<3).map { observation(m, $0, .finished(.budgetExhausted, value: 1e6)) }
    }
    let fit = try fit(values + bounds)
    let estimate = try #require(fit.exponent)
    let (low, high) = (try #require(estimate.low), try #require(estimate.high))
    #expect(low <= estimate.value && estimate.value <= high && high - low > 1)
    #expect(try #require(fit.lackOfFit) > 1)
    #expect(fit.trend != .vanishing && fit.trend != .bounded)
  }

  @Test func twoWidthsHaveASlopeButNoTrend() throws {
    let fit = try fit(
      powerLaw(-0.5, widths: [1000, 10_000]) + [observation(100_000, 0, .pending)])
    #expect(fit.slope.map { ($0.value + 0.5).magnitude < 1e-12 } == true)
    #expect(fit.slope?.low == nil && fit.slope?.high == nil && fit.exponent == nil)
    #expect(fit.trend == .undecided)
    #expect(fit.note == "too few widths: 2 of the 3 needed; 1 run pending")
  }

  @Test(arguments: [Observation.State.pending, .failed, .finished(.budgetExhausted, value: 1)])
  func pointsWithoutAResultHaveARow(state: Observation.State) throws {
    let fit = try fit([observation(1000, 0, state)])
    #expect(fit.slope == nil && fit.exponent == nil)
    #expect(fit.trend == .undecided && fit.widths == 0)
    #expect(fit.runsUsed == 0 && fit.counts.total == 1)
  }

  @Test func nothingToFit() {
    #expect(
      map([]) == PhaseMap(orderParameter: "q", plane: Self.plane, points: [], boundary: []))
  }
}
