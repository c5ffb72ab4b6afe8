import Model
import RealModule
import Testing

@testable import Networks

/// The exponents that the scaling argument gives, over widths from 10³ to 10⁵ and four samples.
struct SlopeTests {
  /// A point, the slope of log RD over log m from 10³ to 10⁵ that was measured, and how far a few
  /// seeds may be off.
  struct Entry: CustomTestStringConvertible {
    let point: Setting
    let slope: Double
    let spread: Double

    init(_ gamma: Double, _ gammaPrime: Double, _ slope: Double, _ spread: Double) {
      point = Setting(gamma: gamma, gammaPrime: gammaPrime)
      (self.slope, self.spread) = (slope, spread)
    }

    var testDescription: String { "(\(point.gamma), \(point.gammaPrime))" }
  }

  /// The mean of log₁₀ RD over the seeds.
  private func mean(_ point: Setting, width: Int, seeds: Int) throws -> Double {
    let samples = try SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1])
    let problem = Problem(samples)
    let logarithms = try (0..<seeds).map { seed in
      let run = Run(point, width: width, seed: UInt64(seed))
      let result = try train(run, of: problem).result
      #expect(result.outcome == .converged, "m \(width), seed \(seed)")
      return Double.log10(result.rd)
    }
    return logarithms.reduce(0, +) / Double(seeds)
  }

  static let entries = [
    Entry(0.75, 0, -0.24, 0.03), Entry(1, 0, 0, 0.02), Entry(1.5, 0.5, 0, 0.02), Entry(1.5, 0, 0.257, 0.02),
    Entry(1.75, 0, 0.38, 0.02), Entry(1.5, -0.5, 0.5, 0.02), Entry(0.75, 0.5, -1.314, 0.03),
  ]

  @Test(.enabled(if: BruteForceTests.slow), arguments: entries)
  func slopesOverTwoDecades(_ entry: Entry) throws {
    let first = try mean(entry.point, width: 1000, seeds: 5)
    let last = try mean(entry.point, width: 100_000, seeds: 1)
    let slope = (last - first) / 2
    #expect(abs(slope - entry.slope) < entry.spread, "slope \(slope)")
    // At these widths (0.75, 0.5) is still 0.065 away from its limit.
    #expect(abs(slope - entry.point.expectedExponent) < 0.08)
  }

  /// At (1.25, 0.5) the local slope drifts, and is still far from −0.5 at 10⁶.
  @Test(.enabled(if: BruteForceTests.slow))
  func localSlopesDrift() throws {
    let point = Setting(gamma: 1.25, gammaPrime: 0.5)
    let logarithms = try zip([1000, 10_000, 100_000, 1_000_000], [10, 10, 3, 1]).map {
      try mean(point, width: $0, seeds: $1)
    }
    let slopes = zip(logarithms.dropFirst(), logarithms).map { $0 - $1 }
    for (slope, expected) in zip(slopes, [-0.226, -0.223, -0.247]) {
      #expect(abs(slope - expected) < 0.015, "local slopes \(slopes)")
    }
    #expect(slopes[2] < slopes[1] && slopes[2] > -0.35)
  }
}
