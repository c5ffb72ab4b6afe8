import Model
import RealModule
import Testing

@testable import Networks

/// What must hold for any integrator of the flow, whatever its method.
struct FlowLawTests {
  static let four = Result { try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]) }

  private func integrate(
    _ values: InitialValues, at point: Setting, samples: SampleSet, scaleWidth: Int? = nil,
    tolerance: Double = 1e-3, target: Double = 1e-6
  ) -> ImpulseIntegrator<LineReLUEnsemble> {
    let width = scaleWidth ?? values.width
    let ensemble = LineReLUEnsemble(
      samples: samples, kappa: point.kappa(width: width), kappaPrime: point.kappaPrime(width: width),
      values: values)
    var integrator = ImpulseIntegrator(ensemble, tolerance: tolerance, target: target)
    for _ in 0..<20_000 where integrator.step() != .continues { break }
    return integrator
  }

  @Test(arguments: try ReferenceRuns.load().runs)
  func referenceRuns(_ entry: ReferenceRuns.Entry) throws {
    let reference = try ReferenceRuns.load()
    let problem = Problem(try SampleSet(x: reference.samples.x, y: reference.samples.y))
    let result = try train(
      entry.run, of: problem, initial: try ReferenceRuns.initialValues(width: entry.m, seed: entry.seed)
    ).result
    #expect(result.outcome == .converged)
    #expect(abs(result.meanSquaredResidual / 1e-6 - 1) < 1e-6)
    #expect(abs(result.rd / entry.rd - 1) < max(5e-4, 3 * entry.relativeError))
    #expect(abs(result.supRD / result.rd - 1) < 1e-4)
  }

  static let points = [(0.5, 0.0), (0.75, 0.5), (1, 0), (1.25, 0.5), (1.5, -0.5), (1.75, 0), (2, 0.5)]
    .map { Setting(gamma: $0.0, gammaPrime: $0.1) }

  /// â² − |w|² of every neuron is conserved by the flow (ReLU).
  @Test(arguments: points)
  func everyNeuronConservesItsInvariant(_ point: Setting) throws {
    let values = InitialValues(width: 500, seed: 4, antisymmetric: false)
    let end = integrate(values, at: point, samples: try Self.four.get())
    let kappaPrime = point.kappaPrime(width: 500)
    for (k, state) in end.ensemble.neurons().enumerated() {
      let a = kappaPrime * values.a[k]
      let before = a * a - values.w[k] * values.w[k] - values.b[k] * values.b[k]
      let after = state.x * state.x - state.w.dot(state.w)
      #expect(abs(after - before) < 1e-10 * (state.dot(state) + abs(before)), "neuron \(k)")
    }
  }

  @Test(arguments: points)
  func orderOfTheNeuronsDoesNotMatter(_ point: Setting) throws {
    let values = InitialValues(width: 300, seed: 2, antisymmetric: false)
    let reversed = InitialValues(
      a: values.a.reversed(), w: values.w.reversed(), b: values.b.reversed())
    let samples = try Self.four.get()
    let first = integrate(values, at: point, samples: samples)
    let second = integrate(reversed, at: point, samples: samples)
    #expect(abs(second.ensemble.relativeChange / first.ensemble.relativeChange - 1) < 1e-7)
  }

  /// Splitting a neuron θ into √p θ and √(1 − p) θ changes neither f nor the flow, nor any norm
  /// (embedding principle).
  @Test(arguments: points)
  func splittingNeuronsChangesNothing(_ point: Setting) throws {
    let values = InitialValues(width: 200, seed: 9, antisymmetric: false)
    func split(_ x: [Double]) -> [Double] {
      x.enumerated().flatMap { k, value in
        let share = Double(k % 10) / 10
        return k % 3 == 0 ? [value * share.squareRoot(), value * (1 - share).squareRoot()] : [value]
      }
    }
    let twins = InitialValues(a: split(values.a), w: split(values.w), b: split(values.b))
    let samples = try Self.four.get()
    let first = integrate(values, at: point, samples: samples)
    let second = integrate(twins, at: point, samples: samples, scaleWidth: 200)
    #expect(abs(second.ensemble.relativeChange / first.ensemble.relativeChange - 1) < 1e-7)
  }

  /// Two neurons of the same input weights and half the output weight each are one at the start:
  /// the same f, while their input weights count twice in ‖θ_w(0)‖.
  @Test func halvesOfAnOutputWeightAddUp() throws {
    let values = InitialValues(width: 20, seed: 9, antisymmetric: false)
    func twice(_ x: [Double], _ factor: Double) -> [Double] { x.flatMap { [factor * $0, factor * $0] } }
    let twins = InitialValues(a: twice(values.a, 0.5), w: twice(values.w, 1), b: twice(values.b, 1))
    let (one, two) = try (
      LineReLUEnsemble(
        samples: Self.four.get(), kappa: 0.3, kappaPrime: 0.6, values: values),
      LineReLUEnsemble(
        samples: Self.four.get(), kappa: 0.3, kappaPrime: 0.6, values: twins)
    )
    for (r, s) in zip(one.residual, two.residual) { #expect(abs(r - s) < 1e-14) }
    #expect(abs(two.initialSquared / one.initialSquared - 2) < 1e-14)
  }

  /// The flow in the variables of the network, by tiny steps, for two choices of (α, β1, β2) with
  /// the same κ and κ': both are the normalised flow at τ = t/α.
  @Test(arguments: [1, 2] as [UInt64], [(2.0, 0.6, 1.0), (50, 3, 5)])
  func onlyKappaAndKappaPrimeMatter(seed: UInt64, scales: (alpha: Double, beta1: Double, beta2: Double))
    throws
  {
    let (alpha, beta1, beta2) = scales
    let (kappa, kappaPrime) = (beta1 * beta2 / alpha, beta1 / beta2)
    #expect(abs(kappa - 0.3) < 1e-12 && abs(kappaPrime - 0.6) < 1e-12)
    let values = InitialValues(width: 6, seed: seed, antisymmetric: false)
    let four = try Self.four.get()
    let ensemble = LineReLUEnsemble(
      samples: four, kappa: 0.3, kappaPrime: 0.6, values: values)
    var integrator = ImpulseIntegrator(ensemble, tolerance: 1e-5, target: 1e-3)
    while integrator.time < 30, integrator.step() == .continues {}
    let (x, y) = (four.x.map { $0[0] }, four.y)
    var a = values.a.map { beta1 * $0 }
    var w = values.w.map { beta2 * $0 }
    var b = values.b.map { beta2 * $0 }
    let (w0, b0) = (w, b)
    let steps = 4000
    let h = alpha * integrator.time / Double(steps)
    typealias Rates = (a: [Double], w: [Double], b: [Double])
    func rates(_ a: [Double], _ w: [Double], _ b: [Double]) -> Rates {
      var result = (a: a.map { _ in 0.0 }, w: a.map { _ in 0.0 }, b: a.map { _ in 0.0 })
      for (xi, yi) in zip(x, y) {
        let z = zip(w, b).map { $0 * xi + $1 }
        let residual = zip(a, z).reduce(0) { $0 + $1.0 * max(0, $1.1) } / alpha - yi
        let pull = -residual / (alpha * Double(x.count))
        for k in a.indices where z[k] > 0 {
          result.a[k] += pull * z[k]
          result.w[k] += pull * a[k] * xi
          result.b[k] += pull * a[k]
        }
      }
      return result
    }
    func add(_ v: [Double], _ d: [Double], _ h: Double) -> [Double] { zip(v, d).map { $0 + h * $1 } }
    for _ in 0..<steps {
      let first = rates(a, w, b)
      let middle = rates(add(a, first.a, h / 2), add(w, first.w, h / 2), add(b, first.b, h / 2))
      (a, w, b) = (add(a, middle.a, h), add(w, middle.w, h), add(b, middle.b, h))
    }
    func squared(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 } }
    let rd = ((squared(add(w, w0, -1)) + squared(add(b, b0, -1))) / (squared(w0) + squared(b0))).squareRoot()
    #expect(abs(integrator.ensemble.relativeChange / rd - 1) < 1e-3)
    for (k, state) in integrator.ensemble.neurons().enumerated() {
      #expect(abs(state.x * beta2 - a[k]) < 2e-3 * beta2 * (1 + abs(state.x)), "â of neuron \(k)")
      #expect(abs(state.y * beta2 - w[k]) < 2e-3 * beta2 * (1 + state.w.norm), "w of neuron \(k)")
    }
  }

  /// The order in which the samples are given, and giving all of them twice, changes nothing.
  @Test func samplesAreASet() throws {
    let values = InitialValues(width: 200, seed: 9, antisymmetric: false)
    let point = Setting(gamma: 1.75, gammaPrime: 0)
    let four = try Self.four.get()
    let shuffled = try SampleSet(x: [0.4, -1, 1, -0.3], y: [0.6, 0.2, -0.1, -0.4])
    let twice = try SampleSet(x: four.x + shuffled.x, y: four.y + shuffled.y)
    let rd = integrate(values, at: point, samples: four).ensemble.relativeChange
    for samples in [shuffled, twice] {
      let other = integrate(values, at: point, samples: samples).ensemble.relativeChange
      #expect(abs(other / rd - 1) < 1e-7)
    }
  }

  /// One neuron, one sample: â² − |w|² and the direction of motion x̃ fix the end point.
  @Test(arguments: [(1.2, 0.7, 0.4), (0.3, 1.5, -0.2), (2.0, 0.1, 0.6)])
  func oneNeuronHasAClosedForm(a: Double, w: Double, b: Double) throws {
    let x = 0.8
    let y = 2.5
    let samples = try SampleSet(x: [x], y: [y])
    let target = 1e-10
    let end = integrate(
      InitialValues(a: [a], w: [w], b: [b]), at: Setting(gamma: 0, gammaPrime: 0), samples: samples,
      tolerance: 1e-6, target: target)
    // With p = w·x̃/|x̃|: â² − p² = C and â p |x̃| = f = y − √target at the end; the rest of w
    // stays.
    let norm = (x * x + 1).squareRoot()
    let p0 = (w * x + b) / norm
    let c = a * a - p0 * p0
    let product = (y - target.squareRoot()) / norm
    let p = ((-c + (c * c + 4 * product * product).squareRoot()) / 2).squareRoot()
    let rd = abs(p - p0) / (w * w + b * b).squareRoot()
    #expect(abs(end.ensemble.relativeChange / rd - 1) < 1e-9)
  }

  /// Far in the linear regime RD falls below the rounding of the weights themselves, and keeps its
  /// exponent there.
  @Test func tinyDisplacementsKeepTheirDigits() throws {
    let point = Setting(gamma: 0.5, gammaPrime: 2)
    let rd = try [1000, 10_000].map { width in
      let values = InitialValues(width: width, seed: 0, antisymmetric: false)
      return integrate(values, at: point, samples: try Self.four.get()).ensemble.relativeChange
    }
    #expect(rd[1] < 1e-16)
    #expect(abs(Double.log10(rd[1] / rd[0]) - point.expectedExponent) < 0.1)
  }

  /// RD at the target must not depend on the step size, but through the error that the tolerance
  /// bounds.
  @Test(arguments: points)
  func tighterTolerancesConverge(_ point: Setting) throws {
    let values = InitialValues(width: 300, seed: 5, antisymmetric: false)
    let samples = try Self.four.get()
    let tolerances = [1e-3, 1e-4, 1e-6]
    let rd = tolerances.map {
      integrate(values, at: point, samples: samples, tolerance: $0).ensemble.relativeChange
    }
    #expect(abs(rd[0] / rd[2] - 1) < 5e-4)
    #expect(abs(rd[1] / rd[2] - 1) < 2e-4)
  }

  /// The loss never rises along the flow.
  @Test(arguments: points)
  func lossFalls(_ point: Setting) throws {
    var last = Double.infinity
    _ = try train(Run(point, width: 400, seed: 8), of: Problem(try Self.four.get())) { state in
      #expect(state.meanSquaredResidual <= last * (1 + 1e-6))
      last = state.meanSquaredResidual
    }
  }
}
