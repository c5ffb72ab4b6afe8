/// What the fit concludes for a phase point.
public enum Verdict: String, Sendable, Codable, CaseIterable {
  /// RD vanishes as m → ∞.
  case linear
  /// RD stays finite.
  case critical
  /// RD diverges.
  case condensed
  /// The data do not decide; `note` says why.
  case undecided
}

/// The rules by which an interval becomes a verdict; `docs/fit.md` gives the reasons.
extension Verdict {
  /// A slope whose whole interval lies within ±`criticalMargin` counts as zero; dimensionless.
  ///
  /// At 0.05 RD changes by 12 % per decade of width, less than the corrections of finite width.
  public static let criticalMargin = 0.05

  /// Fewer distinct widths than this have no interval and no verdict.
  public static let minimumWidths = 3

  /// The confidence level of all intervals.
  public static let confidence = 0.95

  /// The verdict for an interval of the slope.
  ///
  /// - Parameters:
  ///   - low: the lower end.
  ///   - high: the upper end, at least `low`.
  init(low: Double, high: Double) {
    if low >= -Self.criticalMargin && high <= Self.criticalMargin {
      self = .critical
    } else if high < 0 {
      self = .linear
    } else if low > 0 {
      self = .condensed
    } else {
      self = .undecided
    }
  }
}
