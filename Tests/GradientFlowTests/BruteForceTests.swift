import Foundation
import Model
import RealModule
import Testing

@testable import GradientFlow

/// The integrator against tiny steps, on random data at points of all regimes.
@Suite(.serialized) struct BruteForceTests {
  static let points = [
    (0.5, 0.0), (0.75, 0.5), (1, 0), (1.25, 0.5), (1.5, -0.5), (1.75, 0), (2, 0.5), (3, -1), (0.3, -0.3),
    (2.5, 1),
  ].map { PhasePoint(gamma: $0.0, gammaPrime: $0.1) }

  /// One flow on random data; everything follows from the numbers given.
  struct Case: CustomStringConvertible {
    let n: Int
    let width: Int
    let point: PhasePoint
    let seed: Int
    let samples: SampleSet
    let flow: BruteForceFlow
    let values: InitialValues

    init(n: Int, width: Int, point: PhasePoint, seed: Int, target: Double) throws {
      (self.n, self.width, self.point, self.seed) = (n, width, point, seed)
      let stream = NormalStream(seed: UInt64(7000 + seed))
      // Equispaced inputs under noisy targets and normal inputs under independent ones, by turns; then the
      // sum of four neurons of the published script.
      func sigma(_ z: Double) -> Double { max(0, z) }
      let spaced = (0..<n).map { -1 + 2 * (Double($0) + 0.5) / Double(n) }
      let noise = (0..<n).map { stream.pair(neuron: $0, pair: 5) }
      let x = seed % 3 == 0 ? noise.map(\.0) : spaced
      let y: [Double]
      switch seed % 3 {
      case 0: y = noise.map(\.1)
      case 1: y = zip(x, noise).map { Double.sin(3 * $0) + 0.3 * $1.1 }
      default:
        y = x.map {
          -sigma($0) + sigma(2 * ($0 + 0.3)) - sigma(1.5 * ($0 - 0.4)) + sigma(0.5 * ($0 - 0.8))
        }
      }
      samples = try SampleSet(x: x, y: y)
      flow = BruteForceFlow(
        x: x, y: y, kappa: point.kappa(width: width), kappaPrime: point.kappaPrime(width: width),
        target: target, grid: (0...40).map { -2 + 0.1 * Double($0) })
      values = InitialValues(width: width, seed: UInt64(seed), antisymmetric: false)
    }

    var description: String { "n \(n), m \(width), (\(point.gamma), \(point.gammaPrime)), seed \(seed)" }

    /// What the integrator makes of it; nil when it does not end.
    func integrated(_ tolerance: Double, _ values: InitialValues) -> BruteForceFlow.End? {
      let ensemble = LineReLUEnsemble(
        samples: samples, kappa: flow.kappa, kappaPrime: flow.kappaPrime, values: values)
      var integrator = ImpulseIntegrator(ensemble, tolerance: tolerance, target: flow.target)
      for _ in 0..<20_000 {
        let progress = integrator.step()
        if progress == .continues { continue }
        guard progress != .stuck else { return nil }
        let neurons = integrator.ensemble.neurons()
        let scale = flow.kappa / flow.kappaPrime
        return BruteForceFlow.End(
          converged: progress == .reachedTarget, rd: integrator.ensemble.relativeChange,
          supRD: integrator.supRelativeChange, time: integrator.time,
          meanSquaredResidual: integrator.meanSquaredResidual,
          learned: flow.grid.map { x in
            scale * neurons.reduce(0) { $0 + $1.x * max(0, $1.y * x + $1.z) }
          })
      }
      return nil
    }

    /// The initial values with a relative perturbation.
    func perturbed(_ size: Double) -> InitialValues {
      let stream = NormalStream(seed: 99)
      func change(_ v: [Double], _ pair: Int) -> [Double] {
        v.enumerated().map { $1 * (1 + size * stream.pair(neuron: $0, pair: pair).0) }
      }
      return InitialValues(a: change(values.a, 0), w: change(values.w, 1), b: change(values.b, 2))
    }
  }

  /// The largest relative difference of RD, sup RD and, where they say the same thing in both, of the stop time
  /// or of the loss at rest; and of the learned function, relative to its size.
  static func distance(_ p: BruteForceFlow.End, _ q: BruteForceFlow.End) -> Double {
    guard p.converged == q.converged else { return .infinity }
    func relative(_ a: Double, _ b: Double) -> Double { a == b ? 0 : abs(a - b) / max(abs(a), abs(b)) }
    let size = (p.learned + q.learned).reduce(1) { max($0, abs($1)) }
    let shape = zip(p.learned, q.learned).reduce(0) { max($0, abs($1.0 - $1.1)) } / size
    return max(
      relative(p.rd, q.rd), relative(p.supRD, q.supRD), shape,
      // The stop time is the logarithm of a ratio of losses: its error is that of the loss over its rate.
      p.converged
        ? relative(p.time, q.time) / 4 : relative(p.meanSquaredResidual, q.meanSquaredResidual))
  }

  enum Verdict: Equatable {
    case agrees
    /// The flow is not unique there, or nearly so: brute force says so by a fork, or by an answer to
    /// perturbations of 10⁻⁹ (10⁻⁶ near degenerate crossings) that is as large as the difference.
    case sensitive
    /// Tiny steps did not settle within their number.
    case unsettled
    case disagrees(Double)
  }

  /// Compares one case.
  static func verdict(_ trial: Case, tolerance: Double, bound: Double, limit: Int) -> Verdict {
    guard let end = trial.integrated(tolerance, trial.values) else { return .disagrees(.infinity) }
    let horizon = end.converged ? 2 * end.time : end.time
    var fineness = 8e-3
    var steps = limit
    var last = trial.flow(trial.values, until: horizon, fineness: fineness, limit: steps)
    var error = Double.infinity
    var change = Double.infinity
    while !last.exhausted {
      fineness /= 2
      let next = trial.flow(trial.values, until: horizon, fineness: fineness, limit: steps)
      if next.exhausted { break }
      steps = limit
      // Near kinks the order is one at best, and the change by one halving may be small by chance.
      let before = change
      change = distance(next, last)
      error = max(change, before / 2)
      last = next
      // Agreement of the solvers with each other tells more than that of brute force with itself.
      if error < bound / 5 || distance(end, last) < bound / 2 { break }
    }
    let difference = distance(end, last)
    if !last.exhausted && difference < bound { return .agrees }
    if last.exhausted { return .unsettled }
    if last.metFork { return .sensitive }
    for size in [1e-9, 1e-6] {
      if let other = trial.integrated(tolerance, trial.perturbed(size)), distance(other, end) > bound {
        return .sensitive
      }
      let other = trial.flow(trial.perturbed(size), until: horizon, fineness: fineness, limit: limit)
      if !other.exhausted, distance(other, last) > max(bound, 2 * error) { return .sensitive }
    }
    return error > bound / 2 ? .unsettled : .disagrees(difference)
  }

  /// Compares many, and bounds the shares of those that tell nothing.
  private func compare(
    _ cases: [Case], tolerance: Double, bound: Double, limit: Int, sensitiveShare: Double,
    unsettledShare: Double
  ) {
    var sensitive: [String] = []
    var unsettled: [String] = []
    for trial in cases {
      switch Self.verdict(trial, tolerance: tolerance, bound: bound, limit: limit) {
      case .agrees: break
      case .sensitive: sensitive.append("\(trial)")
      case .unsettled: unsettled.append("\(trial)")
      case .disagrees(let difference): Issue.record("\(trial): off by \(difference)")
      }
    }
    let count = Double(cases.count)
    if !sensitive.isEmpty { print("sensitive, \(sensitive.count) of \(cases.count): \(sensitive)") }
    if !unsettled.isEmpty { print("unsettled, \(unsettled.count) of \(cases.count): \(unsettled)") }
    #expect(Double(sensitive.count) <= sensitiveShare * count, "\(sensitive)")
    #expect(Double(unsettled.count) <= unsettledShare * count, "\(unsettled)")
  }

  @Test func agreesOnSmallNetworks() throws {
    let sizes = [(2, 2), (2, 10), (3, 3), (3, 30), (5, 5), (5, 10), (10, 5), (10, 10)]
    let cases = try (0..<24).map { k in
      try Case(
        n: sizes[k % 8].0, width: sizes[k % 8].1, point: Self.points[(7 * k) % 10], seed: k, target: 1e-3)
    }
    compare(
      cases, tolerance: 1e-3, bound: 1e-3, limit: 60_000, sensitiveShare: 0.2, unsettledShare: 0.25)
  }

  static let slow = ProcessInfo.processInfo.environment["PHASESWEEP_SLOW_TESTS"] != nil

  /// As wide, and with as many samples, as explicit steps settle in minutes; beyond, the kernel is too stiff for them.
  @Test(.enabled(if: slow), arguments: [(10, 10), (10, 30), (20, 10)])
  func agreesOnLargeNetworks(n: Int, width: Int) throws {
    let cases = try (0..<10).map {
      try Case(n: n, width: width, point: Self.points[$0], seed: 3 * $0 + 2, target: 1e-3)
    }
    compare(
      cases, tolerance: 1e-3, bound: 1e-3, limit: 24_000_000 / (n * width), sensitiveShare: 0.2,
      unsettledShare: 0.3)
  }

  @Test(.enabled(if: slow), arguments: [(2, 10), (3, 10), (3, 30), (5, 10)])
  func tightTolerancesAgreeBetter(n: Int, width: Int) throws {
    let cases = try (0..<10).map {
      try Case(n: n, width: width, point: Self.points[$0], seed: 100 + $0, target: 1e-3)
    }
    compare(
      cases, tolerance: 1e-5, bound: 1e-4, limit: 20_000_000 / (n * width), sensitiveShare: 0.2,
      unsettledShare: 0.3)
  }

  /// The tolerance bounds the estimated error of a step that is of third order; what is left of it over the
  /// run shrinks at least like tolerance^(2/3).
  @Test func observedOrderInTheTolerance() throws {
    let tolerances = [1e-2, 3e-3, 1e-4, 3e-5]
    var slopes: [Double] = []
    for (k, point) in Self.points.prefix(7).enumerated() {
      let trial = try Case(n: 3, width: 30, point: point, seed: 1 + 3 * k, target: 1e-4)
      guard let best = trial.integrated(1e-7, trial.values) else {
        Issue.record("no end: \(trial)")
        continue
      }
      let errors = tolerances.map { tolerance in
        trial.integrated(tolerance, trial.values).map { abs($0.rd / best.rd - 1) } ?? .infinity
      }
      // A crossing may be found at one tolerance and not at the next: single runs need not be monotone.
      let first = max(errors[0], errors[1], 1e-12)
      let second = max(errors[2], errors[3], 1e-14)
      slopes.append(Double.log10(first / second) / 2)
    }
    let median = slopes.sorted()[slopes.count / 2]
    #expect(median > 0.6, "orders in the tolerance: \(slopes)")
  }

  /// From a tiny initialisation the flow stays near the saddle f = 0 for a time ~ log(1/size) at an almost
  /// constant loss, and at the saddles of fewer kinks after it: none is a rest.
  @Test(arguments: [(3.0, 0.0), (3.5, 0.5), (4.0, 0.0)])
  func plateausThatAreLeftAreNoRest(gamma: Double, gammaPrime: Double) throws {
    let point = PhasePoint(gamma: gamma, gammaPrime: gammaPrime)
    for seed in 0..<4 {
      let samples = try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
      var first = 0.0
      var plateau = 0
      let run = Run(point: point, width: 300, seed: UInt64(seed))
      let result = try FlowRun(run, of: Problem(network: Network(), samples: samples))(
        budget: .standard
      ) { state in
        if state.steps == 0 { first = state.meanSquaredResidual }
        if abs(state.meanSquaredResidual / first - 1) < 1e-3 { plateau += 1 }
      }
      #expect(plateau > 5, "seed \(seed): no plateau")
      #expect(result.outcome == .converged, "seed \(seed): \(result)")
    }
  }
}
