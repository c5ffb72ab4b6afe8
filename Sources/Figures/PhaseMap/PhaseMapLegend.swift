import LimitFit
import Model

/// The explanations of everything that occurs in a phase map, and of nothing else.
struct PhaseMapLegend {
  let panels: [PhaseMapPanel]
  let colouring: MapColouring
  let context: FigureContext
  let theme: Theme

  /// Row by row.
  var legend: Legend { Legend(entries: trends + lines + marks + shortcomings + lack) }

  private var points: [PointFit] { panels.flatMap(\.cells.points) }
  private var overlays: [PhaseMapOverlay] { panels.map(\.overlay) }

  /// What the band is due to, in a word or two.
  private var bandSource: String {
    let sources = Set(points.compactMap(\.exponentSource))
    if sources == [.computed] { return "exponents" }
    return sources.contains(.computed) ? "seeds, exponents" : "seeds"
  }

  /// Swatches of the trends, where these are what the colours tell.
  private var trends: [Legend.Entry] {
    guard colouring.scale == nil else { return [] }
    let symbol = context.orderParameter.richSymbol
    let meanings: [(Trend, RichText)] = [
      (.vanishing, symbol + " → 0"), (.bounded, symbol + " stays finite"), (.growing, symbol + " → ∞"),
    ]
    return meanings.filter { trend, _ in points.contains { $0.trend == trend } }.map { trend, meaning in
      Legend.Entry(text: RichText(context.caption(trend) + ": ") + meaning) {
        [swatch($0, MapColouring.colour(of: trend).hex)]
      }
    }
  }

  private var lines: [Legend.Entry] {
    var entries: [Legend.Entry] = []
    if overlays.contains(where: { !$0.fitted.isEmpty }) {
      let hasBand = overlays.contains { !$0.band.isEmpty }
      entries.append(
        .init(
          text: "fitted boundary " + .symbol("S")
            + RichText(hasBand ? " = 0, 95 % band of \(bandSource)" : " = 0")
        ) { box in
          [ground(box)] + (hasBand ? [band(box)] : []) + PhaseMapOverlay.fittedLine(middle(box))
        })
    }
    if let theory = context.theory, overlays.contains(where: { !$0.theory.isEmpty }) {
      entries.append(
        .init(text: RichText("theory (\(theory.name))")) {
          [ground($0)] + PhaseMapOverlay.theoryLine(middle($0))
        })
    }
    if let overlay = overlays.first(where: { $0.diagonal != nil }), let y = context.plane.y {
      let (x, y) = (context.parameter(context.plane.x).symbol, context.parameter(y).symbol)
      entries.append(
        .init(text: RichText(overlay.diagonalName + ": ") + RichText(name: y) + " = " + RichText(name: x)) {
          box in
          [ground(box)] + PhaseMapOverlay.diagonalLine(middle(box, inset: 4))
        })
    }
    if points.contains(where: colouring.isHatched) {
      let colour = colouring.scale == nil ? MapColouring.undecided.hex : ColourMap.vik.colour(at: 0.5).hex
      entries.append(
        .init(text: colouring.meaningOfHatching) { box in
          [swatch(box, colour), swatch(box, "url(#\(PhaseMapCells.hatchID))")]
        })
    }
    return entries
  }

  private var marks: [Legend.Entry] {
    var entries: [Legend.Entry] = []
    if overlays.contains(where: { $0.marks.count > $0.unlabelled.count }) {
      entries.append(
        .init(text: "named initialisation") { [ground($0), PhaseMapOverlay.mark(at: $0.centre)] })
    }
    var listed: Set<PhaseMapOverlay.Mark> = []
    for mark in overlays.flatMap(\.unlabelled) where listed.insert(mark).inserted {
      let place = [mark.point.x, mark.point.y].map { Numeral.coordinate($0, places: 6) }.joined(
        separator: ", ")
      entries.append(
        .init(text: RichText("\(mark.name) (\(place))")) {
          [ground($0), PhaseMapOverlay.mark(at: $0.centre)]
        })
    }
    return entries
  }

  private var shortcomings: [Legend.Entry] {
    PhaseMapPanel.shortcomings(of: panels).map { kind in
      Legend.Entry(text: RichText(kind.legend(context.orderParameter.symbol))) { box in
        [PhaseMapGlyphs.glyph(kind.path(at: box.centre, radius: 6.5), of: kind, ink: theme.ink)]
      }
    }
  }

  /// Cells without a number; among trends these are the undecided ones.
  private var lack: [Legend.Entry] {
    guard colouring.scale != nil, points.contains(where: { colouring.colour(of: $0) == nil }) else {
      return []
    }
    return [.init(text: RichText(colouring.quantity.lack(context))) { [swatch($0, CellInk.noData)] }]
  }

  private func middle(_ box: Box, inset: Double = 0) -> [Point] {
    [Point(x: box.minX + inset, y: box.centre.y), Point(x: box.maxX - inset, y: box.centre.y)]
  }

  /// A piece of the plane, on which lines look as they do in the map, whatever the paper.
  private func ground(_ box: Box) -> Element { .rectangle(box, ["rx": "2", "fill": CellInk.ground]) }

  private func band(_ box: Box) -> Element {
    let (top, bottom) = (box.centre.y - 6, box.centre.y + 6)
    return PhaseMapOverlay.bandArea([
      Point(x: box.minX, y: top), Point(x: box.maxX, y: top), Point(x: box.maxX, y: bottom),
      Point(x: box.minX, y: bottom), Point(x: box.minX, y: top),
    ])
  }

  private func swatch(_ box: Box, _ fill: String) -> Element {
    .rectangle(box.grown(by: -0.5), ["fill": fill, "stroke": theme.softInk, "stroke-width": "0.8"])
  }
}
