import LimitFit
import Model

/// The colours of the cells of a map.
struct MapColouring {
  let quantity: MapQuantity
  /// The colours of numbers; nil where trends are coloured.
  let scale: ColourScale?

  init(_ quantity: MapQuantity, points: [PointFit], limit: Double? = nil) {
    self.quantity = quantity
    scale = quantity.scale(of: points, limit: limit)
  }

  /// The colour of a point; nil if it has none.
  func colour(of fit: PointFit) -> Colour? {
    guard let scale else { return Self.colour(of: fit.trend) }
    return quantity.value(fit).map(scale.colour)
  }

  /// Whether a cell is hatched: the sign of its number is not known.
  func isHatched(_ fit: PointFit) -> Bool {
    if scale == nil { return fit.trend == .undecided }
    return quantity.estimate(fit)?.mayVanish ?? false
  }

  /// What hatching means.
  var meaningOfHatching: RichText {
    switch quantity {
    case .trend: "undecided"
    case .residual: "95 % interval includes theory"
    default: "95 % interval includes 0"
    }
  }

  /// Whether light ink is needed on the cell of a point.
  func isDark(_ fit: PointFit) -> Bool { colour(of: fit).map { $0.brightness < 0.5 } ?? false }

  /// The flat colour of a trend.
  static func colour(of trend: Trend) -> Colour {
    switch trend {
    case .vanishing: ColourMap.vik.colour(at: 0.38)
    case .bounded: Colour(0xF6DC84)
    case .growing: ColourMap.vik.colour(at: 0.61)
    case .undecided: undecided
    }
  }

  /// Beneath the hatching of the undecided.
  static let undecided = Colour(0xDFE2E6)
}
