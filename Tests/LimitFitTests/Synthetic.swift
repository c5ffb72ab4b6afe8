import Model
import RealModule

@testable import LimitFit

/// Runs whose law is known.
struct Synthetic {
  /// What log RD does on the average.
  enum Law: String, CaseIterable {
    /// a + S x.
    case power
    /// The same with a crossover drawn from the prior of the fit.
    case corrected
    /// The same with S = 0.
    case constant
  }

  var law: Law
  var widths = [1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000]
  var seeds = 3
  /// The standard deviation between seeds at the smallest width; it falls as m^−½.
  var scatter = 0.03
  /// The share of runs that are missing.
  var missing = 0.0
  /// The share of the runs of the two largest widths of which only a lower bound is known.
  var bounded = 0.0

  /// One draw: its runs and what they tend to.
  struct Draw {
    var observations: [Observation]
    var exponent: Double
    /// log RD for m → ∞ of the law `constant`.
    var logLimit: Double
    /// The slope of the straight line through the noiseless curve.
    var slope: Double
    /// The noiseless slopes between neighbouring widths.
    var localSlopes: [Double]
  }

  func draw(_ random: inout SplitMix64) -> Draw {
    let x = widths.map { Double.log(Double($0)) }
    let crossovers = Crossovers(smallest: x[0], largest: x[x.count - 1])
    let exponent = law == .constant ? 0 : Double.random(in: -2...1, using: &random)
    let offset = random.normal()
    let range = Crossovers.rates
    let rate = Double.exp(
      Double.random(in: Double.log(range.lowerBound)...Double.log(range.upperBound), using: &random))
    let places = crossovers.nodes.map(\.place)
    let place = Double.random(in: (places.min() ?? 0)...(places.max() ?? 0), using: &random)
    let change = law == .power ? 0 : Crossovers.change * random.normal()
    let curve = x.map {
      offset + exponent * $0 + change / rate * Double.log(onePlus: Double.exp(-rate * ($0 - place)))
    }

    var observations: [Observation] = []
    for seed in 0..<seeds {
      // A mean over neurons: a random walk in m, divided by m.
      var walk = 0.0
      var before = 0.0
      for (i, m) in widths.enumerated() {
        walk += (Double(m) - before).squareRoot() * random.normal()
        before = Double(m)
        let log = curve[i] + scatter * Double(widths[0]).squareRoot() * walk / Double(m)
        if Double.random(in: 0..<1, using: &random) < missing { continue }
        let run = Run(point: PhasePoint(gamma: 1, gammaPrime: 0), width: m, seed: UInt64(seed))
        var state = Observation.State.finished(.converged, supRD: Double.exp(log))
        if i >= widths.count - 2, Double.random(in: 0..<1, using: &random) < bounded {
          let bound = log - Double.random(in: 0...2, using: &random) * scatter
          state = .finished(.budget, supRD: Double.exp(bound))
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
