import LimitFit
import Model

/// The phase map as a picture: a quantity over a plane. If there are parameters beside the plane's,
/// each slice of it has a panel of its own.
public struct PhaseMapFigure: Figure {
  /// The fits to show.
  public var map: PhaseMap
  /// What the names in it mean.
  public var context: FigureContext
  /// Other sweeps, each with panels of its own beside those of ``map``; their planes are the same.
  public var others: [NamedMap] = []
  /// What ``map`` is called beside others.
  public var name = ""
  /// Where the colours end, which are symmetric about 0; nil: where the numbers do, about.
  public var limit: Double?
  /// Whether the boundary of the theory is drawn.
  public var showsTheory = true
  /// How wide the page is, in its units, where the planes can be made so; nil: as wide as is best
  /// on a screen. Lettering has the same size in any case.
  public var width: Double?
  /// What the colours tell.
  public var quantity = MapQuantity.exponent
  /// The heading; shortened with an ellipsis where it is too long for one line. Without one there
  /// is no line of counts, either.
  public var title: String
  /// Words in place of the figure's own.
  public var words = FigureWords()
  /// What is written into the metadata.
  public var provenance: FigureProvenance
  /// What to mark in the plane, those of the theory unless set; what lies outside the map is left
  /// out.
  public var landmarks: [Landmark]
  /// The colours of the page.
  public var theme: Theme

  /// A map and what it is called.
  public struct NamedMap: Sendable {
    /// What it is called.
    public var name: String
    /// The fits to show.
    public var map: PhaseMap

    /// A map.
    public init(name: String, map: PhaseMap) {
      self.name = name
      self.map = map
    }
  }

  /// All maps.
  var maps: [NamedMap] { [NamedMap(name: name, map: map)] + others }

  /// No more slices than this are shown.
  public static let maxPanels = 12

  /// A figure of the exponent; set the other properties for others.
  public init(
    map: PhaseMap, context: FigureContext, title: String, provenance: FigureProvenance, theme: Theme = .light
  ) {
    self.map = map
    self.context = context
    self.title = title
    self.provenance = provenance
    self.theme = theme
    landmarks = context.theory?.landmarks ?? []
  }

  /// The map with its axes, colour bar and legend.
  public var document: FigureDocument {
    guard let width else { return PhaseMapDrawing(self).document }
    // How much room the planes leave to the rest depends a little on their size.
    let form = PhaseMapDrawing.form(context)
    let columns = PhaseMapLayout.columns(shownSlices.count, form)
    var side = PhaseMapLayout.side(columns: columns)
    var drawing = PhaseMapDrawing(self, side: side)
    for _ in 0..<4 {
      let change = (width - drawing.layout.page.width) / Double(columns)
      guard change.magnitude > 0.5, side + change >= Self.minSide else { break }
      side += change
      drawing = PhaseMapDrawing(self, side: side)
    }
    return drawing.document
  }

  /// The least side of a plane that is made to fit.
  private static let minSide = 120.0

  /// The settings that have a cell, in the order of the cells in the document.
  public var shownSettings: [Setting] { shownSlices.flatMap { $0.points.map(\.setting) } }

  /// The parts of the map that are shown, each in one slice of the plane; at least one, which may
  /// be empty.
  var shownSlices: [PhaseMap] { namedSlices.map(\.map) }

  /// The same with the names of their sweeps.
  var namedSlices: [NamedMap] {
    let all = maps.flatMap { named in
      var map = named.map
      map.points = map.points.filter { fit in
        let place = context.plane.point(fit.setting)
        return place.x.isFinite && place.y.isFinite
      }
      let slices = map.slices
      return (slices.isEmpty ? [map] : slices.map { map.slice($0) })
        .map { NamedMap(name: named.name, map: $0) }
    }
    return Array(all.prefix(Self.maxPanels))
  }
}

/// One slice of a phase map.
struct PhaseMapPanel {
  /// What distinguishes it from the others; empty if it stands alone.
  let name: RichText
  let position: PhaseMapLayout.Position
  let cells: PhaseMapCells
  let overlay: PhaseMapOverlay

  /// What is marked in any of some panels, in the order of gravity.
  static func shortcomings(of panels: [PhaseMapPanel]) -> [Shortcoming] {
    let used = Set(panels.flatMap(\.overlay.glyphs.kinds))
    return Shortcoming.allCases.filter(used.contains)
  }
}

/// The parts of a phase map in their places.
struct PhaseMapDrawing {
  let figure: PhaseMapFigure
  let panels: [PhaseMapPanel]
  let axes: PlaneAxes
  let layout: PhaseMapLayout
  let colouring: MapColouring
  let bar: ColourBar?
  let legend: Legend

  /// All points that are shown.
  var points: [PointFit] { panels.flatMap(\.cells.points) }

  /// How a plane is drawn.
  static func form(_ context: FigureContext) -> PhasePlane.Form {
    context.plane.y == nil ? .strip : context.theory == nil ? .free : .equalUnits
  }

  /// - Parameter side: the longer side of a plane; nil: what is best on a screen.
  init(_ figure: PhaseMapFigure, side: Double? = nil) {
    self.figure = figure
    let (context, words) = (figure.context, figure.words)
    let named = figure.namedSlices
    let slices = named.map(\.map)
    let colouring = MapColouring(
      figure.quantity, points: slices.flatMap(\.points), limit: figure.limit)
    self.colouring = colouring
    let form = Self.form(context)
    let columns = PhaseMapLayout.columns(slices.count, form)
    var planes = PhasePlane.planes(
      of: slices.map { $0.points.map { context.plane.point($0.setting) } },
      side: side ?? PhaseMapLayout.side(columns: columns), form: form)
    axes = PlaneAxes(of: planes[0], context: context, words: words)
    let names = zip(named, context.names(ofSlices: slices.map { Self.slice($0, context) })).map {
      map, slice in
      RichText(map.name) + (map.name.isEmpty || slice.plain.isEmpty ? "" : ",  ") + slice
    }
    let positions = PhaseMapLayout.positions(
      count: slices.count, columns: columns, size: planes[0].frame, axes: axes,
      areNamed: names.contains { !$0.plain.isEmpty },
      hasHeading: !figure.title.isEmpty, hasBar: colouring.scale != nil)
    for i in planes.indices { planes[i].move(to: positions[i].corner) }
    panels = slices.indices.map { i in
      let cells = PhaseMapCells(
        points: slices[i].points, plane: planes[i], colouring: colouring, context: context)
      return PhaseMapPanel(
        name: names[i], position: positions[i], cells: cells,
        overlay: PhaseMapOverlay(
          map: slices[i], landmarks: figure.landmarks, showsTheory: figure.showsTheory, cells: cells))
    }
    legend =
      PhaseMapLegend(panels: panels, colouring: colouring, context: context, theme: figure.theme).legend
    let ends =
      colouring.scale.map { scale in
        let ends = figure.quantity.ends(scale, context)
        return (low: words.low ?? ends.low, high: words.high ?? ends.high)
      } ?? (low: "", high: "")
    layout = PhaseMapLayout(
      frames: planes.map(\.frame), axes: axes,
      barReach: colouring.scale.map { ColourBar.reach($0, names: [ends.low, ends.high]) }, legend: legend,
      heading: figure.title)
    if let scale = colouring.scale, let box = layout.bar {
      bar = ColourBar(
        scale: scale, box: box,
        titles: words.colours.map { [RichText(typed: $0)] } ?? figure.quantity.titles(context),
        lowName: ends.low, highName: ends.high, gradientID: "colours", theme: figure.theme)
    } else {
      bar = nil
    }
  }

  /// The parameters beside the plane's, the same at all points of a slice.
  static func slice(_ map: PhaseMap, _ context: FigureContext) -> Setting {
    map.points.first.map { context.plane.slice($0.setting) } ?? .none
  }

  /// The whole document.
  var document: FigureDocument {
    let page = layout.page
    let theme = figure.theme
    let width = page.width - 2 * PhaseMapLayout.margin
    var content: [Element] = []
    var definitions = [bar?.gradient]
    if !figure.title.isEmpty {
      let heading = TextMetrics.truncated(figure.title, size: Style.titleSize, bold: true, to: width)
      content += [
        .text(RichText(heading), at: layout.title, size: Style.titleSize, bold: true),
        .text(
          RichText(TextMetrics.truncated(subtitle, size: Style.textSize, to: width)), at: layout.subtitle,
          fill: theme.softInk),
      ]
    }
    if points.contains(where: colouring.isHatched) {
      definitions.append(PhaseMapCells.hatchPattern(side: panels.map(\.cells.side).min() ?? 0))
    }
    for (i, panel) in panels.enumerated() {
      let clipID = i == 0 ? "frame" : "frame-\(i + 1)"
      definitions.append(panel.overlay.clip(id: clipID))
      content += draw(panel, clipID: clipID)
    }
    if let bar { content.append(bar.draw()) }
    content.append(legend.draw(at: layout.legend, width: width))
    return FigureDocument(
      kind: "phase-map", title: figure.title.isEmpty ? "Phase map" : figure.title, description: description,
      provenance: figure.provenance, theme: theme, page: page, definitions: definitions.compactMap { $0 },
      content: content)
  }

  /// A panel: its name, its cells, what lies over them, its axes.
  private func draw(_ panel: PhaseMapPanel, clipID: String) -> [Element] {
    let frame = panel.cells.plane.frame
    let theme = figure.theme
    var elements: [Element] = []
    if !panel.name.plain.isEmpty {
      let name = Element.text(
        panel.name.truncated(size: Style.textSize, to: frame.width),
        at: Point(x: frame.minX, y: frame.minY - 8))
      elements.append(Element("g", ["class": "panel-name"], [name]))
    }
    elements += [.rectangle(frame, ["fill": CellInk.ground]), panel.cells.colours]
    elements += [panel.cells.hatching, panel.overlay.glyphs.draw()].compactMap { $0 }
    elements += panel.overlay.draw(clipID: clipID)
    elements += [
      .rectangle(frame, ["fill": "none", "stroke": theme.ink, "stroke-width": "1"]),
      axes.draw(
        around: panel.cells.plane, theme: theme, isLeft: panel.position.isLeft,
        isLowest: panel.position.isLowest),
    ]
    return elements
  }
}
