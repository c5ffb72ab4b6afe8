/// The colours of a symmetric range, upright, with ticks, a title, and a name for either end.
struct ColourBar {
  /// What the ends of the colours stand for.
  var range: SymmetricRange
  /// The colours.
  var box: Box
  /// The first title that is not longer than the bar is drawn.
  var titles: [RichText]
  /// The meaning of the lower end.
  var lowName: String
  /// The meaning of the upper end.
  var highName: String
  /// The id of the gradient, unique in the document.
  var gradientID: String
  var theme: Theme

  static let width = 18.0
  /// The height of the triangle that marks an open end.
  private static let tip = 13.0
  private static let tick = 5.0
  private static let labelGap = 4.0
  private static let titleGap = 22.0

  /// How far ticks and title reach to the right of the colours.
  static func reach(range: SymmetricRange) -> Double {
    tick + labelGap + labelWidth(range) + titleGap + 6
  }

  private static func labelWidth(_ range: SymmetricRange) -> Double {
    labels(range).map { TextMetrics.width($0, size: Style.textSize) }.max() ?? 0
  }

  /// The numbers at the ticks; that of an open end says so.
  private static func labels(_ range: SymmetricRange) -> [String] {
    var labels = range.ticks.labels
    if range.opensBelow, let first = labels.first { labels[0] = "≤ \(first)" }
    if range.opensAbove, let last = labels.popLast() { labels.append("≥ \(last)") }
    return labels
  }

  /// The gradient, for `defs`. Offset ½ is the centre of the colour map.
  var gradient: Element {
    let last = Double(Vik.stops.count - 1)
    return Element(
      "linearGradient", ["id": gradientID, "x1": "0", "y1": "1", "x2": "0", "y2": "0"],
      Vik.stops.enumerated().map { i, colour in
        Element(
          "stop", ["offset": Decimal.trimmed(Double(i) / last, places: 6), "stop-color": colour.hex])
      })
  }

  /// The bar.
  func draw() -> Element {
    var group = Element("g", ["class": "colour-bar"])
    func add(_ element: Element) { group.content.append(.element(element)) }
    add(.rectangle(box, ["fill": "url(#\(gradientID))"]))
    let (top, bottom) = (range.opensAbove ? Self.tip : 0, range.opensBelow ? Self.tip : 0)
    if range.opensAbove { add(tip(from: box.minY, to: box.minY - top, colour: Vik.colour(at: 1))) }
    if range.opensBelow { add(tip(from: box.maxY, to: box.maxY + bottom, colour: Vik.colour(at: -1))) }
    add(outline)
    let labelWidth = Self.labelWidth(range)
    for (value, label) in zip(range.ticks.values, Self.labels(range)) {
      let y = box.centre.y - value / range.limit * box.height / 2
      let end = Point(x: box.maxX + Self.tick, y: y)
      add(.line(Segment(from: Point(x: box.maxX, y: y), to: end), ["stroke": theme.ink]))
      // Flush right, so that the points stand below each other.
      add(
        .text(
          RichText(label), at: Point(x: end.x + Self.labelGap + labelWidth, y: y + 5), anchor: .end,
          fill: theme.softInk))
    }
    add(.text(RichText(highName), at: Point(x: box.minX, y: box.minY - max(16, top + 9))))
    add(.text(RichText(lowName), at: Point(x: box.minX, y: box.maxY + max(27, bottom + 20))))
    if let title = titles.first(where: { $0.width(size: Style.textSize) <= box.height }) ?? titles.last {
      let x = box.maxX + Self.tick + Self.labelGap + labelWidth + Self.titleGap
      add(.text(title, at: Point(x: x, y: box.centre.y), anchor: .middle, turned: true))
    }
    return group
  }

  /// A triangle on one end of the colours.
  private func tip(from base: Double, to apex: Double, colour: Colour) -> Element {
    // It begins a little inside, so that the paper does not shine through the seam.
    let inside = base + (apex < base ? 1 : -1)
    var triangle = Element.polyline([
      Point(x: box.minX, y: inside), Point(x: box.minX, y: base), Point(x: box.centre.x, y: apex),
      Point(x: box.maxX, y: base), Point(x: box.maxX, y: inside), Point(x: box.minX, y: inside),
    ])
    triangle.attributes.append(("fill", colour.hex))
    return triangle
  }

  /// The line around the colours and their open ends.
  private var outline: Element {
    var corners = [Point(x: box.minX, y: box.maxY), Point(x: box.minX, y: box.minY)]
    if range.opensAbove { corners.append(Point(x: box.centre.x, y: box.minY - Self.tip)) }
    corners += [Point(x: box.maxX, y: box.minY), Point(x: box.maxX, y: box.maxY)]
    if range.opensBelow { corners.append(Point(x: box.centre.x, y: box.maxY + Self.tip)) }
    var line = Element.polyline(corners + corners.prefix(1))
    line.attributes += [("fill", "none"), ("stroke", theme.ink), ("stroke-width", "1")]
    return line
  }
}
