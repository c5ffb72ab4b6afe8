import RealModule
import Testing

@testable import LimitFit

struct SlopeFitTests {
  let widths = [1000, 3162, 10_000, 31_623, 100_000]

  @Test(arguments: [-2.5, -0.05, 0, 0.5])
  func aPowerLawIsFittedExactly(exponent: Double) throws {
    let fit = SlopeFit(widths.map { ($0, 0.3 * Double.pow(Double($0), exponent)) })
    let slope = try #require(fit.slope)
    let half = try #require(fit.halfInterval)
    #expect((slope - exponent).magnitude < 1e-13)
    #expect(half < 1e-12)
    #expect(fit.widths == 5 && fit.count == 5)
  }

  @Test func threeWidthsByHand() throws {
    // log₁₀ RD = 0, 1, 3 at log₁₀ m = 1, 2, 3: slope 3/2, Σ residual² = 1/6, Σ (x − x̄)² = 2, one degree of
    // freedom: the interval is t √(1/12) to either side, t = 12.7062.
    let fit = SlopeFit([(10, 1), (100, 10), (1000, 1000)])
    #expect((try #require(fit.slope) - 1.5).magnitude < 1e-14)
    #expect((try #require(fit.halfInterval) - 12.7062047362 * (1.0 / 12).squareRoot()).magnitude < 1e-8)
  }

  @Test func moreSeedsOfABentCurveDoNotNarrowTheInterval() throws {
    func bent(_ m: Int) -> Double {
      let x = Double.log(Double(m))
      return Double.exp(-x + 0.02 * x * x)
    }
    let once = SlopeFit(widths.map { ($0, bent($0)) })
    let often = SlopeFit(widths.flatMap { m in (0..<50).map { _ in (m, bent(m)) } })
    let (a, b) = (try #require(once.halfInterval), try #require(often.halfInterval))
    #expect((a / b - 1).magnitude < 1e-9)
    #expect(a > 0.02)
  }

  @Test func seedScatterIsNotHiddenByMeansThatHappenToFit() throws {
    // The means lie on a line, the seeds scatter by ±10 %.
    let fit = SlopeFit(widths.flatMap { [($0, 1.1), ($0, 1 / 1.1)] })
    #expect(try #require(fit.halfInterval) > 0.01)
  }

  @Test func aFactorAndTheOrderDoNotMatter() throws {
    var random = SplitMix64(state: 7)
    let runs = widths.flatMap { m in (0..<3).map { _ in (m, Double.exp(random.normal())) } }
    let fit = SlopeFit(runs)
    for _ in 0..<20 { #expect(SlopeFit(runs.shuffled(using: &random)) == fit) }
    let scaled = SlopeFit(runs.map { ($0.0, 1024 * $0.1) })
    #expect((try #require(scaled.slope) - #require(fit.slope)).magnitude < 1e-12)
  }

  @Test func theIntervalCoversAtLeastAsOftenAsItSays() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    var covered = 0
    let trials = 1000
    for _ in 0..<trials {
      let fit = SlopeFit(
        widths.flatMap { m in
          (0..<2).map { _ in
            (m, Double.exp(0.4 * Double.log(Double(m)) + 0.1 * random.normal()))
          }
        })
      if let slope = fit.slope, let half = fit.halfInterval, (slope - 0.4).magnitude <= half { covered += 1 }
    }
    // 95 % less five standard deviations; the larger of two intervals covers more often.
    #expect(covered > 915, "seed \(seed)")
    #expect(covered < trials, "an interval that always covers says nothing; seed \(seed)")
  }

  @Test func tooFewWidths() {
    let none = SlopeFit([])
    #expect(none.slope == nil && none.halfInterval == nil && none.widths == 0 && none.count == 0)
    let one = SlopeFit([(1000, 1), (1000, 2)])
    #expect(one.slope == nil && one.halfInterval == nil && one.widths == 1 && one.count == 2)
    let two = SlopeFit([(10, 1), (1000, 100), (1000, 100)])
    #expect(two.slope.map { ($0 - 1).magnitude < 1e-14 } == true)
    #expect(two.halfInterval == nil && two.widths == 2 && two.count == 3)
  }
}
