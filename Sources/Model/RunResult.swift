/// How a run ended. An outcome is data, never an error.
public enum Outcome: String, Sendable, Codable, CaseIterable {
  /// The mean squared residual reached the target; everything is reported at the crossing.
  case converged
  /// The flow came to rest above the target; RD is its limit for t → ∞.
  case stalled
  /// Steps, wall time or simulated time were used up; sup RD is a lower bound.
  case budget
}

/// What a run yields.
public struct RunResult: Hashable, Sendable, Codable {
  /// How it ended.
  public var outcome: Outcome
  /// The evidence for the outcome, in a few words.
  public var reason: String
  /// RD = ‖θ_w(T) − θ_w(0)‖₂ / ‖θ_w(0)‖₂ at the end T, over all input weights and biases; dimensionless.
  public var rd: Double
  /// The largest RD over the whole run.
  public var supRD: Double
  /// (1/n) Σ r_i² at the end.
  public var meanSquaredResidual: Double
  /// The normalised time t̄ at the end, dimensionless.
  public var time: Double
  /// Accepted steps.
  public var steps: Int
  /// Wall time of the whole run, sampling included, in seconds. A measurement: it differs between repeats.
  public var wallSeconds: Double
  /// Wall time spent on drawing the initial values and grouping the neurons, in seconds. A measurement.
  public var initialSeconds: Double

  /// A result; see the properties.
  public init(
    outcome: Outcome, reason: String, rd: Double, supRD: Double, meanSquaredResidual: Double,
    time: Double, steps: Int, wallSeconds: Double, initialSeconds: Double
  ) {
    self.outcome = outcome
    self.reason = reason
    self.rd = rd
    self.supRD = supRD
    self.meanSquaredResidual = meanSquaredResidual
    self.time = time
    self.steps = steps
    self.wallSeconds = wallSeconds
    self.initialSeconds = initialSeconds
  }

  enum CodingKeys: String, CodingKey {
    case outcome, reason, rd, time, steps
    case supRD = "sup_rd"
    case meanSquaredResidual = "mean_squared_residual"
    case wallSeconds = "wall_seconds"
    case initialSeconds = "initial_seconds"
  }

  /// Whether the numbers can be those of a run: finite, not negative, sup RD at least RD.
  public var isPlausible: Bool {
    let numbers = [rd, supRD, meanSquaredResidual, time, wallSeconds, initialSeconds]
    return numbers.allSatisfy { $0.isFinite && $0 >= 0 } && supRD >= rd && steps >= 0
  }
}
