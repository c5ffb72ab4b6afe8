import Foundation
import Model
import RealModule
import Testing
import Theories

@testable import Networks

/// Runs of ReLU networks with inputs in ℝᵈ, as the rest of the program makes them.
@Suite struct SpaceFamilyTests {
  private static let family = TwoLayerReLU()
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  private func problem(
    _ network: [String: JSONValue] = [:], dimension: Int = 2, samples n: Int = 4, target: Double = 1e-4
  ) throws -> Problem {
    let numbers = RandomNumbers(seed: 3)
    let x = numbers.normal(count: n, columns: dimension)
    let y = RandomNumbers(seed: 4).normal(count: n, columns: 1).map { $0[0] }
    return Problem(
      method: TwoLayerReLU.method, network: Self.family.withDefaults(network),
      samples: try SampleSet(x: x, y: y), target: target, tolerance: 1e-3)
  }

  private func end(
    _ run: Run, of problem: Problem, record: RecordNames = [], threads: Int = 1,
    initial: RecordedArrays? = nil
  ) throws -> FlowEnding {
    var flow = try Self.family.start(
      run, of: problem, options: FlowOptions(record: record, threads: threads, initial: initial))
    return flow.run(within: .default)
  }

  private static func run(_ gamma: Double, _ gammaPrime: Double, _ width: Double, seed: UInt64 = 1) -> Run {
    Run(Setting(gamma: gamma, gammaPrime: gammaPrime), width: width, seed: seed)
  }

  @Test func claimsWhatTheLineDoesNot() {
    let families = NetworkFamilies.builtIn
    func method(_ network: [String: JSONValue], _ inputs: Int?) -> String? {
      families.family(method: nil, network: network, inputs: inputs)?.description.methods.first
    }
    #expect(method([:], 1) == TwoLayerReLULine.method)
    #expect(method([:], nil) == TwoLayerReLULine.method)
    #expect(method([:], 2) == TwoLayerReLU.method)
    #expect(method(["bias": .boolean(false)], 1) == TwoLayerReLU.method)
    #expect(method(["activation": .string("relu")], 784) == TwoLayerReLU.method)
  }

  /// The run of a seed is that of the numbers of its stream, bias last.
  @Test func givenInitialValuesAreThoseOfTheSeed() throws {
    let problem = try problem()
    let run = Self.run(1, 0, 50)
    let weights = InitialWeightSource(width: 50, inputs: 3, seed: 1, antisymmetric: false).weights
    let own = try end(run, of: problem).result
    #expect(own.outcome == .converged)
    let given = try end(Self.run(1, 0, 50, seed: 9), of: problem, initial: weights.arrays).result
    #expect(given.quantities == own.quantities)
    #expect(try end(Self.run(1, 0, 50, seed: 9), of: problem).result.quantities != own.quantities)
  }

  @Test func antisymmetricNetworksBeginWithZero() throws {
    let problem = try problem(["antisymmetric": .boolean(true)])
    let flow = try Self.family.start(Self.run(0.3, 0, 60), of: problem, options: FlowOptions())
    let samples = try #require(problem.samples)
    let loss = samples.y.reduce(0) { $0 + $1 * $1 } / Double(samples.count)
    #expect(abs(flow.state.meanSquaredResidual / loss - 1) < 1e-12)
    #expect(throws: FlowRunError.oddWidth(61)) { try Self.family.check(Self.run(1, 0, 61), of: problem) }
  }

  /// The direction and the amplitude of each neuron, against its weights.
  @Test func recordsNeurons() throws {
    let problem = try problem()
    let samples = try #require(problem.samples)
    let width = 40
    let source = InitialWeightSource(width: width, inputs: 3, seed: 1, antisymmetric: false)
    let scales = try #require(WidthScales(Self.run(1.5, 0.2, Double(width))))
    let ensemble = ReLUEnsemble(
      SpaceSamples(samples, bias: true), scales: scales, SpaceWeights(source: source))
    var integrator = ImpulseIntegrator(ensemble, tolerance: 1e-3, target: 1e-4)
    while integrator.step() == .continues {}
    var sum = [0.0, 0, 0]
    for (x, y) in zip(samples.x, samples.y) {
      sum = zip(sum, x + [1]).map { $0 + y * $1 }
    }
    let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    integrator.ensemble.forEachNeuron { k, view in
      let neuron = integrator.ensemble.neuron(k)
      let w = (0..<3).map { source.weights.w[3 * k + $0] + neuron.displacement[$0] }
      let square = w.reduce(0) { $0 + $1 * $1 }
      #expect(abs(view.output * scales.kappaPrime - neuron.a) < 1e-14 * abs(neuron.a))
      #expect(abs(view.inputSquared - square) < 1e-12 * (square + 1))
      let target = zip(w, sum).reduce(0) { $0 + $1.0 * $1.1 } / norm
      #expect(abs(view.products.target - target) < 1e-12 * (1 + square))
      #expect(abs(view.products.diagonal - w.reduce(0, +) / 3.0.squareRoot()) < 1e-12 * (1 + square))
    }
    let record = RecordNames([Trajectory.name, NeuronSnapshot.nameOfEach])
    let arrays = try end(Self.run(1.5, 0.2, Double(width)), of: problem, record: record).arrays
    #expect(NeuronCosines.neurons(arrays)?.before.count == width)
    #expect(arrays[Trajectory.name] != nil)
  }

  @Test(arguments: ["sampled", "nodes", "mean"]) func resumesWithTheSameBits(law: String) throws {
    let problem = try problem(["law": .string(law), "nodes": .number(128)])
    let run = Self.run(1.25, 0, 100, seed: law == "mean" ? 0 : 1)
    let record = RecordNames([Trajectory.name, NeuronSnapshot.nameOfEach])
    let options = FlowOptions(record: record)
    let whole = try end(run, of: problem, record: record)
    var flow = try Self.family.start(run, of: problem, options: options)
    var found: FlowEnding?
    for _ in 0..<3000 where found == nil {
      var bytes: [UInt8] = []
      var writer = CheckpointWriter { bytes += $0 }
      try flow.save(to: &writer)
      try writer.finish()
      var isRead = false
      var reader = CheckpointReader {
        defer { isRead = true }
        return isRead ? [] : bytes
      }
      flow = try Self.family.resume(run, of: problem, options: options, from: &reader)
      try reader.finish()
      for _ in 0..<7 where found == nil { found = flow.step(within: .default) }
    }
    let resumed = try #require(found)
    #expect(resumed.result.quantities == whole.result.quantities)
    #expect(resumed.result.steps == whole.result.steps && resumed.arrays == whole.arrays)
  }

  /// The mean of a network, and its fluctuations, against sampled networks of the same width.
  @Test(.enabled(if: slow), arguments: [(0.5, 0.0), (1.0, 0.0), (1.5, 0.0)]) func nodesStandForNetworks(
    gamma: Double, gammaPrime: Double
  ) throws {
    func mean(_ law: String, seeds: Range<UInt64>) throws -> (Double, Double) {
      let problem = try problem(["law": .string(law), "nodes": .number(1024)])
      let values = try seeds.map { seed in
        Double.log(try end(Self.run(gamma, gammaPrime, 1000, seed: seed), of: problem).result.rd)
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))
      return (mean, square.squareRoot())
    }
    let sampled = try mean("sampled", seeds: 1..<13)
    let nodes = try mean("nodes", seeds: 1..<13)
    let smooth = try mean("mean", seeds: 0..<1)
    let error = (sampled.1 + nodes.1) / 12.0.squareRoot()
    #expect(abs(sampled.0 - nodes.0) < 4 * error + 0.01)
    #expect(nodes.1 < 2.5 * sampled.1 + 0.01 && sampled.1 < 2.5 * nodes.1 + 0.01)
    #expect(gamma < 1 || abs(sampled.0 - smooth.0) < 4 * sampled.1 + 0.01)
  }

  /// Slopes between two very large widths are those of the theory.
  @Test(arguments: [(0.75, 0.0), (1.75, 0.0), (1.5, 0.5)]) func widthsBeyondNeurons(
    gamma: Double, gammaPrime: Double
  ) throws {
    let problem = try problem(["law": .string("mean"), "nodes": .number(512)], dimension: 4)
    let rd = try [1e10, 1e12].map { try end(Self.run(gamma, gammaPrime, $0, seed: 0), of: problem).result.rd }
    let slope = Double.log10(rd[1] / rd[0]) / 2
    let expected = LuoEtAl2021(antisymmetric: true).expectedExponent(
      at: Setting(gamma: gamma, gammaPrime: gammaPrime))
    #expect(abs(slope - (expected ?? .nan)) < 0.03)
  }

  /// Deep in the linear regime a flow of nodes has RD of the closed form.
  @Test(.enabled(if: slow), arguments: [(0.75, 0.5), (0.625, 0.0)]) func theClosedFormIsThatOfTheFlow(
    gamma: Double, gammaPrime: Double
  ) throws {
    let problem = try problem(["nodes": .number(4096)], dimension: 3)
    let ladder = try Self.family.ladder(
      .limit(["gamma": gamma, "gamma_prime": gammaPrime]), of: problem)
    let closed = try #require(ladder.linear(at: 20)?.log10["rd"])
    var flow = try ladder.flow(RungRequest(log10Width: 20, nodes: .finer))
    let rd = try #require(flow.run(within: .default).result.quantities["rd"])
    #expect(abs(Double.log10(rd) - closed) < 1e-2)
  }

  /// The exponents of the limit are those of the theory, in all regimes.
  @Test(.enabled(if: slow), arguments: [(0.75, 0.0), (1.75, 0.0), (1.25, 0.5), (0.4, 0.0)])
  func limitsAreThoseOfTheTheory(gamma: Double, gammaPrime: Double) throws {
    let problem = try problem(["nodes": .number(1024)], dimension: 4)
    let run = Run.limit(["gamma": gamma, "gamma_prime": gammaPrime])
    try Self.family.check(run, of: problem)
    let result = try end(run, of: problem).result
    let exponent = try #require(result.quantities[LimitQuantities.exponent(of: "sup_rd")], "\(result)")
    let low = try #require(result.quantities[LimitQuantities.exponentLow(of: "sup_rd")])
    let high = try #require(result.quantities[LimitQuantities.exponentHigh(of: "sup_rd")])
    let theory = try #require(
      LuoEtAl2021(antisymmetric: false).expectedExponent(at: Setting(gamma: gamma, gammaPrime: gammaPrime)))
    #expect(abs(exponent - theory) < 0.01 && low <= theory + 0.005 && theory - 0.005 <= high)
  }
}
