import Model
import RealModule
import Testing

@testable import LimitFit

struct RefinementTests {
  static let plane = Plane(x: "x", y: "y")

  /// Exponents that are known everywhere; a run costs √m.
  struct Landscape {
    /// The exponent at a setting.
    var exponent: (Setting) -> Double
    /// The standard deviation of log q between seeds at m = 1000.
    var dispersion = 0.01
    /// The stream of random numbers.
    var stream: UInt64 = 0

    /// The observations of runs. That of a run does not depend on what others there are.
    func observations(_ runs: Set<Run>) -> [Observation] {
      runs.sorted { a, b in
        a.setting != b.setting ? a.setting < b.setting : (a.width, a.seed) < (b.width, b.seed)
      }.map { run in
        var random = SplitMix64(state: stream &+ run.seed &* 7919 &+ UInt64(run.width))
        let noise = dispersion * (1000 / run.width).squareRoot() * random.normal()
        let value = Double.exp(exponent(run.setting) * Double.log(run.width) + noise)
        return Observation(run: run, state: .finished(.converged, value: value))
      }
    }

    static func cost(_ runs: Set<Run>) -> Double { runs.reduce(0) { $0 + $1.width.squareRoot() } }
  }

  func axes(step: Double) -> Axes {
    let count = Int((1 / step).rounded())
    let line = (0...count).map { Double($0) * step }
    return Axes(
      parameters: ["x": line, "y": line], width: [1000, 3162, 10_000, 31_623], seed: [0, 1, 2])
  }

  /// The runs of an addition.
  func runs(_ addition: Refinement.Addition, _ axes: Axes) -> [Run] {
    (addition.widths ?? axes.width).flatMap { width in
      (addition.seeds ?? axes.seed).map { Run(addition.setting, width: width, seed: $0) }
    }
  }

  /// The runs after refining until nothing is added, and the longest edge then.
  func refined(
    _ landscape: Landscape, _ axes: Axes, _ goal: Refinement.Goal
  ) -> (runs: Set<Run>, longest: Double) {
    var runs = Set(axes.runs)
    for _ in 0..<20 {
      let refinement = Refinement(
        observations: landscape.observations(runs), plane: Self.plane, axes: axes, goal: goal
      ) { _, width in width.squareRoot() }
      if refinement.additions.isEmpty { return (runs, refinement.longestEdge) }
      for addition in refinement.additions {
        let before = runs.count
        runs.formUnion(self.runs(addition, axes))
        #expect(runs.count > before, "runs of the sweep are not added again")
      }
    }
    Issue.record("it does not end")
    return (runs, 0)
  }

  /// A sweep along one line of the plane has no cells, and its change of sign is found all the
  /// same.
  @Test(arguments: ["x", "y"])
  func aLineOfPointsIsRefined(along name: String) {
    let line = (0...10).map { Double($0) / 10 }
    let axes = Axes(
      parameters: ["x": name == "x" ? line : [0.5], "y": name == "y" ? line : [0.5]],
      width: [1000, 3162, 10_000, 31_623], seed: [0, 1, 2])
    let landscape = Landscape { ($0[name] ?? 0) - 0.37 }
    let goal = Refinement.Goal(distance: 0.01, maxWidth: 31_623, maxSeeds: 3)
    let (runs, longest) = refined(landscape, axes, goal)
    #expect(longest > 0 && longest <= 0.02 * (1 + 1e-9))
    let added = Set(runs.map(\.setting)).subtracting(axes.runs.map(\.setting))
    #expect(!added.isEmpty && added.allSatisfy { abs(($0[name] ?? 0) - 0.37) < 0.1 })
  }

  func map(_ landscape: Landscape, _ runs: Set<Run>, _ axes: Axes) -> PhaseMap {
    PhaseMap.fit(
      observations: landscape.observations(runs), orderParameter: "q", plane: Self.plane, axes: axes)
  }

  @Test func theBoundaryComesAsNearAsWantedForAFractionOfTheCost() {
    // A circle: no grid line follows it.
    let landscape = Landscape { 0.8 * (Double.hypot($0["x"] ?? .nan, $0["y"] ?? .nan) - 0.73) }
    let coarse = axes(step: 0.25)
    let goal = Refinement.Goal(distance: 0.016, maxWidth: 31_623, maxSeeds: 3)
    let result = refined(landscape, coarse, goal)
    #expect(result.longest <= 2 * goal.distance)
    let vertices = map(landscape, result.runs, coarse).boundary.flatMap(\.points)
    #expect(!vertices.isEmpty)
    #expect(vertices.allSatisfy { abs(Double.hypot($0.x, $0.y) - 0.73) < goal.distance })
    let uniform = Landscape.cost(Set(axes(step: 1 / 32.0).runs))
    let ratio = uniform / Landscape.cost(result.runs)
    print("the uniform grid costs \(ratio) times as much")
    #expect(ratio >= 5)
  }

  /// Two slices z of a plane, with boundaries at different places; a third has none.
  @Test func everySliceIsRefined() {
    let landscape = Landscape { ($0["x"] ?? .nan) - 0.4 * ($0["z"] ?? .nan) - 0.15 }
    let line = [0, 0.25, 0.5, 0.75, 1]
    let axes = Axes(
      parameters: ["x": line, "y": [0, 1], "z": [0, 1, 3]], width: [1000, 3162, 10_000],
      seed: [0, 1])
    let goal = Refinement.Goal(distance: 0.05, maxWidth: 10_000, maxSeeds: 2)
    func additions(_ observations: [Observation]) -> [Setting] {
      let refinement = Refinement(
        observations: observations, plane: Self.plane, axes: axes, goal: goal
      ) { $1 }
      #expect(refinement.longestEdge == (refinement.additions.isEmpty ? 0 : 0.25))
      return refinement.additions.map(\.setting)
    }
    let observations = landscape.observations(Set(axes.runs))
    let all = additions(observations)
    #expect(
      all == [
        ["x": 0.125, "y": 0, "z": 0], ["x": 0.125, "y": 1, "z": 0], ["x": 0.625, "y": 0, "z": 1],
        ["x": 0.625, "y": 1, "z": 1],
      ])
    for z in [0.0, 1, 3] {
      let alone = additions(observations.filter { $0.run.setting["z"] == z })
      #expect(alone == all.filter { $0["z"] == z }, "slice z = \(z) alone")
      #expect(alone.count == (z == 3 ? 0 : 2))
    }

    let result = refined(landscape, axes, goal)
    #expect(result.longest <= 2 * goal.distance)
    let map = map(landscape, result.runs, axes)
    for z in [0.0, 1, 3] {
      let vertices = map.slice(["z": z]).boundary.flatMap(\.points)
      #expect(vertices.isEmpty == (z == 3))
      #expect(vertices.allSatisfy { abs($0.x - 0.4 * z - 0.15) < goal.distance })
    }
  }

  /// A boundary between x = 0.45 and 0.55 that is known well enough, and a small exponent beside
  /// it.
  private func beside(
    _ exponent: Double, dispersion: Double, _ goal: Refinement.Goal
  ) -> (refinement: Refinement, undecided: [Setting]) {
    let landscape = Landscape(
      exponent: { $0["x"] ?? .nan < 0.5 ? exponent : 0.5 }, dispersion: dispersion)
    let axes = Axes(
      parameters: ["x": [0, 0.25, 0.45, 0.55, 1], "y": [0, 0.1]],
      width: [1000, 3162, 10_000, 31_623], seed: [0, 1])
    let runs = Set(axes.runs)
    let undecided = map(landscape, runs, axes).points.filter { $0.trend == .undecided }.map(\.setting)
    let refinement = Refinement(
      observations: landscape.observations(runs), plane: Self.plane, axes: axes, goal: goal
    ) { $1 }
    return (refinement, undecided)
  }

  @Test func undecidedTrendsGetTheCheapestOfWhatDecides() {
    func additions(_ maxWidth: Double, _ maxSeeds: Int) -> [Refinement.Addition] {
      let goal = Refinement.Goal(distance: 0.08, maxWidth: maxWidth, maxSeeds: maxSeeds)
      let (refinement, undecided) = beside(-0.3, dispersion: 0.3, goal)
      #expect(!undecided.isEmpty && refinement.longestEdge <= 2 * goal.distance)
      #expect(refinement.undecided > 0)
      #expect(refinement.additions.allSatisfy { undecided.contains($0.setting) })
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
      let all = (wider + seeds).filter { $0.setting == addition.setting }
      func cost(_ addition: Refinement.Addition) -> Double { addition.widths?.reduce(0, +) ?? 0 }
      #expect(all.contains(addition) && all.allSatisfy { cost(addition) <= cost($0) })
    }
    #expect(additions(31_623, 2).isEmpty, "nothing beyond what is allowed")
  }

  @Test func whatNothingWouldDecideIsCountedAndLeftAlone() {
    let goal = Refinement.Goal(distance: 0.08, maxWidth: 100_000, maxSeeds: 4)
    let (refinement, undecided) = beside(-0.02, dispersion: 0.5, goal)
    #expect(!undecided.isEmpty)
    #expect(refinement.additions.isEmpty && refinement.undecided > 0)
  }

  @Test func pointsComeBeforeUndecidedTrends() {
    let goal = Refinement.Goal(distance: 0.02, maxWidth: 1_000_000, maxSeeds: 8)
    let (refinement, _) = beside(-0.3, dispersion: 0.2, goal)
    #expect(!refinement.additions.isEmpty && refinement.additions.allSatisfy { $0.widths == nil })
  }

  @Test func widthsGoOnAsThoseOfAGrid() {
    var widths = [1000.0]
    while let last = widths.last, last < 1e6, let next = Refinement.next(after: last, unit: 1) {
      widths.append(next)
    }
    #expect(widths == [1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000])
    #expect(Refinement.next(after: 10_000, unit: 2) == 31_622)
    #expect(Refinement.next(after: 40_000, unit: 1) == 126_500)
    #expect(Refinement.next(after: 1e12, unit: 1) == 3_162_277_660_168)
    for (width, unit) in [(nil, 1.0), (0, 1), (1, 10), (1e308, 1)] as [(Double?, Double)] {
      #expect(Refinement.next(after: width, unit: unit) == nil)
    }
  }

  @Test func furtherWidthsArePredictedAsTheyCome() throws {
    // The prediction from the present widths is the result of a fit with the further one.
    for exponent in [-0.5, 0.25] {
      let landscape = Landscape(exponent: { _ in exponent }, dispersion: 1e-3)
      let axes = Axes(parameters: ["x": [1]], width: [1000, 3162, 10_000], seed: [0, 1, 2])
      let few = PointFitter(
        PointData(setting: ["x": 1], observations: landscape.observations(Set(axes.runs))),
        isNested: true)
      #expect(few.trend(withFurther: []) == few.fit(theory: nil).trend)
      #expect(few.trend(withFurther: [100_000]) == (exponent < 0 ? .vanishing : .growing))
      let models = try #require(few.models())
      let means = axes.width.map { exponent * Double.log($0) }
      let predicted = models.prediction(means, at: [Double.log(3162), Double.log(1e5)])
      for (m, y) in zip([3162.0, 1e5], predicted) {
        #expect(abs(y - exponent * Double.log(m)) < (m < 1e4 ? 0.002 : 0.1))
      }
    }
  }

  @Test(arguments: [2, 3])
  func theBandHoldsTheBoundaryAsOftenAsClaimed(seeds: Int) {
    // All points share what a seed adds, and exponents are far from 0, so that nothing but seeds
    // moves the line.
    var held = 0
    let draws = 30
    for draw in 0..<draws {
      let landscape = Landscape(
        exponent: { 4 * (($0["x"] ?? .nan) - 0.6) }, dispersion: 0.1,
        stream: UInt64(draw) &* 1_000_003)
      let axes = Axes(
        parameters: ["x": [0, 1], "y": [0, 1]], width: [1000, 5000, 25_000],
        seed: (0..<UInt64(seeds)).map { $0 })
      guard let vertex = map(landscape, Set(axes.runs), axes).boundary.first?.vertices.first,
        let low = vertex.towardsVanishing?.x, let high = vertex.towardsGrowing?.x
      else { continue }
      held += min(low, high) <= 0.6 && 0.6 <= max(low, high) ? 1 : 0
    }
    print("\(seeds) seeds: the band holds the boundary in \(held) of \(draws) draws")
    #expect(held >= 26)
  }

  @Test func noBoundaryNeedsNothing() {
    let landscape = Landscape { _ in -0.5 }
    let axes = axes(step: 0.5)
    let goal = Refinement.Goal(distance: 0.01, maxWidth: 1_000_000, maxSeeds: 30)
    let refinement = Refinement(
      observations: landscape.observations(Set(axes.runs)), plane: Self.plane, axes: axes, goal: goal
    ) { _, _ in 1 }
    #expect(refinement.additions.isEmpty && refinement.longestEdge == 0)
  }
}
