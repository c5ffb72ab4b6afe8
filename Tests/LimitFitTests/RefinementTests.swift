import Model
import RealModule
import Testing

@testable import LimitFit

struct RefinementTests {
  /// A plane with a known boundary, whose runs cost √m.
  struct Plane {
    /// The exponent at a point.
    var exponent: (PhasePoint) -> Double
    var scatter = 0.01
    /// Which random numbers.
    var stream: UInt64 = 0

    /// The runs at points, each with its widths and seeds.
    func observations(_ runs: Set<Run>) -> [Observation] {
      runs.sorted { $0.point != $1.point ? $0.point < $1.point : ($0.width, $0.seed) < ($1.width, $1.seed) }
        .map { run in
          // The same for the same run, whatever else there is.
          var random = SplitMix64(state: stream &+ run.seed &* 7919 &+ UInt64(run.width))
          let noise = scatter * (1000 / Double(run.width)).squareRoot() * random.normal()
          let rd = Double.exp(exponent(run.point) * Double.log(Double(run.width)) + noise)
          return Observation(run: run, state: .finished(.converged, supRD: rd))
        }
    }

    static func runs(_ axes: Axes) -> Set<Run> { Set(axes.runs) }

    static func cost(_ runs: Set<Run>) -> Double { runs.reduce(0) { $0 + Double($1.width).squareRoot() } }
  }

  func axes(step: Double) -> Axes {
    let count = Int((1 / step).rounded())
    let line = (0...count).map { Double($0) * step }
    return Axes(gamma: line, gammaPrime: line, width: [1000, 3162, 10_000, 31_623], seed: [0, 1, 2])
  }

  /// Refines until nothing is added; returns the runs.
  func refined(_ plane: Plane, _ axes: Axes, _ goal: Refinement.Goal) -> (
    runs: Set<Run>, longest: Double, rounds: Int
  ) {
    var runs = Plane.runs(axes)
    for round in 0..<20 {
      let refinement = Refinement(observations: plane.observations(runs), axes: axes, goal: goal) {
        _, width in
        Double(width).squareRoot()
      }
      if refinement.additions.isEmpty { return (runs, refinement.longestEdge, round) }
      for addition in refinement.additions {
        let block = Axes(
          gamma: [addition.point.gamma], gammaPrime: [addition.point.gammaPrime],
          width: addition.widths ?? axes.width, seed: addition.seeds ?? axes.seed)
        let before = runs.count
        runs.formUnion(Plane.runs(block))
        #expect(runs.count > before, "what is there already is not added")
      }
    }
    Issue.record("it does not end")
    return (runs, 0, 20)
  }

  func worstError(_ runs: Set<Run>, _ plane: Plane, _ axes: Axes, _ distance: (PhasePoint) -> Double)
    -> Double
  {
    let map = PhaseMap.fit(observations: plane.observations(runs), axes: axes, antisymmetric: false)
    #expect(!map.boundary.isEmpty)
    return map.boundary.flatMap(\.points).map(distance).max() ?? 1
  }

  @Test func theBoundaryComesAsNearAsWantedForAFractionOfTheCost() {
    // A circle: no grid line follows it.
    let plane = Plane { 0.8 * (Double.hypot($0.gamma, $0.gammaPrime) - 0.73) }
    let coarse = axes(step: 0.25)
    let goal = Refinement.Goal(distance: 0.016, largestWidth: 31_623, mostSeeds: 3)
    let result = refined(plane, coarse, goal)
    #expect(result.longest <= 2 * goal.distance)
    func distance(_ point: PhasePoint) -> Double { abs(Double.hypot(point.gamma, point.gammaPrime) - 0.73) }
    #expect(worstError(result.runs, plane, coarse, distance) < goal.distance)
    let uniform = Plane.cost(Plane.runs(axes(step: 1 / 32.0)))
    let ratio = uniform / Plane.cost(result.runs)
    print("the uniform grid costs \(ratio) times as much")
    #expect(ratio >= 5)
  }

  /// A boundary between γ = 0.45 and 0.55 that is known well enough, and beside it a place with a small exponent.
  private func beside(_ exponent: Double, scatter: Double, _ goal: Refinement.Goal) -> (
    refinement: Refinement, open: [PhasePoint]
  ) {
    let plane = Plane(exponent: { $0.gamma < 0.5 ? exponent : 0.5 }, scatter: scatter)
    let axes = Axes(
      gamma: [0, 0.25, 0.45, 0.55, 1], gammaPrime: [0, 0.1], width: [1000, 3162, 10_000, 31_623],
      seed: [0, 1])
    let observations = plane.observations(Plane.runs(axes))
    let open = PhaseMap.fit(observations: observations, axes: axes, antisymmetric: false).points
      .filter { $0.verdict == .undecided }.map(\.point)
    let refinement = Refinement(observations: observations, axes: axes, goal: goal) { Double($1) }
    return (refinement, open)
  }

  @Test func openVerdictsGetTheCheapestOfWhatDecides() {
    func additions(_ widest: Int, _ seeds: Int) -> [Refinement.Addition] {
      let goal = Refinement.Goal(distance: 0.08, largestWidth: widest, mostSeeds: seeds)
      let (refinement, open) = beside(-0.3, scatter: 0.2, goal)
      #expect(!open.isEmpty && refinement.longestEdge <= 2 * goal.distance)
      #expect(refinement.undecided > 0 && refinement.additions.allSatisfy { open.contains($0.point) })
      return refinement.additions
    }
    let wider = additions(1_000_000, 2)
    #expect(!wider.isEmpty)
    for addition in wider {
      // As the grid would go on, without a gap.
      #expect(addition.seeds == [0, 1] && addition.widths?.first == 100_000)
    }
    let seeds = additions(31_623, 8)
    #expect(!seeds.isEmpty)
    #expect(seeds.allSatisfy { $0.widths == [1000, 3162, 10_000, 31_623] && $0.seeds == [2, 3] })
    for addition in additions(1_000_000, 8) {
      let all = (wider + seeds).filter { $0.point == addition.point }
      func cost(_ addition: Refinement.Addition) -> Int { addition.widths?.reduce(0, +) ?? 0 }
      #expect(all.contains(addition) && all.allSatisfy { cost(addition) <= cost($0) })
    }
    #expect(additions(31_623, 2).isEmpty, "nothing beyond what is allowed")
  }

  @Test func whatNothingWouldDecideIsCountedAndLeftAlone() {
    let goal = Refinement.Goal(distance: 0.08, largestWidth: 100_000, mostSeeds: 4)
    let (refinement, open) = beside(-0.02, scatter: 0.5, goal)
    #expect(!open.isEmpty)
    #expect(refinement.additions.isEmpty && refinement.undecided > 0)
  }

  @Test func pointsComeBeforeOpenVerdicts() {
    let goal = Refinement.Goal(distance: 0.02, largestWidth: 1_000_000, mostSeeds: 8)
    let (refinement, _) = beside(-0.3, scatter: 0.2, goal)
    #expect(!refinement.additions.isEmpty && refinement.additions.allSatisfy { $0.widths == nil })
  }

  @Test func widthsGoOnAsThoseOfAGrid() {
    var width = 1000
    var widths = [width]
    while width < 1_000_000, let next = Refinement.next(after: width, even: false) {
      width = next
      widths.append(next)
    }
    #expect(widths == [1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000])
    #expect(Refinement.next(after: 10_000, even: true) == 31_622)
    #expect(Refinement.next(after: 40_000, even: false) == 126_500)
    #expect(
      Refinement.next(after: 1_000_000_000, even: false) == nil
        && Refinement.next(after: nil, even: false) == nil
    )
  }

  @Test func furtherWidthsArePredictedAsTheyCome() throws {
    // What is predicted from the widths at hand is what a fit with the further one finds.
    for exponent in [-0.5, 0.25] {
      let plane = Plane(exponent: { _ in exponent }, scatter: 1e-3)
      func fitter(_ widths: [Int]) -> PointFitter {
        let axes = Axes(gamma: [1], gammaPrime: [0], width: widths, seed: [0, 1, 2])
        return PointFitter(
          PointData(
            point: PhasePoint(gamma: 1, gammaPrime: 0), observations: plane.observations(Plane.runs(axes))),
          isNested: true)
      }
      let few = fitter([1000, 3162, 10_000])
      #expect(few.verdict(withFurther: []) == few.fit(antisymmetric: false).verdict)
      #expect(few.verdict(withFurther: [100_000]) == (exponent < 0 ? .linear : .condensed))
      let models = try #require(few.models())
      let means = [1000.0, 3162, 10_000].map { exponent * Double.log($0) }
      for (m, y) in zip([3162.0, 1e5], models.prediction(means, at: [Double.log(3162), Double.log(1e5)])) {
        #expect(abs(y - exponent * Double.log(m)) < (m < 1e4 ? 0.002 : 0.1))
      }
    }
  }

  @Test(arguments: [2, 3])
  func theBandHoldsTheBoundaryAsOftenAsItSays(seeds: Int) {
    // All points share what a seed adds, and exponents are far from 0, so that nothing but seeds moves the line.
    var held = 0
    let draws = 30
    for draw in 0..<draws {
      var plane = Plane(exponent: { 4 * ($0.gamma - 0.6) }, scatter: 0.1)
      plane.stream = UInt64(draw) &* 1_000_003
      let axes = Axes(
        gamma: [0, 1], gammaPrime: [0, 1], width: [1000, 5000, 25_000], seed: (0..<UInt64(seeds)).map { $0 })
      let map = PhaseMap.fit(
        observations: plane.observations(Plane.runs(axes)), axes: axes, antisymmetric: false)
      guard let vertex = map.boundary.first?.vertices.first, let low = vertex.towardsLinear?.gamma,
        let high = vertex.towardsCondensed?.gamma
      else { continue }
      held += min(low, high) <= 0.6 && 0.6 <= max(low, high) ? 1 : 0
    }
    print("\(seeds) seeds: the band holds the boundary in \(held) of \(draws) draws")
    #expect(held >= 26)
  }

  @Test func noBoundaryNeedsNothing() {
    let plane = Plane { _ in -0.5 }
    let axes = axes(step: 0.5)
    let goal = Refinement.Goal(distance: 0.01, largestWidth: 1_000_000, mostSeeds: 30)
    let refinement = Refinement(observations: plane.observations(Plane.runs(axes)), axes: axes, goal: goal) {
      _, _ in 1
    }
    #expect(refinement.additions.isEmpty && refinement.longestEdge == 0)
  }
}
