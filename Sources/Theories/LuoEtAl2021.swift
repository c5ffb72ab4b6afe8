import Model
import RealModule

/// The phase diagram of two-layer ReLU networks in the plane of γ and γ', for the relative change
/// RD of the input weights.
///
/// Source of regimes, boundary and named initialisations: Luo, Xu, Ma, Zhang, JMLR 22(71), 2021; of
/// the exponents: the scaling argument of `docs/method.md`.
public struct LuoEtAl2021: Theory {
  /// The names of the parameters.
  public static let gamma = "gamma", gammaPrime = "gamma_prime"
  /// The plane that the theory is about.
  public static let plane = Plane(x: gamma, y: gammaPrime)

  private let antisymmetric: Bool

  /// The theory of a network.
  ///
  /// - Parameter antisymmetric: whether f vanishes at the start. If not, f(0) = O(m^(½−γ)) must be
  ///   unlearned where γ < ½, which adds ½ − γ to the exponent.
  public init(antisymmetric: Bool) { self.antisymmetric = antisymmetric }

  /// `Luo et al.`
  public var name: String { "Luo et al." }
  /// The publication.
  public var citation: String { "Luo, Xu, Ma, Zhang, JMLR 22(71), 2021" }

  /// The regimes: linear, critical, condensed.
  public func caption(_ trend: Trend) -> String? {
    switch trend {
    case .vanishing: "linear"
    case .bounded: "critical"
    case .growing: "condensed"
    case .undecided: nil
    }
  }

  /// The regime of the theorem: linear if γ < 1 or γ' > γ − 1, condensed if γ > 1 and γ' < γ − 1,
  /// critical between.
  public func trend(at setting: Setting) -> Trend? {
    guard let place = Place(setting) else { return nil }
    if place.gamma < 1 || place.depthBelowRay < 0 { return .vanishing }
    return place.gamma > 1 && place.depthBelowRay > 0 ? .growing : .bounded
  }

  /// The exponent of the scaling argument; nil in the region where it depends on the data.
  public func expectedExponent(at setting: Setting) -> Double? {
    guard let range = exponentRange(at: setting), range.lowerBound == range.upperBound else { return nil }
    return range.lowerBound
  }

  /// The exponent of the scaling argument. Where output weights are large and 1 < γ < 1 − γ', it
  /// lies between that of the flow with output weights at rest, if this fits the data, and that of
  /// the condensed regime.
  public func exponentRange(at setting: Setting) -> ClosedRange<Double>? {
    guard let place = Place(setting) else { return nil }
    let unlearning = antisymmetric ? 0 : max(0, 0.5 - place.gamma)
    func exactly(_ exponent: Double) -> ClosedRange<Double> { exponent...exponent }
    return switch place.region {
    case .linear: exactly(place.gamma - 1 - 2 * place.gammaPrime + unlearning)
    case .aboveRay: exactly(2 * place.depthBelowRay)
    case .largeOutput: exactly(place.gamma - 1 + unlearning)
    case .dependsOnData: place.gamma - 1...place.depthBelowRay / 2
    case .condensed: exactly(place.depthBelowRay / 2)
    }
  }

  /// The part of the plane that decides which formula ``exponentRange(at:)`` takes.
  public func region(at setting: Setting) -> String? { Place(setting)?.region.rawValue }

  /// The ray γ = 1, γ' ≤ 0 and the ray γ' = γ − 1, γ ≥ 1, as one line.
  public func boundary(in range: PlaneRange) -> [[PlanePoint]] {
    let depth = min(range.y.lowerBound, 0)
    let reach = max(range.y.upperBound, range.x.upperBound - 1, 0)
    return [
      [PlanePoint(x: 1, y: depth), PlanePoint(x: 1, y: 0), PlanePoint(x: 1 + reach, y: reach)]
    ]
  }

  /// The distance to the nearer of the two rays.
  public func distanceToBoundary(_ point: PlanePoint) -> Double {
    let toVertical = Double.hypot(point.x - 1, max(0, point.y))
    // The foot of the perpendicular on (1, 0) + t (1, 1), t ≥ 0.
    let t = max(0, (point.x - 1 + point.y) / 2)
    let toDiagonal = Double.hypot(point.x - 1 - t, point.y - t)
    return min(toVertical, toDiagonal)
  }

  /// The initialisations of table 1 that are points of the plane, and that of E et al., which is a
  /// line.
  public var landmarks: [Landmark] {
    [
      Landmark("NTK", .point(PlanePoint(x: 0.5, y: 0))),
      Landmark("LeCun, He", .point(PlanePoint(x: 0.5, y: 0.5))),
      Landmark("Xavier, mean-field", .point(PlanePoint(x: 1, y: 0))),
      Landmark("E et al.", .diagonal),
    ]
  }
}

/// The regions of the plane in which the exponent, or its bounds, are linear functions of (γ, γ').
private enum Region: String {
  case linear = "γ' ≥ 0, γ ≤ 1"
  case aboveRay = "γ ≥ 1, γ' ≥ γ − 1"
  case largeOutput = "γ' ≤ 0, γ ≤ 1"
  /// From γ − 1 to (γ − 1 − γ') / 2.
  case dependsOnData = "γ' < 0, 1 < γ < 1 − γ'"
  /// All others, with (γ − 1 − γ') / 2.
  case condensed = "otherwise"
}

/// A setting as a place of the plane.
private struct Place {
  let gamma, gammaPrime: Double

  init?(_ setting: Setting) {
    guard let gamma = setting[LuoEtAl2021.gamma], let gammaPrime = setting[LuoEtAl2021.gammaPrime] else {
      return nil
    }
    self.gamma = gamma
    self.gammaPrime = gammaPrime
  }

  /// γ − 1 − γ', the amount by which it lies below the ray γ' = γ − 1. Grid values are decimals,
  /// and in binary 1.1 − 1 is not 0.1: what is nearer to the ray than decimals resolve is on it.
  var depthBelowRay: Double {
    let depth = gamma - 1 - gammaPrime
    return abs(depth) < 5e-13 ? 0 : depth
  }

  var region: Region {
    if gammaPrime >= 0 && gamma <= 1 { return .linear }
    if gammaPrime >= 0 && depthBelowRay <= 0 { return .aboveRay }
    if gammaPrime <= 0 && gamma <= 1 { return .largeOutput }
    if gammaPrime < 0 && gamma < 1 - gammaPrime { return .dependsOnData }
    return .condensed
  }
}
