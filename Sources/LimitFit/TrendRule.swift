import Model

/// The rules by which what is known of the exponent becomes a trend; `docs/fit.md`, *The trend*.
public enum TrendRule {
  /// An exponent within ± this counts as zero; dimensionless.
  ///
  /// At 0.05 the order parameter changes by 12 % per decade of width, less than the corrections of
  /// finite width.
  public static let boundedMargin = 0.05

  /// Fewer distinct widths than this have no interval and no trend.
  public static let minWidths = 3

  /// The confidence level of all intervals, and the probability from which a trend is named.
  public static let confidence = 0.95

  /// The trend for the interval of a computed exponent. It has no corrections of finite width, so
  /// that however small an exponent it counts, unless its interval includes 0.
  public static func trend(computed exponent: PointFit.Estimate) -> Trend {
    guard let low = exponent.low, let high = exponent.high else { return .undecided }
    if high < 0 { return .vanishing }
    if low > 0 { return .growing }
    return low >= -boundedMargin && high <= boundedMargin ? .bounded : .undecided
  }

  /// The first trend that is probable enough; else undecided. An interval has half of what it
  /// leaves out on either side; a trend is wrong on one side only.
  static func trend(_ sign: ExponentSign) -> Trend {
    if sign.bounded >= confidence { return .bounded }
    if sign.negative >= confidence { return .vanishing }
    return sign.positive >= confidence ? .growing : .undecided
  }
}

/// The probabilities of the sign of an exponent.
struct ExponentSign: Hashable, Sendable {
  /// S < 0 and S > 0.
  var negative: Double, positive: Double
  /// Exactly 0: the order parameter levels off at a finite limit.
  var zero: Double { max(0, 1 - negative - positive) }
  /// |S| ≤ ``TrendRule/boundedMargin``.
  var bounded: Double
}
