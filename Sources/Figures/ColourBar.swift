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

  static let width = 18.0
  private static let tick = 5.0
  private static let labelGap = 4.0
  private static let titleGap = 22.0

  /// How far ticks and title reach to the right of the colours.
  static func reach(range: SymmetricRange) -> Double {
    tick + labelGap + labelWidth(range) + titleGap + 6
  }

  private static func labelWidth(_ range: SymmetricRange) -> Double {
    range.ticks.labels.map { TextMetrics.width($0, size: Style.textSize) }.max() ?? 0
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
    add(.rectangle(box, ["fill": "url(#\(gradientID))", "stroke": Style.ink, "stroke-width": "1"]))
    let labelWidth = Self.labelWidth(range)
    for (value, label) in zip(range.ticks.values, range.ticks.labels) {
      let y = box.centre.y - value / range.limit * box.height / 2
      let end = Point(x: box.maxX + Self.tick, y: y)
      add(.line(Segment(from: Point(x: box.maxX, y: y), to: end), ["stroke": Style.ink]))
      // Flush right, so that the points stand below each other.
      add(
        .text(
          RichText(label), at: Point(x: end.x + Self.labelGap + labelWidth, y: y + 5), anchor: .end,
          fill: Style.softInk))
    }
    add(.text(RichText(highName), at: Point(x: box.minX, y: box.minY - 10)))
    add(.text(RichText(lowName), at: Point(x: box.minX, y: box.maxY + 21)))
    if let title = titles.first(where: { $0.width(size: Style.textSize) <= box.height }) ?? titles.last {
      let x = box.maxX + Self.tick + Self.labelGap + labelWidth + Self.titleGap
      add(.text(title, at: Point(x: x, y: box.centre.y), anchor: .middle, turned: true))
    }
    return group
  }
}
