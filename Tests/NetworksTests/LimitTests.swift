import Foundation
import Model
import Testing
import Theories

@testable import Networks

/// The limit of a setting: the run of infinite width.
struct LimitTests {
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  private static func four() throws -> SampleSet {
    try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
  }

  private func problem(_ samples: SampleSet, law: String = "sampled", target: Double = 1e-6) -> Problem {
    Problem(
      method: TwoLayerReLULine.method, network: TwoLayerReLULine().withDefaults(["law": .string(law)]),
      samples: samples, target: target)
  }

  private struct Found {
    let exponent, low, high: Double
    let quantities: NamedNumbers
    let ladder: Ladder
    let reason: String

    init(_ ending: FlowEnding) throws {
      quantities = ending.result.quantities
      exponent = try #require(quantities[LimitQuantities.exponent(of: "sup_rd")], "\(ending.result.reason)")
      low = try #require(quantities[LimitQuantities.exponentLow(of: "sup_rd")])
      high = try #require(quantities[LimitQuantities.exponentHigh(of: "sup_rd")])
      ladder = try #require(ending.arrays[Ladder.name].flatMap { Ladder($0) })
      reason = ending.result.reason
    }
  }

  private static let budget = Budget(steps: 1_000_000, wallSeconds: 600)

  private func limit(_ gamma: Double, _ gammaPrime: Double, _ problem: Problem) throws -> Found {
    let run = Run.limit(["gamma": gamma, "gamma_prime": gammaPrime])
    try TwoLayerReLULine().check(run, of: problem)
    var flow = try TwoLayerReLULine().start(run, of: problem, options: FlowOptions())
    return try Found(flow.run(within: Self.budget))
  }

  /// What theory expects of a setting.
  private func theory(_ gamma: Double, _ gammaPrime: Double) throws -> ClosedRange<Double> {
    let theory = LuoEtAl2021(antisymmetric: false)
    return try #require(theory.exponentRange(at: ["gamma": gamma, "gamma_prime": gammaPrime]))
  }

  // MARK: The closed form

  /// Deep in the linear regime a flow has the values of the closed form, in both parts.
  @Test(arguments: [(0.75, 0.5), (1.25, 0.75), (0.5, -0.25), (0.625, 0), (1, 0.5)])
  func theClosedFormIsThatOfTheFlow(gamma: Double, gammaPrime: Double) throws {
    let problem = problem(try Self.four())
    let ladder = try TwoLayerReLULine().ladder(
      .limit(["gamma": gamma, "gamma_prime": gammaPrime]), of: problem)
    var flow = try ladder.flow(RungRequest(log10Width: 30, nodes: .plain))
    let quantities = flow.run(within: Self.budget).result.quantities
    let closed = try #require(ladder.linear(at: 30))
    let rd = try #require(quantities["rd"])
    #expect(try abs(log10(rd) - #require(closed.log10["rd"])) < 1e-3)
  }

  /// Integrated numerically: ∫ dq_i q_k, the probabilities and the moments of the cones are right
  /// where a single sample leaves one mode.
  @Test func oneSampleIsKnownByHand() throws {
    // x = 1, y = 1: x̃ = (1, 1), |x̃|² = 2, cones are half planes. q = y/K; even: |Δw| = q²/2 |x̃|
    // (x̃·w).
    let geometry = ConeGeometry(try SampleSet(x: [1], y: [1]))
    let regime = LinearRegime(on: geometry, target: 1e-12)
    let exponents = try #require(Exponents(["gamma": 1, "gamma_prime": 1]))
    let value = regime.value(WidthScales.Logarithms(exponents, log10Width: 40))
    // K = c m E[σσ] = m |x̃|²/2 = m; the kernel of the output weights is negligible.
    let q = 1.0 - 1e-6
    // E over the active half plane: Σ|Δw|² = q⁴/4 |x̃|² E[(x̃·w)²]/2, E|w|² = 2.
    let even = (q * q * q * q / 4 * 2 * (2.0 / 2) / 2).squareRoot()
    // κ'² q² |x̃|² /2 / 2.
    let odd = (q * q * 2 / 2 / 2).squareRoot()
    #expect(abs(value.log10Even - (log10(even) - 80)) < 1e-9)
    #expect(abs(value.log10Odd - (log10(odd) - 40 - 40)) < 1e-9)
  }

  // MARK: Exponents

  @Test(arguments: [
    (1.25, 0.5), (0.875, 0.25), (1, 0.125), (0.75, -0.25), (0.5, 0), (0.25, 0), (0.9845, 0.2821), (1.01, 0.5),
  ])
  func whereTheChangeVanishesTheExponentIsExact(gamma: Double, gammaPrime: Double) throws {
    let found = try limit(gamma, gammaPrime, problem(try Self.four()))
    let expected = try theory(gamma, gammaPrime).lowerBound
    #expect(abs(found.exponent - expected) < 1e-6, "\(found.reason)")
    #expect(found.low < expected && expected < found.high && found.high - found.low < 1e-3)
  }

  @Test(arguments: [(1.75, 0), (1.5, 0.375), (1.75, -0.5)])
  func whereItGrowsTheLadderSettles(gamma: Double, gammaPrime: Double) throws {
    let found = try limit(gamma, gammaPrime, problem(try Self.four()))
    let expected = try theory(gamma, gammaPrime).lowerBound
    #expect(abs(found.exponent - expected) < 0.003, "\(found.reason)")
    #expect(found.low <= expected && expected <= found.high)
    #expect(abs(found.quantities[LimitQuantities.instability] ?? 1) < 0.02)
  }

  @Test func whereItStaysFiniteTheLimitHasItsDigits() throws {
    let found = try limit(1.5, 0.5, problem(try Self.four()))
    #expect(found.low <= 0 && 0 <= found.high && found.low < found.high)
    let value = try #require(found.quantities[LimitQuantities.value(of: "sup_rd")])
    let error = try #require(found.quantities[LimitQuantities.valueError(of: "sup_rd")])
    #expect(abs(value / 1.05875 - 1) < 3 * error && error < 3e-3)
  }

  /// f(0) = O(m^(½ − γ)) adds to the exponent where it fluctuates.
  @Test func unlearningAddsToTheExponent() throws {
    let samples = try Self.four()
    let sampled = try limit(0.25, 0, problem(samples))
    let mean = try limit(0.25, 0, problem(samples, law: "mean"))
    #expect(abs(sampled.exponent + 0.5) < 1e-6 && abs(mean.exponent + 0.75) < 1e-6)
  }

  /// The README's example: the slope between 10³ and 10⁶ is −0.22, and the crossover is at 10^9.6.
  @Test func theCrossoverWidthIsFound() throws {
    for (gamma, gammaPrime, expected) in [
      (1.25, 0.5, 9.6), (1, 0.5, 5.2), (0.75, 0, 4.1), (0.875, -0.125, 11.1),
    ] {
      let found = try limit(gamma, gammaPrime, problem(try Self.four()))
      let width = try #require(found.quantities[LimitQuantities.crossoverWidth(of: "sup_rd")])
      #expect(abs(log10(width) - expected) < 0.35, "(\(gamma), \(gammaPrime)): \(log10(width))")
    }
  }

  /// Symmetric data and symmetric nodes: plain nodes leave the layer beside z = 0 empty and rest
  /// with an RD of 0.16 √m; networks go on to 0.816 √m, and so do graded nodes, mean or
  /// fluctuating.
  @Test func gradedNodesLeaveTheSaddle() throws {
    let x = [-0.5, -1.0 / 6, 1.0 / 6, 0.5]
    let found = try limit(1.5, -0.5, problem(try SampleSet(x: x, y: x.map { $0 * $0 })))
    #expect(abs(found.exponent - 0.5) < 0.003 && found.low <= 0.5 && 0.5 <= found.high)
    #expect(abs(found.quantities[LimitQuantities.instability] ?? 1) < 0.02)
    let last = try #require(found.ladder.rungs(of: "sup_rd").last)
    #expect(abs(last.logValue - last.logWidth / 2 - log10(0.816)) < 0.01)
  }

  // MARK: Runs

  @Test func whatHasNoLimitIsRefused() throws {
    let family = TwoLayerReLULine()
    let setting: Setting = ["gamma": 1, "gamma_prime": 0]
    let problem = problem(try Self.four())
    #expect(family.hasLimit(of: problem))
    #expect(throws: FlowRunError.limitSeed(1)) {
      try family.check(Run(setting, width: .infinity, seed: 1), of: problem)
    }
    let easy = self.problem(try Self.four(), target: 1)
    #expect(throws: FlowRunError.self) { try family.check(.limit(setting), of: easy) }
  }

  @Test(arguments: [0, 3, 40, 400])
  func aLimitCanBeResumed(steps: Int) throws {
    let problem = problem(try Self.four())
    let run = Run.limit(["gamma": 1.25, "gamma_prime": 0.5])
    let family = TwoLayerReLULine()
    var whole = try family.start(run, of: problem, options: FlowOptions())
    let expected = whole.run(within: Self.budget)
    var first = try family.start(run, of: problem, options: FlowOptions())
    for _ in 0..<steps where first.step(within: Self.budget) != nil { return }
    final class Bytes { var all: [UInt8] = [] }
    let bytes = Bytes()
    try Checkpoint.write(first, run, of: problem, initial: nil) { bytes.all += $0 }
    var rest = bytes.all[...]
    var resumed = try Checkpoint.resume(run, of: problem, by: family, options: FlowOptions()) {
      defer { rest = [] }
      return Array(rest)
    }
    let ending = resumed.run(within: Self.budget)
    #expect(
      ending.result.quantities == expected.result.quantities && ending.result.reason == expected.result.reason
    )
    #expect(ending.arrays[Ladder.name]?.data == expected.arrays[Ladder.name]?.data)
  }

  @Test func aBudgetIsKept() throws {
    let problem = problem(try Self.four())
    var flow = try TwoLayerReLULine().start(
      .limit(["gamma": 1.25, "gamma_prime": 0.5]), of: problem, options: FlowOptions())
    let ending = flow.run(within: Budget(steps: 20, wallSeconds: 100))
    #expect(ending.result.outcome == .budgetExhausted && ending.result.steps == 20)
    let later = flow.run(within: Self.budget)
    #expect(later.result.outcome == .converged)
  }

  // MARK: Evidence

  private struct Reference: Decodable {
    struct Value: Decodable { var gamma, gamma_prime, width, rd, nodes_error: Double }
    var values: [Value]
  }

  /// The values of another implementation, to three times its error or 10⁻³ and what ours says of
  /// its own.
  @Test(arguments: [1e4, 1e6, 1e9, 1e12, 1e20, 1e30])
  func reference(width: Double) throws {
    let url = try #require(
      Bundle.module.url(forResource: "limit-four-samples", withExtension: "json", subdirectory: "Reference"))
    let all = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url)).values
    var problem = problem(try Self.four(), law: "mean")
    problem.network["nodes"] = .number(16384)
    let values = all.filter { $0.width == width }
    #expect(values.count > 5)
    for value in values {
      let run = Run(["gamma": value.gamma, "gamma_prime": value.gamma_prime], width: width, seed: 0)
      var flow = try TwoLayerReLULine().start(run, of: problem, options: FlowOptions())
      let rd = try #require(flow.run(within: Self.budget).result.quantities["rd"])
      #expect(
        abs(rd / value.rd - 1) < max(1e-3, 3 * value.nodes_error),
        "(\(value.gamma), \(value.gamma_prime)): \(rd / value.rd - 1)")
    }
  }

  /// The 169 points of grids/quickstart.yaml.
  @Test(.enabled(if: slow)) func allPointsOfTheQuickstart() throws {
    let problem = problem(try Self.four())
    for i in 0...12 {
      for j in 0...12 {
        let (gamma, gammaPrime) = (0.5 + 0.125 * Double(i), -0.5 + 0.125 * Double(j))
        let found = try limit(gamma, gammaPrime, problem)
        let expected = try theory(gamma, gammaPrime)
        #expect(
          found.low <= expected.upperBound && expected.lowerBound <= found.high, "(\(gamma), \(gammaPrime))")
        let error = max(expected.lowerBound - found.exponent, found.exponent - expected.upperBound)
        #expect(error <= 0.003, "(\(gamma), \(gammaPrime))")
        let trend = LuoEtAl2021(antisymmetric: false).trend(at: ["gamma": gamma, "gamma_prime": gammaPrime])
        if trend == .growing { #expect(found.low > 0) }
        if trend == .vanishing { #expect(found.high < 0) }
      }
    }
  }

  /// Intervals hold the exponent, where theory has a range they meet it: 200 random sets of data,
  /// and random points away from all lines; half as many close to one.
  @Test(.enabled(if: slow), arguments: [(200, 1.0 / 32, 10.0, 0.95), (100, 1.0 / 128, 1.1, 0.9)])
  func intervalsCover(count: Int, distance: Double, reach: Double, share: Double) throws {
    var random = NodeStream(seed: 2026, node: count)
    var covered = 0
    var halves: [Double] = []
    for k in 0..<count {
      let n = 1 + k % 10
      let samples = try SampleSet(
        x: (0..<n).map { _ in 2 * random.uniforms().1 - 1 },
        y: (0..<n).map { _ in 2 * random.uniforms().1 - 1 })
      let square = samples.y.reduce(0) { $0 + $1 * $1 } / Double(n)
      var (gamma, gammaPrime) = (1.0, 0.0)
      repeat {
        let (u, v) = random.uniforms()
        (gamma, gammaPrime) = (0.25 + 2 * u, -0.75 + 2 * v)
      } while !(distance...reach * distance + (reach > 2 ? 10 : 0)).contains(
        Self.distanceToLines(gamma, gammaPrime))
      let found = try limit(gamma, gammaPrime, problem(samples, target: 1e-6 * square))
      let expected = try theory(gamma, gammaPrime)
      covered += found.low <= expected.upperBound && expected.lowerBound <= found.high ? 1 : 0
      halves.append((found.high - found.low) / 2)
    }
    halves.sort()
    #expect(Double(covered) >= share * Double(count), "\(covered) of \(count)")
    #expect(halves[count / 2] <= 1e-3, "median half width \(halves[count / 2])")
  }

  /// The distance to the nearest line at which the exponent changes its formula.
  private static func distanceToLines(_ gamma: Double, _ gammaPrime: Double) -> Double {
    let alongRay = max(0, (gamma - 1 + gammaPrime) / 2)
    let alongAntidiagonal = max(0, (gamma - 1 - gammaPrime) / 2)
    return min(
      min(abs(gamma - 1), abs(gamma - 0.5)),
      gamma < 1 ? abs(gammaPrime) : hypot(gamma - 1, gammaPrime),
      hypot(gamma - 1 - alongRay, gammaPrime - alongRay),
      hypot(gamma - 1 - alongAntidiagonal, gammaPrime + alongAntidiagonal))
  }
}
