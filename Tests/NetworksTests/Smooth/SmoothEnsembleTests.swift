import Model
import RealModule
import Testing

@testable import Networks

/// What the integrator is told of a smooth network, against differences and laws.
struct SmoothEnsembleTests {
  private static let kinds = SmoothActivation.all

  private func example(
    _ activation: SmoothActivation, width: Int = 37, dimension: Int = 2, gammaPrime: Double = 0.1
  ) throws -> SmoothCase {
    try SmoothCase(
      activation, gamma: 0.4, gammaPrime: gammaPrime, width: width,
      samples: SmoothCase.samples(5, dimension: dimension, seed: 3), seed: 8)
  }

  /// f of the definition, neuron by neuron.
  @Test(arguments: kinds)
  func residualIsThatOfTheNetwork(activation: SmoothActivation) throws {
    let example = try example(activation)
    let ensemble = example.ensemble()
    let expected = example.bruteForce.meanSquaredResidual
    let found = ensemble.residual.reduce(0) { $0 + $1 * $1 }
    #expect(abs(found - expected) < 1e-12 * expected)
  }

  /// dr̃ = −K q for a small impulse q.
  @Test(arguments: kinds)
  func kernelIsTheDerivativeOfTheResidual(activation: SmoothActivation) throws {
    let ensemble = try example(activation).ensemble()
    let kernel = ensemble.kernel()
    let n = ensemble.sampleCount
    for j in 0..<n {
      for i in 0..<n { #expect(kernel[i * n + j] == kernel[j * n + i]) }
      let size = 1e-5
      func residual(_ q: Double) -> [Double] {
        var samples = [Double](repeating: 0, count: n)
        samples[j] = q
        return ensemble.motion(along: [Impulse(samples: samples)]).residual
      }
      let (above, below) = (residual(size), residual(-size))
      for i in 0..<n {
        let slope = -(above[i] - below[i]) / (2 * size)
        #expect(abs(slope - kernel[i * n + j]) < 1e-6 * (1 + abs(kernel[j * n + j])))
      }
    }
  }

  /// K = B Bᵀ.
  @Test(arguments: kinds)
  func factorIsThatOfTheKernel(activation: SmoothActivation) throws {
    let ensemble = try example(activation, width: 700).ensemble()
    let kernel = ensemble.kernel()
    let factor = try #require(ensemble.kernelFactor())
    let n = ensemble.sampleCount
    let largest = kernel.max() ?? 0
    for i in 0..<n {
      for j in 0..<n {
        let product = factor.columns.reduce(0) { $0 + $1[i] * $1[j] }
        #expect(abs(product - kernel[i * n + j]) < 1e-13 * largest)
      }
    }
  }

  /// The factor knows what the kernel has lost: with arguments of order 10⁻⁶ tanh is linear to
  /// 10⁻¹², and five samples on a line have two modes in double precision.
  @Test func factorKnowsWeakOrders() throws {
    let samples = try SmoothCase.samples(4, dimension: 1, seed: 3)
    func example(_ alpha: Double) throws -> SmoothEnsemble {
      try SmoothCase(.tanh, gamma: 1, gammaPrime: 0, alpha: alpha, width: 1000, samples: samples, seed: 1)
        .ensemble()
    }
    func weakest(_ ensemble: SmoothEnsemble) throws -> Double {
      let values = FactorSpectrum(try #require(ensemble.kernelFactor())).values.sorted(by: >)
      return values[3] / values[0]
    }
    // Eigenvalues of the third order go with β2⁴.
    let (small, smaller) = (try weakest(example(-2)), try weakest(example(-3)))
    #expect(abs(Double.log10(small / smaller) / 6 - 1) < 0.01)
    #expect(smaller < 1e-20)
  }

  /// The mobility bounds what neurons do, and is met by the fastest; RD² changes as it is said to.
  @Test(arguments: kinds)
  func changesAreThoseOfTheNeurons(activation: SmoothActivation) throws {
    var ensemble = try example(activation).ensemble()
    ensemble.advance(ensemble.motion(along: [Impulse(samples: ensemble.residual.map { 0.003 * $0 })]))
    let size = 1e-7
    let impulse = Impulse(samples: ensemble.residual.map { size * $0 })
    var moved = ensemble
    moved.advance(ensemble.motion(along: [impulse]))
    let reach = activation == .linear ? 0 : ensemble.scales.inputScale * ensemble.samples.maxNorm
    let changes = zip(ensemble.neurons, moved.neurons).map { before, after in
      func norm(_ v: some Sequence<Double>) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      let change = zip(before, after).map { $1 - $0 }
      let inner = norm(change.dropFirst())
      return activation.multiplicity > 1
        ? max(abs(change[0]) / norm(before), inner / norm(before.dropFirst()), reach * inner)
        : max(norm(change) / norm(before), reach * inner)
    }
    let largest = changes.max() ?? 0
    #expect(abs(ensemble.mobility(impulse) - largest) < 1e-4 * largest)
    let rate =
      (moved.relativeChange * moved.relativeChange - ensemble.relativeChange * ensemble.relativeChange) / size
    #expect(abs(ensemble.squaredRates[0] - rate) < 1e-4 * abs(rate) + 1e-12)
  }

  /// Half a neuron twice is the neuron.
  @Test func splittingANeuronChangesNothing() throws {
    let example = try example(.tanh)
    let whole = example.train()
    var split = example.neurons
    split.multiplicities = [Double](repeating: 1, count: split.count)
    split.multiplicities?[4] = 0.3
    split.multiplicities?.append(0.7)
    split.outputs.append(split.outputs[4])
    split.inputs += split.inputs[4 * 3..<5 * 3]
    let parts = example.train(split)
    #expect(abs(parts.ensemble.relativeChange / whole.ensemble.relativeChange - 1) < 1e-9)
    #expect(parts.steps == whole.steps)
  }

  @Test(arguments: [SmoothActivation.tanh, .xTanh, .gelu])
  func orderOfNeuronsDoesNotMatter(activation: SmoothActivation) throws {
    let example = try example(activation)
    var reversed = example.neurons
    reversed.outputs = reversed.outputs.reversed()
    reversed.inputs = (0..<reversed.count).reversed().flatMap { example.neurons.inputs[$0 * 3..<$0 * 3 + 3] }
    let there = example.train()
    let back = example.train(reversed)
    #expect(abs(back.ensemble.relativeChange / there.ensemble.relativeChange - 1) < 1e-9)
  }

  /// Inputs and input weights turned together.
  @Test(arguments: [SmoothActivation.tanh, .softplus])
  func rotationsChangeNothing(activation: SmoothActivation) throws {
    let example = try example(activation)
    let (c, s) = (Double.cos(0.7), Double.sin(0.7))
    let turned = try SampleSet(
      x: example.samples.x.map { [c * $0[0] - s * $0[1], s * $0[0] + c * $0[1]] }, y: example.samples.y)
    var neurons = example.neurons
    for k in 0..<neurons.count {
      let (u, v) = (neurons.inputs[3 * k], neurons.inputs[3 * k + 1])
      neurons.inputs[3 * k] = c * u - s * v
      neurons.inputs[3 * k + 1] = s * u + c * v
    }
    let other = try SmoothCase(
      activation, gamma: 0.4, gammaPrime: 0.1, width: 37, samples: turned, seed: 8)
    let ratio = other.train(neurons).ensemble.relativeChange / example.train().ensemble.relativeChange
    #expect(abs(ratio - 1) < 1e-9)
  }

  /// A sample given twice counts twice.
  @Test func repeatedSamplesHaveTheirShare() throws {
    let x = [-1.0, 0.2, 0.9]
    let samples = try SampleSet(x: x, y: [0.3, -0.2, 0.5])
    let repeated = try SampleSet(x: x + [0.2], y: [0.3, -0.2, 0.5, -0.2])
    let one = try SmoothCase(.tanh, gamma: 0.5, gammaPrime: 0, width: 20, samples: repeated, seed: 1)
    #expect(one.ensemble().sampleCount == 3)
    let brute = one.bruteForce
    #expect(abs(one.ensemble().residual.reduce(0) { $0 + $1 * $1 } / brute.meanSquaredResidual - 1) < 1e-12)
    let other = try SmoothCase(.tanh, gamma: 0.5, gammaPrime: 0, width: 20, samples: samples, seed: 1)
    #expect(other.train().ensemble.relativeChange != one.train().ensemble.relativeChange)
  }

  /// α, β1 and β2 count through κ and κ' alone where σ is linear, or where all arguments are small.
  @Test func scalesAreOneFlowWhereTheActivationIsHomogeneous() throws {
    let samples = try SmoothCase.samples(3, dimension: 2, seed: 4)
    func change(_ activation: SmoothActivation, alpha: Double) throws -> Double {
      try SmoothCase(
        activation, gamma: 1.2, gammaPrime: 0.2, alpha: alpha, width: 50, samples: samples, bias: false,
        seed: 2
      ).train(target: 0.4).ensemble.relativeChange
    }
    let linear = try change(.linear, alpha: 0)
    #expect(abs(try change(.linear, alpha: -1) / linear - 1) < 1e-9)
    #expect(abs(try change(.linear, alpha: 2) / linear - 1) < 1e-9)
    // β2 = 50^(−10.5).
    #expect(abs(try change(.tanh, alpha: -20) / linear - 1) < 1e-9)
    #expect(abs(try change(.tanh, alpha: 0) / linear - 1) > 1e-3)
  }

  @Test func alphaAndBeta2DetermineEachOther() throws {
    let exponents = try #require(Exponents(Setting(gamma: 1.25, gammaPrime: 0.5)))
    #expect(SmoothScales.beta2(exponents, alpha: 0) == -0.375)
    #expect(SmoothScales.alpha(exponents, beta2: SmoothScales.beta2(exponents, alpha: 0.75)) == 0.75)
    let scales = SmoothScales(.tanh, exponents, alpha: 0, log10Width: 4)
    // κ = β1 β2 / α, κ' = β1 / β2, c = β2² / α.
    #expect(abs(scales.inputScale / .exp10(-1.5) - 1) < 1e-12)
    #expect(abs(scales.kappaPrime / .exp10(-2) - 1) < 1e-12)
    #expect(abs(scales.outputScale / .exp10(-3) - 1) < 1e-12)
    #expect(abs(scales.timeScale / .exp10(-5) - 1) < 1e-12)
  }

  /// One linear neuron with â = w and one sample x = 1: u = w² obeys u' = 2 u (y − c u).
  @Test func oneLinearNeuronHasAClosedForm() throws {
    let samples = try SampleSet(x: [1.0], y: [2.0])
    let example = try SmoothCase(
      .linear, gamma: 0, gammaPrime: 0, width: 1, samples: samples, bias: false, seed: 0)
    let start = 1e-3
    let end = example.train(SmoothNeurons(outputs: [start], inputs: [start]), target: 1e-8)
    let u = 2 - 1e-4
    #expect(abs(end.ensemble.relativeChange / (u.squareRoot() / start - 1) - 1) < 1e-6)
    let time = Double.log(u * (2 - start * start) / (start * start * (2 - u))) / 4
    #expect(abs(end.time / time - 1) < 2e-3)
  }

  /// Displacements are kept apart: RD is right to rounding however small.
  @Test func tinyChangesAreRight() throws {
    let ensemble = try example(.tanh).ensemble()
    func change(_ size: Double) -> Double {
      var moved = ensemble
      moved.advance(ensemble.motion(along: [Impulse(samples: ensemble.residual.map { size * $0 })]))
      return moved.relativeChange / size
    }
    #expect(abs(change(1e-60) / change(1e-40) - 1) < 1e-12)
    #expect(abs(change(1e-12) / change(1e-40) - 1) < 1e-10)
  }

  /// Any number of threads gives the same bits.
  @Test func threadsDoNotMatter() throws {
    let example = try SmoothCase(
      .tanh, gamma: 1.2, gammaPrime: 0, width: 3001, samples: SmoothCase.samples(4, dimension: 1, seed: 6),
      seed: 3)
    let one = example.train(maxSteps: 12)
    let four = example.train(maxSteps: 12, threads: 4)
    #expect(one.ensemble.moving == four.ensemble.moving)
    #expect(one.time == four.time)
  }

  /// A flow that is suspended after any step goes on as it would have.
  @Test(arguments: [SmoothActivation.tanh, .sigmoid])
  func checkpointsKeepEveryBit(activation: SmoothActivation) throws {
    let example = try example(activation)
    var flow = ImpulseIntegrator(example.ensemble(), tolerance: 1e-3, target: 1e-6)
    for _ in 0..<5 { _ = flow.step() }
    var bytes: [UInt8] = []
    var writer = CheckpointWriter { bytes += $0 }
    try flow.save(to: &writer)
    try writer.finish()
    var reader = CheckpointReader {
      defer { bytes = [] }
      return bytes
    }
    let ensemble = try SmoothEnsemble(
      samples: SmoothSamples(example.samples, bias: true), activation: activation, scales: example.scales,
      width: example.width, tolerance: 1e-3, threads: 1, from: &reader)
    var resumed = ImpulseIntegrator(ensemble, tolerance: 1e-3, target: 1e-6)
    try resumed.restore(from: &reader)
    try reader.finish()
    for _ in 0..<20 { #expect(flow.step() == resumed.step()) }
    #expect(flow.ensemble.moving == resumed.ensemble.moving)
    #expect(flow.ensemble.residual == resumed.ensemble.residual)
    #expect(flow.time == resumed.time && flow.suprema == resumed.suprema)
  }

  /// A constant of the function per sample.
  @Test func functionsCanBeCorrected() throws {
    var ensemble = try example(.tanh).ensemble()
    let before = ensemble.residual
    ensemble.correct(function: [Double](repeating: 0, count: ensemble.sampleCount))
    #expect(zip(ensemble.residual, ensemble.samples.targets).allSatisfy { abs($0 + $1) < 1e-14 })
    let impulse = Impulse(samples: before)
    let corrected = ensemble.motion(along: [impulse]).residual
    let uncorrected = try example(.tanh).ensemble().motion(along: [impulse]).residual
    for i in before.indices {
      #expect(abs((corrected[i] - ensemble.residual[i]) - (uncorrected[i] - before[i])) < 1e-13)
    }
  }
}
