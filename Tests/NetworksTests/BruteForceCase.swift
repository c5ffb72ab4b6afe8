import Model
import RealModule

@testable import Networks

/// One flow on random data; everything follows from the numbers given.
struct BruteForceCase: CustomStringConvertible {
  static let points = [
    (0.5, 0.0), (0.75, 0.5), (1, 0), (1.25, 0.5), (1.5, -0.5), (1.75, 0), (2, 0.5), (3, -1), (0.3, -0.3),
    (2.5, 1),
  ].map { Setting(gamma: $0.0, gammaPrime: $0.1) }

  let n: Int
  let width: Int
  let point: Setting
  let seed: Int
  let samples: SampleSet
  let flow: BruteForceFlow
  let values: InitialValues

  init(n: Int, width: Int, point: Setting, seed: Int, target: Double) throws {
    (self.n, self.width, self.point, self.seed) = (n, width, point, seed)
    let stream = NormalStream(seed: UInt64(7000 + seed))
    // By turns: normal inputs under independent targets, equispaced ones under a noisy sine, the
    // sum of four neurons of the published script, uniform inputs under a noisy sine.
    func sigma(_ z: Double) -> Double { max(0, z) }
    let spaced = (0..<n).map { -1 + 2 * (Double($0) + 0.5) / Double(n) }
    let noise = (0..<n).map { stream.pair(neuron: $0, pair: 5) }
    let x: [Double]
    switch seed % 4 {
    case 0: x = noise.map(\.0).sorted()
    case 3: x = noise.map { Double.erf($0.0 * 0.5.squareRoot()) }.sorted()
    default: x = spaced
    }
    let y: [Double]
    switch seed % 4 {
    case 0: y = noise.map(\.1)
    case 2:
      y = x.map {
        -sigma($0) + sigma(2 * ($0 + 0.3)) - sigma(1.5 * ($0 - 0.4)) + sigma(0.5 * ($0 - 0.8))
      }
    default: y = zip(x, noise).map { Double.sin(3 * $0) + 0.3 * $1.1 }
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
    for _ in 0..<50_000 {
      let progress = integrator.step()
      if progress == .continues { continue }
      guard progress != .stuck else { return nil }
      let neurons = integrator.ensemble.neurons()
      let scale = flow.kappa / flow.kappaPrime
      return BruteForceFlow.End(
        converged: progress == .reachedTarget, rd: integrator.ensemble.relativeChange,
        supRD: integrator.suprema[0], time: integrator.time, steps: integrator.steps,
        meanSquaredResidual: integrator.meanSquaredResidual,
        learned: flow.grid.map { x in
          scale * neurons.reduce(0) { $0 + $1.x * max(0, $1.y * x + $1.z) }
        })
    }
    return nil
  }

  /// The initial values with a relative perturbation.
  func perturbed(_ size: Double, stream seed: UInt64 = 99) -> InitialValues {
    let stream = NormalStream(seed: seed)
    func change(_ v: [Double], _ pair: Int) -> [Double] {
      v.enumerated().map { $1 * (1 + size * stream.pair(neuron: $0, pair: pair).0) }
    }
    return InitialValues(a: change(values.a, 0), w: change(values.w, 1), b: change(values.b, 2))
  }
}

/// How far two ends of the same flow are apart, relative to their size.
struct EndDifference: CustomStringConvertible {
  /// One has met the target and the other not.
  var outcome = false
  var rd = 0.0
  var supRD = 0.0
  /// Of the stop time, where both have met the target.
  var time = 0.0
  /// Of the loss at rest, where both have not.
  var residual = 0.0
  /// Of the learned function at any position, relative to its size and to 1.
  var learned = 0.0

  init(_ p: BruteForceFlow.End, _ q: BruteForceFlow.End) {
    func relative(_ a: Double, _ b: Double) -> Double { a == b ? 0 : abs(a - b) / max(abs(a), abs(b)) }
    outcome = p.converged != q.converged
    (rd, supRD) = (relative(p.rd, q.rd), relative(p.supRD, q.supRD))
    if p.converged && q.converged { time = relative(p.time, q.time) }
    if !p.converged && !q.converged { residual = relative(p.meanSquaredResidual, q.meanSquaredResidual) }
    let size = (p.learned + q.learned).reduce(1) { max($0, abs($1)) }
    learned = zip(p.learned, q.learned).reduce(0) { max($0, abs($1.0 - $1.1)) } / size
  }

  var largest: Double { outcome ? .infinity : max(rd, supRD, time, residual, learned) }

  var description: String {
    func text(_ x: Double) -> String {
      guard x > 0, x.isFinite else { return "\(x)" }
      let exponent = Double.log10(x).rounded(.down)
      return "\((x / Double.pow(10, exponent) * 10).rounded() / 10)e\(Int(exponent))"
    }
    return outcome
      ? "another outcome"
      : "RD \(text(rd)), sup RD \(text(supRD)), time \(text(time)), residual \(text(residual)), f \(text(learned))"
  }
}

/// What the comparison of the integrator with brute force says.
enum Outcome {
  case agrees
  /// The tiny steps did not settle within their number.
  case unsettled
  /// The flow is not unique there: a neuron was pushed off a kink to both sides, or came to w = 0.
  case fork
  /// Perturbations of 10⁻⁹ of the initial values change the end by more than half the bound.
  case sensitive
  case disagrees(EndDifference)
}

extension BruteForceCase {
  /// Which tiny steps.
  enum Solver { case explicit, implicit }

  /// The end of tiny steps of one fineness.
  private func tiny(
    _ solver: Solver, _ values: InitialValues, until end: Double, fineness: Double, limit: Int
  ) -> BruteForceFlow.End {
    switch solver {
    case .explicit: flow(values, until: end, fineness: fineness, limit: limit)
    case .implicit: StiffBruteForce(flow, values).run(until: end, fineness: fineness, limit: limit)
    }
  }

  /// Tiny steps, halved until they settle: the end, its own error, and the fineness; nil when the
  /// steps are used up before.
  func settled(
    _ solver: Solver, _ values: InitialValues, until end: Double, bound: Double, limit: Int
  ) -> (end: BruteForceFlow.End, error: Double, fineness: Double)? {
    var fineness = 8e-3
    var ends: [BruteForceFlow.End] = []
    var changes: [Double] = []
    while true {
      let next = tiny(solver, values, until: end, fineness: fineness, limit: limit)
      if next.exhausted { return nil }
      if let last = ends.last { changes.append(EndDifference(next, last).largest) }
      ends.append(next)
      // A change may be small by chance. The order is two, and one near kinks that are not
      // resolved; so the one before bounds it.
      if changes.count >= 2 {
        let (old, new) = (changes[changes.count - 2], changes[changes.count - 1])
        let error = max(new, old / 4)
        if error < bound / 4 { return (next, error, fineness) }
      }
      fineness /= 2
    }
  }

  /// Compares the integrator with tiny steps.
  ///
  /// - Parameters:
  ///   - tolerance: of the integrator.
  ///   - bound: the largest difference that is agreement.
  ///   - limit: the largest number of tiny steps.
  func outcome(_ solver: Solver, tolerance: Double, bound: Double, limit: Int) -> Outcome {
    guard let end = integrated(tolerance, values) else { return .unsettled }
    // Beyond the end, so that one that comes later is seen, too.
    let horizon = end.converged ? 2 * end.time : end.time
    guard let tiny = settled(solver, values, until: horizon, bound: bound, limit: limit) else {
      return .unsettled
    }
    let difference = EndDifference(end, tiny.end)
    if difference.largest < bound { return .agrees }
    if tiny.end.metFork { return .fork }
    for stream in 0..<3 {
      let values = perturbed(1e-9, stream: UInt64(90 + stream))
      if let other = integrated(tolerance, values), EndDifference(other, end).largest > bound / 2 {
        return .sensitive
      }
      let other = self.tiny(solver, values, until: horizon, fineness: tiny.fineness, limit: limit)
      if !other.exhausted, EndDifference(other, tiny.end).largest > max(bound / 2, 4 * tiny.error) {
        return .sensitive
      }
    }
    return .disagrees(difference)
  }
}
