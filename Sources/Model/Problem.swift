/// What all runs of a sweep have in common and what determines their results, beside point, width and seed.
public struct Problem: Hashable, Sendable, Codable {
  /// The network family.
  public var network: Network
  /// The training data.
  public var samples: SampleSet
  /// A run has converged when its mean squared residual (1/n) Σ r_i² is at most this; positive.
  public var target: Double
  /// Relative step tolerance of the integrator, dimensionless, in (0, 0.1].
  public var tolerance: Double
  /// The integration method and its revision: results of different methods are never mixed.
  public var method: String

  /// The default of ``target``.
  public static let defaultTarget = 1e-6
  /// The default of ``tolerance``.
  public static let defaultTolerance = 1e-3
  /// The default of ``method``: the impulse method of `gammaplane-worker`, third revision.
  public static let impulseMethod = "impulse/3"

  /// A problem; see the properties for units and ranges.
  public init(
    network: Network, samples: SampleSet, target: Double = defaultTarget,
    tolerance: Double = defaultTolerance, method: String = impulseMethod
  ) {
    self.network = network
    self.samples = samples
    self.target = target
    self.tolerance = tolerance
    self.method = method
  }

  /// The hash of everything in here that determines a result.
  public var digest: Digest {
    var hash = SHA256()
    hash.update("gammaplane problem 1")
    hash.update(method)
    hash.update(network.activation.rawValue)
    hash.update(network.bias ? "bias" : "no bias")
    hash.update(network.antisymmetric ? "antisymmetric" : "independent")
    hash.update(target)
    hash.update(tolerance)
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
