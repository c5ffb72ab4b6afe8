import LimitFit
import Testing

@testable import Figures
@testable import Model

struct PhaseMapFigureTests {
  /// Where the points of a map lie.
  private func places(_ map: PhaseMap) -> [PlanePoint] { map.points.map { map.plane.point($0.setting) } }

  @Test func theSameMapYieldsTheSameBytes() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<5 {
      let map = randomMap(&random)
      #expect(figure(map).svg() == figure(map).svg(), "seed \(seed)")
    }
  }

  /// Points that are no rectangle, as those of a refined grid: every one has its cell, none of no
  /// extent.
  @Test func irregularPointsAreDrawn() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<20 {
      var map = randomMap(&random)
      map.points = map.points.filter { _ in Bool.random(using: &random) }
      let extra = randomMap(&random).points.prefix(5)
      let known = Set(map.points.map(\.setting))
      map.points += extra.filter { !known.contains($0.setting) }
      map.points.sort { $0.setting < $1.setting }
      let parsed = ParsedSVG(figure(map).svg())
      #expect(parsed.all("title").count >= map.points.count, "seed \(seed)")
      let plane = PhasePlane(showing: places(map), side: 480)
      for fit in map.points {
        let place = map.plane.point(fit.setting)
        let cell = plane.cell(place)
        #expect(cell.width > 0 && cell.height > 0 && cell.contains(plane.page(place)), "seed \(seed)")
      }
    }
  }

  @Test func theDocumentIsCompleteInItself() throws {
    let svg = figure(quickstart(), title: "Map of everything").svg()
    #expect(svg.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "))
    let parsed = ParsedSVG(svg)
    let root = try #require(parsed.items.first)
    #expect(root.attributes["role"] == "img")
    let ids = parsed.items.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    let names = try #require(root.attributes["aria-labelledby"])
    for id in names.split(separator: " ") {
      #expect(ids.contains(String(id)))
    }
    #expect(
      parsed.items.first { $0.attributes["id"]?.hasSuffix("-title") ?? false }?.text == "Map of everything")
    #expect(parsed.all("provenance").first?.text.contains("digest") == true)
    // References stay inside the document.
    for item in parsed.items {
      #expect(item.attributes["href"] == nil && item.attributes["xlink:href"] == nil)
      for case let value? in [item.attributes["fill"], item.attributes["stroke"]] where value.contains("url")
      {
        #expect(ids.contains { value == "url(#\($0))" })
      }
    }
  }

  @Test func everyPointHasItsCellAtItsTrueExtent() throws {
    let map = grid([0, 1, 3], [0, 0.5]) { g, h in g - h }
    let drawing = PhaseMapDrawing(figure(map))
    let cells = ParsedSVG(figure(map).svg()).all("rect").filter { $0.path.last == "g" }.prefix(6)
    let unit = drawing.panels[0].overlay.plane.x.unit
    // Half-way to the neighbours: γ from −0.5, 0.5, 2 to 4; γ' from −0.25 to 0.25 to 0.75.
    let widths = [1.0, 1, 1.5, 1.5, 2, 2]
    // And a little below the neighbours to the right and above, which are drawn later.
    for (i, (cell, width)) in zip(cells, widths).enumerated() {
      let (right, above) = (i < 4 ? 0.6 : 0, i % 2 == 0 ? 0.6 : 0)
      #expect((try cell.number("width") - width * unit - right).magnitude < 0.011)
      #expect((try cell.number("height") - 0.5 * unit - above).magnitude < 0.011)
    }
    let titles = ParsedSVG(figure(map).svg()).all("title").dropFirst().map(\.text)
    #expect(titles.count == 6)
    for (title, fit) in zip(titles, map.points) {
      #expect(title == fit.summary(with: .exponent, SampleContext.luo))
    }
  }

  @Test func cellsTileWithoutGaps() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<50 {
      let map = randomMap(&random)
      let plane = PhasePlane(showing: places(map), side: 480)
      let boxes = places(map).map(plane.cell)
      let area = boxes.reduce(0) { $0 + $1.width * $1.height }
      let hull = boxes.reduce(boxes[0]) {
        Box(
          minX: min($0.minX, $1.minX), minY: min($0.minY, $1.minY), maxX: max($0.maxX, $1.maxX),
          maxY: max($0.maxY, $1.maxY))
      }
      #expect((area / (hull.width * hull.height) - 1).magnitude < 1e-9, "seed \(seed)")
      #expect(plane.frame.grown(by: 1e-6).contains(hull), "seed \(seed)")
      for (place, box) in zip(places(map), boxes) {
        #expect(box.contains(plane.page(place)), "seed \(seed)")
      }
    }
  }

  /// No seam between neighbours, however a viewer smooths edges: what lies below them is a cell.
  @Test func neighboursLeaveNoGap() throws {
    let axis = [0.1, 0.2, 0.47, 0.5, 0.81, 1.13]
    let parsed = ParsedSVG(figure(grid(axis, [0]) { g, _ in g }).svg())
    let cells = parsed.all("rect").filter { $0.path.last == "g" }.prefix(6)
    for (a, b) in zip(cells, cells.dropFirst()) {
      #expect((try a.number("x") + a.number("width") - b.number("x") - 0.6).magnitude < 1e-9)
    }
  }

  @Test func noTextOverlapsAnotherOrLeavesThePage() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for round in 0..<20 {
      let figure = figure(randomMap(&random), title: String(repeating: "Long title ", count: round % 9))
      let parsed = ParsedSVG(figure.svg())
      let page = PhaseMapDrawing(figure).layout.page
      let texts = try parsed.textBoxes()
      for (i, a) in texts.enumerated() {
        #expect(page.contains(a.box), "\(a.text) leaves the page; seed \(seed), round \(round)")
        for b in texts[(i + 1)...] {
          #expect(
            !a.box.overlaps(b.box),
            "\(a.text.debugDescription) over \(b.text.debugDescription); seed \(seed), round \(round)")
        }
      }
    }
  }

  @Test(arguments: [1e-3, 1e-6, 1e-9, 1e4])
  func longTickLabelsDoNotTouch(step: Double) throws {
    let axis = (0..<7).map { 1 + step * Double($0) }
    let figure = figure(grid(axis, axis) { g, _ in g })
    let texts = try ParsedSVG(figure.svg()).textBoxes()
    for (i, a) in texts.enumerated() {
      for b in texts[(i + 1)...] { #expect(!a.box.overlaps(b.box), "\(a.text) over \(b.text)") }
    }
  }

  @Test func labelsCoverNeitherLinesNorMarks() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    var placed = 0
    for _ in 0..<25 {
      var figure = figure(randomMap(&random))
      let cells = places(figure.map)
      figure.landmarks += (0..<4).compactMap { i in
        cells.randomElement(using: &random).map { Landmark("Scheme number \(i)", .point($0)) }
      }
      let overlay = PhaseMapDrawing(figure).panels[0].overlay
      let frame = overlay.plane.frame
      let lines = (overlay.fitted + overlay.theory).flatMap { line in
        zip(line, line.dropFirst()).map { Segment(from: $0, to: $1) }
      }
      let boxes = overlay.labels.map(\.box) + overlay.regions.map(\.box)
      placed += boxes.count
      for (i, box) in boxes.enumerated() {
        #expect(frame.contains(box), "seed \(seed)")
        #expect(!lines.contains { $0.meets(box) }, "seed \(seed)")
        #expect(!overlay.marks.contains { box.contains($0.position) }, "seed \(seed)")
        #expect(!boxes[(i + 1)...].contains { $0.overlaps(box) }, "seed \(seed)")
        for label in overlay.labels where label.box != box {
          if let leader = label.leader { #expect(!leader.meets(box), "seed \(seed)") }
        }
      }
      // Who has no label in the plane is named in the legend.
      let names = overlay.labels.map(\.text)
      for mark in overlay.marks {
        let listed = overlay.unlabelled.contains { $0.name == mark.name }
        #expect(names.contains(mark.name) != listed, "seed \(seed)")
      }
    }
    #expect(placed > 25, "labels are placed at all; seed \(seed)")
  }

  @Test func namedInitialisationsAreMarkedWhereTheyAre() throws {
    let figure = figure(quickstart())
    let circles = ParsedSVG(figure.svg()).all("circle").filter { $0.path.suffix(1) == ["g"] }
    let plane = PhaseMapDrawing(figure).panels[0].overlay.plane
    let names = ["NTK", "LeCun, He", "Xavier, mean-field"]
    for landmark in figure.landmarks {
      guard case .point(let point) = landmark.shape else { continue }
      #expect(names.contains(landmark.name))
      let place = plane.page(point)
      let found = try circles.contains { circle in
        let (x, y) = (try circle.number("cx"), try circle.number("cy"))
        return (x - place.x).magnitude < 0.01 && (y - place.y).magnitude < 0.01
      }
      #expect(found, "\(landmark.name)")
    }
    let texts = try ParsedSVG(figure.svg()).textBoxes().map(\.text)
    for name in names + ["E et al.", "linear", "condensed"] {
      #expect(texts.contains(name), "\(name)")
    }
  }

  @Test func theTheoreticalLineLiesOnTheBoundary() {
    let overlay = PhaseMapDrawing(figure(quickstart())).panels[0].overlay
    let (plane, lines) = (overlay.plane, overlay.theory)
    #expect(lines.count == 1 && lines[0].count == 3)
    #expect(lines[0][1] == plane.page(PlanePoint(x: 1, y: 0)))
    #expect(lines[0][0].x == lines[0][1].x && lines[0][0].y == plane.frame.maxY)
    // One unit of γ is as long as one of γ'.
    let (a, b) = (lines[0][1], lines[0][2])
    #expect(((b.x - a.x) - (a.y - b.y)).magnitude < 1e-9)
    #expect(plane.frame.grown(by: 1e-9).contains(b))
  }

  @Test func shortcomingsAreMarkedAndExplained() throws {
    let map = SampleContext.map(
      [
        fit(0, 0, slope: -1, half: 0.1), fit(0, 1, slope: nil, failed: 2), fit(0, 2, slope: nil, pending: 2),
        fit(1, 0, slope: 0.5, half: 0.1, exhausted: 1), fit(1, 1, slope: 0.1, widths: 2),
        fit(1, 2, slope: 0.1, half: 0.2), fit(2, 0, slope: 1, half: 0.1, stationary: 1),
        fit(2, 1, slope: nil), fit(2, 2, slope: 1, half: 0.1),
      ])
    #expect(
      map.points.map { Shortcoming(of: $0) }
        == [nil, .failed, .pending, .budgetExhausted, .tooFewWidths, nil, .stationary, .tooFewWidths, nil])
    let parsed = ParsedSVG(figure(map).svg())
    let texts = try parsed.textBoxes().map(\.text)
    for text in [
      "failed runs", "pending runs", "runs out of budget", "too few widths", "95 % interval includes 0",
      "no slope", "stationary runs",
    ] { #expect(texts.contains(text), "\(text)") }
    #expect(parsed.all("rect").count { $0.attributes["fill"] == CellInk.noData } == 4)
    #expect(parsed.items.contains { $0.attributes["class"] == "hatching" })
    // Three widths, of which all values are 0, are not too few.
    var zero = fit(0, 0, slope: nil)
    zero.counts.converged = 6
    zero.runsUsed = 0
    #expect(Shortcoming(of: zero) == .zero)
    let zeros = try ParsedSVG(figure(SampleContext.map([zero])).svg()).textBoxes().map(\.text)
    #expect(zeros.contains("RD = 0") && !zeros.contains("too few widths"), "\(zeros)")
    // And nothing is explained that does not occur.
    let complete = try ParsedSVG(figure(grid([0, 1], [0, 1]) { g, _ in g - 2 }).svg()).textBoxes().map(\.text)
    #expect(!complete.contains("failed runs") && !complete.contains("95 % interval includes 0"))
  }

  /// A mark in every cell must not hide the boundary.
  @Test(arguments: [5, 9, 13, 33, 65])
  func glyphsDoNotHideTheLines(count: Int) throws {
    let axis = (0..<count).map { 2 * Double($0) / Double(count - 1) }
    var map = grid(axis, axis.map { $0 - 1 }) { g, h in g - 1 - h }
    for i in map.points.indices { map.points[i].counts.failed = 1 }
    let parsed = ParsedSVG(figure(map).svg())
    let discs = try parsed.all("circle").filter { $0.attributes["fill-opacity"] != nil }.map {
      try (Point(x: $0.number("cx"), y: $0.number("cy")), $0.number("r"))
    }
    #expect(discs.isEmpty == (count > 13))
    // Along γ = 1, where discs are below each other.
    let drawing = PhaseMapDrawing(figure(map))
    let x = drawing.panels[0].overlay.plane.page(PlanePoint(x: 1, y: 0)).x
    let hidden = discs.filter {
      abs($0.0.x - x) < 1 && $0.0.y > drawing.panels[0].overlay.plane.frame.centre.y
    }
    .reduce(0) { $0 + 2 * $1.1 }
    #expect(hidden <= 0.6 * drawing.panels[0].overlay.plane.frame.height / 2)
  }

  @Test func hostileNamesAreOnlyText() throws {
    let hostile = "</title><script>\"&'\u{1}\u{FFFE}]]>\u{202E}ﬁ 相図"
    let provenance = FigureProvenance(
      grid: hostile, digest: hostile, problem: hostile, program: hostile, fitMethod: hostile)
    var figure = PhaseMapFigure(
      map: quickstart(), context: SampleContext.luo, title: hostile, provenance: provenance)
    figure.landmarks = [Landmark(hostile, .point(PlanePoint(x: 1.5, y: 0)))]
    let parsed = ParsedSVG(figure.svg())
    #expect(parsed.all("script").isEmpty)
    let readable = ["\u{1}", "\u{FFFE}", "\u{202E}"].reduce(hostile) { $0.replacing($1, with: "\u{FFFD}") }
    #expect(parsed.items.first { $0.attributes["id"]?.hasSuffix("-title") ?? false }?.text == readable)
    #expect(parsed.all("grid").first?.text == readable)
    #expect(try parsed.textBoxes().contains { $0.text == readable })
  }

  @Test func thereIsAFigureOfEverything() throws {
    let extremes: [PhaseMap] = [
      SampleContext.map([]),
      grid([1], [0]) { _, _ in 0 },
      grid([1], [0]) { _, _ in nil },
      grid([1], (0..<9).map { Double($0) / 4 }) { _, h in h - 1 },
      grid((0..<9).map { Double($0) / 4 }, [0]) { g, _ in g - 1 },
      grid([1e-9, 2e-9], [0]) { _, _ in 1e-300 },
      grid([-1e9, 1e9], [0, 1e12]) { _, _ in 1e300 },
      grid([0, 1], [0, 1]) { g, _ in g == 0 ? .nan : .infinity },
      grid([0, .nan, .infinity], [0]) { _, _ in 1 },
    ]
    for map in extremes {
      let drawing = PhaseMapDrawing(figure(map))
      #expect(drawing.layout.page.width < 1000 && drawing.layout.page.height < 1000)
      let svg = figure(map).svg()
      #expect(!svg.contains("nan\"") && !svg.contains("inf\""))
      for (text, box) in try ParsedSVG(svg).textBoxes() {
        #expect(drawing.layout.page.contains(box), "\(text)")
      }
    }
  }

  @Test func aLargeMapIsNotALargeFile() {
    let axis = (0..<65).map { Double($0) / 16 }
    let map = SampleContext.map(
      axis.flatMap { g in axis.map { fit(g, $0 - 2, slope: g - 1.23, half: 1, failed: 1) } })
    #expect(figure(map).svg().utf8.count < 2_000_000)
  }

  @Test func theSummaryNamesTheNumbers() {
    var point = fit(0.5, -0.25, slope: -0.4996, half: 0.02, pending: 1)
    point.note = "1 run pending"
    #expect(
      point.summary(with: .exponent, SampleContext.luo) == """
        γ = 0.5, γ′ = −0.25
        S = −0.500 (95 %: −0.520 to −0.480)
        slope = −0.500 (95 %: −0.520 to −0.480)
        linear; 10 of 11 runs, 5 widths
        1 run pending
        """)
  }
}
