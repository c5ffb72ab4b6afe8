import LimitFit
import Model

/// The phase map as a picture: the order exponent S over the (γ, γ') plane.
public struct PhaseMapFigure: Figure {
  /// The fits to show.
  public var map: PhaseMap
  /// The heading; shortened with an ellipsis where it is too long for one line.
  public var title: String
  /// What is written into the metadata.
  public var provenance: Provenance
  /// The initialisations to mark; those outside the map are left out.
  public var landmarks: [NamedInitialisation]
  /// The colours of the page.
  public var theme: Theme

  /// A figure.
  public init(
    map: PhaseMap, title: String, provenance: Provenance,
    landmarks: [NamedInitialisation] = NamedInitialisation.all, theme: Theme = .light
  ) {
    self.map = map
    self.title = title
    self.provenance = provenance
    self.landmarks = landmarks
    self.theme = theme
  }

  public var document: FigureDocument { PhaseMapDrawing(self).document }
}

/// The parts of a phase map in their places.
struct PhaseMapDrawing {
  let figure: PhaseMapFigure
  let points: [PointFit]
  let range: SymmetricRange
  let layout: PhaseMapLayout
  let cells: PhaseMapCells
  let overlay: PhaseMapOverlay
  let bar: ColourBar
  let legend: Legend

  init(_ figure: PhaseMapFigure) {
    self.figure = figure
    points = figure.map.points.filter { $0.point.gamma.isFinite && $0.point.gammaPrime.isFinite }
    range = SymmetricRange(
      ofSlopes: points.compactMap(\.finiteSlope), least: 4 * Verdict.criticalMargin)
    var plane = PhasePlane(showing: points.map(\.point), side: PhaseMapLayout.side)
    let axes = PlaneAxes(of: plane)
    plane.frame = PhaseMapLayout.frame(
      width: plane.frame.width, height: plane.frame.height, axes: axes, range: range)
    cells = PhaseMapCells(points: points, plane: plane, range: range)
    overlay = PhaseMapOverlay(map: figure.map, landmarks: figure.landmarks, cells: cells)
    legend = Self.legend(points: points, overlay: overlay, theme: figure.theme)
    layout = PhaseMapLayout(plane: plane, axes: axes, range: range, legend: legend, title: figure.title)
    bar = ColourBar(
      range: range, box: layout.bar,
      titles: [
        "order exponent  " + .symbol("S") + " = d log RD / d log " + .symbol("m"),
        .symbol("S") + " = d log RD / d log " + .symbol("m"),
      ],
      lowName: "linear", highName: "condensed", gradientID: "phase-map-colours",
      theme: figure.theme)
  }

  /// The whole document.
  var document: FigureDocument {
    let page = layout.page
    let theme = figure.theme
    let heading = TextMetrics.truncated(
      figure.title, size: Style.titleSize, bold: true, to: page.width - 2 * PhaseMapLayout.margin)
    let frame = overlay.plane.frame
    let parts: [Element?] =
      [
        .text(RichText(heading), at: layout.title, size: Style.titleSize, bold: true),
        .text(RichText(subtitle), at: layout.subtitle, fill: theme.softInk),
        .rectangle(frame, ["fill": CellInk.ground]),
        cells.colours,
        cells.hatching,
        cells.glyphs,
      ] + overlay.draw() + [
        .rectangle(frame, ["fill": "none", "stroke": theme.ink, "stroke-width": "1"]),
        layout.axes.draw(around: overlay.plane, theme: theme),
        bar.draw(),
        legend.draw(at: layout.legend, width: page.width - 2 * PhaseMapLayout.margin),
      ]
    return FigureDocument(
      id: "phase-map", title: figure.title, description: description, provenance: figure.provenance,
      theme: theme,
      page: page, definitions: [bar.gradient] + (cells.hatching == nil ? [] : [cells.hatchPattern]),
      content: parts.compactMap { $0 })
  }

  /// How many points have which verdict.
  var subtitle: String {
    let counts = Verdict.allCases.compactMap { verdict -> String? in
      let count = points.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }
    return ([points.count == 1 ? "1 point" : "\(points.count) points"] + counts).joined(separator: " · ")
  }

  /// What the figure shows, for those who cannot see it.
  private var description: String {
    let incomplete = points.count { Shortcoming(of: $0) != nil }
    let open = points.count(where: \.signIsOpen)
    return """
      The order exponent S = d log RD / d log m, the slope by which the relative change RD of the input \
      weights grows with the width m, as colour over the plane of γ (abscissa) and γ′ (ordinate): blue where \
      S < 0 (linear regime), red where S > 0 (condensed regime), from \
      \(Decimal.typeset(Decimal.trimmed(-range.limit, places: 6))) to \
      \(Decimal.trimmed(range.limit, places: 6))\(beyond). \(subtitle). The 95 % interval of S includes 0 at \(open) \
      of them; \(incomplete) are incomplete. The solid line is the fitted boundary S = 0, the dashed line \
      the theoretical one\(overlay.diagonal == nil ? "" : ", the dotted line γ′ = γ that of E et al").
      """
  }

  /// How many points have a colour that is not quite theirs.
  private var beyond: String {
    let count = points.count { ($0.finiteSlope ?? 0).magnitude > range.limit }
    guard count > 0 else { return "" }
    return ", which \(count) \(count == 1 ? "point lies" : "points lie") beyond, in the colours of the ends"
  }

  /// An entry for everything that occurs in the figure.
  private static func legend(points: [PointFit], overlay: PhaseMapOverlay, theme: Theme) -> Legend {
    var entries: [Legend.Entry] = []
    func line(_ box: Box) -> [Point] {
      [Point(x: box.minX, y: box.centre.y), Point(x: box.maxX, y: box.centre.y)]
    }
    func swatch(_ box: Box, _ fill: String) -> Element {
      .rectangle(box.grown(by: -0.5), ["fill": fill, "stroke": theme.softInk, "stroke-width": "0.8"])
    }
    if !overlay.fitted.isEmpty {
      entries.append(
        .init(text: "fitted boundary " + .symbol("S") + " = 0") { PhaseMapOverlay.fittedLine(line($0)) })
    }
    if !overlay.theory.isEmpty {
      entries.append(.init(text: "theory (Luo et al.)") { PhaseMapOverlay.theoryLine(line($0)) })
    }
    if overlay.diagonal != nil {
      entries.append(
        .init(text: "E et al.: " + .symbol("γ′") + " = " + .symbol("γ")) {
          PhaseMapOverlay.diagonalLine(line($0))
        })
    }
    if points.contains(where: \.signIsOpen) {
      entries.append(
        .init(text: "95 % interval includes 0") { box in
          [swatch(box, Vik.colour(at: 0).hex), swatch(box, "url(#\(PhaseMapCells.hatchID))")]
        })
    }
    if overlay.landmarks.count > overlay.unlabelled.count {
      entries.append(.init(text: "named initialisation") { [PhaseMapOverlay.mark(at: $0.centre)] })
    }
    for landmark in overlay.unlabelled {
      let place = [landmark.point.gamma, landmark.point.gammaPrime]
        .map { Decimal.typeset(Decimal.trimmed($0, places: 6)) }.joined(separator: ", ")
      entries.append(
        .init(text: RichText("\(landmark.name) (\(place))")) { [PhaseMapOverlay.mark(at: $0.centre)] })
    }
    for kind in Shortcoming.allCases where points.contains(where: { Shortcoming(of: $0) == kind }) {
      entries.append(
        .init(text: RichText(kind.legend)) {
          [PhaseMapCells.glyph(kind.path(at: $0.centre, radius: 6.5), of: kind, ink: theme.ink)]
        })
    }
    if points.contains(where: { $0.finiteSlope == nil }) {
      entries.append(.init(text: "no slope") { [swatch($0, CellInk.noData)] })
    }
    return Legend(entries: entries)
  }
}
