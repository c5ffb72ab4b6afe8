import Foundation
import Model
import Testing

@testable import Networks

/// Weighted nodes as initial values.
struct WeightedNodesTests {
  private static func samples(_ n: Int, seed: UInt64 = 5) throws -> SampleSet {
    let stream = NormalStream(seed: seed)
    let pairs = (0..<n).map { stream.pair(neuron: $0, pair: 0) }
    return try SampleSet(x: pairs.map(\.0), y: pairs.map(\.1))
  }

  private static func four() throws -> SampleSet {
    try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
  }

  private func problem(_ law: String, nodes: Int = 4096, _ samples: SampleSet) -> Problem {
    let family = TwoLayerReLULine()
    return Problem(
      method: TwoLayerReLULine.method,
      network: family.withDefaults(["law": .string(law), "nodes": .number(Double(nodes))]),
      samples: samples)
  }

  private func result(
    _ gamma: Double, _ gammaPrime: Double, width: Double, seed: UInt64 = 0, _ problem: Problem
  ) throws -> RunResult {
    let run = Run(["gamma": gamma, "gamma_prime": gammaPrime], width: width, seed: seed)
    var flow = try TwoLayerReLULine().start(run, of: problem, options: FlowOptions())
    return flow.run(within: .default).result
  }

  // MARK: The layouts

  @Test(arguments: [NodeLayout.Grading.plain, .rays, .raysAndEquator], [1, 2, 4, 20])
  func aLayoutIsAQuadratureRule(grading: NodeLayout.Grading, n: Int) throws {
    let layout = NodeLayout(ConeGeometry(try Self.samples(n)), count: 4096, grading: grading)
    #expect(abs(layout.weights.reduce(0, +) - 1) < 1e-12)
    #expect(layout.weights.allSatisfy { $0 > 0 })
    #expect(layout.directions.allSatisfy { abs($0.dot($0) - 1) < 1e-12 })
    // E[u uᵀ] = 1/3.
    var moment = Matrix3.zero
    for (u, p) in zip(layout.directions, layout.weights) { moment.addOuter(u, u, weight: p) }
    let identity = [moment.c0.x, moment.c1.y, moment.c2.z]
    let rest = [moment.c0.y, moment.c0.z, moment.c1.z]
    // Graded rules have one node a decade.
    let tolerance = grading == .plain ? 1e-6 : 2e-3
    #expect(identity.allSatisfy { abs($0 - 1.0 / 3) < tolerance } && rest.allSatisfy { abs($0) < tolerance })
  }

  @Test func nodesComeInPairs() throws {
    let layout = NodeLayout(ConeGeometry(try Self.four()), count: 1024, grading: .plain)
    for j in stride(from: 0, to: layout.directions.count, by: 2) {
      #expect(layout.directions[j].x == -layout.directions[j + 1].x)
      #expect(layout.directions[j].w == layout.directions[j + 1].w)
      #expect(layout.weights[j] == layout.weights[j + 1])
    }
  }

  // MARK: The mean

  /// f(0) is 0 in floating point, whatever the data, the width and the scales.
  @Test(arguments: [1, 3, 8, 20], [10.0, 1e6, 1e30, 1e100])
  func theFunctionOfTheMeanVanishesExactly(n: Int, width: Double) throws {
    let samples = try Self.samples(n, seed: UInt64(n))
    for grading in [NodeLayout.Grading.plain, .rays, .raysAndEquator] {
      for (gamma, gammaPrime) in [(0.5, 0.0), (1.5, -1), (0.75, 1), (1.75, 0.25)] {
        let exponents = try #require(Exponents(["gamma": gamma, "gamma_prime": gammaPrime]))
        let start = WeightedStart(
          samples: samples, exponents: exponents, log10Width: .log10(width), nodes: 1024,
          grading: grading)
        let ensemble = try start.ensemble()
        #expect(ensemble.residual == ensemble.geometry.y.map { -$0 }, "(\(gamma), \(gammaPrime))")
      }
    }
  }

  /// The limit of many sampled neurons, to their dispersion.
  @Test(arguments: [(1.25, 0.5, 0.05324), (1.75, 0, 290.42)])
  func theMeanIsThatOfSampledNetworks(gamma: Double, gammaPrime: Double, expected: Double) throws {
    let rd = try result(gamma, gammaPrime, width: 1e6, problem("mean", try Self.four())).quantities["rd"]
    #expect(try abs(#require(rd) / expected - 1) < 1e-3)
  }

  @Test func theErrorOfTheNodesIsReported() throws {
    let few = try result(1.25, 0.5, width: 1e6, problem("mean", nodes: 512, try Self.four()))
    let many = try result(1.25, 0.5, width: 1e6, problem("mean", nodes: 8192, try Self.four()))
    let fewError = try #require(few.quantities[WeightedFlow.errorName])
    let manyError = try #require(many.quantities[WeightedFlow.errorName])
    #expect(fewError > manyError && manyError < 5e-3)
  }

  @Test(arguments: [(0.75, 0.5), (1, 0.25), (0.5, 0)])
  func thePartsByParityMakeUpTheChange(gamma: Double, gammaPrime: Double) throws {
    let quantities = try result(gamma, gammaPrime, width: 1e12, problem("mean", try Self.four())).quantities
    let rd = try #require(quantities["rd"])
    let odd = try #require(quantities["rd_odd"])
    let even = try #require(quantities["rd_even"])
    #expect(abs(hypot(odd, even) / rd - 1) < 1e-9)
  }

  // MARK: Fluctuations

  /// Of few neurons, all are there, whatever the nodes: E|θ|² = 3 each, and var = 6.
  @Test func nodesCarryTheNeurons() throws {
    let layout = NodeLayout(ConeGeometry(try Self.four()), count: 1024, grading: .plain)
    for width in [30.0, 1e4, 1e9, 1e18, 1e40] {
      let totals = (0..<200).map { seed in
        let neurons = WeightedNeurons(
          fluctuating: layout, width: width, seed: UInt64(seed), antisymmetric: false, inputUnit: 1)
        let values = neurons.values
        return (values.a + values.w + values.b).reduce(0) { $0 + $1 * $1 }
      }
      let mean = totals.reduce(0, +) / 200
      #expect(abs(mean / 3 - 1) < 5 * (6 / (9 * width * 200)).squareRoot() + 1e-12, "m = \(width)")
    }
  }

  @Test(arguments: [(20.0, 0.2), (1000, 0.004), (1e5, 0.01), (1e9, 0.3), (1e14, 1e-12), (50, 0.7)])
  func binomialNumbersHaveMeanAndVariance(trials: Double, probability: Double) {
    let count = 4000
    let numbers = (0..<count).map { node in
      var stream = NodeStream(seed: 11, node: node)
      return stream.binomial(trials, probability)
    }
    let mean = numbers.reduce(0, +) / Double(count)
    let expected = trials * probability
    let variance = expected * (1 - probability)
    let found = numbers.reduce(0) { $0 + ($1 - expected) * ($1 - expected) } / Double(count)
    #expect(abs(mean - expected) < 5 * (variance / Double(count)).squareRoot())
    #expect(abs(found / variance - 1) < 0.15)
    #expect(numbers.allSatisfy { $0 >= 0 && $0 <= trials && $0 == $0.rounded() })
  }

  @Test(arguments: [1.5, 6, 1e4, 1e15])
  func gammaNumbersHaveMeanAndVariance(shape: Double) {
    let count = 4000
    let numbers = (0..<count).map { node in
      var stream = NodeStream(seed: 3, node: node)
      return stream.gamma(shape)
    }
    let mean = numbers.reduce(0, +) / Double(count)
    #expect(abs(mean - shape) < 5 * (shape / Double(count)).squareRoot())
    let found = numbers.reduce(0) { $0 + ($1 - shape) * ($1 - shape) } / Double(count)
    #expect(abs(found / shape - 1) < 0.2)
  }

  /// f(0) of m neurons has the scale κ √m: at γ = ½ it is O(1) however large m is.
  @Test(arguments: [1e4, 1e12, 1e19, 1e24, 1e60])
  func theFunctionAtTheStartFluctuatesAtAnyWidth(width: Double) throws {
    let samples = try Self.four()
    let geometry = ConeGeometry(samples)
    let exponents = try #require(Exponents(["gamma": 0.5, "gamma_prime": 0]))
    let squares = try (0..<60).map { seed in
      let start = WeightedStart(
        samples: samples, exponents: exponents, log10Width: .log10(width), nodes: 512, grading: .plain,
        fluctuations: (UInt64(seed), false))
      let function = zip(try start.ensemble().residual, geometry.y).map { $0 + $1 }
      return function.reduce(0) { $0 + $1 * $1 }
    }
    // E f̃_i² = E[ā² σ²] = |x̃_i|²/2.
    let expected = geometry.x.reduce(0) { $0 + $1.dot($1) } / 2
    #expect(abs(squares.reduce(0, +) / 60 / expected - 1) < 0.6)
  }

  @Test func antisymmetricNodesBeginAtZero() throws {
    let exponents = try #require(Exponents(["gamma": 0.5, "gamma_prime": 0]))
    let start = WeightedStart(
      samples: try Self.four(), exponents: exponents, log10Width: 5, nodes: 512, grading: .plain,
      fluctuations: (7, true))
    let ensemble = try start.ensemble()
    #expect(ensemble.residual == ensemble.geometry.y.map { -$0 })
  }

  /// At six points, three widths, both sides of γ = ½: as the same number of sampled networks.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil))
  func nodesAreDistributedAsSampledNetworks() throws {
    let samples = try Self.four()
    for (gamma, gammaPrime) in [(0.25, 0.0), (0.5, 0), (0.75, 0.5), (1, 0), (1.25, 0.5), (1.75, 0)] {
      for width in [1e3, 1e4, 1e5] {
        func values(_ law: String) throws -> [Double] {
          try (0..<40).map { seed in
            let result = try result(
              gamma, gammaPrime, width: width, seed: UInt64(seed), problem(law, nodes: 2048, samples))
            return Foundation.log(result.quantities["rd"] ?? 0)
          }.sorted()
        }
        let (drawn, nodes) = (try values("sampled"), try values("nodes"))
        let distance =
          (drawn + nodes).map { x in
            abs(Double(drawn.count { $0 <= x }) - Double(nodes.count { $0 <= x })) / 40
          }.max() ?? 1
        // Two samples of 40, at the level 10⁻⁴: c √(2/40), c = √(−ln(α/2)/2).
        #expect(distance < 2.23 * (2.0 / 40).squareRoot(), "(\(gamma), \(gammaPrime)), m = \(width)")
      }
    }
  }

  // MARK: Runs

  @Test func widthsAndSeedsAreChecked() throws {
    let family = TwoLayerReLULine()
    let setting: Setting = ["gamma": 1, "gamma_prime": 0]
    let mean = problem("mean", try Self.four())
    let nodes = problem("nodes", try Self.four())
    #expect(family.widthUnit(of: mean) == nil && !family.hasSeeds(of: mean) && family.hasSeeds(of: nodes))
    #expect(throws: FlowRunError.seed(3)) { try family.check(Run(setting, width: 100, seed: 3), of: mean) }
    #expect(throws: FlowRunError.weightedWidth(9)) {
      try family.check(Run(setting, width: 9, seed: 0), of: nodes)
    }
    try family.check(Run(setting, width: 12.5, seed: 3), of: nodes)
    try family.check(Run(setting, width: 1e100, seed: 0), of: mean)
  }

  /// Suspended after any step, a run has the same result.
  @Test(arguments: ["mean", "nodes"], [1, 5, 16, 25])
  func aRunCanBeResumed(law: String, steps: Int) throws {
    let problem = problem(law, nodes: 512, try Self.four())
    let run = Run(["gamma": 1.25, "gamma_prime": 0.5], width: 1e5, seed: 0)
    let family = TwoLayerReLULine()
    var whole = try family.start(run, of: problem, options: FlowOptions())
    let expected = whole.run(within: .default)
    var first = try family.start(run, of: problem, options: FlowOptions())
    for _ in 0..<steps { #expect(first.step(within: .default) == nil) }
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    try Checkpoint.write(first, run, of: problem, initial: nil) { bytes.all += $0 }
    var rest = bytes.all[...]
    var resumed = try Checkpoint.resume(run, of: problem, by: family, options: FlowOptions()) {
      defer { rest = [] }
      return Array(rest)
    }
    let ending = resumed.run(within: .default)
    #expect(ending.result.quantities == expected.result.quantities)
    #expect(ending.result.steps == expected.result.steps)
  }
}
