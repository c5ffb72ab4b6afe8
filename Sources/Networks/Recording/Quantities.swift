import Model

/// Quantities of every flow of this program.
extension Quantity {
  /// (1/n) Σ (f(x_i) − y_i)² over the samples.
  public static let meanSquaredResidual = Quantity(
    "mean_squared_residual", symbol: "mean sq. residual",
    summary: "mean squared residual of the samples at the end")
  /// The normalised time t̄.
  public static let time = Quantity(
    Trajectory.timeColumn, symbol: "t̄", summary: "normalised time at the end")
}
