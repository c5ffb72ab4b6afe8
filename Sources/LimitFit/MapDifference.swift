import Model

extension PhaseMap {
  /// The exponents less those of another map, at the points that both have.
  ///
  /// Intervals are added in quadrature on either side, as of independent errors. The points keep
  /// nothing else of their fits; there is no boundary.
  public func lessExponents(of other: PhaseMap) -> PhaseMap {
    let others = Dictionary(other.points.map { ($0.setting, $0) }, uniquingKeysWith: { $1 })
    var map = self
    map.boundary = []
    map.points = points.compactMap { fit in
      guard let other = others[fit.setting] else { return nil }
      var difference = PointFit(setting: fit.setting, trend: .undecided, note: "", counts: fit.counts)
      if let a = fit.exponent, let b = other.exponent { difference.exponent = a.less(b) }
      difference.widths = min(fit.widths, other.widths)
      return difference
    }
    return map
  }
}

extension PointFit.Estimate {
  /// The difference of two estimates with independent errors; no interval where either has none.
  func less(_ other: Self) -> Self {
    let difference = value - other.value
    guard let low, let high, let otherLow = other.low, let otherHigh = other.high else {
      return Self(value: difference, low: nil, high: nil)
    }
    func length(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
    return Self(
      value: difference, low: difference - length(value - low, otherHigh - other.value),
      high: difference + length(high - value, other.value - otherLow))
  }
}
