import Model

/// The rules by which an interval of the exponent becomes a trend; `docs/fit.md`, *The trend*.
public enum TrendRule {
  /// An exponent whose whole interval lies within ± this counts as zero; dimensionless.
  ///
  /// At 0.05 the order parameter changes by 12 % per decade of width, less than the corrections of
  /// finite width.
  public static let boundedMargin = 0.05

  /// Fewer distinct widths than this have no interval and no trend.
  public static let minWidths = 3

  /// The confidence level of all intervals.
  public static let confidence = 0.95

  /// The trend for the interval of a computed exponent. It has no corrections of finite width, so
  /// that however small an exponent it counts, unless its interval includes 0.
  public static func trend(computed exponent: PointFit.Estimate) -> Trend {
    guard let low = exponent.low, let high = exponent.high else { return .undecided }
    if high < 0 { return .vanishing }
    if low > 0 { return .growing }
    return low >= -boundedMargin && high <= boundedMargin ? .bounded : .undecided
  }

  /// The trend for an interval of the exponent.
  ///
  /// - Parameters:
  ///   - low: the lower end.
  ///   - high: the upper end, at least `low`.
  public static func trend(low: Double, high: Double) -> Trend {
    if low >= -boundedMargin && high <= boundedMargin { return .bounded }
    if high < 0 { return .vanishing }
    return low > 0 ? .growing : .undecided
  }
}
