import RealModule
import Testing

@testable import Networks

/// Scrambled Sobol points are evenly spread, and normal numbers made of them are normal.
struct ScrambledSobolTests {
  /// Of the first 2^k points, one is in each of 2^k equal intervals, in every coordinate.
  @Test(arguments: [0, 1, 77] as [UInt64])
  func everyCoordinateIsStratified(scramble: UInt64) {
    let sobol = ScrambledSobol(dimensions: ScrambledSobol.maxDimensions, scramble: scramble)
    for dimension in 0..<ScrambledSobol.maxDimensions {
      for size in [16, 1024] {
        let strata = Set((0..<size).map { Int(sobol.coordinate(UInt32($0), dimension) * Double(size)) })
        #expect(strata == Set(0..<size), "coordinate \(dimension), \(size) points")
      }
    }
  }

  /// The first two coordinates are a net: a point in each of 2^k equal rectangles of any shape.
  @Test(arguments: 0...8)
  func rectanglesOfTwoCoordinatesHoldOnePoint(columns: Int) {
    let sobol = ScrambledSobol(dimensions: 2, scramble: 5)
    let cells = (0..<256).map { point in
      let x = Int(sobol.coordinate(UInt32(point), 0) * Double(1 << columns))
      let y = Int(sobol.coordinate(UInt32(point), 1) * Double(256 >> columns))
      return x * (256 >> columns) + y
    }
    #expect(Set(cells).count == 256)
  }

  /// Any two coordinates of the many leave no correlation.
  @Test func coordinatesAreUncorrelated() {
    let sobol = ScrambledSobol(dimensions: 60, scramble: 1)
    let points = (0..<sobol.dimensions).map { dimension in
      (0..<2048).map { sobol.coordinate(UInt32($0), dimension) - 0.5 }
    }
    var largest = 0.0
    for i in points.indices {
      for j in 0..<i {
        largest = max(largest, 12 * zip(points[i], points[j]).reduce(0) { $0 + $1.0 * $1.1 } / 2048)
      }
    }
    #expect(largest < 0.2)
  }

  @Test func scramblesDiffer() {
    let sobols = [1, 2, 1 << 40].map { ScrambledSobol(dimensions: 3, scramble: $0) }
    let firsts = sobols.map { sobol in (0..<3).map { sobol.coordinate(0, $0) } }
    #expect(Set(firsts).count == 3)
    #expect(Set(firsts.flatMap { $0 }).count == 9)
  }

  /// Products of normal numbers have the means of independent ones, far closer than random numbers
  /// would (10⁻²).
  @Test func normalsIntegrateWell() {
    let sobol = ScrambledSobol(dimensions: 4, scramble: 3)
    let count = 1 << 14
    func mean(_ f: ([Double]) -> Double) -> Double {
      (0..<count).reduce(0) { sum, point in sum + f((0..<4).map { sobol.normal(UInt32(point), $0) }) }
        / Double(count)
    }
    #expect(abs(mean { $0[0] * $0[0] * $0[1] * $0[1] } - 1) < 2e-3)
    #expect(abs(mean { $0[2] * max(0, $0[3]) }) < 1e-3)
    #expect(abs(mean { max(0, $0[1] + $0[3]) } - 1 / Double.pi.squareRoot()) < 5e-4)
  }

  /// Φ(z) = p, from the middle to the tails.
  @Test(arguments: [1e-300, 1e-40, 1e-12, 1e-6, 0.01, 0.0749, 0.075, 0.3, 0.5, 0.7, 0.99, 1 - 1e-9])
  func quantilesInvertTheDistribution(p: Double) {
    let z = normalQuantile(p)
    // Away from the tails the lower half is as good as the upper one.
    let inverse =
      p < 0.5 ? 0.5 * Double.erfc(-z / 2.0.squareRoot()) : 1 - 0.5 * Double.erfc(z / 2.0.squareRoot())
    #expect(abs(inverse / p - 1) < 1e-13 * max(1, z * z))
    #expect(p == 0.5 || abs(normalQuantile(1 - p) + z) < 1e-9 * max(1, z.magnitude) || p < 1e-9)
  }
}
