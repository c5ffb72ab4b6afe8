import Model
import Testing
import Theories

/// Laws of the theoretical phase diagram.
struct LuoEtAl2021Tests {
  /// Multiples of 1/16, exact in binary.
  private let lattice: [PlanePoint] = (-8...48).flatMap { i in
    (-32...32).map { PlanePoint(x: Double(i) / 16, y: Double($0) / 16) }
  }

  private let theory = LuoEtAl2021(antisymmetric: false)

  private func setting(_ point: PlanePoint) -> Setting { LuoEtAl2021.plane.setting(point) }

  private func exponent(_ x: Double, _ y: Double, antisymmetric: Bool = false) -> Double {
    let theory = LuoEtAl2021(antisymmetric: antisymmetric)
    return theory.exponentRange(at: setting(PlanePoint(x: x, y: y)))?.lowerBound ?? .nan
  }

  @Test(arguments: [true, false])
  func theSignOfTheExponentIsTheTrend(antisymmetric: Bool) {
    for point in lattice {
      let exponent = exponent(point.x, point.y, antisymmetric: antisymmetric)
      switch theory.trend(at: setting(point)) {
      case .vanishing: #expect(exponent < 0, "\(point)")
      case .bounded: #expect(exponent == 0, "\(point)")
      case .growing: #expect(exponent > 0, "\(point)")
      case .undecided, nil: Issue.record("no trend at \(point)")
      }
    }
  }

  @Test(arguments: [true, false])
  func theExponentIsContinuous(antisymmetric: Bool) {
    // Every piece is linear with coefficients of at most 2 in γ and in γ'.
    let step = 1.0 / 1024
    for point in lattice {
      let here = exponent(point.x, point.y, antisymmetric: antisymmetric)
      for (dx, dy) in [(step, 0), (-step, 0), (0, step), (0, -step), (step, step), (-step, step)] {
        let change = abs(exponent(point.x + dx, point.y + dy, antisymmetric: antisymmetric) - here)
        #expect(change <= 4 * step + 1e-12, "from \(point) by (\(dx), \(dy))")
      }
    }
  }

  /// The upper end of a range has the sign of the lower one, and meets it where the range ends at
  /// large γ.
  @Test func aRangeHasOneSign() throws {
    var count = 0
    for point in lattice {
      let range = try #require(theory.exponentRange(at: setting(point)))
      let expected = theory.expectedExponent(at: setting(point))
      let dependsOnData = point.y < 0 && point.x > 1 && point.x < 1 - point.y
      #expect((expected == nil) == dependsOnData, "\(point)")
      if dependsOnData {
        count += 1
        #expect(range.lowerBound == point.x - 1 && range.upperBound == (point.x - 1 - point.y) / 2)
        #expect(range.lowerBound > 0 && range.upperBound > range.lowerBound)
      } else {
        #expect(range.lowerBound == expected && range.upperBound == expected)
      }
    }
    #expect(count > 100)
  }

  /// Within a region the exponent is linear: equal steps change it equally.
  @Test func theExponentIsLinearInARegion() {
    let step = 1.0 / 16
    for point in lattice {
      for (dx, dy) in [(step, 0), (0, step), (step, step)] {
        let places = [-1.0, 0, 1].map { PlanePoint(x: point.x + $0 * dx, y: point.y + $0 * dy) }
        // Unlearning bends the exponent at γ = ½ without a region of its own.
        guard Set(places.map { theory.region(at: setting($0)) }).count == 1, places[0].x >= 0.5 else {
          continue
        }
        let values = places.map { exponent($0.x, $0.y) }
        #expect(abs(values[0] - 2 * values[1] + values[2]) < 1e-12, "at \(point)")
      }
    }
  }

  @Test func theBoundaryIsWhereTheDistanceVanishes() {
    for point in lattice {
      let isCritical = theory.trend(at: setting(point)) == .bounded
      #expect((theory.distanceToBoundary(point) == 0) == isCritical, "\(point)")
    }
  }

  @Test func noPathToAnotherTrendIsShorterThanTheDistance() {
    for point in lattice {
      let radius = theory.distanceToBoundary(point) * 0.999
      for (dx, dy) in [(1.0, 0.0), (-1, 0), (0, 1), (0, -1), (0.6, 0.8), (0.6, -0.8), (-0.8, 0.6)] {
        let near = PlanePoint(x: point.x + dx * radius, y: point.y + dy * radius)
        #expect(
          theory.trend(at: setting(near)) == theory.trend(at: setting(point)), "from \(point) to \(near)")
      }
    }
  }

  /// Every point of the polyline lies on the boundary, and it reaches or leaves every side of the
  /// range.
  @Test func thePolylineIsTheBoundary() throws {
    for range in [
      PlaneRange(x: 0...4, y: -2...2), PlaneRange(x: 0.5...1.5, y: -1...3), PlaneRange(x: 0...9, y: -8...0.5),
    ] {
      let lines = theory.boundary(in: range)
      let line = try #require(lines.first)
      #expect(lines.count == 1)
      for (a, b) in zip(line, line.dropFirst()) {
        for share in [0, 0.25, 0.5, 1] {
          let point = PlanePoint(x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y))
          #expect(theory.distanceToBoundary(point) < 1e-12, "\(point)")
        }
      }
      #expect(line.contains { $0.y <= range.y.lowerBound })
      #expect(line.contains { $0.y >= range.y.upperBound || $0.x >= range.x.upperBound })
    }
  }

  /// 1.1 − 1 is not 0.1 in binary, and grids are written in decimals.
  @Test func decimalsOnTheRayAreCritical() {
    for i in 0...300 {
      let point = PlanePoint(x: Double(100 + i) / 100, y: Double(i) / 100)
      #expect(theory.trend(at: setting(point)) == .bounded, "\(point)")
      #expect(exponent(point.x, point.y) == 0, "\(point)")
    }
  }

  /// Expected exponents of the measured points, by hand.
  @Test(arguments: [
    (0.5, 0, -0.5), (0.75, 0, -0.25), (1, 0, 0), (1.5, 0.5, 0), (1.5, 0, 0.25), (2, 0, 0.5), (1.5, -0.5, 0.5),
    (0.75, 0.5, -1.25), (1.25, 0.5, -0.5), (1.25, -0.25, 0.25),
  ])
  func knownExponents(gamma: Double, gammaPrime: Double, expected: Double) {
    #expect(exponent(gamma, gammaPrime) == expected)
  }

  @Test func unlearningCostsOnlyBelowOneHalf() {
    #expect(exponent(0.25, 0) == exponent(0.25, 0, antisymmetric: true) + 0.25)
    #expect(exponent(0.75, 0) == exponent(0.75, 0, antisymmetric: true))
  }

  @Test func nothingIsKnownOfOtherSettings() {
    for setting in [["gamma": 1], ["gamma_prime": 1], [:], ["depth": 3, "gamma": 1]] as [Setting] {
      #expect(theory.trend(at: setting) == nil && theory.region(at: setting) == nil)
      #expect(theory.expectedExponent(at: setting) == nil)
    }
  }

  /// What has no name for the undecided has one for the other trends, each another.
  @Test func trendsHaveNames() {
    let names = Trend.allCases.compactMap(theory.caption)
    #expect(Set(names).count == 3 && names.count == 3 && theory.caption(.undecided) == nil)
  }
}
