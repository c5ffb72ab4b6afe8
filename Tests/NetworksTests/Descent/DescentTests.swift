import Foundation
import Model
import RealModule
import Testing
import Theories

@testable import Networks

/// Networks that are trained in steps.
struct DescentTests {
  private static let samples = [-1.0, -0.3, 0.4, 1.0]

  private func fourSamples() throws -> SampleSet {
    try SampleSet(x: Self.samples, y: [0.2, -0.4, 0.6, -0.1])
  }

  private func family(_ name: String) throws -> any NetworkFamily {
    try #require(NetworkFamilies.builtIn.family(method: name + "/1", network: [:], inputs: 1))
  }

  private func problem(
    _ name: String, _ network: [String: JSONValue] = [:], samples: SampleSet? = nil, target: Double = 1e-6
  ) throws -> Problem {
    Problem(
      method: name + "/1", network: try family(name).withDefaults(network),
      samples: try samples ?? fourSamples(), target: target, tolerance: 1e-3)
  }

  /// A run with defaults for what is not given.
  private func run(
    _ name: String, _ setting: [String: Double], width: Double, seed: UInt64 = 0
  ) throws -> Run {
    let pairs = try family(name).description.parameters.map { parameter in
      (name: parameter.name, value: try #require(setting[parameter.name] ?? parameter.defaultValue))
    }
    return Run(Setting(pairs), width: width, seed: seed)
  }

  private func train(
    _ name: String, _ run: Run, _ problem: Problem, _ options: FlowOptions = FlowOptions(),
    budget: Budget = .default
  ) throws -> FlowEnding {
    try family(name).check(run, of: problem)
    var flow = try family(name).start(run, of: problem, options: options)
    return flow.run(within: budget)
  }

  // MARK: Right values

  private struct Reference: Decodable {
    struct Case: Decodable {
      var activation: String, optimiser: String
      var rate: Double, rd: Double, mean_squared_residual: Double
    }
    var steps: Int
    var gamma: Double, gamma_prime: Double
    var a: [Double], w: [[Double]], x: [[Double]], y: [Double]
    var cases: [Case]
  }

  /// As optax on gradients of JAX: `Reference/optimisers.py`.
  @Test func agreesWithAutomaticDifferentiation() throws {
    let url = try #require(
      Bundle.module.url(forResource: "optimisers", withExtension: "json", subdirectory: "Reference"))
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    let samples = try SampleSet(x: reference.x, y: reference.y)
    let initial = InitialWeights(
      a: reference.a, w: reference.w.flatMap { $0 }, inputs: reference.w[0].count)
    #expect(reference.cases.count == 12)
    for expected in reference.cases {
      let name = expected.optimiser
      let network: [String: JSONValue] =
        name == "adam" ? [:] : ["rate_unit": .string("raw")]
      let problem = try problem(
        name, network.merging(["activation": .string(expected.activation)]) { $1 }, samples: samples,
        target: 1e-300)
      let run = try run(
        name, ["gamma": reference.gamma, "gamma_prime": reference.gamma_prime, "rate": expected.rate],
        width: Double(reference.a.count))
      let result = try train(
        name, run, problem, FlowOptions(initial: initial.arrays),
        budget: Budget(steps: reference.steps, wallSeconds: 60)
      ).result
      #expect(result.steps == reference.steps)
      let (rd, loss) = (result.quantities["rd"] ?? .nan, result.quantities["mean_squared_residual"] ?? .nan)
      #expect(abs(rd / expected.rd - 1) < 1e-11, "\(expected)")
      #expect(abs(loss / expected.mean_squared_residual - 1) < 1e-9, "\(expected)")
    }
  }

  /// With small rates descent is the gradient flow: the error is of first order in the rate.
  @Test(arguments: ["relu", "tanh", "x_tanh"])
  func becomesTheFlow(activation: String) throws {
    let network: [String: JSONValue] = ["activation": .string(activation)]
    let flow = try #require(NetworkFamilies.builtIn.family(method: nil, network: network, inputs: 1))
    let flowProblem = Problem(
      method: flow.description.methods[0], network: flow.withDefaults(network), samples: try fourSamples(),
      target: 1e-4, tolerance: 1e-5)
    let setting = Setting(gamma: 0.75, gammaPrime: 0.25)
    var exact = try flow.start(
      Run(setting, width: 50, seed: 1), of: flowProblem, options: FlowOptions())
    let expected = try #require(exact.run(within: .default).result.quantities["rd"])
    let errors = try [0.2, 0.1, 0.05].map { rate in
      let run = try run("descent", ["gamma": 0.75, "gamma_prime": 0.25, "rate": rate], width: 50, seed: 1)
      let ending = try train("descent", run, problem("descent", network, target: 1e-4))
      #expect(ending.result.outcome == .converged)
      return abs((ending.result.quantities["rd"] ?? .nan) / expected - 1)
    }
    #expect(errors[2] < 0.01)
    #expect(errors[2] < 0.7 * errors[0] || errors[0] < 1e-4)
  }

  /// The mean over dropout of the mean squared residual is that without dropout and
  /// R₁ = (1 − p)/(n p) Σ_i Σ_k (c a_k h_ki)².
  ///
  /// Source: Zhang, Xu, *Implicit regularization of dropout*, TPAMI 2024.
  @Test(arguments: [0.5, 0.9])
  func dropoutAddsItsRegularisation(keep: Double) throws {
    let data = DescentSamples(try fourSamples(), bias: true)
    let width = 30
    let source = InitialWeightSource(width: width, inputs: 2, seed: 5, antisymmetric: false)
    let exponents = try #require(Exponents(Setting(gamma: 0.5, gammaPrime: 0.2)))
    let scales = DescentScales(nil, exponents, alpha: 0, width: Double(width))
    let neurons = try DescentNeurons(
      source, of: data, activation: 7, scales: scales, moments: 0, threads: 1)
    func loss(_ f: [Double]) -> Double {
      zip(f, data.targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 4
    }
    let weights = source.weights
    var penalty = 0.0
    for k in 0..<width {
      for x in Self.samples {
        let h = max(0, weights.w[2 * k] * x + weights.w[2 * k + 1])
        let output = scales.outputScale * weights.a[k] * h
        penalty += output * output * (1 - keep) / (4 * keep)
      }
    }
    let losses = (0..<20_000).map { step in
      loss(
        neurons.function(
          data.inputs, dropout: .init(keep: keep, key: SIMD2(1, 2), step: UInt64(step))))
    }
    let mean = losses.reduce(0, +) / Double(losses.count)
    let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(losses.count - 1)
    let error = (variance / Double(losses.count)).squareRoot()
    #expect(abs(mean - loss(neurons.function) - penalty) < 4 * error)
    #expect(error < 0.1 * penalty)
  }

  /// All samples in every epoch, in an order of its own.
  @Test func epochsUseEverySampleOnce() {
    let batches = Batches(samples: 10, size: 3, seed: 4)
    #expect(batches.perEpoch == 4)
    let orders = (0..<5).map { batches.order(ofEpoch: $0) }
    for order in orders { #expect(order.sorted() == Array(0..<10)) }
    #expect(Set(orders).count == 5)
    #expect(Batches(samples: 10, size: 3, seed: 5).order(ofEpoch: 0) != orders[0])
  }

  // MARK: Ends

  @Test func tellsWhereItDiverges() throws {
    let run = try run("descent", ["gamma": 1.5, "gamma_prime": 0, "rate": 5], width: 100)
    let result = try train("descent", run, problem("descent")).result
    #expect(result.outcome == .diverged)
    #expect(result.flaw == nil)
    #expect(result.reason.contains("step \(result.steps)"))
  }

  @Test func epochsAreABudget() throws {
    let run = try run("sgd", ["gamma": 1, "gamma_prime": 0, "rate": 0.01, "batch": 3], width: 20)
    let result = try train(
      "sgd", run, problem("sgd"), budget: Budget(steps: .max, wallSeconds: 60, epochs: 7)
    ).result
    #expect(result.outcome == .budgetExhausted)
    // Two steps an epoch: three samples and one.
    #expect(result.steps == 14)
    #expect(result.quantities["epochs"] == 7)
  }

  /// Where no neuron is active, nothing moves.
  @Test func restsWhereNothingMoves() throws {
    let initial = InitialWeights(a: [1, -1], w: [0, -1, 0, -2], inputs: 2)
    let run = try run("descent", ["gamma": 0.5, "gamma_prime": 0, "rate": 0.1], width: 2)
    let problem = try problem("descent", ["rate_unit": .string("normalised")])
    let result = try train("descent", run, problem, FlowOptions(initial: initial.arrays)).result
    #expect(result.outcome == .stationary)
    #expect(result.quantities["rd"] == 0)
  }

  @Test func refusesBatchesThatAreNone() throws {
    let run = try run("sgd", ["gamma": 1, "gamma_prime": 0, "batch": 1.5], width: 20)
    #expect(throws: FlowRunError.batch(1.5)) { try family("sgd").check(run, of: problem("sgd")) }
  }

  // MARK: The same run

  private static let cases: [(String, [String: Double])] = [
    ("descent", [:]), ("sgd", ["batch": 2]), ("momentum", ["keep": 0.8]),
    ("adam", ["batch": 3, "keep": 0.9]),
  ]

  /// Neither threads nor a suspension change a bit.
  @Test(arguments: cases)
  func dependsOnNothingElse(name: String, setting: [String: Double]) throws {
    let problem = try problem(name, ["activation": .string("tanh")])
    let width = 5001.0
    let setting = setting.merging(["gamma": 0.75, "gamma_prime": 0.1]) { $1 }
    let run = try run(name, setting, width: width, seed: 2)
    let options = FlowOptions(record: ["trajectory", "neurons"])
    let budget = Budget(steps: 150, wallSeconds: 60)
    let whole = try train(name, run, problem, options, budget: budget)
    #expect(whole.result.outcome == .budgetExhausted)

    var shared = options
    shared.threads = 3
    let other = try train(name, run, problem, shared, budget: budget)
    #expect(other.result.quantities == whole.result.quantities)
    #expect(other.arrays == whole.arrays)

    var flow = try family(name).start(run, of: problem, options: options)
    while flow.state.steps < 60 { _ = flow.step(within: budget) }
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    try Checkpoint.write(flow, run, of: problem, initial: nil) { bytes.all += $0 }
    var rest = bytes.all[...]
    var resumed = try Checkpoint.resume(run, of: problem, by: family(name), options: options) {
      let portion = rest.prefix(1001)
      rest = rest.dropFirst(1001)
      return Array(portion)
    }
    let end = resumed.run(within: budget)
    #expect(end.result.quantities == whole.result.quantities)
    #expect(end.arrays == whole.arrays)
  }

  /// A network without dropout whose batch is all samples is the same by every name.
  @Test func optimisersAreTheSameWhereTheyAgree() throws {
    let expected = try train(
      "descent", run("descent", ["gamma": 1, "gamma_prime": 0], width: 64), problem("descent"))
    let sgd = try train(
      "sgd", run("sgd", ["gamma": 1, "gamma_prime": 0, "batch": 0], width: 64), problem("sgd"))
    let momentum = try train(
      "momentum", run("momentum", ["gamma": 1, "gamma_prime": 0], width: 64),
      problem("momentum", ["momentum": .number(0)]))
    for other in [sgd, momentum] {
      #expect(other.result.steps == expected.result.steps)
      #expect(other.result.quantities["rd"] == expected.result.quantities["rd"])
    }
  }
}
