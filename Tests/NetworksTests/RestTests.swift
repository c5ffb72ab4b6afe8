import Model
import RealModule
import Testing

@testable import Networks

/// When a flow is at rest, and when it is not: where rounding hides the slow directions of the
/// kernel, and where neurons are released at kinks.
struct RestTests {
  private func run(_ gamma: Double, _ gammaPrime: Double, _ width: Int, seed: UInt64 = 0) -> Run {
    Run(Setting(gamma: gamma, gammaPrime: gammaPrime), width: width, seed: seed)
  }

  private static let years = [1990.0, 1991.5, 1994, 1996]
  private static let targets = [0.3, -0.2, 0.5, 0.1]

  /// Inputs far from zero: the differences between samples are learned 10¹³ times slower than their
  /// mean. RD is that of an independent integration (LSODA, in variables without cancellation); at
  /// rest the network is the regression line, because no kink has come between the samples.
  @Test func calendarYearsRestAtTheRegressionLine() throws {
    let problem = Problem(try SampleSet(x: Self.years, y: Self.targets))
    let initial = InitialValues(a: [0.6, -1.1, 0.4], w: [0.7, 0.9, -0.3], b: [0.2, -0.4, 0.8])
    let early = try train(
      run(1, 0, 3), of: problem, budget: Budget(steps: 1000, wallSeconds: 60, time: 1e3), initial: initial
    ).result
    #expect(abs(early.rd / 0.17148 - 1) < 1e-4 && early.outcome == .budgetExhausted)
    #expect(abs(early.meanSquaredResidual / 0.0668746 - 1) < 1e-5)
    let end = try trainOnce(run(1, 0, 3), of: problem, initial: initial).result
    #expect(end.outcome == .stationary && abs(end.rd / 6.2761 - 1) < 1e-4 && end.steps < 500, "\(end)")
    let mean = (Self.years.reduce(0, +) / 4, Self.targets.reduce(0, +) / 4)
    let u = Self.years.map { $0 - mean.0 }
    let v = Self.targets.map { $0 - mean.1 }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let regression = (dot(v, v) - dot(u, v) * dot(u, v) / dot(u, u)) / 4
    #expect(abs(end.meanSquaredResidual / regression - 1) < 1e-12)
  }

  private func years(from first: Double, tolerance: Double = 1e-3) throws -> Problem {
    Problem(
      try SampleSet(x: (0..<4).map { first + Double($0) }, y: [0.2, -0.4, 0.6, -0.1]), tolerance: tolerance)
  }

  /// Where a flow passes close to a spurious minimum, the tolerance decides whether it ends there.
  @Test func aToleranceDecidesNoRest() throws {
    let run = run(1.75, 0, 1000)
    let coarse = try trainOnce(run, of: years(from: 1900)).result
    #expect(coarse.outcome == .stationary && abs(coarse.rd / 362.09 - 1) < 1e-3)
    let fine = try trainOnce(run, of: years(from: 1900, tolerance: 1e-6)).result
    let result = try train(run, of: years(from: 1900)).result
    #expect(result.outcome == .converged && abs(result.rd / fine.rd - 1) < 1e-5, "\(result), \(fine)")
    #expect(result.reason.hasSuffix("; at rest at tolerance 1e-3") && result.steps > coarse.steps)
  }

  /// Modes that are faster than a step by nine orders decide nothing at kinks: else steps would be
  /// halved as long as there is a kink. RD grows as the square root of the year.
  @Test(arguments: [1200.0, 1300, 1550])
  func stiffModesDoNotHalveSteps(first: Double) throws {
    let result = try train(run(1.75, 0, 1000), of: years(from: first)).result
    let reference = try train(run(1.75, 0, 1000), of: years(from: 1000)).result
    #expect(result.outcome == .converged && result.steps < 500, "\(result)")
    #expect(abs(result.rd / reference.rd / (first / 1000).squareRoot() - 1) < 1e-3)
  }

  /// Scaling the inputs up makes the biases slow, and changes nothing else once w dominates.
  @Test func largeInputsLearnAsLargeOnes() throws {
    let results = try [1e5, 1e7].map { scale in
      let x = [-1.0, -0.3, 0.4, 1.0].map { scale * $0 }
      return try train(run(1.5, 0, 100), of: Problem(try SampleSet(x: x, y: [0.2, -0.4, 0.6, -0.1]))).result
    }
    #expect(results.allSatisfy { $0.outcome == .converged && $0.rd > 1 }, "\(results)")
    #expect(abs(results[1].rd / results[0].rd - 1) < 1e-5, "\(results)")
  }

  /// Twenty equispaced samples of a network of four neurons: the flow ends in a spurious minimum.
  /// It is found within some hundred steps, however slow the last modes are, and whether or not
  /// neurons touch a ray on the way.
  @Test(arguments: [(2, 300, 7, 1e-3), (1.75, 3000, 2, 1e-3), (1.75, 3000, 2, 1e-4)])
  func restIsRecognised(gamma: Double, width: Int, seed: UInt64, tolerance: Double) throws {
    func sigma(_ z: Double) -> Double { max(0, z) }
    let x = (0..<20).map { -1 + 2 * Double($0) / 19 }
    let y = x.map { -sigma($0) + sigma(2 * ($0 + 0.3)) - sigma(1.5 * ($0 - 0.4)) + sigma(0.5 * ($0 - 0.8)) }
    let problem = Problem(try SampleSet(x: x, y: y), target: 1e-4, tolerance: tolerance)
    let result = try trainOnce(run(gamma, 0.5, width, seed: seed), of: problem).result
    #expect(result.outcome == .stationary && result.steps < 1000, "\(result)")
    #expect(abs(result.meanSquaredResidual / 5.5401662e-4 - 1) < 1e-6)
  }

  /// Where neither the kernel nor its factor has the digits, a run ends as exhausted, soon.
  @Test func whatRoundingHidesIsNoRest() throws {
    let x = [0.0, 1e-3, 2e-3, 3e-3].map { 1e9 + $0 }
    let problem = Problem(try SampleSet(x: x, y: Self.targets))
    let result = try train(run(1.75, 0, 100), of: problem, budget: Budget(steps: 300, wallSeconds: 60)).result
    #expect(result.outcome == .budgetExhausted)
  }

  /// A neuron whose output weight changes sign while it slides: tiny steps of gradient descent,
  /// from initial values a little different, decide where it leaves to.
  @Test func signChangesOnARayFollowGradientDescent() throws {
    let x = [-1.79, -0.6, -0.05, 0.52]
    let y = [1.16, -1.52, 2.72, 2.3]
    let (a, w, b) = ([-0.67, -0.88], [0.17, -1.12], [0.5, 0.55])
    let setting = Setting(gamma: 0.33, gammaPrime: -0.34)
    let problem = Problem(try SampleSet(x: x, y: y), tolerance: 1e-4)
    let result = try train(
      Run(setting, width: 2, seed: 0), of: problem, initial: InitialValues(a: a, w: w, b: b)
    ).result
    #expect(result.outcome == .stationary)
    let kappaPrime = setting.kappaPrime(width: 2)
    let scale = setting.kappa(width: 2) / kappaPrime
    let h = 2e-4
    let count = Int(result.time * setting.kappa(width: 2) / h)
    for shift in [-1e-5, 1e-5] {
      var state = zip(a, zip(w, b)).map { SIMD3(kappaPrime * $0, $1.0 * (1 + shift), $1.1 * (1 - shift)) }
      let start = state
      for _ in 0..<count {
        var rates = [SIMD3<Double>](repeating: .zero, count: 2)
        for i in 0..<4 {
          let z = state.map { $0.y * x[i] + $0.z }
          var r = -y[i]
          for k in 0..<2 where z[k] > 0 { r += scale * state[k].x * z[k] }
          for k in 0..<2 where z[k] > 0 { rates[k] -= r / 4 * SIMD3(z[k], state[k].x * x[i], state[k].x) }
        }
        for k in 0..<2 { state[k] += h * rates[k] }
      }
      let moved = zip(state, start).reduce(0) { $0 + ($1.0.w - $1.1.w).dot($1.0.w - $1.1.w) }
      let rd = (moved / start.reduce(0) { $0 + $1.w.dot($1.w) }).squareRoot()
      #expect(abs(result.rd / rd - 1) < 1e-3, "\(result.rd), \(rd)")
    }
  }
}

/// The kernel by its factor.
struct KernelFactorTests {
  /// An ensemble some steps into the condensed regime, with neurons on rays.
  private func ensemble(_ x: [Double]) throws -> LineReLUEnsemble {
    let y = x.indices.map { $0 % 2 == 0 ? 0.8 : -0.6 }
    let ensemble = LineReLUEnsemble(
      samples: try SampleSet(x: x, y: y), kappa: 0.1, kappaPrime: 1,
      values: InitialValues(width: 60, seed: 3, antisymmetric: false))
    var integrator = ImpulseIntegrator(ensemble, tolerance: 1e-3, target: 1e-9)
    for _ in 0..<40 { _ = integrator.step() }
    return integrator.ensemble
  }

  @Test(arguments: [[-1, -0.3, 0.4, 1.0, 1.5], [4, 5, 7, 7.5], [-40, 3, 5]])
  func theFactorIsThatOfTheKernel(x: [Double]) throws {
    let ensemble = try ensemble(x)
    #expect(ensemble.groups.dropFirst(2 * x.count).contains { !$0.isEmpty }, "no neuron slides")
    let factor = try #require(ensemble.kernelFactor())
    let kernel = ensemble.kernel()
    let scale = kernel.reduce(0) { max($0, abs($1)) }
    for i in x.indices {
      for j in x.indices {
        let product = factor.columns.reduce(0) { $0 + $1[i] * $1[j] }
        #expect(abs(product - kernel[i * x.count + j]) < 1e-13 * scale)
      }
    }
  }

  /// What an impulse reaches tells the drives of the groups.
  @Test(arguments: [[-1, -0.3, 0.4, 1.0, 1.5], [30, 31, 33, 33.5]])
  func reachTellsTheDrives(x: [Double]) throws {
    let ensemble = try ensemble(x)
    let factor = try #require(ensemble.kernelFactor())
    let q = x.indices.map { Double.sin(Double(3 * $0 + 1)) }
    let reach = factor.columns.map { zip($0, q).reduce(0) { $0 + $1.0 * $1.1 } }
    let fields = ensemble.fields(of: [Impulse(samples: q), Impulse(samples: q, reach: reach)])
    #expect(ensemble.knownDrives(of: [Impulse(samples: q, reach: reach)])?[0].cones.isEmpty == false)
    for c in 0..<2 * x.count {
      let (u, v) = (fields[0].cones[c].drive, fields[1].cones[c].drive)
      #expect((u - v).norm < 1e-11 * (1 + u.norm), "cone \(c)")
      let (r, s) = (fields[0].rays[c], fields[1].rays[c])
      #expect(abs(r.along - s.along) < 1e-11 && abs(r.pushInactive - s.pushInactive) < 1e-9)
    }
  }

  /// Columns of very different size, nearly parallel after scaling or not: small singular values
  /// are right beside themselves. Of two columns their product is the area.
  @Test(arguments: [1.0, 1e-9, 1e-20, 1e-40], [1.0, 1e-3])
  func smallEigenvaluesKeepTheirDigits(size: Double, angle: Double) {
    let u = [0.6, 0, 0.8, 0].map { $0 * 3 }
    let v = [0.8, 0, -0.6, 0]
    let columns = [u, zip(u, v).map { size * ($0 + angle * $1) }]
    let spectrum = FactorSpectrum(KernelFactor(rows: 4, columns: columns))
    let values = spectrum.values.sorted().suffix(2).map { $0.squareRoot() }
    let largest = (9 * (1 + size * size)).squareRoot()
    #expect(abs(values[1] / largest - 1) < (size < 1e-8 ? 1e-13 : angle))
    #expect(abs(values[0] * values[1] / (3 * size * angle) - 1) < 1e-12)
    #expect(spectrum.values.count == 4 && spectrum.values.filter { $0 == 0 }.count == 2)
    // Nothing but two directions is reached, and that is known exactly.
    #expect(spectrum.floor == 0)
    let outside = spectrum.components(of: [0, 1, 0, -2])
    #expect(zip(spectrum.values, outside).allSatisfy { $0 == 0 || abs($1) < 1e-15 })
    #expect(spectrum.reach(outside).allSatisfy { abs($0) < 1e-15 })
  }

  /// Columns that depend on each other, through a direction that is itself known to few digits, are
  /// of no rank of their own; what they may hide is bounded.
  @Test(arguments: [1.0, 1e-3, 1e-6])
  func dependentColumnsAreFound(tilt: Double) {
    let n = 12
    let base = (0..<3).map { k in (0..<n).map { Double.sin(Double((k + 1) * (2 * $0 + 1))) } }
    let second = zip(base[0], base[1]).map { $0 + tilt * $1 }
    var columns = [base[0], second, base[2]]
    for k in 0..<6 {
      let (p, q, r) = (Double(k) - 2.5, Double.cos(Double(k)), 0.3 * Double(k))
      columns.append((0..<n).map { p * base[0][$0] + q * base[1][$0] + r * base[2][$0] })
    }
    let spectrum = FactorSpectrum(KernelFactor(rows: n, columns: columns))
    #expect(spectrum.values.filter { $0 > 0 }.count == 3, "\(spectrum.values)")
    #expect(spectrum.floor > 0 && spectrum.floor < 1e-16)
    // Vᵀ and V are inverse, and V c reaches Bᵀ V c.
    let x = (0..<n).map { Double.cos(Double($0 * $0)) }
    let c = spectrum.components(of: x)
    let restored = spectrum.vector(c)
    #expect(zip(x, restored).allSatisfy { abs($0 - $1) < 1e-14 * Double(n) })
    let reach = spectrum.reach(c)
    for (column, value) in zip(columns, reach) {
      let product = zip(column, x).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(product - value) < 1e-12 * Double(n))
    }
  }

  /// A turned plane changes nothing but rounding: neurons, recorded or counted, are those of the
  /// plane as it is.
  @Test func inputsFarFromZeroAreTurned() throws {
    let frame = InputFrame(inputs: [2020, 2021, 2023])
    #expect(frame.isTurned && !InputFrame(inputs: [-1, 0.5, 2]).isTurned)
    #expect(!InputFrame(inputs: [-9, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50]).isTurned)
    for (x, w) in [(2020.0, PlaneVector(1, -3)), (2023, PlaneVector(-0.2, 404))] {
      let product = frame.extended(x).dot(frame.turned(w))
      #expect(abs(product - (w.x * x + w.y)) < 1e-12 * (abs(w.x * x) + abs(w.y)))
      #expect((frame.turnedBack(frame.turned(w)) - w).norm < 1e-12 * w.norm)
    }
    let ensemble = LineReLUEnsemble(
      samples: try SampleSet(x: [2020, 2021, 2023], y: [1, 0, 1]), kappa: 1, kappaPrime: 1,
      values: InitialValues(a: [0.3, 1], w: [0.5, -1], b: [2, -4]))
    let neurons = ensemble.neurons()
    #expect((neurons[0] - NeuronState(0.3, 0.5, 2)).norm < 1e-12)
    #expect((neurons[1] - NeuronState(1, -1, -4)).norm < 1e-12)
  }

  /// Weighted nodes are laid out in the turned plane: as many in every cone.
  @Test func weightedNodesStandInTheTurnedPlane() throws {
    let start = WeightedStart(
      samples: try SampleSet(x: [2020, 2021, 2023], y: [1, 0, 1]),
      exponents: try #require(Exponents(Setting(gamma: 1, gammaPrime: 0))), log10Width: 4, nodes: 600,
      grading: .plain)
    let counts = try start.ensemble().groups.prefix(6).map(\.count)
    #expect(Set(counts).count == 1 && counts[0] > 0, "\(counts)")
  }
}

extension SIMD3<Double> {
  fileprivate var norm: Double { dot(self).squareRoot() }
}

/// Weights θ that move residuals r = r(0) + B θ, so that B is the factor of the kernel.
private struct LinearWeights: ResidualDriven {
  struct Motion: ResidualMotion {
    let weights: [Double]
    let residual: [Double]
  }

  let factor: KernelFactor
  let start: [Double]
  var weights: [Double]

  init(_ columns: [[Double]], residual: [Double]) {
    factor = KernelFactor(rows: residual.count, columns: columns)
    start = residual
    weights = columns.map { _ in 0 }
  }

  static let trackedNames: [String] = []
  let tracked: [Double] = []
  let squaredRates: [Double] = []
  var sampleCount: Int { start.count }
  var residual: [Double] { residual(weights) }

  private func residual(_ weights: [Double]) -> [Double] {
    start.indices.map { i in zip(factor.columns, weights).reduce(start[i]) { $0 + $1.0[i] * $1.1 } }
  }

  private func reach(_ q: Impulse) -> [Double] {
    q.reach ?? factor.columns.map { zip($0, q.samples).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  func kernel() -> [Double] {
    start.indices.flatMap { i in start.indices.map { j in factor.columns.reduce(0) { $0 + $1[i] * $1[j] } } }
  }

  func kernelFactor() -> KernelFactor? { factor }

  func motion(along pieces: [Impulse]) -> Motion {
    let moved = pieces.reduce(weights) { w, q in zip(w, reach(q)).map { $0 - $1 } }
    return Motion(weights: moved, residual: residual(moved))
  }

  mutating func advance(_ motion: Motion) { weights = motion.weights }

  func mobility(_ impulse: Impulse) -> Double { reach(impulse).reduce(0) { max($0, abs($1)) } }
}

/// What rounding hides may be a mode that is slow.
struct HiddenModeTests {
  /// Columns of size 1 that depend on each other hide rates of up to some 10⁻²⁷: a residual that
  /// seems to be out of reach may decay at such a rate. Where no columns depend on each other, it
  /// is known to be out of reach.
  @Test(arguments: [true, false])
  func hiddenModesMayDecay(areHidden: Bool) throws {
    let n = 12
    var basis: [[Double]] = []
    for k in 1...4 {
      var v = (0..<n).map { Double.sin(Double(k * (2 * $0 + 1))) }
      if k == 4 { v = (0..<n).map { Double.cos(Double($0 * $0)) } }
      for _ in 0..<2 {
        for u in basis {
          let product = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
          v = zip(u, v).map { $1 - product * $0 }
        }
      }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      basis.append(v.map { $0 / norm })
    }
    var columns = Array(basis.prefix(3))
    if areHidden {
      for k in 0..<6 {
        let (p, q, r) = (Double(k) - 2.5, Double.cos(Double(k)), 0.3 * Double(k))
        columns.append((0..<n).map { p * basis[0][$0] + q * basis[1][$0] + r * basis[2][$0] })
      }
    }
    let start = try #require(StepStart(exactly: LinearWeights(columns, residual: basis[3])))
    #expect(start.reducible < 1e-28)
    #expect(areHidden ? start.decay > 1e-27 : start.decay < 1e-28, "\(start.decay)")
  }
}
