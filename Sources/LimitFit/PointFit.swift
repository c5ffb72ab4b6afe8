import Model
import RealModule

/// The fit at one setting: a row of the phase map. `docs/fit.md` gives the formulae.
public struct PointFit: Hashable, Sendable {
  /// How many runs of the point ended how.
  public struct Counts: Hashable, Sendable {
    /// Runs by outcome, and those without one.
    public var converged = 0, stationary = 0, budgetExhausted = 0, failed = 0, pending = 0
    /// No runs.
    public init() {}
    /// All runs of the point.
    public var total: Int { converged + stationary + budgetExhausted + failed + pending }
  }

  /// A number and its 95 % interval.
  public struct Estimate: Hashable, Sendable, Codable {
    /// The number.
    public var value: Double
    /// The ends of the interval; nil when there is none.
    public var low: Double?, high: Double?

    /// An estimate.
    public init(value: Double, low: Double?, high: Double?) {
      self.value = value
      self.low = low
      self.high = high
    }

    /// Whether the interval includes 0; false when there is none.
    public var mayVanish: Bool {
      guard let low, let high else { return false }
      return low <= 0 && high >= 0
    }
  }

  /// The parameters.
  public var setting: Setting
  /// The slope of a straight line through the logarithm of the order parameter against log m; nil with fewer than two widths.
  public var slope: Estimate?
  /// The slopes between neighbouring widths.
  public var localSlopes: [LocalSlope] = []
  /// By how much the local slope changes in a decade of widths, and the probability of as large a change if there is none.
  public var drift: Double?, driftProbability: Double?
  /// S, the exponent for m → ∞, averaged over models; nil with too few widths.
  public var exponent: Estimate?
  /// The probabilities of the models.
  public var power: Double?, corrected: Double?, constant: Double?
  /// The limit of the order parameter if it is finite; nil where the interval of the exponent excludes 0.
  public var limit: Estimate?
  /// The standard deviation of its logarithm between seeds at the smallest width, and θ in its decay as m^−θ.
  public var dispersion: Double?, dispersionDecay: Double?
  /// The standard deviation of what no model explains of the widths' means, beyond the dispersion of seeds; 0 if that suffices.
  public var lackOfFit: Double?
  /// The conclusion.
  public var trend: Trend
  /// Why the trend is what it is where that needs saying, else empty.
  public var note: String
  /// The exponent expected in theory; nil where nothing is.
  public var expectedExponent: Double?
  /// Distinct widths with a value.
  public var widths: Int
  /// Runs that entered, those with only a lower bound included.
  public var runsUsed: Int
  /// All runs of the point by state.
  public var counts: Counts

  /// A fit without any numbers; see the properties.
  public init(
    setting: Setting, trend: Trend, note: String, expectedExponent: Double? = nil, widths: Int = 0,
    runsUsed: Int = 0,
    counts: Counts = Counts()
  ) {
    self.setting = setting
    self.trend = trend
    self.note = note
    self.expectedExponent = expectedExponent
    self.widths = widths
    self.runsUsed = runsUsed
    self.counts = counts
  }

  /// S less what theory expects; nil where either is missing.
  public var residual: Double? {
    guard let exponent, let expectedExponent else { return nil }
    return exponent.value - expectedExponent
  }

  /// The most probable model.
  public var model: LimitModel? {
    guard let power, let corrected, let constant else { return nil }
    let all: [(LimitModel, Double)] = [(.power, power), (.corrected, corrected), (.constant, constant)]
    return all.max { $0.1 < $1.1 }?.0
  }
}
