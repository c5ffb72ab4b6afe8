import Foundation
import Model
import RealModule
import Testing

@testable import Networks

/// The integrator against tiny steps, on random data at points of all regimes.
@Suite(.serialized) struct BruteForceTests {
  static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  /// One case for each seed, sizes and points by turns, so that all of them meet.
  private func cases(_ sizes: [(n: Int, width: Int)], _ seeds: Range<Int>) throws -> [BruteForceCase] {
    try seeds.map { k in
      let (n, width) = sizes[k % sizes.count]
      let point = BruteForceCase.points[(k / sizes.count + 3 * k) % 10]
      return try BruteForceCase(n: n, width: width, point: point, seed: k, target: 1e-6)
    }
  }

  /// Compares many at a tolerance. Cases in which the flow is not unique or sensitive, or brute
  /// force does not settle, tell nothing: their shares are bounded.
  ///
  /// - Parameter late: the largest share of cases in which nothing but the stop time is off by more
  ///   than the bound.
  private func compare(
    _ cases: [BruteForceCase], tolerance: Double, limit: Int, forks: Double, sensitive: Double,
    unsettled: Double, late: Double
  ) {
    let bound = 1e-3
    var excused: [String: [String]] = [:]
    var agreeing = 0
    for trial in cases {
      switch trial.outcome(.implicit, tolerance: tolerance, bound: bound, limit: limit) {
      case .agrees: agreeing += 1
      case .fork: excused["forks", default: []].append("\(trial)")
      case .sensitive: excused["sensitive", default: []].append("\(trial)")
      case .unsettled: excused["unsettled", default: []].append("\(trial)")
      case .disagrees(let difference):
        var rest = difference
        rest.time = 0
        if rest.largest < bound && difference.time < 1e-2 {
          excused["late", default: []].append("\(trial)")
        } else {
          Issue.record("\(trial), tolerance \(tolerance): \(difference)")
        }
      }
    }
    let counts = excused.mapValues(\.count).sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    print("tolerance \(tolerance): \(agreeing) of \(cases.count) agree to \(bound); \(counts)")
    for (name, share) in [
      ("forks", forks), ("sensitive", sensitive), ("unsettled", unsettled), ("late", late),
    ] {
      let found = excused[name] ?? []
      #expect(Double(found.count) <= share * Double(cases.count), "\(name): \(found)")
    }
  }

  /// Tiny implicit steps, which know of kinks, against tiny explicit ones, which know of nothing.
  @Test func bruteForceAgreesWithItself() throws {
    for trial in try cases([(2, 3), (3, 3), (2, 10), (3, 10)], 0..<8) {
      let end = try #require(trial.integrated(1e-4, trial.values))
      let horizon = end.converged ? 2 * end.time : min(end.time, 100)
      let implicit = try #require(
        trial.settled(.implicit, trial.values, until: horizon, bound: 1e-3, limit: 60_000))
      let explicit = trial.flow(trial.values, until: horizon, fineness: 5e-4, limit: 400_000)
      #expect(!explicit.exhausted)
      let difference = EndDifference(implicit.end, explicit)
      // Explicit steps oscillate across kinks, with an error of first order.
      #expect(
        difference.rd < 3e-3 && difference.supRD < 3e-3 && !difference.outcome, "\(trial): \(difference)")
    }
  }

  @Test func defaultToleranceAgrees() throws {
    let sizes = [(2, 1), (2, 10), (3, 3), (3, 10), (5, 5), (10, 3), (20, 2)]
    compare(
      try cases(sizes, 0..<28), tolerance: 1e-3, limit: 20_000, forks: 0.1, sensitive: 0.1, unsettled: 0.1,
      late: 0.2)
  }

  @Test func tightToleranceAgrees() throws {
    let sizes = [(2, 3), (2, 10), (3, 3), (5, 3), (5, 5), (10, 3)]
    compare(
      try cases(sizes, 100..<118), tolerance: 1e-5, limit: 20_000, forks: 0.1, sensitive: 0.05,
      unsettled: 0.1,
      late: 0)
  }

  /// In the median the integrator comes nearer to brute force as its tolerance is tightened.
  @Test func errorFollowsTheTolerance() throws {
    let tolerances = [1e-1, 1e-2, 1e-3]
    var errors = tolerances.map { _ in [Double]() }
    for trial in try cases([(2, 5), (3, 5), (5, 3)], 200..<215) {
      guard let best = trial.integrated(1e-3, trial.values) else { continue }
      let horizon = best.converged ? 2 * best.time : best.time
      guard
        let tiny = trial.settled(.implicit, trial.values, until: horizon, bound: 2e-5, limit: 20_000),
        !tiny.end.metFork
      else { continue }
      for (k, tolerance) in tolerances.enumerated() {
        guard let end = trial.integrated(tolerance, trial.values) else { continue }
        errors[k].append(max(EndDifference(end, tiny.end).largest, tiny.error))
      }
    }
    let medians = errors.map { $0.sorted()[$0.count / 2] }
    print("median errors at the tolerances \(tolerances): \(medians)")
    #expect(errors[2].count >= 12)
    #expect(medians[1] < 0.5 * medians[0] && medians[2] < 0.5 * medians[1], "\(medians)")
  }

  static let many = [
    (2, 1), (2, 10), (2, 30), (3, 3), (3, 30), (5, 3), (5, 10), (5, 30), (10, 3), (10, 10), (20, 5),
  ]

  @Test(.enabled(if: slow))
  func defaultToleranceAgreesOnMany() throws {
    compare(
      try cases(Self.many, 1000..<1066), tolerance: 1e-3, limit: 20_000, forks: 0.1, sensitive: 0.1,
      unsettled: 0.15, late: 0.2)
  }

  @Test(.enabled(if: slow))
  func tightToleranceAgreesOnMany() throws {
    compare(
      try cases(Self.many, 2000..<2044), tolerance: 1e-4, limit: 20_000, forks: 0.1, sensitive: 0.1,
      unsettled: 0.15, late: 0.05)
  }

  /// Many samples, and wide networks.
  @Test(.enabled(if: slow), arguments: [(40, 3), (20, 10), (3, 300)])
  func largeNetworksAgree(n: Int, width: Int) throws {
    compare(
      try cases([(n, width)], 3000..<3005), tolerance: 1e-4, limit: 10_000, forks: 0.2, sensitive: 0.2,
      unsettled: 0.4, late: 0.2)
  }

  /// From a tiny initialisation the flow stays near the saddle f = 0 for a time ~ log(1/size) at an
  /// almost constant loss, and at the saddles of fewer kinks after it: none is a rest.
  @Test(arguments: [(3.0, 0.0), (3.5, 0.5), (4.0, 0.0)])
  func plateausThatAreLeftAreNoRest(gamma: Double, gammaPrime: Double) throws {
    let point = Setting(gamma: gamma, gammaPrime: gammaPrime)
    for seed in 0..<4 {
      let samples = try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
      var first = 0.0
      var plateau = 0
      let run = Run(point, width: 300, seed: UInt64(seed))
      let result = try train(run, of: Problem(samples)) { state in
        if state.steps == 0 { first = state.meanSquaredResidual }
        if abs(state.meanSquaredResidual / first - 1) < 1e-3 { plateau += 1 }
      }.result
      #expect(plateau > 5, "seed \(seed): no plateau")
      #expect(result.outcome == .converged, "seed \(seed): \(result)")
    }
  }
}
