import Model
import RealModule
import Testing
import Theories

@testable import LimitFit

/// Rows, slices and boundaries of whole maps.
struct PhaseMapTests {
  /// Runs on power laws; seeds add a little, the same at every setting and nothing on the average.
  func runs(at settings: [Setting], seeds: Int = 3, _ exponent: (Setting) -> Double) -> [Observation] {
    settings.flatMap { setting in
      [1000.0, 3162, 10_000].flatMap { m in
        (0..<seeds).map { seed in
          let noise = 0.003 * (Double(seed) - 0.5 * Double(seeds - 1)) * (1000 / m).squareRoot()
          let value = Double.exp(exponent(setting) * Double.log(m) + noise)
          return Observation(
            run: Run(setting, width: m, seed: UInt64(seed)),
            state: .finished(.converged, value: value))
        }
      }
    }
  }

  func settings(_ parameters: [String: [Double]]) -> [Setting] {
    Axes(parameters: parameters, width: [], seed: []).settings
  }

  func fit(
    _ observations: [Observation], _ plane: Plane, axes: Axes? = nil,
    theory: (any Theory)? = nil
  ) -> PhaseMap {
    PhaseMap.fit(
      observations: observations, orderParameter: "q", plane: plane, axes: axes, theory: theory)
  }

  let x = [0.5, 0.75, 1.1, 1.5]
  let y = [-0.5, 0, 0.3]

  @Test func rowsAreInOrderWhateverTheOrderOfTheRuns() {
    let settings = settings(["x": x, "y": y])
    let observations = runs(at: settings) { ($0["x"] ?? .nan) - 1 }
    let map = fit(observations, Plane(x: "x", y: "y"))
    #expect(map.points.map(\.setting) == settings)
    #expect(!map.boundary.isEmpty)
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    let shuffled = observations.shuffled(using: &random)
    #expect(fit(shuffled, Plane(x: "x", y: "y")) == map, "seed \(seed)")
  }

  /// A curved boundary, with points added between the lines of the axes.
  private func curved(_ plane: Plane) -> PhaseMap {
    let axes = Axes(parameters: ["x": x, "y": y], width: [1000, 3162, 10_000], seed: [0, 1, 2])
    let added: [Setting] = [["x": 0.9, "y": 0], ["x": 0.9, "y": 0.3], ["x": 0.75, "y": 0.15]]
    let observations = runs(at: axes.settings + added) { setting in
      let (x, y) = (setting["x"] ?? .nan, setting["y"] ?? .nan)
      return 0.7 * (x - 0.94 - 0.6 * y) + 0.2 * y * y
    }
    return fit(observations, plane, axes: axes)
  }

  @Test func swappedAxesGiveTheMirroredBoundary() throws {
    let map = curved(Plane(x: "x", y: "y"))
    let mirrored = curved(Plane(x: "y", y: "x"))
    #expect(mirrored.points == map.points)
    #expect(map.boundary.count == 1 && mirrored.boundary.count == 1)
    let line = try #require(map.boundary.first).vertices
    let image = try #require(mirrored.boundary.first).vertices
    #expect(line.count > 3 && image.count == line.count)
    // A reflection swaps left and right, so that the line runs the other way.
    for (a, b) in zip(line, image.reversed()) {
      let pairs = [
        (a.point, b.point), (a.towardsVanishing, b.towardsVanishing),
        (a.towardsGrowing, b.towardsGrowing),
      ]
      for (p, q) in pairs {
        let (p, q) = (try #require(p), try #require(q))
        #expect(Double.hypot(p.x - q.y, p.y - q.x) < 1e-12)
      }
      let growing = try #require(a.towardsGrowing)
      #expect(growing.x >= a.point.x, "exponents grow with x")
    }
  }

  /// Three parameters: each value of the third has a boundary of its own, the same as alone.
  @Test func everySliceHasItsBoundary() throws {
    let plane = Plane(x: "x", y: "y")
    func exponent(_ setting: Setting) -> Double {
      (setting["x"] ?? .nan) - 0.4 * (setting["depth"] ?? .nan) - 0.2
    }
    let observations = runs(at: settings(["x": x, "y": y, "depth": [1, 2, 5]]), exponent)
    let map = fit(observations, plane)
    #expect(map.slices == [["depth": 1], ["depth": 2], ["depth": 5]])
    for (depth, expected) in [(1.0, 0.6), (2, 1.0), (5, nil)] as [(Double, Double?)] {
      let slice = map.slice(["depth": depth])
      #expect(slice.points.count == x.count * y.count)
      #expect(slice.points.allSatisfy { $0.setting["depth"] == depth })
      #expect(slice.boundary.count == (expected == nil ? 0 : 1))
      for line in slice.boundary {
        #expect(line.slice == ["depth": depth])
        #expect(line.points.allSatisfy { abs($0.x - (expected ?? .nan)) < 0.01 })
        #expect(line.points.first?.y == 0.3 && line.points.last?.y == -0.5)
      }
      let alone = fit(observations.filter { $0.run.setting["depth"] == depth }, plane)
      #expect(alone == slice)
    }
    #expect(map.boundary.count == 2)
    // Another plane of the same runs has other slices and other boundaries.
    let across = fit(observations, Plane(x: "x", y: "depth"))
    #expect(across.slices == [["y": -0.5], ["y": 0], ["y": 0.3]])
    #expect(across.points == map.points)
    #expect(across.boundary.count == 3)
    for line in across.boundary {
      #expect(line.points.allSatisfy { abs($0.x - 0.4 * $0.y - 0.2) < 0.02 })
    }
  }

  /// Where exponents are 0 or of one sign there is no line S = 0, whatever rounding makes of them.
  @Test(arguments: [-1.0, 1])
  func whereTheSignNeverChangesThereIsNoBoundary(sign: Double) {
    let observations = runs(at: settings(["x": x, "y": y])) {
      ($0["x"] ?? .nan) < 1 ? sign * 0.3 : 0.01 * ($0["y"] ?? .nan)
    }
    let map = fit(observations, Plane(x: "x", y: "y"))
    #expect(Set(map.points.map(\.trend)) == [.bounded, sign < 0 ? .vanishing : .growing])
    #expect(map.boundary.isEmpty)
    // One point beyond is a change.
    let changed = runs(at: settings(["x": x, "y": y])) {
      ($0["x"] ?? .nan) < 1 ? sign * 0.3 : $0 == ["x": 1.5, "y": 0] ? -sign * 0.2 : 0
    }
    #expect(!fit(changed, Plane(x: "x", y: "y")).boundary.isEmpty)
  }

  /// Swapped axes mirror the theory with the map.
  @Test func aTheoryIsTransposedWithItsPlane() throws {
    let grid = settings(["gamma": [0.5, 0.9, 1.2, 1.75], "gamma_prime": [-0.5, 0.1, 0.25]])
    let theory = LuoEtAl2021(antisymmetric: false)
    let observations = runs(at: grid) { theory.exponentRange(at: $0)?.lowerBound ?? .nan }
    let swapped = try #require(LuoEtAl2021.plane.transposed)
    let mirror = TransposedTheory(theory)
    let (map, image) = (fit(observations, LuoEtAl2021.plane), fit(observations, swapped))
    #expect(Agreement(map, theory) == Agreement(image, mirror))
    let (a, b) = (
      try #require(BoundaryDistance(map, theory)), try #require(BoundaryDistance(image, mirror))
    )
    #expect(abs(a.rms - b.rms) < 1e-9 && abs(a.rmsFromTheory - b.rmsFromTheory) < 0.02)
    let marks = zip(theory.landmarks, mirror.landmarks)
    for (mark, other) in marks {
      if case .point(let point) = mark.shape { #expect(other.shape == .point(point.transposed)) }
    }
  }

  @Test func aPlaneOfOneParameterHasPointsButNoBoundary() {
    let observations = runs(at: settings(["x": x])) { ($0["x"] ?? .nan) - 1 }
    let map = fit(observations, Plane(x: "x"))
    #expect(map.points.map(\.trend) == [.vanishing, .vanishing, .growing, .growing])
    #expect(map.boundary.isEmpty && map.slices == [.none])
    #expect(BoundaryDistance(map, VerticalLine()) == nil)
    let refinement = Refinement(
      observations: observations, plane: Plane(x: "x"),
      axes: Axes(parameters: ["x": x], width: [1000, 3162, 10_000], seed: [0, 1, 2]),
      goal: Refinement.Goal(distance: 0.01, maxWidth: 1e6, maxSeeds: 9)
    ) { $1 }
    // The change of sign is known to the distance of its neighbours, and is refined.
    #expect(refinement.additions.map { $0.setting["x"] } == [0.5 * (x[1] + x[2])])
    #expect(refinement.longestEdge == x[2] - x[1])
  }

  @Test func withoutATheoryNothingIsExpected() {
    let observations = runs(at: settings(["x": x, "y": y])) { ($0["x"] ?? .nan) - 1 }
    let without = fit(observations, Plane(x: "x", y: "y"))
    #expect(without.points.allSatisfy { $0.expectedExponent == nil && $0.residual == nil })
    #expect(without.points.allSatisfy { $0.exponent != nil })
    // A theory adds what is expected, and changes nothing else.
    var with = fit(observations, Plane(x: "x", y: "y"), theory: VerticalLine())
    #expect(with.boundary == without.boundary)
    for (i, point) in with.points.enumerated() {
      #expect(point.expectedExponent == (point.setting["x"] ?? .nan) - 1)
      #expect(abs(point.residual ?? .nan) < 0.01)
      with.points[i].expectedExponent = nil
    }
    #expect(with == without)
  }

  @Test func theExpectedExponentKnowsTheInitialisation() {
    let observations = runs(at: [["gamma": 0.25, "gamma_prime": 0]]) { _ in -0.5 }
    for (antisymmetric, expected) in [(true, -0.75), (false, -0.5)] {
      let theory = LuoEtAl2021(antisymmetric: antisymmetric)
      let map = fit(observations, LuoEtAl2021.plane, theory: theory)
      #expect(map.points.map(\.expectedExponent) == [expected])
    }
  }

  @Test func agreementCountsPointsByDistance() {
    let observations = runs(at: settings(["x": [0.5, 0.97, 1.1, 1.5], "y": [0, 1]])) { setting in
      // Another sign than the theory's at (1.5, 1).
      setting["y"] == 1 && setting["x"] == 1.5 ? -0.5 : (setting["x"] ?? .nan) - 1
    }
    let map = fit(observations, Plane(x: "x", y: "y"))
    let agreement = Agreement(map, VerticalLine())
    #expect(agreement.bands.map(\.from) == Agreement.distances)
    #expect(agreement.bands.compactMap(\.to) == Array(Agreement.distances.dropFirst()))
    #expect(agreement.bands.map(\.counts.points) == [2, 0, 2, 0, 4, 0])
    #expect(agreement.bands.map(\.counts.wrong) == [2, 0, 0, 0, 1, 0], "0.97 is called bounded")
    #expect(agreement.far.points == 4 && agreement.far.agreeing == 3 && agreement.far.wrong == 1)
    // Where a theory has no trend, nothing is counted.
    #expect(Agreement(map, LuoEtAl2021(antisymmetric: false)).far.points == 0)
  }

  /// The boundary x = 0.8 against x = 1 of the theory, which lies within the settings.
  @Test func distancesToTheTheoryAreThoseOfTwoLines() throws {
    let grid = settings(["x": [0.5, 0.7, 1.1, 1.5], "y": [-1, 0, 1]])
    let map = fit(runs(at: grid, seeds: 2) { ($0["x"] ?? .nan) - 0.8 }, Plane(x: "x", y: "y"))
    let distance = try #require(BoundaryDistance(map, VerticalLine()))
    for value in [
      distance.rms, distance.maximum, distance.rmsFromTheory, distance.maximumFromTheory,
    ] {
      #expect(abs(value - 0.2) < 0.01)
    }
    #expect(abs(distance.length - 2) < 1e-3)
    #expect(try #require(distance.bandWidth) > 0)
    #expect(distance.pointsOnTheory == 0)
    let aligned = fit(
      runs(at: settings(["x": [0.5, 1, 1.5], "y": [-1, 0, 1]])) { ($0["x"] ?? .nan) - 0.8 },
      Plane(x: "x", y: "y"))
    #expect(BoundaryDistance(aligned, VerticalLine())?.pointsOnTheory == 3)

    // Without two of its cells the fitted line is shorter, and the theory's sees the gap.
    let torn = fit(
      runs(at: grid.filter { $0 != ["x": 0.7, "y": 1] }) { ($0["x"] ?? .nan) - 0.8 },
      Plane(x: "x", y: "y"))
    let gap = try #require(BoundaryDistance(torn, VerticalLine()))
    #expect(abs(gap.length - 1) < 1e-3 && abs(gap.maximum - 0.2) < 0.01)
    #expect(gap.maximumFromTheory > 0.9)

    // In the slice where the settings end before x = 1, there is nothing to compare with.
    let sliced = fit(
      runs(at: settings(["x": [0.5, 0.7, 0.9], "y": [-1, 0, 1], "z": [0]])) {
        ($0["x"] ?? .nan) - 0.8
      }
        + runs(at: settings(["x": [0.5, 0.7, 1.1], "y": [0, 1], "z": [1]])) {
          ($0["x"] ?? .nan) - 0.8
        },
      Plane(x: "x", y: "y"))
    let two = try #require(BoundaryDistance(sliced, VerticalLine()))
    let second = try #require(BoundaryDistance(sliced.slice(["z": 1]), VerticalLine()))
    #expect(BoundaryDistance(sliced.slice(["z": 0]), VerticalLine()) == nil)
    #expect(two.rmsFromTheory == second.rmsFromTheory && abs(two.length - 3) < 1e-3)
  }

  /// Only the part of the theory's boundary within the settings counts, wherever it crosses them.
  @Test func aBoundaryIsClippedToTheSettings() throws {
    let grid = settings(["gamma": [0.5, 0.9, 1.2, 1.75], "gamma_prime": [-0.5, 0.1, 0.25]])
    let theory = LuoEtAl2021(antisymmetric: false)
    let map = fit(
      runs(at: grid) { theory.exponentRange(at: $0)?.lowerBound ?? .nan }, LuoEtAl2021.plane)
    let distance = try #require(BoundaryDistance(map, theory))
    #expect(distance.maximum < 0.15 && distance.maximumFromTheory < 0.15)
    // From (1, -0.5) to (1, 0) and on to (1.25, 0.25).
    #expect(abs(distance.length - (0.5 + 0.25 * 2.0.squareRoot())) < 0.15)
  }
}

/// The boundary x = 1, and S = x − 1.
private struct VerticalLine: Theory {
  let name = "test"
  let citation = ""
  let landmarks: [Landmark] = []

  func caption(_ trend: Trend) -> String? { nil }
  func expectedExponent(at setting: Setting) -> Double? { setting["x"].map { $0 - 1 } }
  func trend(at setting: Setting) -> Trend? {
    expectedExponent(at: setting).map { $0 < 0 ? .vanishing : $0 > 0 ? .growing : .bounded }
  }
  func region(at setting: Setting) -> String? { nil }
  func boundary(in range: PlaneRange) -> [[PlanePoint]] {
    [[PlanePoint(x: 1, y: range.y.lowerBound - 7), PlanePoint(x: 1, y: range.y.upperBound + 7)]]
  }
  func distanceToBoundary(_ point: PlanePoint) -> Double { abs(point.x - 1) }
}
