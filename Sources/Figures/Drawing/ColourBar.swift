/// The colours of a scale, upright, with ticks, a title, and a name for either end.
struct ColourBar {
  var scale: ColourScale
  /// The colours.
  var box: Box
  /// The first title that is not longer than the bar is drawn; the last one in any case, cut if
  /// need be.
  var titles: [RichText]
  /// The meaning of the lower end; may be empty.
  var lowName: String
  /// The meaning of the upper end; may be empty.
  var highName: String
  /// The id of the gradient.
  var gradientID: String
  var theme: Theme

  static let width = 18.0
  /// The height of the triangle that marks an open end.
  private static let tip = 13.0
  private static let tick = 5.0
  private static let labelGap = 4.0
  private static let titleGap = 22.0

  /// How far ticks, title and names reach to the right of the colours.
  static func reach(_ scale: ColourScale, names: [String]) -> Double {
    let name = names.map { TextMetrics.width(cut($0), size: Style.textSize) }.max() ?? 0
    return max(tick + labelGap + labelWidth(scale) + titleGap + 6, name - width)
  }

  /// A name that does not make the page wider than the plane is.
  private static func cut(_ name: String) -> String {
    TextMetrics.truncated(name, size: Style.textSize, to: 150)
  }

  private static func labelWidth(_ scale: ColourScale) -> Double {
    scale.ticks.map { TextMetrics.width($0.label, size: Style.textSize) }.max() ?? 0
  }

  /// The width of the numbers whose last digits stand below each other: those of open ends stick
  /// out.
  private var numberWidth: Double {
    var ticks = scale.ticks[...]
    if scale.opensBelow { ticks = ticks.dropFirst() }
    if scale.opensAbove { ticks = ticks.dropLast() }
    return ticks.map { TextMetrics.width($0.label, size: Style.textSize) }.max() ?? 0
  }

  /// The ticks that have room for their numbers: the ends, then the middle, then the others.
  private var labelled: Set<Int> {
    let count = scale.ticks.count
    guard count > 0 else { return [] }
    var places: [Double] = []
    var labelled: Set<Int> = []
    for i in [0, count - 1, count / 2] + Array(0..<count) {
      let place = scale.fraction(scale.ticks[i].value) * box.height
      guard places.allSatisfy({ ($0 - place).magnitude >= Style.textSize + 1 }) else { continue }
      places.append(place)
      labelled.insert(i)
    }
    return labelled
  }

  /// The gradient, for `defs`.
  var gradient: Element {
    let stops = scale.map.stops
    return Element(
      "linearGradient", ["id": gradientID, "x1": "0", "y1": "1", "x2": "0", "y2": "0"],
      stops.enumerated().map { i, colour in
        Element(
          "stop",
          [
            "offset": Decimal.trimmed(Double(i) / Double(stops.count - 1), places: 6),
            "stop-color": colour.hex,
          ])
      })
  }

  /// The bar.
  func draw() -> Element {
    var group = Element("g", ["class": "colour-bar"])
    func add(_ element: Element) { group.content.append(.element(element)) }
    add(.rectangle(box, ["fill": "url(#\(gradientID))"]))
    let (top, bottom) = (scale.opensAbove ? Self.tip : 0, scale.opensBelow ? Self.tip : 0)
    if scale.opensAbove { add(tip(from: box.minY, to: box.minY - top, colour: scale.map.colour(at: 1))) }
    if scale.opensBelow { add(tip(from: box.maxY, to: box.maxY + bottom, colour: scale.map.colour(at: 0))) }
    add(outline)
    let numberWidth = numberWidth
    let labelled = labelled
    for (i, tick) in scale.ticks.enumerated() {
      let y = box.maxY - scale.fraction(tick.value) * box.height
      let end = Point(x: box.maxX + Self.tick, y: y)
      add(.line(Segment(from: Point(x: box.maxX, y: y), to: end), ["stroke": theme.ink]))
      guard labelled.contains(i) else { continue }
      let isSigned = TextMetrics.width(tick.label, size: Style.textSize) > numberWidth
      // Flush right, so that the points stand below each other.
      add(
        .text(
          RichText(tick.label), at: Point(x: end.x + Self.labelGap + (isSigned ? 0 : numberWidth), y: y + 5),
          anchor: isSigned ? .start : .end, fill: theme.softInk))
    }
    if !highName.isEmpty {
      add(.text(RichText(Self.cut(highName)), at: Point(x: box.minX, y: box.minY - max(16, top + 9))))
    }
    if !lowName.isEmpty {
      add(.text(RichText(Self.cut(lowName)), at: Point(x: box.minX, y: box.maxY + max(27, bottom + 20))))
    }
    if let title = titles.first(where: { $0.width(size: Style.textSize) <= box.height }) ?? titles.last {
      let x = box.maxX + Self.tick + Self.labelGap + Self.labelWidth(scale) + Self.titleGap
      add(
        .text(
          title.truncated(size: Style.textSize, to: box.height), at: Point(x: x, y: box.centre.y),
          anchor: .middle,
          turned: true))
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
    if scale.opensAbove { corners.append(Point(x: box.centre.x, y: box.minY - Self.tip)) }
    corners += [Point(x: box.maxX, y: box.minY), Point(x: box.maxX, y: box.maxY)]
    if scale.opensBelow { corners.append(Point(x: box.centre.x, y: box.maxY + Self.tip)) }
    var line = Element.polyline(corners + corners.prefix(1))
    line.attributes += [("fill", "none"), ("stroke", theme.ink), ("stroke-width", "1")]
    return line
  }
}
