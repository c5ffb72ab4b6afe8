import Model
import RealModule

/// What ``LayerScaling`` says of a layer of three-layer tanh networks with α = 1, in planes of γ₃
/// and one of g₁₂ and g₂₃.
///
/// The boundary is that of the slice in which the other one is 0; trends and exponents are those of
/// any setting. Where arguments of tanh are large at the start, nothing is said; in the lazy regime
/// no exponent is, because small arguments make the kernel ill-conditioned.
public struct ThreeLayerScaling: Theory {
  /// The names of the parameters.
  public static let gamma3 = "gamma3", first = "g12", second = "g23"

  private let layer: Int
  private let isFrobenius: Bool
  private let ordinate: String?

  /// The theory of the relative change of a layer.
  ///
  /// - Parameters:
  ///   - layer: 0, 1, or 2 for the output weights.
  ///   - isFrobenius: whether it is measured in the Frobenius norm, or in the operator norm; only
  ///     that of the second weights differs.
  ///   - plane: γ₃, and at most one other parameter; nil is returned for any other.
  public init?(layer: Int, isFrobenius: Bool, plane: Plane) {
    guard (0..<3).contains(layer), plane.x == Self.gamma3,
      plane.y.map({ [Self.first, Self.second].contains($0) }) ?? true
    else { return nil }
    self.layer = layer
    self.isFrobenius = isFrobenius
    ordinate = plane.y
  }

  /// `layer scaling`
  public var name: String { "layer scaling" }
  /// Where the argument stands.
  public var citation: String { "docs/three-layer.md" }

  /// The regimes of a layer: lazy, critical, condensed.
  public func caption(_ trend: Trend) -> String? { trend.lazyCaption }

  private func scaling(_ setting: Setting) -> LayerScaling? {
    guard let gamma = setting[Self.gamma3] else { return nil }
    let ratios = [setting[Self.first] ?? 0, setting[Self.second] ?? 0]
    // With α = 1: the exponents of β3, β2 and β1. Arguments must be small in both layers.
    let third = (ratios[0] + 2 * ratios[1] - gamma) / 3
    let second = third - ratios[1]
    let first = second - ratios[0]
    guard first <= 0, first + second + 0.5 <= 0 else { return nil }
    return LayerScaling(gamma: gamma, ratios: ratios, antisymmetric: false)
  }

  private func exponent(_ scaling: LayerScaling) -> Double {
    let exponent = (isFrobenius ? scaling.frobeniusExponents : scaling.exponents)[layer]
    // Grid values are decimals: what is nearer than they resolve is on the boundary.
    return abs(exponent) < 1e-12 ? 0 : exponent
  }

  /// That of the sign of the exponent.
  public func trend(at setting: Setting) -> Trend? {
    scaling(setting).map(exponent).map { $0 > 0 ? .growing : $0 < 0 ? .vanishing : .bounded }
  }

  /// The exponent where one layer at least is not lazy.
  public func expectedExponent(at setting: Setting) -> Double? {
    scaling(setting).flatMap { $0.excess < 0 ? nil : exponent($0) }
  }

  /// Which layers are condensed in the operator norm.
  public func region(at setting: Setting) -> String? {
    scaling(setting).map { scaling in
      let names = zip(["W1", "W2", "a"], scaling.exponents).filter { $0.1 > 1e-12 }.map(\.0)
      return names.isEmpty ? "all lazy" : names.joined(separator: ", ") + " condensed"
    }
  }

  // MARK: Boundary

  /// γ₃ on the boundary at a value of the ordinate.
  private func boundary(at y: Double) -> Double {
    let ratios = [ordinate == Self.first ? y : 0, ordinate == Self.second ? y : 0]
    let scaling = LayerScaling(gamma: 0, ratios: ratios, antisymmetric: false)
    return scaling.threshold(of: layer, exponent: isFrobenius && layer == 1 ? 0.5 : 0)
  }

  /// The values of the ordinate at which the boundary may have a kink.
  private static let kinks = [-0.5, 0, 0.5]

  /// A line with kinks.
  public func boundary(in range: PlaneRange) -> [[PlanePoint]] {
    let (low, high) = (range.y.lowerBound, range.y.upperBound)
    let places = [low] + Self.kinks.filter { $0 > low && $0 < high } + [high]
    return [places.map { PlanePoint(x: boundary(at: $0), y: $0) }]
  }

  /// The distance to the nearest of its parts.
  public func distanceToBoundary(_ point: PlanePoint) -> Double {
    guard ordinate != nil else { return abs(point.x - boundary(at: 0)) }
    let far = abs(point.x) + abs(point.y) + 10
    let places = [-far] + Self.kinks + [far]
    return zip(places, places.dropFirst()).reduce(Double.infinity) { nearest, part in
      let (a, b) = (boundary(at: part.0), boundary(at: part.1))
      let (dx, dy) = (b - a, part.1 - part.0)
      let along = ((point.x - a) * dx + (point.y - part.0) * dy) / (dx * dx + dy * dy)
      let t = max(0, min(1, along))
      return min(nearest, Double.hypot(point.x - a - t * dx, point.y - part.0 - t * dy))
    }
  }

  /// Initialisations with α = 1 that are points of the plane: β1 = O(1) or m^−½, and β2 = β3 =
  /// m^−½.
  public var landmarks: [Landmark] {
    let xavier = Landmark("Xavier", .point(PlanePoint(x: 1.5, y: 0)))
    return switch ordinate {
    case Self.first: [xavier, Landmark("LeCun, He", .point(PlanePoint(x: 1, y: -0.5)))]
    case Self.second: [xavier]
    default: []
    }
  }
}
