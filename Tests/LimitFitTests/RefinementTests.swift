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

    /// The runs at points, each with its widths and seeds.
    func observations(_ runs: Set<Run>) -> [Observation] {
      runs.sorted { $0.point != $1.point ? $0.point < $1.point : ($0.width, $0.seed) < ($1.width, $1.seed) }
        .map { run in
          // The same for the same run, whatever else there is.
          var random = SplitMix64(state: run.seed &* 7919 &+ UInt64(run.width))
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

  @Test func openVerdictsGetSeedsOrWidths() {
    // Beside a boundary at γ = ½, a place with a tiny exponent that scatter hides.
    let plane = Plane(exponent: { $0.gamma < 0.5 ? -0.06 : 0.5 * ($0.gamma - 0.3) }, scatter: 0.3)
    let coarse = Axes(gamma: [0, 0.25, 1], gammaPrime: [0, 1], width: [1000, 3162, 10_000], seed: [0, 1])
    let observations = plane.observations(Plane.runs(coarse))
    func additions(_ goal: Refinement.Goal) -> [Refinement.Addition] {
      Refinement(observations: observations, axes: coarse, goal: goal) { _, width in Double(width) }.additions
    }
    let open = PhaseMap.fit(observations: observations, axes: coarse, antisymmetric: false).points
      .filter { $0.verdict == .undecided }.map(\.point)
    #expect(!open.isEmpty)
    let both = additions(Refinement.Goal(distance: 0.1, largestWidth: 100_000, mostSeeds: 8))
    #expect(both.contains { $0.widths != nil })
    let seedsOnly = additions(Refinement.Goal(distance: 0.1, largestWidth: 10_000, mostSeeds: 8)).filter {
      $0.widths != nil
    }
    #expect(seedsOnly.allSatisfy { $0.widths == [1000, 3162, 10_000] && $0.seeds == [2, 3] })
    let neither = additions(Refinement.Goal(distance: 0.1, largestWidth: 10_000, mostSeeds: 2))
    #expect(neither.allSatisfy { $0.widths == nil }, "nothing beyond what is allowed")
    for addition in both where addition.widths != nil { #expect(open.contains(addition.point)) }
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
