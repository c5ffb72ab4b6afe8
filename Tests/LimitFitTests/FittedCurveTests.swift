import Model
import RealModule
import Testing

@testable import LimitFit

struct FittedCurveTests {
  private let setting: Setting = ["x": 1, "y": 0]

  private func observations(_ random: inout SplitMix64, noise: Double) -> [Observation] {
    [1000, 3162, 10_000, 31_623, 100_000].flatMap { width in
      (0..<4).map { seed in
        // Sum of uniform numbers: nearly normal, with the standard deviation `noise`.
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0...1, using: &random) }
        return Observation(
          run: Run(setting, width: width, seed: UInt64(seed)),
          state: .finished(
            .converged, value: 2 * Double.pow(width, -0.4) * Double.exp(noise * normal)))
      }
    }
  }

  @Test func aPowerLawIsFollowedAndTheBandHoldsIt() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    var (inside, all) = (0, 0)
    for _ in 0..<40 {
      let data = observations(&random, noise: 0.1)
      let curve = try #require(FittedCurves(data).curve(at: setting, decadesBeyond: 0.35))
      for place in curve.points where place.width <= 100_001 {
        let truth = 2 * Double.pow(place.width, -0.4)
        #expect(place.low <= place.value && place.value <= place.high, "seed \(seed)")
        #expect(abs(Double.log(place.value / truth)) < 0.4, "seed \(seed)")
        inside += place.low <= truth && truth <= place.high ? 1 : 0
        all += 1
      }
    }
    // 95 % are meant; the 40 draws of a curve are few.
    #expect(Double(inside) / Double(all) > 0.85, "\(inside) of \(all), seed \(seed)")
  }

  @Test func itEndsWhereItIsTold() throws {
    var random = SplitMix64(state: 1)
    let curve = try #require(
      FittedCurves(observations(&random, noise: 0.1)).curve(at: setting, decadesBeyond: 0.5))
    let widths = curve.points.map(\.width)
    #expect(zip(widths, widths.dropFirst()).allSatisfy { $0 < $1 })
    #expect(
      abs(widths[0] - 1000) < 1e-6 && abs((widths.last ?? 0) / 100_000 / Double.pow(10, 0.5) - 1) < 1e-9)
    #expect(widths.contains { abs($0 - 100_000) < 1e-4 })
    // Beyond the widths that were run, less is known.
    let (end, last) = (
      try #require(curve.points.last), try #require(curve.points.first { $0.width > 99_999 })
    )
    #expect(end.high / end.low > last.high / last.low)
  }

  @Test func withTooFewWidthsThereIsNone() {
    var random = SplitMix64(state: 1)
    let few = observations(&random, noise: 0.1).filter { $0.run.width < 10_000 }
    #expect(FittedCurves(few).curve(at: setting, decadesBeyond: 0.35) == nil)
    #expect(FittedCurves([]).curve(at: setting, decadesBeyond: 0.35) == nil)
  }
}
