import LimitFit

/// The explanations of everything that occurs in a phase map, and of nothing else.
struct PhaseMapLegend {
  let cells: PhaseMapCells
  let overlay: PhaseMapOverlay
  let theme: Theme

  /// Row by row.
  var legend: Legend { Legend(entries: verdicts + lines + marks + shortcomings + lack) }

  private var points: [PointFit] { cells.points }
  private var colouring: MapColouring { cells.colouring }

  /// Swatches of the verdicts, where these are what the colours tell.
  private var verdicts: [Legend.Entry] {
    guard colouring.scale == nil else { return [] }
    let meanings: [(Verdict, RichText)] = [
      (.linear, "linear: RD → 0"), (.critical, "critical: RD stays finite"),
      (.condensed, "condensed: RD → ∞"),
    ]
    return meanings.filter { verdict, _ in points.contains { $0.verdict == verdict } }.map {
      verdict, meaning in
      Legend.Entry(text: meaning) { [swatch($0, MapColouring.colour(of: verdict).hex)] }
    }
  }

  private var lines: [Legend.Entry] {
    var entries: [Legend.Entry] = []
    if !overlay.fitted.isEmpty {
      let hasBand = !overlay.band.isEmpty
      entries.append(
        .init(text: "fitted boundary " + .symbol("S") + (hasBand ? " = 0, 95 % band" : " = 0")) { box in
          [ground(box)] + (hasBand ? [band(box)] : []) + PhaseMapOverlay.fittedLine(middle(box))
        })
    }
    if !overlay.theory.isEmpty {
      entries.append(
        .init(text: "theory (Luo et al.)") { [ground($0)] + PhaseMapOverlay.theoryLine(middle($0)) })
    }
    if overlay.diagonal != nil {
      entries.append(
        .init(text: "E et al.: " + .symbol("γ′") + " = " + .symbol("γ")) { box in
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
    if overlay.landmarks.count > overlay.unlabelled.count {
      entries.append(
        .init(text: "named initialisation") { [ground($0), PhaseMapOverlay.mark(at: $0.centre)] })
    }
    for landmark in overlay.unlabelled {
      let place = [landmark.point.gamma, landmark.point.gammaPrime]
        .map { Decimal.typeset(Decimal.trimmed($0, places: 6)) }.joined(separator: ", ")
      entries.append(
        .init(text: RichText("\(landmark.name) (\(place))")) {
          [ground($0), PhaseMapOverlay.mark(at: $0.centre)]
        })
    }
    return entries
  }

  private var shortcomings: [Legend.Entry] {
    overlay.glyphs.kinds.map { kind in
      Legend.Entry(text: RichText(kind.legend)) { box in
        [PhaseMapGlyphs.glyph(kind.path(at: box.centre, radius: 6.5), of: kind, ink: theme.ink)]
      }
    }
  }

  /// Cells without a number; among verdicts these are the undecided ones.
  private var lack: [Legend.Entry] {
    guard colouring.scale != nil, points.contains(where: { colouring.colour(of: $0) == nil }) else {
      return []
    }
    return [.init(text: RichText(colouring.quantity.lack)) { [swatch($0, CellInk.noData)] }]
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
