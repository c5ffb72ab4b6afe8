import RealModule

/// A point (γ, γ') of the phase plane: the exponents by which the initialisation scales with the width m.
///
/// κ = β1 β2 / α = m^−γ and κ' = β1 / β2 = m^−γ' for f(x) = (1/α) Σ a_k σ(w_k·x), a_k ~ N(0, β1²),
/// w_k ~ N(0, β2² I) (Luo, Xu, Ma, Zhang, JMLR 22(71), 2021, eq. 9). Both are dimensionless.
public struct PhasePoint: Hashable, Sendable, Codable, Comparable {
  /// γ = −log κ / log m. Any finite number; the plane of interest is [0, 4].
  public var gamma: Double
  /// γ' = −log κ' / log m. Any finite number; the plane of interest is [−2, 2].
  public var gammaPrime: Double

  /// The point (γ, γ').
  public init(gamma: Double, gammaPrime: Double) {
    self.gamma = gamma
    self.gammaPrime = gammaPrime
  }

  /// κ = m^−γ for the given width m ≥ 1.
  public func kappa(width: Int) -> Double { .pow(Double(width), -gamma) }

  /// κ' = m^−γ' for the given width m ≥ 1.
  public func kappaPrime(width: Int) -> Double { .pow(Double(width), -gammaPrime) }

  /// By γ, then by γ'.
  public static func < (a: PhasePoint, b: PhasePoint) -> Bool {
    (a.gamma, a.gammaPrime) < (b.gamma, b.gammaPrime)
  }

  enum CodingKeys: String, CodingKey {
    case gamma
    case gammaPrime = "gamma_prime"
  }
}
