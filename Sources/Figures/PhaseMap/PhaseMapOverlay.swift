import LimitFit
import Model

/// What lies over the cells: boundaries, named initialisations, labels.
struct PhaseMapOverlay {
  let plane: PhasePlane
  /// The fitted contour S = 0 on the page.
  let fitted: [[Point]]
  /// The boundary of the theorem on the page.
  let theory: [[Point]]
  /// The line γ' = γ of the initialisation of E et al. on the page; nil if it does not cross the frame far
  /// enough to be named.
  let diagonal: Segment?
  /// The named initialisations inside the frame.
  let landmarks: [(name: String, position: Point)]
  /// A place for each label: those of the landmarks, then that of the diagonal.
  let labels: [Label]
  /// Landmarks for whose name there is no room in the frame.
  let unlabelled: [NamedInitialisation]

  /// A label in its place.
  struct Label {
    var text: String
    var box: Box
    /// From the mark to the label, where the label is not beside its mark.
    var leader: Segment?
  }

  /// The names of the regimes, where a wide enough part of the map has that verdict.
  let regions: [Region]

  /// The name of a region of the plane.
  struct Region {
    var name: String
    var box: Box
    /// Readable on the cells beneath.
    var ink: String
  }

  static let markRadius = 5.5
  private static let regionSize = 17.0
  private static let labelHeight = 20.0
  private static let labelPadding = 6.0
  private static let diagonalName = "E et al."

  init(map: PhaseMap, landmarks named: [NamedInitialisation], cells: PhaseMapCells) {
    let plane = cells.plane
    self.plane = plane
    fitted = map.boundary.flatMap { plane.clipped($0.points) }
    theory = plane.theoreticalBoundary
    let inside = named.filter { plane.frame.grown(by: -Self.markRadius).contains(plane.page($0.point)) }
    landmarks = inside.map { ($0.name, plane.page($0.point)) }

    func segments(_ lines: [[Point]]) -> [Segment] {
      lines.flatMap { zip($0, $0.dropFirst()).map { Segment(from: $0, to: $1) } }
    }
    let crossing = segments(plane.diagonal).first
    var placement = LabelPlacement(
      frame: plane.frame, lines: segments(fitted) + segments(theory), reluctantly: cells.glyphBoxes,
      hardly: cells.largeCells)
    placement.obstacles = landmarks.map {
      Box(centre: $0.position, width: 2 * Self.markRadius, height: 2 * Self.markRadius)
    }
    if let crossing { placement.lines.append(crossing) }
    var requests = landmarks.map { mark in
      LabelPlacement.Request(
        candidates: LabelPlacement.around(
          mark.position, radius: Self.markRadius, width: Self.width(of: mark.name), height: Self.labelHeight))
    }
    if let crossing {
      requests.append(
        LabelPlacement.Request(
          candidates: LabelPlacement.along(
            crossing, width: Self.width(of: Self.diagonalName), height: Self.labelHeight),
          exempt: [crossing]))
    }
    let places = placement.place(requests)
    var labels: [Label] = []
    for (mark, place) in zip(landmarks, places) {
      guard let place else { continue }
      labels.append(Label(text: mark.name, box: place.box, leader: place.leader))
    }
    unlabelled = zip(inside, places).filter { $1 == nil }.map { $0.0 }
    if let crossing, let place = places.last.flatMap({ $0 }) {
      diagonal = crossing
      labels.append(Label(text: Self.diagonalName, box: place.box))
    } else {
      diagonal = nil
    }
    self.labels = labels

    placement.obstacles += labels.map(\.box)
    placement.lines += labels.compactMap(\.leader)
    regions = [Verdict.linear, .condensed].compactMap { verdict in
      placement.roomiest(
        width: TextMetrics.width(verdict.rawValue, size: Self.regionSize, bold: true),
        height: Self.regionSize
      ) { cells.verdicts(under: $0) == [verdict] }.map { box in
        Region(name: verdict.rawValue, box: box, ink: cells.ink(at: box.centre))
      }
    }
  }

  private static func width(of name: String) -> Double {
    let text =
      TextMetrics.usualWidth(name, size: Style.textSize) ?? TextMetrics.width(name, size: Style.textSize)
    return text + 2 * labelPadding
  }

  /// Lines, marks and labels, the labels uppermost.
  func draw() -> [Element] {
    var elements: [Element] = []
    if let diagonal { elements += Self.diagonalLine([diagonal.from, diagonal.to]) }
    elements += fitted.flatMap(Self.fittedLine)
    elements += theory.flatMap(Self.theoryLine)
    elements += labels.compactMap(\.leader).flatMap { Self.leaderLine([$0.from, $0.to]) }
    elements += regions.map { region in
      var name = Element.text(
        RichText(region.name), at: Point(x: region.box.centre.x, y: region.box.centre.y + 6),
        size: Self.regionSize, anchor: .middle, fill: region.ink, bold: true)
      // A halo, as the cells beneath may be of many shades.
      name.attributes += [
        ("paint-order", "stroke"), ("stroke", region.ink == CellInk.light ? CellInk.dark : CellInk.light),
        ("stroke-width", "3"), ("stroke-opacity", "0.4"), ("stroke-linejoin", "round"),
      ]
      return name
    }
    elements += landmarks.map { Self.mark(at: $0.position) }
    elements += labels.flatMap(\.elements)
    return [Element("g", ["class": "overlay", "pointer-events": "none"], elements)]
  }

  /// The fitted boundary: solid, with a light edge so that it stands out from dark cells.
  static func fittedLine(_ points: [Point]) -> [Element] {
    stroked(points, ink: CellInk.dark, width: 2.4, edge: 5)
  }

  /// The boundary of the theorem: dashed.
  static func theoryLine(_ points: [Point]) -> [Element] {
    stroked(points, ink: CellInk.theory, width: 2, dashes: "7 5", edge: 4)
  }

  /// The line of E et al.: thin, dotted.
  static func diagonalLine(_ points: [Point]) -> [Element] {
    stroked(points, ink: CellInk.dark, width: 2, dashes: "2 4", edge: 4)
  }

  /// From a mark to its label.
  private static func leaderLine(_ points: [Point]) -> [Element] {
    stroked(points, ink: CellInk.dark, width: 1, edge: 3)
  }

  /// The mark of a named initialisation.
  static func mark(at position: Point) -> Element {
    Element(
      "circle",
      [
        "cx": position.x, "cy": position.y, "r": markRadius, "fill": CellInk.light, "stroke": CellInk.dark,
        "stroke-width": "1.8",
      ])
  }

  private static func stroked(
    _ points: [Point], ink: String, width: Double, dashes: String? = nil, edge: Double? = nil
  ) -> [Element] {
    var line = Element.polyline(points)
    line.attributes += [("fill", "none"), ("stroke-linejoin", "round")]
    var elements: [Element] = []
    if let edge {
      var light = line
      light.attributes += [
        ("stroke", CellInk.light), ("stroke-width", edge.attributeText), ("stroke-opacity", "0.7"),
      ]
      elements.append(light)
    }
    line.attributes += [("stroke", ink), ("stroke-width", width.attributeText)]
    if let dashes { line.attributes.append(("stroke-dasharray", dashes)) }
    return elements + [line]
  }
}

extension PhaseMapOverlay.Label {
  /// The text on a box that fits it with any font.
  fileprivate var elements: [Element] {
    var name = Element.text(
      RichText(text), at: Point(x: box.centre.x, y: box.centre.y + 5), anchor: .middle)
    if let width = TextMetrics.usualWidth(text, size: Style.textSize) {
      name.attributes += [("textLength", width.attributeText), ("lengthAdjust", "spacingAndGlyphs")]
    }
    return [.rectangle(box, ["rx": "3", "fill": CellInk.light, "fill-opacity": "0.88"]), name]
  }
}
