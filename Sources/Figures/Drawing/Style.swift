/// Type, the same in all figures; the colours are in ``Theme``. Lengths are user units: pixels at
/// natural size.
enum Style {
  /// The first of these that the viewer has; ``TextMetrics`` covers them.
  static let sans = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
  /// For mathematical symbols.
  static let serif = "STIX Two Text, Cambria, Times New Roman, Liberation Serif, DejaVu Serif, serif"

  static let titleSize = 20.0
  static let textSize = 14.0
  static let symbolSize = 18.0
}

/// Where a text stands relative to its position.
enum Anchor: String {
  case start, middle, end
}

extension Element {
  /// A `text` element.
  ///
  /// - Parameters:
  ///   - position: on the baseline.
  ///   - size: of the font.
  ///   - fill: its colour; nil: the ink of the figure.
  static func text(
    _ text: RichText, at position: Point, size: Double = Style.textSize, anchor: Anchor = .start,
    fill: String? = nil, bold: Bool = false, turned: Bool = false
  ) -> Element {
    var element = Element("text", ["x": position.x, "y": position.y])
    func add(_ name: String, _ value: any AttributeValue) {
      element.attributes.append((name, value.attributeText))
    }
    if size != Style.textSize { add("font-size", size) }
    if anchor != .start { add("text-anchor", anchor.rawValue) }
    if let fill { add("fill", fill) }
    if bold { add("font-weight", "600") }
    if turned { add("transform", "rotate(-90 \(position.x.attributeText) \(position.y.attributeText))") }
    element.content = text.content(size: size)
    return element
  }

  /// A straight line.
  static func line(_ segment: Segment, _ attributes: KeyValuePairs<String, any AttributeValue> = [:])
    -> Element
  {
    var element = Element(
      "line", ["x1": segment.from.x, "y1": segment.from.y, "x2": segment.to.x, "y2": segment.to.y])
    element.attributes += attributes.map { ($0.key, $0.value.attributeText) }
    return element
  }

  /// A rectangle.
  static func rectangle(_ box: Box, _ attributes: KeyValuePairs<String, any AttributeValue> = [:]) -> Element
  {
    var element = Element(
      "rect", ["x": box.minX, "y": box.minY, "width": box.width, "height": box.height])
    element.attributes += attributes.map { ($0.key, $0.value.attributeText) }
    return element
  }

  /// A polyline through at least two points; closed if the first is repeated at the end.
  static func polyline(_ points: [Point]) -> Element {
    var d = ""
    for (i, p) in points.enumerated() {
      d += "\(i == 0 ? "M" : "L")\(p.x.attributeText) \(p.y.attributeText)"
    }
    if points.count > 2, points.first == points.last { d += "Z" }
    return Element("path", ["d": d])
  }
}
