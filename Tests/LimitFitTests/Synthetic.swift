import Model
import RealModule

@testable import LimitFit

/// Runs whose law is known.
struct Synthetic {
  /// The mean of log q, q the order parameter.
  enum Law: String, CaseIterable {
    /// a + S x.
    case power
    /// The same with a crossover drawn from the prior of the fit.
    case corrected
    /// The same with S = 0.
    case constant
  }

  var law: Law
  var widths: [Double] = [1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000]
  var seeds = 3
  /// The standard deviation between seeds at the first width; it falls as m^−½.
  var dispersion = 0.03
  /// The share of runs that are missing.
  var missing = 0.0
  /// The share of the runs of the last two widths of which only a lower bound is known.
  var bounded = 0.0

  /// One draw: its runs and what they tend to.
  struct Draw {
    var observations: [Observation]
    var exponent: Double
    /// log q for m → ∞ of the law `constant`.
    var logLimit: Double
    /// The slope of the straight line through the noiseless curve.
    var slope: Double
    /// The noiseless slopes between neighbouring widths.
    var localSlopes: [Double]
  }

  func draw(_ random: inout SplitMix64) -> Draw {
    let x = widths.map { Double.log($0) }
    let crossovers = Crossovers(over: x[0]...x[x.count - 1])
    let exponent = law == .constant ? 0 : Double.random(in: -2...1, using: &random)
    let offset = random.normal()
    let range = Crossovers.rates
    let rate = Double.exp(
      Double.random(in: Double.log(range.lowerBound)...Double.log(range.upperBound), using: &random))
    let centres = crossovers.nodes.map(\.centre)
    let centre = Double.random(in: (centres.min() ?? 0)...(centres.max() ?? 0), using: &random)
    let change = law == .power ? 0 : Crossovers.change * random.normal()
    let curve = x.map {
      offset + exponent * $0 + change / rate * Double.log(onePlus: Double.exp(-rate * ($0 - centre)))
    }

    var observations: [Observation] = []
    for seed in 0..<seeds {
      // A mean over neurons: a random walk in m, divided by m.
      var walk = 0.0
      var before = 0.0
      for (i, m) in widths.enumerated() {
        walk += (m - before).squareRoot() * random.normal()
        before = m
        let log = curve[i] + dispersion * widths[0].squareRoot() * walk / m
        if Double.random(in: 0..<1, using: &random) < missing { continue }
        let run = Run(["x": 1, "y": 0], width: m, seed: UInt64(seed))
        var state = Observation.State.finished(.converged, value: Double.exp(log))
        if i >= widths.count - 2, Double.random(in: 0..<1, using: &random) < bounded {
          let bound = log - Double.random(in: 0...2, using: &random) * dispersion
          state = .finished(.budgetExhausted, value: Double.exp(bound))
        }
        observations.append(Observation(run: run, state: state))
      }
    }
    let centred = WidthCurve.powers(of: x, count: 2)[1]
    return Draw(
      observations: observations, exponent: exponent, logLimit: offset,
      slope: dot(centred, curve) / dot(centred, centred),
      localSlopes: zip(zip(x, x.dropFirst()), zip(curve, curve.dropFirst())).map {
        ($1.1 - $1.0) / ($0.1 - $0.0)
      })
  }
}
