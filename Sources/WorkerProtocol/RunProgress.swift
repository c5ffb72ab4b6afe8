import Model

/// How far a run is, as far as its worker tells.
public struct RunProgress: Hashable, Sendable, Codable {
  /// Steps taken, those before a checkpoint included.
  public var steps: Int?
  /// The normalised time t̄, dimensionless.
  public var time: Double?
  /// What is known of the run now, such as the mean squared residual.
  public var quantities: NamedNumbers

  /// A state of a run.
  public init(steps: Int? = nil, time: Double? = nil, quantities: NamedNumbers = .none) {
    self.steps = steps
    self.time = time
    self.quantities = quantities
  }

  private enum CodingKeys: String, CodingKey { case steps, time, quantities }

  /// Encodes what is known.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(steps, forKey: .steps)
    try container.encodeIfPresent(time, forKey: .time)
    if !quantities.isEmpty { try container.encode(quantities, forKey: .quantities) }
  }

  /// Decodes what ``encode(to:)`` wrote; nothing is needed.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      steps: try container.decodeIfPresent(Int.self, forKey: .steps),
      time: try container.decodeIfPresent(Double.self, forKey: .time),
      quantities: try container.decodeIfPresent(NamedNumbers.self, forKey: .quantities) ?? .none)
  }
}
