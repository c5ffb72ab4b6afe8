import Foundation
import Model
import RealModule
import Testing

@testable import LimitFit

/// The fit agrees with an independent implementation in NumPy and SciPy, `Reference/reference.py`.
struct ReferenceTests {
  struct Reference: Decodable {
    struct Distributions: Decodable {
      /// ν, t, P(T ≤ −t).
      var tTail: [[Double]]
      /// ν, p, the quantile.
      var tQuantile: [[Double]]
      /// f, both degrees of freedom, P(F > f).
      var fTail: [[Double]]
    }

    var distributions: Distributions
    var cases: [Case]
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Run: Decodable, Sendable {
      var width: Double
      var seed: UInt64
      var value: Double
    }

    struct Candidate: Decodable, Sendable {
      var decay: Double
      var means: [Double]
      var covariance: [Double]
      var squares: Double
      var likelihood: Double
    }

    struct Weights: Decodable, Sendable {
      var power: Double
      var corrected: Double
      var constant: Double
    }

    struct Expected: Decodable, Sendable {
      var candidates: [Candidate]
      var decay: Double
      var variance: Double
      var freedom: Double
      /// The value and half the interval.
      var slope: [Double]
      /// The change in a decade and its p value.
      var drift: [Double]
      /// The values and half the intervals.
      var local: [[Double]]
      var lackOfFit: Double
      var weights: Weights
      /// The lower end, the mean, the upper end.
      var exponent: [Double]
      /// The lower end, the median, the upper end.
      var logLimit: [Double]
    }

    var name: String
    var nested: Bool
    var runs: [Run]
    var expected: Expected

    var testDescription: String { name }

    var data: PointData {
      let setting: Setting = ["x": 1, "y": 0]
      return PointData(
        setting: setting,
        observations: runs.map {
          Observation(
            run: Model.Run(setting, width: $0.width, seed: $0.seed),
            state: .finished(.converged, value: $0.value))
        })
    }
  }

  static func load() throws -> Reference {
    let folder = Bundle.module.resourceURL?.appendingPathComponent("Reference")
    let url = try #require(folder?.appendingPathComponent("reference.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Reference.self, from: try Data(contentsOf: url))
  }

  /// Linear algebra agrees to this relative precision, what is found by iteration to the other.
  static let exact = 1e-8, iterated = 1e-6
  /// The mixture of the exponent leaves out curves with less than 10⁻⁷ of the probability; the
  /// reference does not.
  static let mixture = 5e-6

  func expectClose(
    _ found: Double?, _ expected: Double, within tolerance: Double = exact, scale: Double = 0,
    _ what: Comment, location: SourceLocation = #_sourceLocation
  ) {
    guard let found else {
      Issue.record("\(what) is missing", sourceLocation: location)
      return
    }
    #expect(
      abs(found - expected) <= tolerance * max(abs(expected), scale), what, sourceLocation: location)
  }

  @Test func distributions() throws {
    let distributions = try Self.load().distributions
    for row in distributions.tTail {
      expectClose(
        StudentT(degreesOfFreedom: row[0]).cumulative(-row[1]), row[2], within: 1e-10, "t tail \(row)")
    }
    for row in distributions.tQuantile {
      expectClose(
        StudentT(degreesOfFreedom: row[0]).quantile(row[1]), row[2], within: 1e-9, "t quantile \(row)")
    }
    for row in distributions.fTail {
      expectClose(fisherTail(row[0], row[1], row[2]), row[3], within: 1e-10, "F tail \(row)")
    }
  }

  @Test func meansAndTheirCovariance() throws {
    for one in try Self.load().cases {
      for candidate in one.expected.candidates {
        let dispersion = SeedDispersion(isNested: one.nested, decay: candidate.decay)
        let means = try #require(WidthMeans(one.data.measurements, dispersion))
        let what: Comment = "\(one.name), decay \(candidate.decay)"
        for (found, expected) in zip(means.means, candidate.means) { expectClose(found, expected, what) }
        let largest = candidate.covariance.map(abs).max() ?? 0
        #expect(means.covariance.count == candidate.covariance.count)
        for (found, expected) in zip(means.covariance, candidate.covariance) {
          expectClose(found, expected, scale: 1e-3 * largest, what)
        }
        expectClose(means.squares, candidate.squares, scale: 1e-12, what)
        expectClose(means.logLikelihood, candidate.likelihood, what)
      }
    }
  }

  @Test func slopesAndDrift() throws {
    for one in try Self.load().cases {
      let expected = one.expected
      let means = try #require(WidthMeans.likeliest(one.data.measurements, isNested: one.nested))
      #expect(means.dispersion.decay == expected.decay, "\(one.name)")
      let curve = try #require(WidthCurve(means))
      expectClose(curve.variance, expected.variance, "\(one.name): σ²")
      #expect(curve.degreesOfFreedom == expected.freedom, "\(one.name)")
      let line = try #require(StraightLine(means, curve))
      expectClose(line.slope, expected.slope[0], "\(one.name): slope")
      expectClose(line.halfInterval, expected.slope[1], "\(one.name): interval of the slope")
      if let drift = Drift(curve) {
        expectClose(drift.perDecade, expected.drift[0], "\(one.name): drift")
        expectClose(drift.probability, expected.drift[1], within: Self.iterated, "\(one.name): p of drift")
      }
      let local = LocalSlope.all(means, curve)
      #expect(local.count == expected.local.count)
      for (found, expected) in zip(local, expected.local) {
        expectClose(found.slope, expected[0], scale: 0.1, "\(one.name): local slope")
        expectClose(found.high.map { $0 - found.slope }, expected[1], "\(one.name): its interval")
      }
    }
  }

  @Test func theLimit() throws {
    for one in try Self.load().cases {
      let expected = one.expected
      let fit = PointFitter(one.data, isNested: one.nested).fit(theory: nil)
      // The variance that mends a lack of fit is sought to 10⁻⁵ of itself.
      let lacks = expected.lackOfFit > 0
      let exact = lacks ? 1e-4 : Self.exact
      let mixture = lacks ? 1e-4 : Self.mixture
      expectClose(fit.lackOfFit, expected.lackOfFit, within: 1e-4, "\(one.name): lack of fit")
      expectClose(fit.power, expected.weights.power, within: exact, scale: 1e-3, "\(one.name): power")
      expectClose(
        fit.corrected, expected.weights.corrected, within: exact, scale: 1e-3, "\(one.name): corrected")
      expectClose(
        fit.constant, expected.weights.constant, within: exact, scale: 1e-3, "\(one.name): constant")
      let exponent = try #require(fit.exponent)
      // The mean, but not beyond the interval.
      var numbers = expected.exponent
      numbers[1] = min(max(numbers[1], numbers[0]), numbers[2])
      for (found, expected) in zip([exponent.low, exponent.value, exponent.high], numbers) {
        expectClose(found, expected, within: mixture, scale: 0.1, "\(one.name): exponent")
      }
      guard let limit = fit.limit else {
        #expect(!exponent.mayVanish)
        continue
      }
      for (found, expected) in zip([limit.low, limit.value, limit.high], expected.logLimit) {
        expectClose(found.map { Double.log($0) }, expected, within: mixture, scale: 1, "\(one.name): limit")
      }
    }
  }
}
