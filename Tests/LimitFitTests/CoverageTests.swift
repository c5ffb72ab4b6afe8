import Foundation
import Model
import RealModule
import Testing

@testable import LimitFit

/// 95 % of the intervals include the truth.
struct CoverageTests {
  static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] == "1"

  /// Counts over many draws.
  struct Tally {
    var draws = 0.0
    var exponent = 0.0, slope = 0.0, limit = 0.0, limits = 0.0, local = 0.0, locals = 0.0
    var bias = 0.0
    var wrong = 0.0, undecided = 0.0

    mutating func count(_ draw: Synthetic.Draw, _ fit: PointFit) {
      func holds(_ estimate: PointFit.Estimate?, _ truth: Double) -> Bool {
        guard let low = estimate?.low, let high = estimate?.high else { return false }
        return low <= truth && truth <= high
      }
      draws += 1
      exponent += holds(fit.exponent, draw.exponent) ? 1 : 0
      slope += holds(fit.slope, draw.slope) ? 1 : 0
      if let limit = fit.limit {
        limits += 1
        limit.low.map { low in
          self.limit +=
            low <= Double.exp(draw.logLimit) && Double.exp(draw.logLimit) <= limit.high ?? 0 ? 1 : 0
        }
      }
      if fit.localSlopes.count == draw.localSlopes.count {
        for (found, truth) in zip(fit.localSlopes, draw.localSlopes) {
          locals += 1
          local += (found.low ?? .infinity) <= truth && truth <= (found.high ?? -.infinity) ? 1 : 0
        }
      }
      bias += (fit.exponent?.value ?? 0) - draw.exponent
      let sign = draw.exponent < 0 ? Trend.vanishing : .growing
      let isRight =
        abs(draw.exponent) <= TrendRule.boundedMargin && fit.trend == .bounded || fit.trend == sign
      if fit.trend == .undecided {
        undecided += 1
      } else if !isRight || draw.exponent == 0 && fit.trend != .bounded {
        wrong += 1
      }
    }
  }

  func tally(_ synthetic: Synthetic, draws: Int, seed: UInt64) -> Tally {
    var random = SplitMix64(state: seed)
    var tally = Tally()
    for _ in 0..<draws {
      let draw = synthetic.draw(&random)
      let data = PointData(setting: ["x": 1, "y": 0], observations: draw.observations)
      tally.count(draw, PointFitter(data, isNested: true).fit(theory: nil))
    }
    func share(_ part: Double, _ whole: Double) -> String { String(format: "%.3f", part / whole) }
    print(
      "\(synthetic.law) \(synthetic.widths.count) widths \(synthetic.seeds) seeds dispersion \(synthetic.dispersion) "
        + "missing \(synthetic.missing) bounded \(synthetic.bounded), \(draws) draws, random seed \(seed): exponent "
        + share(tally.exponent, tally.draws) + ", slope " + share(tally.slope, tally.draws) + ", local "
        + share(tally.local, tally.locals) + ", limit " + share(tally.limit, tally.limits)
        + " of \(Int(tally.limits)), bias "
        + String(format: "%.4f", tally.bias / tally.draws) + ", trends wrong "
        + share(tally.wrong, tally.draws) + ", undecided " + share(tally.undecided, tally.draws))
    return tally
  }

  @Test(arguments: Synthetic.Law.allCases)
  func intervalsCover(law: Synthetic.Law) {
    let draws = Self.slow ? 1000 : 150
    // Three standard deviations of a count beside the range that is claimed.
    let slack = 3 * (0.05 * 0.95 / Double(draws)).squareRoot()
    let range = 0.92 - slack...min(1, 0.98 + slack)
    var settings = [Synthetic(law: law)]
    if Self.slow {
      settings.append(Synthetic(law: law, widths: [1000, 3162, 10_000, 31_623, 100_000], seeds: 5))
      settings.append(Synthetic(law: law, seeds: 10, dispersion: 0.1))
    }
    for setting in settings {
      let tally = tally(setting, draws: draws, seed: 42)
      if law == .constant {
        // The model is sure that S = 0: its interval cannot fail in a twentieth of all cases. That
        // of the limit can.
        #expect(tally.exponent / tally.draws > 0.92)
        #expect(range.contains(tally.limit / tally.limits))
      } else {
        #expect(range.contains(tally.exponent / tally.draws))
      }
      #expect(range.contains(tally.local / tally.locals))
      #expect(tally.slope / tally.draws > 0.92 - slack)
      #expect(abs(tally.bias / tally.draws) < 0.02)
      #expect(tally.wrong / tally.draws < 0.05)
    }
  }

  @Test(arguments: Synthetic.Law.allCases)
  func missingRunsAndLowerBoundsDoNotSpoilThem(law: Synthetic.Law) {
    let draws = Self.slow ? 1000 : 60
    let tally = tally(
      Synthetic(law: law, seeds: 5, missing: 0.2, bounded: 0.5), draws: draws, seed: 7)
    let slack = 3 * (0.05 * 0.95 / Double(draws)).squareRoot()
    #expect(tally.exponent / tally.draws > 0.92 - slack)
    #expect(abs(tally.bias / tally.draws) < 0.03)
  }
}
