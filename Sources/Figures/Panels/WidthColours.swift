import RealModule

/// A colour for each width of a figure.
struct WidthColours {
  let widths: [Int]
  let theme: Theme
  private let all: [Int]

  /// Colours for some widths, in any order; the smallest has the first colour.
  ///
  /// - Parameter more: widths that have a colour, too, though they are not shown: those of figures beside this one.
  init(_ widths: some Sequence<Int>, beside more: [Int] = [], theme: Theme) {
    self.widths = Set(widths).sorted()
    all = Set(self.widths + more).sorted()
    self.theme = theme
  }

  /// The colour of one of the widths.
  func colour(_ width: Int) -> String { theme.series(all.firstIndex(of: width) ?? 0) }

  /// "m = 10⁴", "m = 31623".
  static func name(_ width: Int) -> RichText {
    let digits = "\(width)"
    let isPower = digits.count > 2 && digits.first == "1" && digits.dropFirst().allSatisfy { $0 == "0" }
    return .symbol("m") + " = " + (isPower ? .powerOfTen(digits.count - 1) : RichText(digits))
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
  /// The points without those that lie closer to the line between others than a distance (Douglas & Peucker, 1973).
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
