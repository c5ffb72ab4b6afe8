import Model
import RealModule
import Testing

@testable import GradientFlow

/// What must hold for any integrator of the flow, whatever its method.
struct FlowLawTests {
  static let four = Result { try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]) }

  private func integrate(
    _ values: InitialValues, at point: PhasePoint, samples: SampleSet, scaleWidth: Int? = nil,
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
    let problem = Problem(
      network: Network(), samples: try SampleSet(x: reference.samples.x, y: reference.samples.y))
    let result = try FlowRun(entry.run, of: problem)(
      budget: .standard, initial: try ReferenceRuns.initialValues(width: entry.m, seed: entry.seed))
    #expect(result.outcome == .converged)
    #expect(abs(result.meanSquaredResidual / 1e-6 - 1) < 1e-6)
    #expect(abs(result.rd / entry.rd - 1) < max(5e-4, 3 * entry.relativeError))
    #expect(abs(result.supRD / result.rd - 1) < 1e-4)
  }

  static let points = [(0.5, 0.0), (0.75, 0.5), (1, 0), (1.25, 0.5), (1.5, -0.5), (1.75, 0), (2, 0.5)]
    .map { PhasePoint(gamma: $0.0, gammaPrime: $0.1) }

  /// â² − |w|² of every neuron is conserved by the flow (ReLU).
  @Test(arguments: points)
  func everyNeuronConservesItsInvariant(_ point: PhasePoint) throws {
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
  func orderOfTheNeuronsDoesNotMatter(_ point: PhasePoint) throws {
    let values = InitialValues(width: 300, seed: 2, antisymmetric: false)
    let reversed = InitialValues(
      a: values.a.reversed(), w: values.w.reversed(), b: values.b.reversed())
    let samples = try Self.four.get()
    let first = integrate(values, at: point, samples: samples)
    let second = integrate(reversed, at: point, samples: samples)
    #expect(abs(second.ensemble.relativeChange / first.ensemble.relativeChange - 1) < 1e-7)
  }

  /// Splitting a neuron (a, w) into two of (a, w)/√2 changes neither f nor the flow (embedding principle).
  @Test(arguments: points)
  func splittingNeuronsChangesNothing(_ point: PhasePoint) throws {
    let values = InitialValues(width: 200, seed: 9, antisymmetric: false)
    let half = 0.5.squareRoot()
    func split(_ x: [Double]) -> [Double] {
      x.enumerated().flatMap { $0 % 3 == 0 ? [$1 * half, $1 * half] : [$1] }
    }
    let twins = InitialValues(a: split(values.a), w: split(values.w), b: split(values.b))
    let samples = try Self.four.get()
    let first = integrate(values, at: point, samples: samples)
    let second = integrate(twins, at: point, samples: samples, scaleWidth: 200)
    #expect(abs(second.ensemble.relativeChange / first.ensemble.relativeChange - 1) < 1e-7)
  }

  /// The order in which the samples are given, and giving all of them twice, changes nothing.
  @Test func samplesAreASet() throws {
    let values = InitialValues(width: 200, seed: 9, antisymmetric: false)
    let point = PhasePoint(gamma: 1.75, gammaPrime: 0)
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
      InitialValues(a: [a], w: [w], b: [b]), at: PhasePoint(gamma: 0, gammaPrime: 0), samples: samples,
      tolerance: 1e-6, target: target)
    // With p = w·x̃/|x̃|: â² − p² = C and â p |x̃| = f = y − √target at the end; the rest of w stays.
    let norm = (x * x + 1).squareRoot()
    let p0 = (w * x + b) / norm
    let c = a * a - p0 * p0
    let product = (y - target.squareRoot()) / norm
    let p = ((-c + (c * c + 4 * product * product).squareRoot()) / 2).squareRoot()
    let rd = abs(p - p0) / (w * w + b * b).squareRoot()
    #expect(abs(end.ensemble.relativeChange / rd - 1) < 1e-9)
  }

  /// Far in the linear regime RD falls below the rounding of the weights themselves, and keeps its exponent there.
  @Test func tinyDisplacementsKeepTheirDigits() throws {
    let point = PhasePoint(gamma: 0.5, gammaPrime: 2)
    let rd = try [1000, 10_000].map { width in
      let values = InitialValues(width: width, seed: 0, antisymmetric: false)
      return integrate(values, at: point, samples: try Self.four.get()).ensemble.relativeChange
    }
    #expect(rd[1] < 1e-16)
    #expect(abs(Double.log10(rd[1] / rd[0]) - point.expectedSlope(antisymmetric: false)) < 0.1)
  }

  /// RD at the target must not depend on the step size, but through the error that the tolerance bounds.
  @Test(arguments: points)
  func tighterTolerancesConverge(_ point: PhasePoint) throws {
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
  func lossFalls(_ point: PhasePoint) throws {
    let problem = Problem(network: Network(), samples: try Self.four.get())
    var last = Double.infinity
    _ = try FlowRun(Run(point: point, width: 400, seed: 8), of: problem)(budget: .standard) { state in
      #expect(state.meanSquaredResidual <= last * (1 + 1e-6))
      last = state.meanSquaredResidual
    }
  }
}
