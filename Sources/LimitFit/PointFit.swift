import Model
import RealModule

/// Where an exponent comes from.
public enum ExponentSource: String, Hashable, Sendable, Codable, CaseIterable {
  /// From the limit m → ∞ itself.
  case computed
  /// From models of the widths that were run.
  case extrapolated
}

/// The fit at one setting: a row of the phase map. `docs/fit.md` gives the formulae.
public struct PointFit: Hashable, Sendable {
  /// How many runs of the point ended how.
  public struct Counts: Hashable, Sendable {
    /// Runs by outcome, and those without one.
    public var converged = 0, stationary = 0, budgetExhausted = 0, diverged = 0, failed = 0, pending = 0
    /// No runs.
    public init() {}
    /// All runs of the point.
    public var total: Int { ended + failed + pending }
    /// Those with an outcome.
    public var ended: Int { converged + stationary + budgetExhausted + diverged }
    /// Adds runs with an outcome; fewer if the number is negative.
    public mutating func add(_ outcome: Outcome, _ number: Int = 1) {
      switch outcome {
      case .converged: converged += number
      case .stationary: stationary += number
      case .budgetExhausted: budgetExhausted += number
      case .diverged: diverged += number
      }
    }
    /// Adds other runs.
    public static func += (a: inout Counts, b: Counts) {
      a.converged += b.converged
      a.stationary += b.stationary
      a.budgetExhausted += b.budgetExhausted
      a.diverged += b.diverged
      a.failed += b.failed
      a.pending += b.pending
    }
  }

  /// A number and its 95 % interval.
  public struct Estimate: Hashable, Sendable, Codable {
    /// The number.
    public var value: Double
    /// The ends of the interval; nil without one.
    public var low: Double?, high: Double?

    /// An estimate.
    public init(value: Double, low: Double?, high: Double?) {
      self.value = value
      self.low = low
      self.high = high
    }

    /// Whether the interval is 0 alone: the model `constant` has nearly all the probability. It
    /// says nothing of how exactly widths are known.
    public var isZero: Bool { low == 0 && high == 0 }

    /// How many decimals show that the interval is not a point; at least 3, at most 12.
    public var places: Int {
      guard let low, let high, high > low else { return 3 }
      return min(max(3, Int((-Double.log10(0.5 * (high - low)) - 1e-9).rounded(.up))), 12)
    }

    /// Whether the interval includes 0; false without an interval.
    public var mayVanish: Bool {
      guard let low, let high else { return false }
      return low <= 0 && high >= 0
    }
  }

  /// The parameters.
  public var setting: Setting
  /// The slope of a straight line through the logarithm of the order parameter q against log m; nil
  /// with fewer than two widths.
  public var slope: Estimate?
  /// The slopes between neighbouring widths.
  public var localSlopes: [LocalSlope] = []
  /// By how much the local slope changes in a decade of widths.
  public var drift: Double?
  /// The probability of as large a drift if there is none.
  public var driftProbability: Double?
  /// S, the exponent for m → ∞: computed, or else extrapolated from the widths that were run; nil
  /// where there is neither.
  public var exponent: Estimate?
  /// Where ``exponent`` comes from; nil where there is none.
  public var exponentSource: ExponentSource?
  /// The exponent extrapolated from the widths that were run, averaged over models; nil with too
  /// few widths.
  public var extrapolated: Estimate?
  /// The width beyond which the local slope stays within 0.02 of a computed exponent; nil where it
  /// is not known.
  public var crossoverWidth: Double?
  /// log₁₀ of the factor by which fluctuations of the initial values change the order parameter as
  /// the width grows (``ComputedLimit``).
  public var instability: Double?
  /// The probabilities of the models.
  public var power: Double?, corrected: Double?, constant: Double?
  /// The limit of q if it is finite, computed or extrapolated as the exponent is; nil where the
  /// interval of the exponent excludes 0. A computed one has no interval.
  public var limit: Estimate?
  /// The standard deviation of log q between seeds at the first width.
  public var dispersion: Double?
  /// θ in the decay of that standard deviation as m^−θ.
  public var dispersionDecay: Double?
  /// The standard deviation of what neither the models nor the dispersion of seeds explain of the
  /// widths' means; 0 if nothing is left.
  public var lackOfFit: Double?
  /// The conclusion.
  public var trend: Trend
  /// What is missing from the fit, and why the trend is undecided if it is; else empty.
  public var note: String
  /// The exponent expected in theory; nil where nothing is.
  public var expectedExponent: Double?
  /// Distinct widths with a value.
  public var widths: Int
  /// Runs that entered, lower bounds included.
  public var runsUsed: Int
  /// All runs of the point by state.
  public var counts: Counts

  /// A fit without any numbers; see the properties.
  public init(
    setting: Setting, trend: Trend, note: String, expectedExponent: Double? = nil, widths: Int = 0,
    runsUsed: Int = 0, counts: Counts = Counts()
  ) {
    self.setting = setting
    self.trend = trend
    self.note = note
    self.expectedExponent = expectedExponent
    self.widths = widths
    self.runsUsed = runsUsed
    self.counts = counts
  }

  /// What stands for an interval of S that is 0 alone: how sure of that the models are, and what
  /// the straight line through the widths leaves possible. Nil for any other interval.
  ///
  /// - Parameter number: writes a number.
  public func zeroInWords(_ number: (Double) -> String) -> String? {
    guard exponentSource == .extrapolated, exponent?.isZero == true, let constant else { return nil }
    // Not 100 %: the models are three of many.
    let percent = min(99.9, 100 * constant)
    let line = slope.flatMap { slope in
      slope.low.flatMap { low in slope.high.map { "; slope over the widths \(number(low)) to \(number($0))" }
      }
    }
    let tenths = Int((10 * percent).rounded(.down))
    return "levels off with \(tenths / 10).\(tenths % 10) %" + (line ?? "")
  }

  /// S less ``expectedExponent``; nil where either is missing.
  public var residual: Double? {
    guard let exponent, let expectedExponent else { return nil }
    return exponent.value - expectedExponent
  }

  /// The most probable model.
  public var model: LimitModel? {
    guard let power, let corrected, let constant else { return nil }
    let weights = [LimitModel.power: power, .corrected: corrected, .constant: constant]
    return LimitModel.allCases.max { weights[$0] ?? 0 < weights[$1] ?? 0 }
  }
}
