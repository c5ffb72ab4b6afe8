import RealModule

/// What the relative change of the input weights does as the width grows.
public enum Regime: String, Sendable, Codable, CaseIterable {
  /// RD → 0.
  case linear
  /// RD stays finite.
  case critical
  /// RD → ∞.
  case condensed
}

/// The regions of the plane in which the order exponent is a linear function of (γ, γ').
public enum ExponentRegion: String, Sendable, Codable, CaseIterable {
  /// γ' ≥ 0, γ ≤ 1.
  case linear = "γ' ≥ 0, γ ≤ 1"
  /// γ ≥ 1, γ' ≥ γ − 1.
  case aboveRay = "γ ≥ 1, γ' ≥ γ − 1"
  /// γ' ≤ 0, γ ≤ 1 − γ'.
  case leftOfAntidiagonal = "γ' ≤ 0, γ ≤ 1 − γ'"
  /// All others: condensed, with (γ − 1 − γ') / 2.
  case condensed = "otherwise"
}

/// What is known of the phase plane in theory, for two-layer ReLU networks.
extension PhasePoint {
  /// γ − 1 − γ', the amount by which a point lies below the ray γ' = γ − 1. Grid values are decimals, and in
  /// binary 1.1 − 1 is not 0.1: what is nearer to the ray than decimals resolve is on it.
  private var depthBelowRay: Double {
    let depth = gamma - 1 - gammaPrime
    return abs(depth) < 5e-13 ? 0 : depth
  }

  /// The regime of the theorem of Luo, Xu, Ma, Zhang (JMLR 22(71), 2021): linear if γ < 1 or γ' > γ − 1,
  /// condensed if γ > 1 and γ' < γ − 1, critical between.
  public var theoreticalRegime: Regime {
    if gamma < 1 || depthBelowRay < 0 { return .linear }
    if gamma > 1 && depthBelowRay > 0 { return .condensed }
    return .critical
  }

  /// The region of the plane that decides which formula ``expectedExponent(antisymmetric:)`` takes.
  public var exponentRegion: ExponentRegion {
    if gammaPrime >= 0 && gamma <= 1 { return .linear }
    if gammaPrime >= 0 && depthBelowRay <= 0 { return .aboveRay }
    if gammaPrime <= 0 && gamma <= 1 - gammaPrime { return .leftOfAntidiagonal }
    return .condensed
  }

  /// The exponent S = lim d log RD / d log m expected from the scaling argument of `docs/method.md`.
  ///
  /// - Parameter antisymmetric: whether f vanishes at the start. If not, f(0) = O(m^(½−γ)) must be
  ///   unlearned where γ < ½, which adds ½ − γ.
  public func expectedExponent(antisymmetric: Bool) -> Double {
    let unlearning = antisymmetric ? 0 : max(0, 0.5 - gamma)
    return switch exponentRegion {
    case .linear: gamma - 1 - 2 * gammaPrime + unlearning
    case .aboveRay: 2 * depthBelowRay
    case .leftOfAntidiagonal: gamma - 1 + unlearning
    case .condensed: depthBelowRay / 2
    }
  }

  /// The Euclidean distance to the theoretical boundary: the ray γ = 1, γ' ≤ 0 and the ray γ' = γ − 1, γ ≥ 1.
  public var distanceToTheoreticalBoundary: Double {
    let toVertical = Double.hypot(gamma - 1, max(0, gammaPrime))
    // The foot of the perpendicular on (1, 0) + t (1, 1), t ≥ 0.
    let t = max(0, (gamma - 1 + gammaPrime) / 2)
    let toDiagonal = Double.hypot(gamma - 1 - t, gammaPrime - t)
    return min(toVertical, toDiagonal)
  }
}

/// A named initialisation scheme of the literature and its place in the phase plane.
public struct NamedInitialisation: Sendable, Equatable {
  /// The name(s) by which it is known.
  public let name: String
  /// Where it lies (for fixed input dimension and m → ∞).
  public let point: PhasePoint

  /// An initialisation and its place.
  public init(name: String, point: PhasePoint) {
    self.name = name
    self.point = point
  }

  /// The initialisations of Luo, Xu, Ma, Zhang (JMLR 22(71), 2021), table 1, that are points of the plane.
  public static let all: [NamedInitialisation] = [
    .init(name: "NTK", point: .init(gamma: 0.5, gammaPrime: 0)),
    .init(name: "LeCun, He", point: .init(gamma: 0.5, gammaPrime: 0.5)),
    .init(name: "Xavier, mean-field", point: .init(gamma: 1, gammaPrime: 0)),
  ]
}
