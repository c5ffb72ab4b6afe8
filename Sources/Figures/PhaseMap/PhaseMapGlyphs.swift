import LimitFit

/// The glyphs of incomplete points in their cells.
struct PhaseMapGlyphs {
  /// A glyph in its place.
  private struct Glyph {
    var kind: Shortcoming
    var box: Box
    /// Whether it needs light ink.
    var isOnDark: Bool
  }

  private let glyphs: [Glyph]
  /// Those that a line crosses, which are drawn over it where cells are large enough.
  private let crossed: [Glyph]
  /// Thinner strokes in small cells.
  private let strokeScale: Double
  /// What is marked, in the order of gravity.
  let kinds: [Shortcoming]

  /// The glyphs of a map.
  ///
  /// - Parameters:
  ///   - landmarks: round marks of radius `markRadius`, which would hide a glyph behind them.
  ///   - lines: lines that would cross glyphs.
  init(_ cells: PhaseMapCells, landmarks: [Point], markRadius: Double, lines: [Segment]) {
    // Not what the colours tell already.
    let marked = Shortcoming.allCases.filter { cells.colouring.quantity != .stationary || $0 != .stationary }
    var (free, crossed): ([Glyph], [Glyph]) = ([], [])
    for (fit, cell) in zip(cells.points, cells.boxes) {
      guard let kind = Shortcoming(of: fit), marked.contains(kind) else { continue }
      let radius = min(0.3 * min(cell.width, cell.height), 6.5)
      var centre = cells.plane.page(cells.context.plane.point(fit.setting))
      if landmarks.contains(where: { Segment(from: $0, to: centre).length < markRadius + radius }) {
        // Where the cell is large enough, beside the mark: above and to the left of it no line of
        // theory passes.
        let away = min(markRadius + radius, (centre.x - cell.minX) / 2, (centre.y - cell.minY) / 2)
        centre = Point(x: centre.x - away, y: centre.y - away)
      }
      let glyph = Glyph(
        kind: kind, box: Box(centre: centre, width: 2 * radius, height: 2 * radius),
        isOnDark: cells.colouring.isDark(fit))
      // Discs side by side would hide the line: in small cells it passes over the glyphs.
      let hasRoom = 2 * Self.discRadius(of: glyph) <= Self.maxHidden * min(cell.width, cell.height)
      if hasRoom, lines.contains(where: { $0.meets(glyph.box) }) {
        crossed.append(glyph)
      } else {
        free.append(glyph)
      }
    }
    let used = Set((free + crossed).map(\.kind))
    kinds = marked.filter(used.contains)
    (glyphs, self.crossed) = (free, crossed)
    strokeScale = min(max(cells.side / 22, 0.4), 1)
  }

  /// No more of a line is hidden by discs, even if there is one in every cell it passes.
  private static let maxHidden = 0.6

  private static func discRadius(of glyph: Glyph) -> Double { 0.75 * glyph.box.width }

  /// Where glyphs are.
  var boxes: [Box] { (glyphs + crossed).map(\.box) }

  /// Those that no line crosses: one path for each kind and ink. Nil if there are none.
  func draw() -> Element? {
    group(
      kinds.flatMap { kind in
        [(CellInk.dark, false), (CellInk.light, true)].compactMap { ink, isOnDark in
          path(glyphs.filter { $0.kind == kind && $0.isOnDark == isOnDark }, kind, ink: ink)
        }
      })
  }

  /// Those that a line crosses, on light discs. Nil if there are none.
  func drawCrossed() -> Element? {
    let discs = crossed.map { glyph in
      Element(
        "circle",
        [
          "cx": glyph.box.centre.x, "cy": glyph.box.centre.y, "r": Self.discRadius(of: glyph),
          "fill": CellInk.light,
          "fill-opacity": "0.88",
        ])
    }
    return group(
      discs
        + kinds.compactMap { kind in path(crossed.filter { $0.kind == kind }, kind, ink: CellInk.dark) })
  }

  private func group(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : Element("g", ["class": "glyphs", "pointer-events": "none"], elements)
  }

  private func path(_ glyphs: [Glyph], _ kind: Shortcoming, ink: String) -> Element? {
    guard !glyphs.isEmpty else { return nil }
    let d = glyphs.map { kind.path(at: $0.box.centre, radius: $0.box.width / 2) }.joined()
    return Self.glyph(d, of: kind, ink: ink, scale: strokeScale)
  }

  /// A glyph of given path data.
  static func glyph(_ d: String, of kind: Shortcoming, ink: String, scale: Double = 1) -> Element {
    Element(
      "path",
      [
        "d": d, "fill": "none", "stroke": ink, "stroke-width": kind.strokeWidth * scale,
        "stroke-linecap": "round", "stroke-linejoin": "round",
      ])
  }
}
