import Foundation
import Model
import RealModule
import Testing
import Theories

@testable import Networks

/// The family of smooth networks, from problems to results.
struct SmoothFamilyTests {
  private let family = TwoLayerSmooth()
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  private func problem(
    _ network: [String: JSONValue] = [:], samples: SampleSet? = nil, target: Double = 1e-6
  ) throws -> Problem {
    Problem(
      method: TwoLayerSmooth.method,
      network: family.withDefaults(["activation": .string("tanh")].merging(network) { $1 }),
      samples: try samples ?? SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]),
      target: target, tolerance: 1e-3)
  }

  private func run(_ gamma: Double, _ gammaPrime: Double = 0, width: Double, seed: UInt64 = 0) -> Run {
    Run(Setting(gamma: gamma, gammaPrime: gammaPrime), width: width, seed: seed)
  }

  private func train(_ run: Run, _ problem: Problem, _ options: FlowOptions = FlowOptions()) throws
    -> RunResult
  {
    try family.check(run, of: problem)
    var flow = try family.start(run, of: problem, options: options)
    return flow.run(within: .default).result
  }

  @Test func isChosenByItsActivations() throws {
    for activation in SmoothActivation.all {
      let network: [String: JSONValue] = ["activation": .string(activation.name)]
      for inputs in [1, 3] {
        let found = NetworkFamilies.builtIn.family(method: nil, network: network, inputs: inputs)
        #expect(found is TwoLayerSmooth)
      }
    }
    let relu = NetworkFamilies.builtIn.family(method: nil, network: [:], inputs: 1)
    #expect(relu is TwoLayerReLULine)
  }

  /// A network with β2 given is the one with the α that goes with it.
  @Test func thirdExponentCanBeThatOfBeta2() throws {
    let alpha = try problem(["fixed_scale": .string("alpha"), "fixed_exponent": .number(0.5)])
    // b = (e − γ + γ')/2.
    let beta2 = try problem(["fixed_scale": .string("beta2"), "fixed_exponent": .number(-0.5)])
    let run = run(1.75, 0.25, width: 50)
    let (one, other) = (try train(run, alpha), try train(run, beta2))
    #expect(abs(one.rd / other.rd - 1) < 1e-9)
    #expect(abs(one.rd / (try train(run, problem())).rd - 1) > 0.01)
  }

  /// Nodes stand for networks of any width: the mean is within what seeds differ by.
  @Test(arguments: [(2.0, 0.0), (0.5, 0.0), (1.0, 0.25)])
  func nodesAreTheNetwork(gamma: Double, gammaPrime: Double) throws {
    func values(_ law: String, _ seeds: Range<UInt64>) throws -> [Double] {
      let problem = try problem(["law": .string(law), "nodes": .number(256), "antisymmetric": .boolean(true)])
      return try seeds.map {
        Double.log(try train(run(gamma, gammaPrime, width: 1000, seed: $0), problem).rd)
      }
    }
    let sampled = try values("sampled", 0..<6)
    let nodes = try values("nodes", 0..<6)
    let mean = try values("mean", 0..<1)[0]
    func average(_ v: [Double]) -> Double { v.reduce(0, +) / Double(v.count) }
    let spread = (sampled + nodes).map { abs($0 - average(sampled)) }.max() ?? 0
    #expect(spread < 0.25)
    #expect(abs(average(nodes) - average(sampled)) < 0.03 + spread / 2)
    #expect(abs(mean - average(sampled)) < 0.03 + spread / 2)
  }

  @Test func nodesTellTheirError() throws {
    let problem = try problem(["law": .string("mean"), "nodes": .number(256)])
    let result = try train(run(2, width: 1e8), problem)
    let error = try #require(result.quantities["nodes_error"])
    #expect(error > 0 && error < 0.02)
    #expect(result.outcome == .converged)
  }

  /// Exact symmetry makes a flow sensitive; an ordinary one is not.
  @Test func sensitivityIsMeasured() throws {
    let result = try train(run(1, width: 100), problem(["sensitivity": .boolean(true)]))
    let perturbed = try #require(result.quantities["perturbed_rd"])
    #expect(perturbed != result.rd)
    #expect(abs(perturbed / result.rd - 1) < 1e-5)
    #expect(try train(run(1, width: 100), problem()).quantities["perturbed_rd"] == nil)
  }

  /// A run goes on as if it had not been suspended, also amid what it is compared with.
  @Test func goesOnAsIfNothingHadHappened() throws {
    let problem = try problem([
      "law": .string("nodes"), "nodes": .number(128), "sensitivity": .boolean(true),
    ])
    let run = run(1.5, width: 1e6, seed: 4)
    let options = FlowOptions(record: RecordNames(family.description.recordables.map(\.name)))
    var whole = try family.start(run, of: problem, options: options)
    let expected = whole.run(within: .default)
    for stop in [0, 3, expected.result.steps + 2, 2 * expected.result.steps + 5] {
      var first = try family.start(run, of: problem, options: options)
      for _ in 0..<stop { #expect(first.step(within: .default) == nil) }
      var bytes: [UInt8] = []
      try Checkpoint.write(first, run, of: problem, initial: nil) { bytes += $0 }
      var second = try Checkpoint.resume(run, of: problem, by: family, options: options) {
        defer { bytes = [] }
        return bytes
      }
      let ending = second.run(within: .default)
      #expect(
        ending.result.quantities.values.map(\.bitPattern)
          == expected.result.quantities.values.map(\.bitPattern))
      #expect(ending.result.quantities.names == expected.result.quantities.names)
      #expect(ending.arrays == expected.arrays)
    }
  }

  @Test func takesGivenInitialValues() throws {
    let source = InitialWeightSource(width: 40, inputs: 2, seed: 5, antisymmetric: false)
    let problem = try problem()
    let given = try train(run(1, width: 40), problem, FlowOptions(initial: source.weights.arrays))
    let sampled = try train(run(1, width: 40, seed: 5), problem)
    #expect(given.rd == sampled.rd)
  }

  @Test func refusesWhatItCannotDo() throws {
    #expect(throws: FlowRunError.self) { try family.check(run(1, width: 2.5), of: problem()) }
    #expect(throws: FlowRunError.self) {
      try family.check(run(1, width: 1e30), of: problem(["law": .string("mean")])).self
      try family.check(run(-16, 16, width: 1e30), of: problem(["law": .string("mean")]))
    }
    #expect(throws: FlowRunError.self) {
      try family.check(Run.limit(Setting(gamma: 1, gammaPrime: 0)), of: problem(target: 10))
    }
  }

  /// The limit of a tanh network with four samples: as ReLU's where few neurons outrun all others,
  /// and the lazy exponent of the third order (`docs/smooth.md`).
  @Test(arguments: [(2.0, 0.0, 0.5), (1.5, 0.0, 0.25), (0.25, 0.0, -0.5), (0.25, 0.25, -1.0)])
  func limitsHaveTheirExponents(gamma: Double, gammaPrime: Double, expected: Double) throws {
    let problem = try problem(["nodes": .number(512)])
    let setting = Setting(gamma: gamma, gammaPrime: gammaPrime)
    let result = try train(.limit(setting), problem)
    let exponent = try #require(result.quantities[LimitQuantities.exponent(of: "rd")])
    #expect(abs(exponent - expected) < 0.01)
  }

  /// The order of the data, as `docs/smooth.md` has it.
  @Test func orderIsThatOfTheData() {
    func orders(_ activation: SmoothActivation) -> [Int?] {
      (2...6).map { activation.order(fitting: $0, dimension: 1, bias: true) }
    }
    #expect(orders(.tanh) == [1, 3, 3, 5, 5])
    #expect(orders(.softplus) == [1, 2, 4, 4, 6])
    #expect(orders(.xTanh) == [2, 2, 4, 4, 6])
    #expect(orders(.linear) == [1, nil, nil, nil, nil])
    // Odd monomials alone; the plane; three dimensions.
    #expect(SmoothActivation.tanh.order(fitting: 3, dimension: 1, bias: false) == 5)
    #expect(SmoothActivation.tanh.order(fitting: 6, dimension: 2, bias: true) == 3)
    #expect(SmoothActivation.tanh.order(fitting: 3, dimension: 3, bias: false) == 1)
  }

  /// A derivative of σ at 0 is what differences make of it.
  @Test(arguments: SmoothActivation.all)
  func ordersAreThoseOfTheDerivatives(activation: SmoothActivation) {
    // The part of the order j, from σ at the points of a circle around 0 in the complex plane, would
    // need complex numbers; on the line, parity tells which orders vanish, and growth the first.
    let (first, second) = (activation.value(1e-3), activation.value(2e-3))
    let zero = activation.valueAtZero
    let order = Double.log2((second - zero) / (first - zero))
    #expect(abs(order - Double(activation.multiplicity)) < 0.01)
    #expect(activation.hasOrder(activation.multiplicity))
    let odd = (3...9).filter { $0 % 2 == 1 && activation.hasOrder($0) }
    let isOdd = activation.parity == .odd && activation != .linear
    #expect(odd.isEmpty != isOdd)
  }

  /// Computed limits have the exponents of the theory.
  @Test func theoryIsOfTheProblem() throws {
    let problem = try problem()
    let theory = try #require(family.theory(of: problem, plane: LuoEtAl2021.plane, orderParameter: "sup_rd"))
    let expected: [(Double, Double, Double?)] = [
      (2, 0, 0.5), (1.5, 0.5, 0), (0.75, 0, 0), (0.25, 0, -0.5), (0.5, 0.25, -0.75), (0.25, 0.5, -1.5),
      (0.5, 0.5, -1.5), (0.75, 0.5, -1), (1.5, -0.25, 0.375), (0.25, -0.25, -0.25), (0.25, -0.5, nil),
    ]
    for (gamma, gammaPrime, exponent) in expected {
      let setting = Setting(gamma: gamma, gammaPrime: gammaPrime)
      #expect(theory.expectedExponent(at: setting) == exponent, "\(gamma), \(gammaPrime)")
    }
    #expect(theory.trend(at: Setting(gamma: 1.25, gammaPrime: 0)) == .growing)
    #expect(theory.trend(at: Setting(gamma: 1.25, gammaPrime: 0.25)) == .bounded)
    #expect(theory.trend(at: Setting(gamma: 0.75, gammaPrime: 0)) == .vanishing)
    #expect(theory.distanceToBoundary(PlanePoint(x: 1.25, y: 0.25)) == 0)
    let other = try self.problem(["fixed_exponent": .number(1)])
    #expect(family.theory(of: other, plane: LuoEtAl2021.plane, orderParameter: "sup_rd") == nil)
  }
}
