/// The names of what a run of infinite width computes: the limits m → ∞ of quantities.
public enum LimitQuantities {
  /// The exponent S = lim d log q / d log m of a quantity.
  public static func exponent(of quantity: String) -> String { quantity + "_exponent" }
  /// The lower end of the exponent's 95 % interval.
  public static func exponentLow(of quantity: String) -> String { quantity + "_exponent_low" }
  /// The upper end of the exponent's 95 % interval.
  public static func exponentHigh(of quantity: String) -> String { quantity + "_exponent_high" }
  /// The limit of a quantity, where it is finite and not 0.
  public static func value(of quantity: String) -> String { quantity + "_limit" }
  /// The relative error of that limit.
  public static func valueError(of quantity: String) -> String { quantity + "_limit_error" }
  /// The width beyond which the local slope of a quantity stays within 0.02 of its exponent.
  public static func crossoverWidth(of quantity: String) -> String { quantity + "_crossover_width" }
  /// Whether a name is that of a limit of some quantity.
  static func contains(_ name: String) -> Bool {
    let makers = [exponent, exponentLow, exponentHigh, value, valueError, crossoverWidth]
    return makers.contains { name.hasSuffix($0("")) }
  }
  /// log₁₀ of the factor by which fluctuations of the initial values change the order parameter as
  /// the width grows; 0 where the mean flow is stable.
  public static let instability = "instability"
  /// The array of all widths that were computed on the way: a row for each.
  public static let ladder = "ladder"
}
