import Model

/// The limit m → ∞ of the order parameter as a run of infinite width has computed it.
public struct ComputedLimit: Hashable, Sendable {
  /// S = lim d log q / d log m, with its 95 % interval.
  public var exponent: PointFit.Estimate
  /// The limit of q, where it is finite and not 0.
  public var value: Double?
  /// The width beyond which the local slope stays within 0.02 of S; nil where it is not known.
  public var crossoverWidth: Double?
  /// log₁₀ of the factor by which fluctuations of the initial values change q as the width grows;
  /// nil where that was not computed.
  public var instability: Double?

  /// From this ``instability`` on, the limit of the mean flow is not that of networks.
  public static let maxInstability = 0.05

  /// A limit.
  public init(
    exponent: PointFit.Estimate, value: Double? = nil, crossoverWidth: Double? = nil,
    instability: Double? = nil
  ) {
    self.exponent = exponent
    self.value = value
    self.crossoverWidth = crossoverWidth
    self.instability = instability
  }

  /// The limit among the quantities of a run of infinite width; nil if they have no exponent of
  /// that quantity, or one without an interval.
  public init?(_ quantities: NamedNumbers, of quantity: String) {
    guard let exponent = quantities[LimitQuantities.exponent(of: quantity)],
      let low = quantities[LimitQuantities.exponentLow(of: quantity)],
      let high = quantities[LimitQuantities.exponentHigh(of: quantity)],
      low <= exponent, exponent <= high
    else { return nil }
    self.init(
      exponent: PointFit.Estimate(value: exponent, low: low, high: high),
      value: quantities[LimitQuantities.value(of: quantity)],
      crossoverWidth: quantities[LimitQuantities.crossoverWidth(of: quantity)],
      instability: quantities[LimitQuantities.instability])
  }

  /// The quantile of the normal distribution to which a 95 % interval extends.
  static let normalQuantile = 1.959_963_984_540_054

  /// The half of the interval divided by the quantile of a normal distribution to which it belongs.
  var deviation: Double {
    guard let low = exponent.low, let high = exponent.high else { return 0 }
    return 0.5 * (high - low) / Self.normalQuantile
  }

  /// Whether fluctuations do not matter as far as is known.
  public var isStable: Bool { abs(instability ?? 0) <= Self.maxInstability }
}
