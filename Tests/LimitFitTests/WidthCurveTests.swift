import Model
import RealModule
import Testing

@testable import LimitFit

struct WidthCurveTests {
  private let setting: Setting = ["x": 1, "y": 0]

  func measurements(_ logs: [(width: Double, seed: UInt64, log: Double)]) -> Measurements {
    Measurements(observations(logs))
  }

  /// Random values, some of them missing.
  func random(_ random: inout SplitMix64, missing: Double = 0.3) -> Measurements {
    var logs: [(width: Double, seed: UInt64, log: Double)] = []
    for width in [100.0, 300, 1000, 5000] {
      for seed in 0..<6 where Double.random(in: 0..<1, using: &random) >= missing {
        logs.append((width, UInt64(seed), random.normal()))
      }
    }
    return measurements(logs)
  }

  /// The innovations are the Cholesky factor of the covariance that the dispersion describes.
  @Test func meansAreThoseOfTheFullCovariance() throws {
    var random = SplitMix64(state: 5)
    for nested in [true, false] {
      let dispersion = SeedDispersion(isNested: nested, decay: 0.375)
      let data = self.random(&random)
      let means = try #require(WidthMeans(data, dispersion))
      // The same from the covariance matrix of all values at once.
      let n = data.values.count
      let x = data.x
      var covariance = [Double](repeating: 0, count: n * n)
      for (i, a) in data.values.enumerated() {
        for (j, b) in data.values.enumerated() where a.seed == b.seed {
          let scales = [a, b].map { dispersion.relativeScale(x[$0.width], first: x[0]) }
          let correlation = i == j ? 1 : dispersion.correlation(x[a.width], x[b.width])
          covariance[i * n + j] = scales[0] * scales[1] * correlation
        }
      }
      let factor = try #require(Cholesky(covariance, order: n))
      let columns = data.measured.map { k in data.values.map { $0.width == k ? 1.0 : 0 } }
      let full = try #require(LeastSquares(columns, data.values.map(\.log), factor))
      for (a, b) in zip(means.means, full.coefficients) { #expect(abs(a - b) < 1e-10) }
      for (a, b) in zip(means.covariance, full.covariance) { #expect(abs(a - b) < 1e-10) }
      #expect(abs(means.squares - full.squares) < 1e-9 * full.squares)
    }
  }

  @Test func countingASeedTwiceIsHavingItTwice() throws {
    var random = SplitMix64(state: 6)
    let data = self.random(&random, missing: 0)
    let dispersion = SeedDispersion(isNested: true, decay: 0.5)
    let weights: [UInt64: Double] = [0: 2, 1: 1, 4: 3]
    let weighted = try #require(WidthMeans(data, dispersion, weights: weights))
    let copies = data.values.flatMap { value in
      (0..<Int(weights[value.seed] ?? 0)).map { copy in
        (width: data.widths[value.width], seed: value.seed * 10 + UInt64(copy), log: value.log)
      }
    }
    let repeated = try #require(WidthMeans(measurements(copies), dispersion))
    for (a, b) in zip(weighted.means, repeated.means) { #expect(abs(a - b) < 1e-12) }
    #expect(WidthMeans(data, dispersion, weights: [:]) == nil)
  }

  @Test func theDispersionIsFound() {
    for (decay, nested) in [(0.0, true), (0.5, true), (0.5, false)] {
      var random = SplitMix64(state: 8)
      var logs: [(width: Double, seed: UInt64, log: Double)] = []
      for seed in 0..<200 {
        var before: (width: Double, value: Double)?
        for width in [1000.0, 3000, 10_000, 100_000] {
          var value = random.normal()
          if nested, let last = before {
            let rho = (last.width / width).squareRoot()
            value = rho * last.value + (1 - rho * rho).squareRoot() * value
          }
          before = (width, value)
          logs.append((width, UInt64(seed), 0.1 * Double.pow(width / 1000, -decay) * value))
        }
      }
      let data = measurements(logs)
      #expect(PointData.areNested([PointData(setting: setting, observations: observations(logs))]) == nested)
      let means = WidthMeans.likeliest(data, isNested: nested)
      #expect(means?.dispersion.decay == decay)
      let curve = means.flatMap { WidthCurve($0) }
      #expect(abs((curve?.variance.squareRoot() ?? 9) - 0.1) < 0.02)
    }
  }

  func observations(_ logs: [(width: Double, seed: UInt64, log: Double)]) -> [Observation] {
    logs.map {
      Observation(
        run: Run(setting, width: $0.width, seed: $0.seed),
        state: .finished(.converged, value: Double.exp($0.log)))
    }
  }

  /// Values at four widths, a decade apart.
  ///
  /// - Parameter log: the logarithm at the i-th width and a seed.
  func decades(seeds: Int, _ log: (_ i: Int, _ seed: Int) -> Double) -> Measurements {
    var logs: [(width: Double, seed: UInt64, log: Double)] = []
    for (i, width) in [1000.0, 10_000, 100_000, 1_000_000].enumerated() {
      for seed in 0..<seeds { logs.append((width, UInt64(seed), log(i, seed))) }
    }
    return measurements(logs)
  }

  @Test func moreSeedsOfABentCurveDoNotNarrowTheSlope() throws {
    func half(seeds: Int) throws -> Double {
      let data = decades(seeds: seeds) { i, seed in 0.1 * Double(i * i) + 1e-4 * Double(seed % 2) }
      let means = try #require(WidthMeans.likeliest(data, isNested: true))
      return try #require(StraightLine(means, WidthCurve(means))?.halfInterval)
    }
    let few = try half(seeds: 4)
    #expect(try half(seeds: 100) > 0.9 * few)
  }

  @Test func aBendIsADrift() throws {
    var random = SplitMix64(state: 9)
    func drift(_ bend: Double) throws -> Drift {
      let data = decades(seeds: 4) { i, _ in bend * Double(i * i) + 0.01 * random.normal() }
      let means = try #require(WidthMeans.likeliest(data, isNested: false))
      return try #require(WidthCurve(means).flatMap { Drift($0) })
    }
    let bent = try drift(0.1)
    // 0.1 i² has the second difference 0.2, so that the slope grows by 0.2 / ln 10 in each decade.
    #expect(abs(bent.perDecade - 0.2 / Double.log(10)) < 0.01 && bent.probability < 1e-4)
    let p = try (0..<40).map { _ in try drift(0).probability }
    #expect(p.count { $0 < 0.5 } > 8 && p.count { $0 < 0.5 } < 32)
  }

  /// A lower bound that is exceeded for certain has no effect; one above the values moves the
  /// exponent.
  @Test func lowerBoundsAreOnlyThat() throws {
    let x = [3.0, 4, 5, 6].map { $0 * Double.log(10) }
    let covariance = (0..<16).map { $0 % 5 == 0 ? 1e-4 : 0 }
    let means = x.map { -0.3 * $0 }
    func interval(_ bounds: [LimitModels.Bound]) throws -> (low: Double, high: Double) {
      let models = try #require(
        LimitModels(x: x, covariance: covariance, degreesOfFreedom: 20, bounds: bounds))
      let exponent = models.posterior(means).exponent
      return (exponent.quantile(0.025), exponent.quantile(0.975))
    }
    let bound = { (log: Double) in LimitModels.Bound(x: x[3], log: log, deviation: 0.01) }
    let without = try interval([])
    let idle = try interval([bound(means[3] - 3)])
    #expect(abs(idle.low - without.low) < 1e-6 && abs(idle.high - without.high) < 1e-6)
    let above = try interval([bound(means[3] + 0.3)])
    #expect(above.low > without.low && above.high > without.high)
  }

  @Test func normalTailsAreContinuous() {
    for z in [-1e6, -60.0, -25, -20.000001, -19.999999, -5, 0, 5] {
      let step = 1e-6 * max(1, abs(z))
      let (low, here, high) = (NormalTail(z - step), NormalTail(z), NormalTail(z + step))
      #expect(abs((high.log - low.log) / (2 * step) - here.hazard) < 1e-3 * max(1, here.hazard))
      #expect(abs((low.hazard - high.hazard) / (2 * step) - here.curvature) < 2e-3)
      #expect(here.curvature >= 0 && here.curvature <= 1)
    }
  }
}
