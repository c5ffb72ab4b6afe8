import Model
import RealModule

/// The phase diagram of two-layer networks with a smooth activation and α = 1, in the plane of γ
/// and γ', for the relative change RD of the input weights.
///
/// Source: the scaling argument of `docs/smooth.md`, section 3, with what confirms it.
public struct SmoothScaling: Theory {
  private let order: Double
  private let antisymmetric: Bool

  /// The theory of a network and its data.
  ///
  /// - Parameters:
  ///   - order: k, the least order of σ with which the data can be fitted, at least 1.
  /// - antisymmetric: whether f vanishes at the start. If not, f(0) = O(m^(½−γ)) must be unlearned
  ///     where γ < ½.
  public init(order: Int, antisymmetric: Bool) {
    self.order = Double(order)
    self.antisymmetric = antisymmetric
  }

  /// `Scaling argument`
  public var name: String { "scaling argument" }
  /// The document.
  public var citation: String { "docs/smooth.md, section 3" }

  /// The regimes: lazy, critical, condensed.
  public func caption(_ trend: Trend) -> String? { trend.lazyCaption }

  /// RD grows where γ − γ' > 1, and vanishes, at last, where γ − γ' < 1; nil where γ' < 0 and this
  /// is not all.
  public func trend(at setting: Setting) -> Trend? {
    guard let place = Place(setting, order: order), place.gammaPrime >= 0 || place.isShallow else {
      return nil
    }
    return place.depth > 0 ? .growing : place.depth < 0 ? .vanishing : .bounded
  }

  /// The exponent; nil where the argument says nothing.
  public func expectedExponent(at setting: Setting) -> Double? {
    guard let place = Place(setting, order: order), let region = place.region else { return nil }
    // Of f(0), all orders of σ are unlearned with the same impulse.
    let unlearning = antisymmetric || place.gamma >= 0.5 ? -.infinity : -0.5 - 2 * max(0, place.gammaPrime)
    return switch region {
    case .step: max(-1 - place.gammaPrime - place.beta2 / 2, unlearning)
    case .lazy: max(place.growth - place.gammaPrime, 2 * place.growth, unlearning)
    case .lazyLargeOutput: max(place.growth + place.gammaPrime, unlearning)
    case .between: 0
    case .condensed: place.depth / 2
    }
  }

  /// The part of the plane that decides which formula ``expectedExponent(at:)`` takes.
  public func region(at setting: Setting) -> String? { Place(setting, order: order)?.region?.rawValue }

  /// The line γ − γ' = 1, from where γ' < 0 counts otherwise.
  public func boundary(in range: PlaneRange) -> [[PlanePoint]] {
    let low = max(range.y.lowerBound, lowEnd)
    let high = max(range.y.upperBound, range.x.upperBound - 1, low)
    return [[PlanePoint(x: 1 + low, y: low), PlanePoint(x: 1 + high, y: high)]]
  }

  /// The distance to the line γ − γ' = 1.
  public func distanceToBoundary(_ point: PlanePoint) -> Double {
    // The foot of the perpendicular, no lower than the end of the line.
    let y = max(lowEnd, (point.x - 1 + point.y) / 2)
    return Double.hypot(point.x - 1 - y, point.y - y)
  }

  /// Where the line γ − γ' = 1 ends, in γ'.
  private var lowEnd: Double { -(order - 1) / 2 }

  /// Networks with all parameters ~ N(0, m^−γ).
  public var landmarks: [Landmark] { [] }
}

/// The regions of the plane.
private enum Region: String {
  case step = "γ' > γ"
  case lazy = "γ' ≥ 0, X < 0"
  case lazyLargeOutput = "γ' < 0, X + γ' < 0"
  case between = "γ' ≥ 0, X ≥ 0, γ − γ' < 1"
  case condensed = "γ − γ' ≥ 1"
}

/// A setting as a place of the plane.
private struct Place {
  let gamma, gammaPrime, order: Double

  init?(_ setting: Setting, order: Double) {
    guard let gamma = setting[LuoEtAl2021.gamma], let gammaPrime = setting[LuoEtAl2021.gammaPrime] else {
      return nil
    }
    self.gamma = gamma
    self.gammaPrime = gammaPrime
    self.order = order
  }

  /// The exponent of β2.
  var beta2: Double { (gammaPrime - gamma) / 2 }

  /// X: how fast neurons that share order k of σ would have to grow, if they have to.
  var growth: Double { rounded(-1 - (order + 1) * beta2) }

  /// γ − γ' − 1.
  var depth: Double { rounded(gamma - gammaPrime - 1) }

  /// Whether, with γ' < 0, the line γ − γ' = 1 is the boundary here.
  var isShallow: Bool { gammaPrime > -(order - 1) / 2 && (growth + gammaPrime > 0 || depth < 0) }

  /// Grid values are decimals: what is nearer to a line than decimals resolve is on it.
  private func rounded(_ value: Double) -> Double { abs(value) < 5e-13 ? 0 : value }

  var region: Region? {
    if gammaPrime > gamma { return gammaPrime >= 0 && gammaPrime <= 1 ? .step : nil }
    if gammaPrime >= 0 { return depth >= 0 ? .condensed : growth < 0 ? .lazy : .between }
    if growth + gammaPrime < 0 { return .lazyLargeOutput }
    return depth >= 0 && growth + gammaPrime > 0 ? .condensed : nil
  }
}

extension Trend {
  /// The regimes as the literature on kernels names them.
  var lazyCaption: String? {
    switch self {
    case .vanishing: "lazy"
    case .bounded: "critical"
    case .growing: "condensed"
    case .undecided: nil
    }
  }
}
