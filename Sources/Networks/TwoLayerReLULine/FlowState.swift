import Model

/// Where a run is after a step.
public struct FlowState: Hashable, Sendable, Codable {
  /// The normalised time t̄, dimensionless.
  public let time: Double
  /// Accepted steps.
  public let steps: Int
  /// (1/n) Σ r_i².
  public let meanSquaredResidual: Double
  /// RD, dimensionless.
  public let rd: Double
  /// The state with its observables, where they were taken for the trajectory; nil elsewhere, and everywhere if none
  /// is kept.
  public internal(set) var sample: Trajectory.Point?

  enum CodingKeys: String, CodingKey {
    case time, steps, rd, sample
    case meanSquaredResidual = "mean_squared_residual"
  }
}
