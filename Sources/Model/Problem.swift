/// What all runs of a sweep share and what determines their results, beside setting, width and
/// seed.
public struct Problem: Hashable, Sendable, Codable {
  /// The network: what its family, or a worker of one's own, makes of these names and values. A
  /// family of this program has filled in all its defaults.
  public var network: [String: JSONValue]
  /// Fixed parameters of a worker of one's own; empty for families of this program, whose
  /// parameters are numbers of a ``Setting``.
  public var parameters: [String: JSONValue]
  /// The training data; nil: the worker has data of its own.
  public var samples: SampleSet?
  /// A run has converged when its mean squared residual (1/n) Σ r_i² is at most this; positive.
  public var target: Double
  /// Relative step tolerance of the integrator, dimensionless, in (0, 0.1].
  public var tolerance: Double
  /// The method and its revision: results of different methods are never mixed.
  public var method: String

  /// The default of ``target``.
  public static let defaultTarget = 1e-6
  /// The default of ``tolerance``.
  public static let defaultTolerance = 1e-3

  /// A problem; see the properties for units and ranges.
  public init(
    method: String, network: [String: JSONValue] = [:], parameters: [String: JSONValue] = [:],
    samples: SampleSet? = nil, target: Double = defaultTarget, tolerance: Double = defaultTolerance
  ) {
    self.method = method
    self.network = network
    self.parameters = parameters
    self.samples = samples
    self.target = target
    self.tolerance = tolerance
  }

  private enum CodingKeys: String, CodingKey {
    case method, network, parameters, samples, target, tolerance
  }

  /// Encodes every property but those that are empty.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    try container.encode(network, forKey: .network)
    if !parameters.isEmpty { try container.encode(parameters, forKey: .parameters) }
    try container.encodeIfPresent(samples, forKey: .samples)
    try container.encode(target, forKey: .target)
    try container.encode(tolerance, forKey: .tolerance)
  }

  /// Decodes what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      method: try container.decode(String.self, forKey: .method),
      network: try container.decodeIfPresent([String: JSONValue].self, forKey: .network) ?? [:],
      parameters: try container.decodeIfPresent([String: JSONValue].self, forKey: .parameters) ?? [:],
      samples: try container.decodeIfPresent(SampleSet.self, forKey: .samples),
      target: try container.decode(Double.self, forKey: .target),
      tolerance: try container.decode(Double.self, forKey: .tolerance))
  }

  /// The hash of everything in here that determines a result.
  public var digest: Digest {
    var hash = SHA256()
    hash.update("gammaplane problem 1")
    hash.update(method)
    hash.update(JSONValue.object(network).canonical)
    hash.update(JSONValue.object(parameters).canonical)
    hash.update(target)
    hash.update(tolerance)
    guard let samples else {
      hash.update("no samples")
      return hash.finalize()
    }
    hash.update(UInt64(samples.count))
    hash.update(UInt64(samples.dimension))
    // Samples are a set: their order determines nothing.
    for (x, y) in samples.inOrder {
      for value in x { hash.update(value) }
      hash.update(y)
    }
    return hash.finalize()
  }
}
