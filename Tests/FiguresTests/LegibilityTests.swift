import LimitFit
import Testing

@testable import Figures
@testable import Model

/// What is drawn can be read, and what cannot be seen is said.
struct LegibilityTests {
  @Test func labelBoxesFitTheirTexts() throws {
    var figure = figure(quickstart())
    figure.landmarks.append(Landmark("Gewöhnlich", .point(PlanePoint(x: 1.5, y: -0.25))))
    let parsed = ParsedSVG(figure.svg())
    let boxes = parsed.all("rect").filter { $0.path.last == "g" && $0.attributes["rx"] == "3" }
    let texts = try parsed.textBoxes()
    #expect(boxes.count == PhaseMapDrawing(figure).panels[0].overlay.labels.count)
    for box in boxes {
      let (x, width) = (try box.number("x"), try box.number("width"))
      let centre = Point(x: x + width / 2, y: try box.number("y") + (try box.number("height")) / 2)
      let inside = try #require(texts.first { $0.box.contains(centre) })
      #expect((inside.box.minX - x - 6).magnitude < 0.02, "\(inside.text)")
      #expect((x + width - inside.box.maxX - 6).magnitude < 0.02, "\(inside.text)")
    }
  }

  @Test func longWordsOfAUserStayOnThePage() throws {
    let long = String(repeating: "scale γ ", count: 60)
    for title in ["", long] {
      var figure = figure(quickstart(), title: title)
      (figure.words.abscissa, figure.words.ordinate, figure.words.colours) = (long, long, long)
      (figure.words.low, figure.words.high) = (long, long)
      let page = PhaseMapDrawing(figure).layout.page
      #expect(page.width < 1000)
      let texts = try ParsedSVG(figure.svg()).textBoxes()
      for (i, a) in texts.enumerated() {
        #expect(page.contains(a.box), "\(a.text)")
        for b in texts[(i + 1)...] { #expect(!a.box.overlaps(b.box), "\(a.text) over \(b.text)") }
      }
    }
  }

  @Test func aLonePointShowsItsColour() throws {
    let map = grid([0.5], [0]) { _, _ in -0.5 }
    let drawing = PhaseMapDrawing(figure(map))
    let (cells, overlay) = (drawing.panels[0].cells, drawing.panels[0].overlay)
    #expect(cells.fill(of: map.points[0]) != ColourMap.vik.stops.first?.hex)
    let cell = overlay.plane.cell(map.plane.point(map.points[0].setting))
    let label = try #require(overlay.labels.first { $0.text == "NTK" })
    #expect(!label.box.overlaps(cell) && label.leader != nil)
  }

  @Test func slopesBeyondTheColoursAreAdmitted() throws {
    let axis = (0..<10).map { Double($0) / 10 }
    let beyond = ParsedSVG(figure(grid(axis, axis) { g, h in g == 0 && h == 0 ? -9 : g }).svg())
    let texts = try beyond.textBoxes().map(\.text)
    #expect(texts.contains("≤ −1.0") && texts.contains("1.0") && !texts.contains("≥ 1.0"))
    let description = "to 1, which 1 point lies beyond, in the colours of the ends."
    #expect(beyond.all("desc").first?.text.contains(description) == true)
    let within = ParsedSVG(figure(grid(axis, axis) { g, _ in g }).svg())
    #expect(!(try within.textBoxes()).contains { $0.text.contains("≤") || $0.text.contains("≥") })
    #expect(within.all("desc").first?.text.contains("beyond") == false)
  }

  @Test func theLineOfEAndOthersIsExplained() throws {
    let parsed = ParsedSVG(figure(quickstart()).svg())
    #expect(try parsed.textBoxes().contains { $0.text == "E et al.: γ′ = γ" })
    #expect(parsed.all("desc").first?.text.contains("The dotted line γ′ = γ is that of E et al.") == true)
    let elsewhere = ParsedSVG(figure(grid([3, 4], [0, 1]) { g, _ in g }).svg())
    #expect(!(try elsewhere.textBoxes()).contains { $0.text.contains("E et al.") })
    #expect(elsewhere.all("desc").first?.text.contains("dotted") == false)
  }

  @Test(arguments: [5, 13, 33, 65, 129])
  func hatchingCrossesEveryCellAndIsFainterInSmallOnes(count: Int) throws {
    let axis = (0..<count).map { Double($0) / Double(count) }
    func stripes(_ axis: [Double]) throws -> (period: Double, ink: Double, side: Double) {
      let points = axis.map { fit($0, 0, slope: 0.1, half: 1) }
      let plane = PhasePlane(showing: axis.map { PlanePoint(x: $0, y: 0) }, side: 480)
      let cells = PhaseMapCells(
        points: points, plane: plane, colouring: MapColouring(.exponent, points: points),
        context: SampleContext.luo)
      let pattern = ParsedSVG(PhaseMapCells.hatchPattern(side: cells.side).serialized())
      let line = try #require(pattern.all("line").first)
      return (
        try pattern.items[0].number("width"),
        try line.number("stroke-width") * line.number("stroke-opacity"), cells.boxes[0].width
      )
    }
    let (here, coarse) = (try stripes(axis), try stripes([0, 1, 2]))
    // The diagonal of a cell, across the stripes.
    #expect(here.period <= here.side * 2.0.squareRoot())
    #expect(here.ink / here.period <= coarse.ink / coarse.period)
    #expect(here.ink > 0.2)
  }
}
