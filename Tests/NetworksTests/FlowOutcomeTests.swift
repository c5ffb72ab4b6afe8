import Model
import Testing

@testable import Networks

struct FlowOutcomeTests {
  private func problem(_ x: [Double], _ y: [Double], antisymmetric: Bool = false) throws -> Problem {
    Problem(try SampleSet(x: x, y: y), antisymmetric: antisymmetric)
  }

  private func run(_ gamma: Double, _ gammaPrime: Double, _ width: Int, seed: UInt64 = 0) -> Run {
    Run(Setting(gamma: gamma, gammaPrime: gammaPrime), width: width, seed: seed)
  }

  /// At n = 10 the condensed regime has a spurious minimum at mean squared residual 3.29·10⁻⁵.
  @Test func stallsWhereTheFlowDoes() throws {
    func sigma(_ z: Double) -> Double { max(0, z) }
    let x = (0..<10).map { -1 + 2 * Double($0) / 9 }
    let y = x.map { -sigma($0) + sigma(2 * ($0 + 0.3)) - sigma(1.5 * ($0 - 0.4)) + sigma(0.5 * ($0 - 0.8)) }
    let result = try train(run(1.75, 0, 1000), of: problem(x, y)).result
    #expect(result.outcome == .stationary)
    #expect(abs(result.meanSquaredResidual / 3.292e-5 - 1) < 1e-3)
    #expect(
      result.reason.hasPrefix("at rest: ")
        && result.reason.hasSuffix(" decades of time; same at tolerance 1e-3"), "\(result.reason)")
  }

  @Test(arguments: [
    (
      RestEvidence(reducibleShare: 3.4e-12, change: 2e-8, decades: 4.234),
      "(share 3e-12), no neuron moves (2e-8 within the time elapsed), unchanged for 4.2 decades of time"
    ),
    (
      RestEvidence(reducibleShare: 9.9e-10, change: 0, decades: 0.04),
      "(share 1e-9), no neuron moves (0 within the time elapsed)"
    ),
  ])
  func evidenceOfRestIsLegible(_ evidence: RestEvidence, _ text: String) {
    #expect("\(evidence)" == "at rest: nothing left to reduce " + text)
  }

  /// A budget of simulated time is met exactly, and changes nothing before.
  @Test(arguments: [(0.5, 0.0), (1.25, 0.5), (1.75, 0)])
  func simulatedTimeEndsARun(_ gamma: Double, _ gammaPrime: Double) throws {
    let four = try problem([-1.0, -0.3, 0.4, 1.0], [0.2, -0.4, 0.6, -0.1])
    let run = run(gamma, gammaPrime, 100)
    var states: [FlowState] = []
    let free = try train(run, of: four) { states.append($0) }.result
    #expect(free.outcome == .converged)
    for share in [1e-3, 0.3, 0.9, 1 - 1e-9] {
      var seen: [FlowState] = []
      let time = share * free.time
      let budget = Budget(steps: 100_000, wallSeconds: 600, time: time)
      let cut = try train(run, of: four, budget: budget) { seen.append($0) }.result
      #expect(cut.outcome == .budgetExhausted && cut.reason == "simulated time")
      #expect(cut.time == time && cut.supRD <= free.supRD * (1 + 1e-9))
      #expect(seen.dropLast().elementsEqual(states.prefix(seen.count - 1)))
      #expect(cut.meanSquaredResidual > 1e-6)
    }
    for time in [free.time, 2 * free.time] {
      let budget = Budget(steps: 100_000, wallSeconds: 600, time: time)
      let whole = try train(run, of: four, budget: budget).result
      #expect(whole.outcome == .converged && whole.rd == free.rd && whole.time == free.time)
    }
  }

  /// The state at a time does not depend on how the run is cut there, up to the tolerance.
  @Test func aCutRunIsOnTheWayOfTheWhole() throws {
    let four = try problem([-1.0, -0.3, 0.4, 1.0], [0.2, -0.4, 0.6, -0.1])
    let run = run(1.75, 0, 100)
    var states: [FlowState] = []
    _ = try train(run, of: four) { states.append($0) }
    for state in states.dropFirst().prefix(30) {
      let budget = Budget(steps: 100_000, wallSeconds: 600, time: state.time)
      let cut = try train(run, of: four, budget: budget).result
      #expect(abs(cut.rd / state.rd - 1) < 1e-4)
    }
  }

  /// A single dead neuron cannot learn: at rest from the start.
  @Test func deadNetworkStalls() throws {
    let initial = InitialValues(a: [1], w: [-1], b: [-0.1])
    let result = try train(run(1, 0, 1), of: problem([1], [1]), initial: initial).result
    #expect(result.outcome == .stationary)
    #expect(result.rd == 0)
  }

  @Test func budgetsEndARun() throws {
    let four = try problem([-1.0, -0.3, 0.4, 1.0], [0.2, -0.4, 0.6, -0.1])
    let few = try train(run(1.75, 0, 100), of: four, budget: Budget(steps: 3, wallSeconds: 600)).result
    #expect(few.outcome == .budgetExhausted)
    #expect(few.reason == "3 steps")
    #expect(few.steps == 3)
    let late = try train(run(1.75, 0, 100), of: four, budget: Budget(steps: 1000, wallSeconds: 0)).result
    #expect(late.outcome == .budgetExhausted)
    #expect(late.reason == "wall time")
  }

  @Test func budgetDoesNotChangeAConvergedResult() throws {
    let four = try problem([-1.0, -0.3, 0.4, 1.0], [0.2, -0.4, 0.6, -0.1])
    let free = try train(run(1.25, 0.5, 100), of: four).result
    let tight = try train(run(1.25, 0.5, 100), of: four, budget: Budget(steps: free.steps, wallSeconds: 600))
      .result
    #expect(free.outcome == .converged)
    #expect(tight.rd == free.rd && tight.outcome == free.outcome)
  }

  @Test func alreadySolved() throws {
    let initial = InitialValues(a: [1], w: [1], b: [1])
    let result = try train(run(1, 0, 1), of: problem([1], [2]), initial: initial).result
    #expect(result.outcome == .converged)
    #expect(result.rd == 0 && result.steps == 0 && result.time == 0)
  }

  @Test(arguments: [
    (1.0, 0.0, 0, "the width is 0; it must be a whole number from 1 to 1000000000"),
    (
      200.0, 0.0, 1000,
      "m^−γ or m^−γ' leaves the range of double precision at gamma = 200, gamma_prime = 0, m = 1000; choose "
        + "exponents nearer to zero"
    ),
  ])
  func refusesWhatItCannotIntegrate(gamma: Double, gammaPrime: Double, width: Int, text: String) throws {
    let problem = try problem([1], [1])
    let error = #expect(throws: FlowRunError.self) {
      try TwoLayerReLULine().check(run(gamma, gammaPrime, width), of: problem)
    }
    #expect(error?.description == text)
  }

  @Test(arguments: [([1e200], [1.0]), ([1.0], [1e200])])
  func refusesWhatOverflows(x: [Double], y: [Double]) throws {
    #expect(throws: FlowRunError.overflow) { try train(run(1, 0, 10), of: problem(x, y)) }
  }

  /// A sample beside others 10⁶ times as far away still counts; farther ones would drown it in
  /// rounding, so that the flow seemed to rest with its residual left.
  @Test func refusesSamplesTooFarApart() throws {
    let far = try train(run(1, 0, 100), of: problem([-9e5, 0.4, 9e5], [0.3, -0.5, 0.2])).result
    #expect(far.outcome == .converged)
    let error = #expect(throws: FlowRunError.self) {
      try TwoLayerReLULine().check(problem([-1e8, 0.4, 1e8], [0.3, -0.5, 0.2]))
    }
    #expect(
      error?.description
        == "the largest and the smallest |x̃|² of the samples differ by a factor of 8.62069e+15, which leaves the smaller "
        + "no digits in double precision; scale the inputs to within a factor of 10⁶")
  }

  @Test func refusesAnUndefinedRelativeChange() throws {
    let initial = InitialValues(a: [1], w: [0], b: [0])
    #expect(throws: FlowRunError.noInputWeights) {
      try train(run(1, 0, 1), of: problem([1], [1]), initial: initial)
    }
  }

  /// Very narrow networks deep in the plane: neurons slide into w = 0 and out again under huge
  /// drives. Where they end has no unique answer, hence no limit.
  @Test(arguments: [
    (1, -0.5, 2, 1), (0.5, -0.5, 2, 1), (1, -0.5, 3, 1), (1.5, -0.5, 2, 1), (2, -1, 3, 1), (3, -1, 2, 1),
    (4, -2, 2, 1), (8, -8, 2, 0),
  ])
  func narrowNetworksEnd(gamma: Double, gammaPrime: Double, width: Int, seed: UInt64) throws {
    let four = try problem([-1.0, -0.3, 0.4, 1.0], [0.2, -0.4, 0.6, -0.1])
    let result = try train(run(gamma, gammaPrime, width, seed: seed), of: four).result
    #expect(result.isPlausible)
    let isUndecided = result.reason.hasPrefix(RunResult.restUndecided)
    #expect((result.outcome != .budgetExhausted || isUndecided) && result.rd > 0, "\(result)")
  }

  /// Modes that are slower by many orders than those that are done with are no rest.
  @Test func slowModesAreNoRest() throws {
    let wide = try problem([-1e4, -3e3, 4e3, 1e4], [0.2, -0.4, 0.6, -0.1])
    let result = try train(run(1, 0, 10_000), of: wide).result
    #expect(result.outcome == .converged)
    #expect(abs(result.rd / 0.531 - 1) < 2e-3)
    let years = try problem([2000, 2005, 2013, 2020], [0.2, -0.4, 0.6, -0.1])
    let slow = try train(run(1, 0, 1000), of: years, budget: Budget(steps: 200, wallSeconds: 60)).result
    #expect(slow.outcome != .stationary && slow.steps > 10)
  }

  /// Random valid problems: every run ends, with finite numbers and a loss that is no larger than
  /// at the start.
  @Test(arguments: 0..<60)
  func everyRunEnds(seed: Int) throws {
    let stream = NormalStream(seed: UInt64(1000 + seed))
    let n = 1 + seed % 12
    let samples = (0..<n).map { stream.pair(neuron: $0, pair: 0) }
    let (u, v) = stream.pair(neuron: 500, pair: 0)
    let gamma = min(max(1.25 + u, 0), 4)
    let gammaPrime = min(max(v, -2), 2)
    let width = [1, 2, 5, 30, 200][seed % 5]
    let problem = try problem(samples.map(\.0), samples.map(\.1))
    var first = 0.0
    let result = try train(
      run(gamma, gammaPrime, width, seed: UInt64(seed)), of: problem,
      budget: Budget(steps: 5000, wallSeconds: 60)
    ) { if $0.steps == 0 { first = $0.meanSquaredResidual } }.result
    #expect(result.isPlausible, "seed \(seed)")
    #expect(result.outcome != .budgetExhausted, "seed \(seed): \(result)")
    #expect(result.meanSquaredResidual <= first * (1 + 1e-9), "seed \(seed)")
  }
}
