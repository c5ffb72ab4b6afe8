import LimitFit

/// The colours of the cells of a map.
struct MapColouring {
  let quantity: MapQuantity
  /// The colours of numbers; nil where verdicts are coloured.
  let scale: ColourScale?

  init(_ quantity: MapQuantity, points: [PointFit]) {
    self.quantity = quantity
    scale = quantity.scale(of: points)
  }

  /// The colour of a point; nil if it has none.
  func colour(of fit: PointFit) -> Colour? {
    guard let scale else { return Self.colour(of: fit.verdict) }
    return quantity.value(fit).map(scale.colour)
  }

  /// Whether a cell is hatched: the sign of its number is not known.
  func isHatched(_ fit: PointFit) -> Bool {
    if scale == nil { return fit.verdict == .undecided }
    return quantity.estimate(fit)?.mayVanish ?? false
  }

  /// What hatching means.
  var meaningOfHatching: RichText {
    switch quantity {
    case .verdict: "undecided"
    case .residual: "95 % interval includes theory"
    default: "95 % interval includes 0"
    }
  }

  /// Whether light ink is needed on the cell of a point.
  func isDark(_ fit: PointFit) -> Bool { colour(of: fit).map { $0.brightness < 0.5 } ?? false }

  /// The flat colour of a verdict.
  static func colour(of verdict: Verdict) -> Colour {
    switch verdict {
    case .linear: ColourMap.vik.colour(at: 0.38)
    case .critical: Colour(0xF6DC84)
    case .condensed: ColourMap.vik.colour(at: 0.61)
    case .undecided: undecided
    }
  }

  /// Beneath the hatching of the undecided.
  static let undecided = Colour(0xDFE2E6)
}
