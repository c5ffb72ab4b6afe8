import RealModule

/// A colour for each width of a figure.
struct WidthColours {
  let widths: [Double]
  let theme: Theme
  private let all: [Double]

  /// Colours for some widths, in any order; the smallest has the first colour.
  ///
  /// - Parameter more: widths that have a colour, too, though they are not shown: those of figures
  ///   beside this one.
  init(_ widths: some Sequence<Double>, beside more: [Double] = [], theme: Theme) {
    self.widths = Set(widths).sorted()
    all = Set(self.widths + more).sorted()
    self.theme = theme
  }

  /// The colour of one of the widths.
  func colour(_ width: Double) -> String { theme.series(all.firstIndex(of: width) ?? 0) }

  /// "m = 10⁴", "m = 10^3.5", "m = 31623".
  static func name(_ width: Double) -> RichText {
    .symbol("m") + " = " + (power(width) ?? RichText(Numeral.width(width)))
  }

  /// A width as a power of ten: 10² and more as such, and what lies evenly between them in quarters
  /// of a decade; nil for others.
  private static func power(_ width: Double) -> RichText? {
    guard width >= 100, width.isFinite else { return nil }
    let isWhole = width == width.rounded() && width < 1e15
    let exponent = Double.log10(width)
    let quarters = (4 * exponent).rounded()
    guard (4 * exponent - quarters).magnitude < 1e-9,
      !isWhole || quarters.truncatingRemainder(dividingBy: 4) == 0
    else { return nil }
    let exact = Double("1e\(Int(quarters / 4))")
    guard !isWhole || exact == width else { return nil }
    return .powerOfTen(Decimal.trimmed(quarters / 4, places: 2))
  }

  /// An explanation for each width: a line in its colour.
  var lines: [Legend.Entry] {
    widths.map { width in
      let colour = colour(width)
      return Legend.Entry(text: Self.name(width)) { box in
        var line = Element.polyline(box.across())
        line.attributes += [("stroke", colour), ("stroke-width", "2.4"), ("fill", "none")]
        return [line]
      }
    }
  }
}

/// Lines that may lie on each other: those below are wider, so that all are seen.
enum Stacking {
  /// The width of a line with so many above it.
  static func width(_ above: Int) -> Double { 1.4 + 1.2 * Double(min(above, 3)) }
}

/// Polylines with no more points than can be seen.
enum Simplification {
  /// The points without those that lie closer to the line between others than a distance (Douglas &
  /// Peucker, 1973).
  static func simplified(_ points: [Point], within tolerance: Double) -> [Point] {
    guard points.count > 2 else { return points }
    var keep = [Bool](repeating: false, count: points.count)
    keep[0] = true
    keep[points.count - 1] = true
    var open = [(0, points.count - 1)]
    while let (from, to) = open.popLast() {
      guard to - from > 1 else { continue }
      let chord = Segment(from: points[from], to: points[to])
      var (worst, distance) = (from, tolerance)
      for i in from + 1..<to {
        let d = Self.distance(points[i], chord)
        if d > distance { (worst, distance) = (i, d) }
      }
      guard worst > from else { continue }
      keep[worst] = true
      open += [(from, worst), (worst, to)]
    }
    return zip(points, keep).filter(\.1).map(\.0)
  }

  private static func distance(_ p: Point, _ s: Segment) -> Double {
    let d = s.to - s.from
    let square = d.x * d.x + d.y * d.y
    let t = square > 0 ? min(max(((p.x - s.from.x) * d.x + (p.y - s.from.y) * d.y) / square, 0), 1) : 0
    return Segment(from: p, to: s.point(at: t)).length
  }
}
