import RealModule

/// A model of how the order parameter approaches its limit; `docs/fit.md`, *The limit*.
public enum LimitModel: String, Sendable, Codable, CaseIterable {
  /// A power law from the smallest width on.
  case power
  /// A power law after a crossover, or with a correction m^−δ.
  case corrected
  /// A finite value, perhaps with a correction m^−δ.
  case constant
}

/// The exponent of a point and the limit of its order parameter q, averaged over models.
struct LimitPosterior: Sendable {
  /// One curve of one model.
  struct Fit: Sendable {
    var model: LimitModel
    /// log of prior times marginal likelihood, up to a constant.
    var logWeight: Double
    /// S; for `constant` the log of the limit.
    var location: Double
    /// Its standard deviation.
    var scale: Double
  }

  /// S: Student t distributions, and an atom at 0 for the model `constant`.
  let exponent: StudentMixture
  /// log q for m → ∞, if it is finite.
  let logLimit: StudentMixture
  /// The probability of each model.
  let weights: [LimitModel: Double]

  /// What is known of the sign of S.
  var sign: ExponentSign {
    let margin = TrendRule.boundedMargin
    return ExponentSign(
      negative: exponent.probability(below: 0), positive: 1 - exponent.cumulative(0),
      bounded: exponent.cumulative(margin) - exponent.probability(below: -margin))
  }

  init(_ fits: [Fit], degreesOfFreedom: Double) {
    let peak = fits.map(\.logWeight).max() ?? 0
    let weighted = fits.map { (fit: $0, weight: Double.exp($0.logWeight - peak)) }
    let all = weighted.reduce(0) { $0 + $1.weight }
    weights = Dictionary(grouping: weighted, by: \.fit.model)
      .mapValues { $0.reduce(0) { $0 + $1.weight } / all }
    exponent = StudentMixture(
      weighted.map { fit, weight in
        fit.model == .constant
          ? StudentMixture.Part(weight: weight, location: 0, scale: 0)
          : StudentMixture.Part(weight: weight, location: fit.location, scale: fit.scale)
      }, degreesOfFreedom: degreesOfFreedom)
    // Weights among themselves: the limit on condition that there is one.
    let flat = fits.filter { $0.model == .constant }
    let flatPeak = flat.map(\.logWeight).max() ?? 0
    logLimit = StudentMixture(
      flat.map {
        StudentMixture.Part(
          weight: Double.exp($0.logWeight - flatPeak), location: $0.location, scale: $0.scale)
      }, degreesOfFreedom: degreesOfFreedom)
  }
}
