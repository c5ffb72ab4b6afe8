import Foundation
import Networks
import Testing

/// Exponents and crossover widths from values at widths.
struct LimitRuleTests {
  private typealias Point = LimitRule.Point

  private func points(_ widths: [Double], _ value: (Double) -> Double) -> [Point] {
    widths.map { Point($0, value($0)) }
  }

  private let ladder = [40.0, 55, 70, 85, 100]

  @Test func aPowerLawHasItsExponent() {
    let (value, half) = LimitRule.exponent(points(ladder) { 3 - 0.7 * $0 }, nodesError: 0)
    #expect(abs(value + 0.7) < 1e-12)
    #expect(abs(half - LimitRule.minHalfWidth) < 1e-12, "never of width 0")
  }

  @Test(arguments: [0.02, 0.05, 0.1], [-0.5, 0.5, 3])
  func aCorrectionThatDecaysIsExtrapolated(rate: Double, amplitude: Double) {
    let points = points(ladder) { 0.25 * $0 + log10(1 + amplitude * pow(10, -rate * $0)) }
    let last = LimitRule.slopes(points).last ?? .nan
    let (value, half) = LimitRule.exponent(points, nodesError: 0)
    #expect(abs(value - 0.25) <= abs(last - 0.25) + 1e-12, "nearer than the last slope")
    #expect(abs(value - 0.25) <= half, "within the interval")
  }

  /// A change of the final state between two widths changes the constant alone.
  @Test(arguments: 0..<4)
  func aChangeOfStateDoesNotCount(interval: Int) {
    let widths = [40.0, 52, 64, 76, 88, 100]
    let points = points(widths) { 0.3 * $0 + ($0 > widths[interval] ? 0.4 : 0) }
    let (value, half) = LimitRule.exponent(points, nodesError: 0)
    #expect(abs(value - 0.3) < 1e-9 && half < 0.01)
  }

  @Test func theErrorOfTheNodesWidensTheInterval() {
    let points = points(ladder) { 0.1 * $0 }
    let (_, narrow) = LimitRule.exponent(points, nodesError: 0)
    let (_, wide) = LimitRule.exponent(points, nodesError: 0.01)
    #expect(abs(wide - narrow - 0.01) < 1e-12)
  }

  /// q = m^S (1 + m^(−d) A): the slope differs from S by d A m^(−d) / (1 + A m^(−d)).
  @Test(arguments: [0.25, 0.5, 1], [10.0, 1e3])
  func theCrossoverIsWhereTheSlopeComesNear(rate: Double, amplitude: Double) throws {
    let points = points(Array(stride(from: 1.0, through: 30, by: 0.5))) {
      -0.5 * $0 + log10(1 + amplitude * pow(10, -rate * $0))
    }
    let share = LimitRule.crossoverTolerance / rate
    let exact = log10(amplitude * (1 - share) / share) / rate
    let found = try #require(LimitRule.crossover(points, exponent: -0.5))
    #expect(abs(found - exact) < 0.1)
  }

  @Test func aCrossoverBeyondTheWidthsIsNotKnown() {
    let widths = points([1, 2, 3]) { -0.5 * $0 }
    #expect(LimitRule.crossover(widths, exponent: -0.4) == nil)
    #expect(LimitRule.crossover(widths, exponent: -0.5) == 1)
  }
}
