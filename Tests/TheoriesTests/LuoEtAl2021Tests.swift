import Testing

@testable import Model

/// Laws of the theoretical phase diagram.
struct TheoryTests {
  /// Multiples of 1/16, exact in binary.
  private let lattice: [PhasePoint] = (-8...48).flatMap { i in
    (-32...32).map { PhasePoint(gamma: Double(i) / 16, gammaPrime: Double($0) / 16) }
  }

  @Test(arguments: [true, false])
  func theSignOfTheSlopeIsTheRegime(antisymmetric: Bool) {
    for point in lattice {
      let slope = point.expectedExponent(antisymmetric: antisymmetric)
      switch point.theoreticalRegime {
      case .linear: #expect(slope < 0, "\(point)")
      case .critical: #expect(slope == 0, "\(point)")
      case .condensed: #expect(slope > 0, "\(point)")
      }
    }
  }

  @Test(arguments: [true, false])
  func theSlopeIsContinuous(antisymmetric: Bool) {
    // Every piece is linear with coefficients of at most 2 in γ and in γ'.
    let step = 1.0 / 1024
    for point in lattice {
      let here = point.expectedExponent(antisymmetric: antisymmetric)
      for (dx, dy) in [(step, 0), (-step, 0), (0, step), (0, -step), (step, step), (-step, step)] {
        let near = PhasePoint(gamma: point.gamma + dx, gammaPrime: point.gammaPrime + dy)
        let change = abs(near.expectedExponent(antisymmetric: antisymmetric) - here)
        #expect(change <= 4 * step + 1e-12, "from \(point) to \(near)")
      }
    }
  }

  @Test func theBoundaryIsWhereTheDistanceVanishes() {
    for point in lattice {
      #expect(
        (point.distanceToTheoreticalBoundary == 0) == (point.theoreticalRegime == .critical), "\(point)")
    }
  }

  @Test func noPathToAnotherRegimeIsShorterThanTheDistance() {
    for point in lattice {
      let radius = point.distanceToTheoreticalBoundary * 0.999
      for (dx, dy) in [(1.0, 0.0), (-1, 0), (0, 1), (0, -1), (0.6, 0.8), (0.6, -0.8), (-0.8, 0.6)] {
        let near = PhasePoint(gamma: point.gamma + dx * radius, gammaPrime: point.gammaPrime + dy * radius)
        #expect(near.theoreticalRegime == point.theoreticalRegime, "from \(point) to \(near)")
      }
    }
  }

  /// 1.1 − 1 is not 0.1 in binary, and grids are written in decimals.
  @Test func decimalsOnTheRayAreCritical() {
    for i in 0...300 {
      let point = PhasePoint(gamma: Double(100 + i) / 100, gammaPrime: Double(i) / 100)
      #expect(point.theoreticalRegime == .critical, "\(point)")
      #expect(point.expectedExponent(antisymmetric: false) == 0, "\(point)")
    }
  }

  /// Expected slopes of the measured points, by hand.
  @Test(arguments: [
    (0.5, 0, -0.5), (0.75, 0, -0.25), (1, 0, 0), (1.5, 0.5, 0), (1.5, 0, 0.25), (2, 0, 0.5), (1.5, -0.5, 0.5),
    (0.75, 0.5, -1.25), (1.25, 0.5, -0.5), (1.25, -0.5, 0.25),
  ])
  func knownSlopes(gamma: Double, gammaPrime: Double, slope: Double) {
    let point = PhasePoint(gamma: gamma, gammaPrime: gammaPrime)
    #expect(point.expectedExponent(antisymmetric: false) == slope)
  }

  @Test func unlearningCostsOnlyBelowOneHalf() {
    let shallow = PhasePoint(gamma: 0.25, gammaPrime: 0)
    #expect(
      shallow.expectedExponent(antisymmetric: false) == shallow.expectedExponent(antisymmetric: true) + 0.25)
    let deep = PhasePoint(gamma: 0.75, gammaPrime: 0)
    #expect(deep.expectedExponent(antisymmetric: false) == deep.expectedExponent(antisymmetric: true))
  }

  @Test func scalesFollowTheirDefinition() {
    let point = PhasePoint(gamma: 1.5, gammaPrime: -0.5)
    #expect(abs(point.kappa(width: 100) - 1e-3) < 1e-15)
    #expect(abs(point.kappaPrime(width: 100) - 10) < 1e-12)
    #expect(point.kappa(width: 1) == 1)
  }
}
