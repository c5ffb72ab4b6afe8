/// Path data in as few characters as a tenth of a pixel needs.
struct PathText {
  /// What stands in `d`.
  private(set) var text = ""
  /// Where the pen is, in tenths, as it was written.
  private var pen = (x: 0, y: 0)

  /// Whether nothing was drawn.
  var isEmpty: Bool { text.isEmpty }

  /// Lifts the pen to a point.
  mutating func move(to point: Point) {
    let (x, y) = Self.tenths(point)
    // From where the pen is, which has fewer digits.
    text += text.isEmpty ? "M" : "m"
    text += text.count == 1 ? Self.pair(x, y) : Self.pair(x - pen.x, y - pen.y)
    pen = (x, y)
  }

  /// Draws a line to a point.
  mutating func line(to point: Point) {
    let (x, y) = Self.tenths(point)
    switch (x - pen.x, y - pen.y) {
    case (let dx, 0): text += "h" + Self.number(dx)
    case (0, let dy): text += "v" + Self.number(dy)
    case (let dx, let dy): text += "l" + Self.pair(dx, dy)
    }
    pen = (x, y)
  }

  /// A polyline.
  mutating func polyline(_ points: some Sequence<Point>) {
    var isFirst = true
    for point in points {
      if isFirst { move(to: point) } else { line(to: point) }
      isFirst = false
    }
  }

  /// A closed polygon.
  mutating func polygon(_ points: [Point]) {
    guard let first = points.first else { return }
    polyline(points)
    text += "z"
    pen = Self.tenths(first)
  }

  /// A dot: a stroke of no length, which round caps make as large as the stroke is wide.
  mutating func dot(at point: Point) {
    move(to: point)
    text += "h0"
  }

  /// A path element of it.
  func element(_ attributes: KeyValuePairs<String, any AttributeValue>) -> Element {
    var element = Element("path", ["d": text])
    element.attributes += attributes.map { ($0.key, $0.value.attributeText) }
    return element
  }

  private static func tenths(_ point: Point) -> (x: Int, y: Int) {
    func whole(_ number: Double) -> Int { Int(min(max((number * 10).rounded(), -1e7), 1e7)) }
    return (whole(point.x), whole(point.y))
  }

  private static func pair(_ x: Int, _ y: Int) -> String {
    number(x) + (y < 0 ? "" : " ") + number(y)
  }

  private static func number(_ tenths: Int) -> String {
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    let sign = tenths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return whole == 0 ? "\(sign).\(rest)" : "\(sign)\(whole).\(rest)"
  }
}

extension Double {
  /// Whether it is a number that can be drawn.
  var isDrawable: Bool { isFinite && magnitude < 1e300 }
}
