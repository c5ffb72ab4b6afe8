/// Type and ink, the same in all figures. Lengths are user units: pixels at natural size.
enum Style {
  /// The first of these that the viewer has; ``TextMetrics`` covers them.
  static let sans = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
  /// For mathematical symbols.
  static let serif = "STIX Two Text, Cambria, Times New Roman, Liberation Serif, DejaVu Serif, serif"

  /// Almost black: text and lines.
  static let ink = "#1f2328"
  /// For what explains: subtitles, ticks.
  static let softInk = "#4d5560"
  static let paper = "#ffffff"
  /// Theory, as distinct from measurement: the one hue that the colour map does not use.
  static let theoryInk = "#0b7a3b"
  /// Cells without a slope. Neutral and darker than the centre of the colour map, so that it is no value.
  static let noData = "#c4c6c8"

  static let titleSize = 20.0
  static let textSize = 14.0
  static let symbolSize = 18.0
}

/// A line of text whose pieces are upright or, for mathematical symbols, in italics.
struct RichText: ExpressibleByStringLiteral {
  /// The pieces in order.
  var pieces: [(text: String, symbol: Bool)]

  init(stringLiteral text: String) { pieces = [(text, false)] }
  init(_ text: String) { pieces = [(text, false)] }

  /// A mathematical symbol.
  static func symbol(_ text: String) -> RichText {
    var result = RichText("")
    result.pieces = [(text, true)]
    return result
  }

  static func + (a: RichText, b: RichText) -> RichText {
    var result = a
    result.pieces += b.pieces
    return result
  }

  /// An upper bound of its width.
  func width(size: Double) -> Double {
    pieces.reduce(0) { $0 + TextMetrics.width($1.text, size: $1.symbol ? size * Self.symbolScale : size) }
  }

  /// Serif letters look smaller than sans-serif ones of the same size.
  static let symbolScale = 1.12

  /// The content of a `text` element.
  func content(size: Double) -> [Element.Content] {
    pieces.filter { !$0.text.isEmpty }.map { piece in
      guard piece.symbol else { return .text(piece.text) }
      return .element(
        Element(
          "tspan",
          [
            "font-family": Style.serif, "font-style": "italic", "font-size": size * Self.symbolScale,
          ], text: piece.text))
    }
  }
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
  static func text(
    _ text: RichText, at position: Point, size: Double = Style.textSize, anchor: Anchor = .start,
    fill: String = Style.ink, bold: Bool = false, turned: Bool = false
  ) -> Element {
    var element = Element("text", ["x": position.x, "y": position.y])
    func add(_ name: String, _ value: any AttributeValue) {
      element.attributes.append((name, value.attributeText))
    }
    if size != Style.textSize { add("font-size", size) }
    if anchor != .start { add("text-anchor", anchor.rawValue) }
    if fill != Style.ink { add("fill", fill) }
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
