import LimitFit
import Model

/// The phase map as a picture: a quantity over the (γ, γ') plane.
public struct PhaseMapFigure: Figure {
  /// The fits to show.
  public var map: PhaseMap
  /// What the colours tell.
  public var quantity = MapQuantity.exponent
  /// The heading; shortened with an ellipsis where it is too long for one line. Without one there is no line of counts, either.
  public var title: String
  /// Words in place of the figure's own.
  public var words = FigureWords()
  /// What is written into the metadata.
  public var provenance: Provenance
  /// The initialisations to mark; those outside the map are left out.
  public var landmarks: [NamedInitialisation]
  /// The colours of the page.
  public var theme: Theme

  /// A figure of the exponent; set the other properties for others.
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

  /// The map with its axes, colour bar and legend.
  public var document: FigureDocument { PhaseMapDrawing(self).document }
}

/// The parts of a phase map in their places.
struct PhaseMapDrawing {
  let figure: PhaseMapFigure
  let points: [PointFit]
  let layout: PhaseMapLayout
  let cells: PhaseMapCells
  let overlay: PhaseMapOverlay
  let bar: ColourBar?
  let legend: Legend

  init(_ figure: PhaseMapFigure) {
    self.figure = figure
    points = figure.map.points.filter { $0.point.gamma.isFinite && $0.point.gammaPrime.isFinite }
    let colouring = MapColouring(figure.quantity, points: points)
    var plane = PhasePlane(showing: points.map(\.point), side: PhaseMapLayout.side)
    let axes = PlaneAxes(of: plane, words: figure.words)
    plane.move(
      to: PhaseMapLayout.corner(axes: axes, hasHeading: !figure.title.isEmpty, hasBar: colouring.scale != nil)
    )
    cells = PhaseMapCells(points: points, plane: plane, colouring: colouring)
    overlay = PhaseMapOverlay(map: figure.map, landmarks: figure.landmarks, cells: cells)
    legend = PhaseMapLegend(cells: cells, overlay: overlay, theme: figure.theme).legend
    let words = figure.words
    let names =
      colouring.scale.map { scale in
        let ends = figure.quantity.ends(scale)
        return (low: words.low ?? ends.low, high: words.high ?? ends.high)
      } ?? (low: "", high: "")
    layout = PhaseMapLayout(
      plane: plane, axes: axes,
      barReach: colouring.scale.map { ColourBar.reach($0, names: [names.low, names.high]) }, legend: legend,
      heading: figure.title)
    if let scale = colouring.scale, let box = layout.bar {
      bar = ColourBar(
        scale: scale, box: box, titles: words.colours.map { [RichText(typed: $0)] } ?? figure.quantity.titles,
        lowName: names.low, highName: names.high, gradientID: "phase-map-colours", theme: figure.theme)
    } else {
      bar = nil
    }
  }

  /// The whole document.
  var document: FigureDocument {
    let page = layout.page
    let theme = figure.theme
    let width = page.width - 2 * PhaseMapLayout.margin
    var content: [Element] = []
    if !figure.title.isEmpty {
      let heading = TextMetrics.truncated(figure.title, size: Style.titleSize, bold: true, to: width)
      content += [
        .text(RichText(heading), at: layout.title, size: Style.titleSize, bold: true),
        .text(
          RichText(TextMetrics.truncated(subtitle, size: Style.textSize, to: width)), at: layout.subtitle,
          fill: theme.softInk),
      ]
    }
    let frame = overlay.plane.frame
    content += [.rectangle(frame, ["fill": CellInk.ground]), cells.colours]
    content += [cells.hatching, overlay.glyphs.draw()].compactMap { $0 }
    content += overlay.draw()
    content += [
      .rectangle(frame, ["fill": "none", "stroke": theme.ink, "stroke-width": "1"]),
      layout.axes.draw(around: overlay.plane, theme: theme),
    ]
    if let bar { content.append(bar.draw()) }
    content.append(legend.draw(at: layout.legend, width: width))
    let definitions = [
      bar?.gradient, cells.hatching == nil ? nil : cells.hatchPattern, overlay.clip,
    ]
    return FigureDocument(
      id: "phase-map", title: figure.title.isEmpty ? "Phase map" : figure.title, description: description,
      provenance: figure.provenance, theme: theme, page: page, definitions: definitions.compactMap { $0 },
      content: content)
  }
}
