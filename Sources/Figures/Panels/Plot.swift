/// A frame with two axes, and how values lie in it.
struct Plot {
  let frame: Box
  let x, y: PlotAxis
  let theme: Theme

  static let tick = 5.0
  static let labelGap = 4.0
  static let labelSize = 12.5
  static let nameSize = 13.5
  /// How far numbers and a name reach to the left of a frame, as a rule.
  static let leftReach = 66.0
  /// The same for axes whose numbers may be wider.
  static func leftReach(_ axes: [PlotAxis]) -> Double {
    let labels = axes.map { $0.labelWidth(size: labelSize) }.max() ?? 0
    return max(leftReach, labels + tick + labelGap + 21)
  }
  /// The width of a frame.
  static func frameWidth(isLarge: Bool) -> Double { isLarge ? 460 : 232 }
  /// How far numbers and a name reach below a frame.
  static let lowerReach = 44.0
  /// How far they reach below it without the name.
  static let numbersReach = 24.0

  /// Where a pair of values lies; beyond the frame it may be anywhere.
  func page(_ px: Double, _ py: Double) -> Point { Point(x: pageX(px), y: pageY(py)) }

  /// The abscissa of a value.
  func pageX(_ value: Double) -> Double {
    frame.minX + Self.bounded(x.fraction(value)) * frame.width
  }

  /// The ordinate of a value.
  func pageY(_ value: Double) -> Double {
    frame.maxY - Self.bounded(y.fraction(value)) * frame.height
  }

  /// Values far beyond an axis need not be drawn where they are.
  private static func bounded(_ fraction: Double) -> Double {
    fraction.isNaN ? 0 : min(max(fraction, -50), 50)
  }

  /// Whether a place is in the frame, or on its border.
  func contains(_ point: Point) -> Bool { frame.grown(by: 0.01).contains(point) }

  /// A polyline, cut where it leaves the frame.
  func clipped(_ points: [Point]) -> PathText {
    var path = PathText()
    var end: Point?
    for (a, b) in zip(points, points.dropFirst()) {
      guard let segment = Segment(from: a, to: b).clipped(to: frame) else { continue }
      if end != segment.from { path.move(to: segment.from) }
      path.line(to: segment.to)
      end = segment.to
    }
    return path
  }

  /// The band between two polylines of equal length, upper and lower, as far as it lies in the
  /// frame.
  func band(_ upper: [Point], _ lower: [Point]) -> PathText {
    var path = PathText()
    path.polygon((upper + lower.reversed()).map { frame.nearest(to: $0) })
    return path
  }

  /// Grid lines under what is drawn.
  func drawGrid() -> Element {
    var path = PathText()
    for tick in x.ticks where tick.label != nil {
      let place = pageX(tick.value)
      guard place > frame.minX + 0.5, place < frame.maxX - 0.5 else { continue }
      path.polyline([Point(x: place, y: frame.minY), Point(x: place, y: frame.maxY)])
    }
    for tick in y.ticks where tick.label != nil {
      let place = pageY(tick.value)
      guard place > frame.minY + 0.5, place < frame.maxY - 0.5 else { continue }
      path.polyline([Point(x: frame.minX, y: place), Point(x: frame.maxX, y: place)])
    }
    return path.element(["stroke": theme.rule, "stroke-width": "1", "fill": "none"])
  }

  /// Frame, ticks, numbers and names over what is drawn.
  ///
  /// - Parameters:
  ///   - xName: the name of the abscissa; nil: none, and no numbers either if `xNumbers` is false.
  ///   - yName: that of the ordinate.
  ///   - yNameX: where the name of the ordinate stands, so that it is in line with those of other
  ///     plots.
  func drawAxes(
    xName: RichText? = nil, yName: RichText? = nil, xNumbers: Bool = true, yNumbers: Bool = true,
    yNameX: Double = 0
  ) -> [Element] {
    var ticks = PathText()
    var texts: [Element] = []
    for tick in x.ticks {
      let place = pageX(tick.value)
      let length = tick.label == nil ? 3 : Self.tick
      ticks.polyline([Point(x: place, y: frame.maxY), Point(x: place, y: frame.maxY + length)])
      guard xNumbers, let label = tick.label else { continue }
      texts.append(
        .text(label, at: Point(x: place, y: frame.maxY + 19), anchor: .middle))
    }
    for tick in y.ticks {
      let place = pageY(tick.value)
      let length = tick.label == nil ? 3 : Self.tick
      ticks.polyline([Point(x: frame.minX, y: place), Point(x: frame.minX - length, y: place)])
      guard yNumbers, let label = tick.label else { continue }
      texts.append(
        .text(
          label, at: Point(x: frame.minX - Self.tick - Self.labelGap, y: place + 4.5), anchor: .end))
    }
    var elements = [
      Element.rectangle(frame, ["fill": "none", "stroke": theme.softInk, "stroke-width": "1"]),
      ticks.element(["stroke": theme.softInk, "stroke-width": "1", "fill": "none"]),
    ]
    if !texts.isEmpty {
      for i in texts.indices { texts[i].attributes.removeAll { $0.name == "font-size" } }
      var group = Element("g", ["font-size": Self.labelSize, "fill": theme.softInk], texts)
      group.attributes.insert(("class", "numbers"), at: 0)
      elements.append(group)
    }
    if let xName {
      elements.append(
        .text(
          xName, at: Point(x: frame.centre.x, y: frame.maxY + 38), size: Self.nameSize, anchor: .middle))
    }
    // Numbers of many digits take the place of the name.
    let reach = frame.minX - Self.tick - Self.labelGap - (yNumbers ? y.labelWidth(size: Self.labelSize) : 0)
    if let yName, reach > yNameX + 4 {
      elements.append(
        .text(
          yName, at: Point(x: yNameX, y: frame.centre.y), size: Self.nameSize, anchor: .middle,
          turned: true))
    }
    return elements
  }

  /// A short text in the middle of the frame, where there is nothing to draw.
  func drawMessage(_ words: String) -> Element { Self.message(words, in: frame, theme) }

  /// The same in a frame without axes.
  static func message(_ words: String, in frame: Box, _ theme: Theme) -> Element {
    .text(
      RichText(TextMetrics.truncated(words, size: Style.textSize, to: frame.width - 12)),
      at: Point(x: frame.centre.x, y: frame.centre.y + 5), anchor: .middle, fill: theme.softInk)
  }
}
