/// How a run ended. An outcome is data, never an error.
public enum Outcome: String, Sendable, Codable, CaseIterable {
  /// The target was reached; everything is reported at the crossing.
  case converged
  /// The flow came to rest above the target: quantities have their limits for t → ∞.
  case stationary
  /// Steps, wall time or simulated time were used up; running suprema are lower bounds.
  case budgetExhausted = "budget_exhausted"
  /// The loss has grown beyond all bounds, as with too large a rate; nothing that was measured has
  /// a limit.
  case diverged
}

/// What a run yields.
public struct RunResult: Hashable, Sendable, Codable {
  /// How it ended.
  public var outcome: Outcome
  /// The evidence for the outcome, in a few words.
  public var reason: String
  /// What was measured at the end of the run, and running suprema; what each is, its family says.
  public var quantities: NamedNumbers
  /// Accepted steps.
  public var steps: Int
  /// Wall time of the whole run, sampling included, in seconds. A measurement: it differs between
  /// repeats.
  public var wallSeconds: Double
  /// Wall time spent on the initial values, in seconds. A measurement.
  public var initialSeconds: Double

  /// The reason of a run whose steps became too short to go on: no budget would help, and what it
  /// measured may be wrong.
  public static let stepsCollapsed = "no step is short enough for the tolerance"

  /// How the reason of a run begins that rests elsewhere whenever its tolerance is finer: no budget
  /// would help, and what it measured may be wrong.
  public static let restUndecided = "rests elsewhere at every tolerance"

  /// A result; see the properties.
  public init(
    outcome: Outcome, reason: String, quantities: NamedNumbers, steps: Int, wallSeconds: Double,
    initialSeconds: Double = 0
  ) {
    self.outcome = outcome
    self.reason = reason
    self.quantities = quantities
    self.steps = steps
    self.wallSeconds = wallSeconds
    self.initialSeconds = initialSeconds
  }

  private enum CodingKeys: String, CodingKey {
    case outcome, reason, quantities, steps
    case wallSeconds = "wall_seconds"
    case initialSeconds = "initial_seconds"
  }

  /// Encodes every property.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(reason, forKey: .reason)
    try container.encode(quantities, forKey: .quantities)
    try container.encode(steps, forKey: .steps)
    try container.encode(wallSeconds, forKey: .wallSeconds)
    try container.encode(initialSeconds, forKey: .initialSeconds)
  }

  /// Decodes a result; only outcome and quantities are needed.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      outcome: try container.decode(Outcome.self, forKey: .outcome),
      reason: try container.decodeIfPresent(String.self, forKey: .reason) ?? "",
      quantities: try container.decode(NamedNumbers.self, forKey: .quantities),
      steps: try container.decodeIfPresent(Int.self, forKey: .steps) ?? 0,
      wallSeconds: try container.decodeIfPresent(Double.self, forKey: .wallSeconds) ?? 0,
      initialSeconds: try container.decodeIfPresent(Double.self, forKey: .initialSeconds) ?? 0)
  }

  /// What is wrong with numbers that cannot be those of a run, such as `rd is NaN`; nil if they can
  /// be. A running supremum is at least the quantity at the end; of their limits, each has an error
  /// of its own.
  public var flaw: String? {
    for (name, value) in quantities.pairs {
      if let flaw = Self.flaw(name, value) { return flaw }
    }
    for (name, value) in [("wall_seconds", wallSeconds), ("initial_seconds", initialSeconds)] {
      if let flaw = Self.flaw(name, value) { return flaw }
      if value < 0 { return "\(name) is negative" }
    }
    if steps < 0 { return "steps is negative" }
    if quantities.isEmpty { return "it has no quantities" }
    for (name, value) in quantities.pairs
    where name.hasPrefix(Quantity.supremumPrefix) && !LimitQuantities.contains(name) {
      let final = name.dropFirst(Quantity.supremumPrefix.count)
      if let end = quantities[final], end > value { return "\(name) is less than \(final)" }
    }
    return nil
  }

  private static func flaw(_ name: String, _ value: Double) -> String? {
    value.isFinite ? nil : "\(name) is \(value.isNaN ? "NaN" : "infinite")"
  }
}
