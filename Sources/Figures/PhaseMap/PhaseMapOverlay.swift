import LimitFit
import Model

/// What lies over the cells: boundaries, named initialisations, labels.
struct PhaseMapOverlay {
  let plane: PhasePlane
  /// The fitted contour S = 0 on the page.
  let fitted: [[Point]]
  /// The band around it: closed lines, which may leave the frame.
  let band: [[Point]]
  /// The boundary of the theory on the page.
  let theory: [[Point]]
  /// The line y = x on the page, where a landmark is that line; nil if it does not cross the frame
  /// far enough to be named.
  let diagonal: Segment?
  /// What the diagonal is called; empty without one.
  let diagonalName: String
  /// The points among the landmarks that lie inside the frame.
  let marks: [Mark]
  /// The labels of marks and of the diagonal, in their places.
  let labels: [Label]
  /// Marks for whose name there is no room in the frame.
  let unlabelled: [Mark]

  /// A landmark that is a point.
  struct Mark: Hashable {
    var name: String
    /// Where it lies in the plane, and on the page.
    var point: PlanePoint
    var position: Point

    static func == (a: Mark, b: Mark) -> Bool { a.name == b.name && a.point == b.point }
    func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(point)
    }
  }

  /// A label in its place.
  struct Label {
    var text: String
    var box: Box
    /// From the mark to the label, where the label is not beside its mark.
    var leader: Segment?
  }

  /// The glyphs of incomplete points: they make way for the marks.
  let glyphs: PhaseMapGlyphs
  /// Theory's names of trends, where a wide enough part of the map has one.
  let regions: [Region]

  /// The name of a region of the plane.
  struct Region {
    var name: String
    /// What happens there; may be empty.
    var meaning: RichText
    var box: Box
    /// Readable on the cells beneath.
    var ink: String
  }

  static let markRadius = 5.5
  fileprivate static let regionSize = 17.0
  private static let labelHeight = 20.0
  private static let labelPadding = 6.0

  init(map: PhaseMap, landmarks: [Landmark], showsTheory: Bool = true, cells: PhaseMapCells) {
    let plane = cells.plane
    self.plane = plane
    let isStrip = plane.form == .strip
    fitted = isStrip ? Self.crossings(cells) : map.boundary.flatMap { plane.clipped($0.points) }
    band = map.boundary.flatMap { Self.band(of: $0) }.map { $0.map(plane.page) }
    // On a line there is no plane for theory to divide.
    theory =
      isStrip || !showsTheory
      ? [] : cells.context.theory?.boundary(in: plane.range).flatMap { plane.clipped($0) } ?? []
    marks =
      isStrip
      ? []
      : landmarks.compactMap { Mark($0, on: plane) }.filter {
        plane.frame.grown(by: -Self.markRadius).contains($0.position)
      }
    let lines = landmarks.filter { $0.shape == .diagonal }.map(\.name).joined(separator: ", ")

    func segments(_ lines: [[Point]]) -> [Segment] {
      lines.flatMap { zip($0, $0.dropFirst()).map { Segment(from: $0, to: $1) } }
    }
    let crossing = lines.isEmpty ? nil : segments(plane.diagonal).first
    let boundaries = segments(fitted) + segments(theory)
    glyphs = PhaseMapGlyphs(
      cells, landmarks: marks.map(\.position), markRadius: Self.markRadius,
      lines: boundaries + [crossing].compactMap { $0 })
    var placement = LabelPlacement(
      frame: plane.frame, lines: boundaries, reluctantly: glyphs.boxes, hardly: cells.largeCells)
    placement.obstacles = marks.map {
      Box(centre: $0.position, width: 2 * Self.markRadius, height: 2 * Self.markRadius)
    }
    if let crossing { placement.lines.append(crossing) }
    var requests = marks.map { mark in
      LabelPlacement.Request(
        candidates: LabelPlacement.around(
          mark.position, radius: Self.markRadius, width: Self.width(of: mark.name), height: Self.labelHeight))
    }
    if let crossing {
      requests.append(
        LabelPlacement.Request(
          candidates: LabelPlacement.along(
            crossing, width: Self.width(of: lines), height: Self.labelHeight),
          exempt: [crossing]))
    }
    let places = placement.place(requests)
    var labels: [Label] = []
    for (mark, place) in zip(marks, places) {
      guard let place else { continue }
      labels.append(Label(text: mark.name, box: place.box, leader: place.leader))
    }
    unlabelled = zip(marks, places).filter { $1 == nil }.map { $0.0 }
    if let crossing, let place = places.last.flatMap({ $0 }) {
      diagonal = crossing
      diagonalName = lines
      labels.append(Label(text: lines, box: place.box))
    } else {
      diagonal = nil
      diagonalName = ""
    }
    self.labels = labels

    placement.obstacles += labels.map(\.box)
    placement.lines += labels.compactMap(\.leader)
    regions = cells.colouring.quantity.namesRegimes && !isStrip ? Self.regions(placement, cells) : []
  }

  /// Where S changes its sign along a strip: between two neighbours, as far as the line between
  /// their exponents tells.
  private static func crossings(_ cells: PhaseMapCells) -> [[Point]] {
    let frame = cells.plane.frame
    let values = cells.points.compactMap { fit in
      fit.exponent.map { (x: cells.plane.page(cells.context.plane.point(fit.setting)).x, value: $0.value) }
    }.sorted { $0.x < $1.x }
    return zip(values, values.dropFirst()).filter { ($0.value < 0) != ($1.value < 0) }.map { a, b in
      let x = a.x + (b.x - a.x) * a.value / (a.value - b.value)
      return [Point(x: x, y: frame.minY), Point(x: x, y: frame.maxY)]
    }
  }

  /// Theory's names of trends in their places. Where only trends are coloured, they say what they
  /// mean.
  private static func regions(_ placement: LabelPlacement, _ cells: PhaseMapCells) -> [Region] {
    guard let theory = cells.context.theory else { return [] }
    let isExplained = cells.colouring.scale == nil
    let symbol = cells.context.orderParameter.richSymbol
    return [(Trend.vanishing, symbol + " → 0"), (.growing, symbol + " → ∞")].compactMap { trend, meaning in
      guard let caption = theory.caption(trend) else { return nil }
      let name = TextMetrics.width(caption, size: regionSize, bold: true)
      let width = isExplained ? max(name, meaning.width(size: Style.textSize)) : name
      return placement.roomiest(width: width, height: isExplained ? regionSize + 20 : regionSize) {
        cells.trends(under: $0) == [trend]
      }.map { box in
        Region(
          name: caption, meaning: isExplained ? meaning : "", box: box, ink: cells.ink(at: box.centre))
      }
    }
  }

  /// The band of a line as closed lines, one for each stretch of it whose band is known.
  private static func band(of line: BoundaryLine) -> [[PlanePoint]] {
    line.vertices.split { $0.towardsVanishing == nil || $0.towardsGrowing == nil }.filter { $0.count > 1 }
      .map { stretch in
        let edge = stretch.compactMap(\.towardsVanishing) + stretch.reversed().compactMap(\.towardsGrowing)
        return edge + edge.prefix(1)
      }
  }

  private static func width(of name: String) -> Double {
    let text =
      TextMetrics.arialWidth(name, size: Style.textSize) ?? TextMetrics.width(name, size: Style.textSize)
    return text + 2 * labelPadding
  }

  /// Band, lines, marks and labels, the labels uppermost.
  ///
  /// - Parameter clipID: the id of ``clip(id:)``.
  func draw(clipID: String) -> [Element] {
    var elements: [Element] = []
    if !band.isEmpty {
      elements.append(
        Element(
          "g", ["class": "band", "clip-path": "url(#\(clipID))"], band.map(Self.bandArea)))
    }
    if let diagonal { elements += Self.diagonalLine([diagonal.from, diagonal.to]) }
    elements += fitted.flatMap(Self.fittedLine)
    elements += theory.flatMap(Self.theoryLine)
    if let crossed = glyphs.drawCrossed() { elements.append(crossed) }
    elements += labels.compactMap(\.leader).flatMap { Self.leaderLine([$0.from, $0.to]) }
    elements += regions.flatMap(\.elements)
    elements += marks.map { Self.mark(at: $0.position) }
    elements += labels.flatMap(\.elements)
    return [Element("g", ["class": "overlay", "pointer-events": "none"], elements)]
  }

  /// What the band is cut with, for `defs`; nil without a band.
  func clip(id: String) -> Element? {
    band.isEmpty ? nil : Element("clipPath", ["id": id], [.rectangle(plane.frame)])
  }

  /// The band of the fitted boundary.
  static func bandArea(_ edge: [Point]) -> Element {
    var area = Element.polyline(edge)
    area.attributes += [
      ("fill", CellInk.dark), ("fill-opacity", "0.3"), ("stroke", CellInk.light),
      ("stroke-opacity", "0.5"), ("stroke-width", "0.8"),
    ]
    return area
  }

  /// The fitted boundary: solid, with a light edge so that it stands out from dark cells.
  static func fittedLine(_ points: [Point]) -> [Element] {
    [
      stroked(points, ink: CellInk.light, width: 6.2, opacity: 0.75),
      stroked(points, ink: CellInk.dark, width: 4.2),
    ]
  }

  /// The boundary of the theory: dashes, so thin and with so light an edge that they are seen on
  /// the fitted one, too.
  static func theoryLine(_ points: [Point]) -> [Element] {
    [
      stroked(points, ink: CellInk.light, width: 2.8, dashes: "9 6"),
      stroked(points, ink: CellInk.theory, width: 1.8, dashes: "8 7", offset: -0.5),
    ]
  }

  /// The line y = x: light dots with a dark rim.
  static func diagonalLine(_ points: [Point]) -> [Element] {
    [(CellInk.dark, 4.4), (CellInk.light, 2.4)].map { ink, width in
      // The first one is within the frame as a whole.
      var line = stroked(points, ink: ink, width: width, dashes: "0 7.5", offset: -4)
      line.attributes.append(("stroke-linecap", "round"))
      return line
    }
  }

  /// From a mark to its label.
  private static func leaderLine(_ points: [Point]) -> [Element] {
    [
      stroked(points, ink: CellInk.light, width: 3, opacity: 0.7),
      stroked(points, ink: CellInk.dark, width: 1),
    ]
  }

  /// The mark of a landmark.
  static func mark(at position: Point) -> Element {
    Element(
      "circle",
      [
        "cx": position.x, "cy": position.y, "r": markRadius, "fill": CellInk.light, "stroke": CellInk.dark,
        "stroke-width": "1.8",
      ])
  }

  private static func stroked(
    _ points: [Point], ink: String, width: Double, opacity: Double? = nil, dashes: String? = nil,
    offset: Double? = nil
  ) -> Element {
    var line = Element.polyline(points)
    line.attributes += [
      ("fill", "none"), ("stroke-linejoin", "round"), ("stroke", ink), ("stroke-width", width.attributeText),
    ]
    if let opacity { line.attributes.append(("stroke-opacity", opacity.attributeText)) }
    if let dashes { line.attributes.append(("stroke-dasharray", dashes)) }
    if let offset { line.attributes.append(("stroke-dashoffset", offset.attributeText)) }
    return line
  }
}

extension PhaseMapOverlay.Mark {
  /// The mark of a landmark; nil if that is a line.
  fileprivate init?(_ landmark: Landmark, on plane: PhasePlane) {
    guard case .point(let point) = landmark.shape else { return nil }
    self.init(name: landmark.name, point: point, position: plane.page(point))
  }
}

extension PhaseMapOverlay.Region {
  /// The name, and what it means; without that with a halo, as the cells beneath may be of many
  /// shades.
  fileprivate var elements: [Element] {
    func haloed(_ text: RichText, y: Double, size: Double, bold: Bool) -> Element {
      var element = Element.text(
        text, at: Point(x: box.centre.x, y: y), size: size, anchor: .middle, fill: ink, bold: bold)
      guard meaning.plain.isEmpty else { return element }
      element.attributes += [
        ("paint-order", "stroke"), ("stroke", ink == CellInk.light ? CellInk.dark : CellInk.light),
        ("stroke-width", "3"), ("stroke-opacity", "0.4"), ("stroke-linejoin", "round"),
      ]
      return element
    }
    let first = haloed(
      RichText(name), y: box.minY + 0.85 * PhaseMapOverlay.regionSize, size: PhaseMapOverlay.regionSize,
      bold: true)
    guard !meaning.plain.isEmpty else { return [first] }
    return [first, haloed(meaning, y: box.maxY - 4, size: Style.textSize, bold: false)]
  }
}

extension PhaseMapOverlay.Label {
  /// The text on a box that fits it with any font.
  fileprivate var elements: [Element] {
    var name = Element.text(
      RichText(text), at: Point(x: box.centre.x, y: box.centre.y + 5), anchor: .middle, fill: CellInk.dark)
    if let width = TextMetrics.arialWidth(text, size: Style.textSize) {
      name.attributes += [("textLength", width.attributeText), ("lengthAdjust", "spacingAndGlyphs")]
    }
    return [.rectangle(box, ["rx": "3", "fill": CellInk.light, "fill-opacity": "0.88"]), name]
  }
}
