extension SymmetricRange {
  /// The range of colours for the order exponents of a map: tidy, symmetric about 0, and as narrow
  /// as it can be while it covers 95 % of them, so that a few strong ones do not make the rest
  /// pale. It is open where others lie beyond it.
  ///
  /// Of fewer than 20 exponents it covers all. Fewer than 9 say little about what is large: for
  /// them it holds ±1, a unit of the exponent, and a quarter more than the largest, whose colour is
  /// then not the last.
  ///
  /// - Parameters:
  ///   - slopes: finite.
  ///   - minLimit: it holds ±`minLimit` too, so that numbers that are as good as zero do not look
  ///     large.
  ///   - limit: its end, where that is given.
  init(ofSlopes slopes: [Double], minLimit: Double, limit: Double? = nil) {
    let magnitudes = slopes.map(\.magnitude).sorted()
    if let limit {
      self.init(exactly: limit)
    } else if magnitudes.count < Self.few {
      self.init(holding: magnitudes.suffix(1).map { 1.25 * $0 }, minLimit: max(minLimit, 1))
    } else {
      let covered = (magnitudes.count * Self.coveredPercent + 99) / 100
      self.init(holding: magnitudes.prefix(covered), minLimit: minLimit)
    }
    let end = self.limit
    opensBelow = slopes.contains { $0 < -end }
    opensAbove = slopes.contains { $0 > end }
  }

  private static let few = 9
  private static let coveredPercent = 95
}
