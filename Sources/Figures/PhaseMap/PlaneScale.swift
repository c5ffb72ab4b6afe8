import RealModule

/// How the values of a parameter lie along an axis of a plane: evenly, or evenly in their
/// logarithms.
struct PlaneScale {
  /// What is seen, from low to high: values, or their decimal logarithms.
  let range: ClosedRange<Double>
  /// Page units for one unit of ``range``.
  let unit: Double
  let isLogarithmic: Bool
  private let cells: Cells

  var isLinear: Bool { !isLogarithmic }

  init(range: ClosedRange<Double>, length: Double, cells: Cells, isLogarithmic: Bool) {
    self.range = range
    self.cells = cells
    self.isLogarithmic = isLogarithmic
    unit = length / range.length
  }

  /// How far from the lower end a value lies, in page units.
  func distance(_ value: Double) -> Double {
    ((isLogarithmic ? Double.log10(value) : value) - range.lowerBound) * unit
  }

  /// The cell of one of the values shown, in page units from the lower end; empty for other values.
  func cell(_ value: Double) -> ClosedRange<Double> {
    guard let cell = cells.ranges[value] else { return distance(value)...distance(value) }
    return (cell.lowerBound - range.lowerBound) * unit...(cell.upperBound - range.lowerBound) * unit
  }

  /// The cells of some values: half-way to their neighbours, as far beyond the outermost.
  struct Cells {
    fileprivate let ranges: [Double: ClosedRange<Double>]

    /// The cells of ascending values.
    ///
    /// - Parameter lone: the length of a cell without neighbours.
    init(_ values: [Double], isLogarithmic: Bool, lone: Double) {
      let places = isLogarithmic ? values.map { Double.log10($0) } : values
      var ranges: [Double: ClosedRange<Double>] = [:]
      for (i, place) in places.enumerated() {
        let below = i > 0 ? place - places[i - 1] : places.count > 1 ? places[1] - place : lone
        let above = i + 1 < places.count ? places[i + 1] - place : below
        ranges[values[i]] = (place - below / 2)...(place + above / 2)
      }
      self.ranges = ranges
    }

    /// Cells as high as a strip.
    init(strip values: [Double]) {
      ranges = Dictionary(uniqueKeysWithValues: values.map { ($0, ($0 - 0.5)...($0 + 0.5)) })
    }

    /// What they cover together; nil without any.
    var range: ClosedRange<Double>? { PlaneScale.union(ranges.values) }
  }

  /// The side of the cell of a lone point.
  static let loneCell = 0.25

  /// The smallest difference between neighbours in ascending values; nil for fewer than two.
  static func smallestStep(_ values: [Double]) -> Double? {
    zip(values, values.dropFirst()).map { $1 - $0 }.min()
  }

  /// Whether values span a decade or more in steps of nearly equal ratios, such as 1, 2, 5, 10.
  static func suitsLogarithm(_ values: [Double]) -> Bool {
    let values = Set(values).sorted()
    guard values.count > 2, let low = values.first, let high = values.last, low > 0, high >= 10 * low else {
      return false
    }
    let steps = zip(values, values.dropFirst()).map { Double.log($1 / $0) }
    return (steps.max() ?? 0) <= 1.5 * (steps.min() ?? 0)
  }

  /// The smallest range around some ranges; nil without any.
  static func union(_ ranges: some Sequence<ClosedRange<Double>>) -> ClosedRange<Double>? {
    guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else {
      return nil
    }
    return low...high
  }
}

extension ClosedRange<Double> {
  /// From end to end.
  var length: Double { upperBound - lowerBound }

  /// The range around the same middle that is at least so long.
  func widened(to length: Double) -> ClosedRange<Double> {
    let missing = Swift.max(0, length - self.length) / 2
    return (lowerBound - missing)...(upperBound + missing)
  }
}
