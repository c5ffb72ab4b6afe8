import LimitFit
import Testing

@testable import Figures
@testable import Model

/// Figures for papers: a given width, several sweeps, differences, parts left out.
struct PaperTests {
  /// A page is as wide as is asked for, and its lettering as large as ever.
  @Test(arguments: [427.0, 600, 883])
  func thePageFits(width: Double) {
    var fitted = figure(quickstart(), title: "")
    let natural = fitted.document
    fitted.width = width
    var document = fitted.document
    #expect(abs(document.page.width - width) <= 1.5, "\(document.page.width)")
    #expect(ParsedSVG(document.svg).items.first?.attributes["font-size"] == "14")
    #expect(document.page.width != natural.page.width)
    document.magnification = 0.5
    let root = ParsedSVG(document.svg).items.first?.attributes
    #expect(root?["width"].flatMap { Double($0) } == document.page.width / 2)
    #expect(
      root?["viewBox"] == "0 0 \(document.page.width.attributeText) \(document.page.height.attributeText)")
  }

  @Test func aFontComesBeforeTheOthers() {
    var document = figure(quickstart()).document
    document.font = "'Times New Roman'"
    let family = ParsedSVG(document.svg).items.first?.attributes["font-family"]
    #expect(family == "'Times New Roman', " + Style.sans)
  }

  /// The same limit gives the same colours to the same number, whatever else is in the map.
  @Test func theRangeIsThatAskedFor() {
    let points = quickstart().points
    for limit in [0.3, 1, 1.7, 4] {
      let scale = MapColouring(.exponent, points: points, limit: limit).scale
      let other = MapColouring(.exponent, points: Array(points.prefix(30)), limit: limit).scale
      #expect(scale?.low == -limit && scale?.high == limit)
      for value in [-5, -0.3, 0, 0.2, 0.29, 7] { #expect(scale?.colour(value) == other?.colour(value)) }
      let ticks = scale?.ticks.map(\.value) ?? []
      #expect(!ticks.isEmpty && !ticks.contains { abs($0) > limit })
      let isOpen = points.contains { ($0.exponent?.value ?? 0) < -limit }
      #expect(scale?.opensBelow == isOpen)
    }
  }

  @Test func theoryAndLandmarksMayBeLeftOut() {
    var figure = figure(quickstart())
    let theory = "stroke=\"\(CellInk.theory)\""
    #expect(figure.svg().contains(theory) && figure.svg().contains("NTK"))
    figure.showsTheory = false
    #expect(!figure.svg().contains(theory) && figure.svg().contains("NTK"))
    figure.landmarks = []
    #expect(!figure.svg().contains("NTK"))
  }

  @Test func severalSweepsShareOneColourBar() {
    var figure = figure(quickstart())
    let map = quickstart()
    figure.name = "(a) first"
    figure.others = [.init(name: "(b) second", map: map), .init(name: "(c) third", map: map)]
    let drawing = PhaseMapDrawing(figure)
    #expect(drawing.panels.map(\.name.plain) == ["(a) first", "(b) second", "(c) third"])
    let svg = ParsedSVG(figure.svg())
    #expect(svg.all("linearGradient").count == 1)
    #expect(svg.all("title").count == 1 + 3 * map.points.count)
    let frames = drawing.panels.map(\.cells.plane.frame)
    for (i, a) in frames.enumerated() { for b in frames[..<i] { #expect(!a.overlaps(b)) } }
  }

  /// A − A is 0 with an interval that includes it, and A − B is −(B − A).
  @Test func differencesAreThoseOfTheExponents() throws {
    let map = quickstart()
    var other = map
    other.points.removeFirst(20)
    for (i, fit) in other.points.enumerated() {
      guard let value = fit.exponent.map({ $0.value + 0.25 }) else { continue }
      other.points[i].exponent = .init(value: value, low: value - 0.125, high: value + 0.5)
    }
    let difference = other.lessExponents(of: map)
    #expect(difference.points.count == other.points.count && difference.boundary.isEmpty)
    let back = map.lessExponents(of: other)
    for (a, b) in zip(difference.points, back.points) {
      let (x, y) = (try #require(a.exponent), try #require(b.exponent))
      #expect(abs(x.value - 0.25) < 1e-12 && x.value == -y.value)
      guard let low = x.low, let high = x.high else { continue }
      #expect(abs(low + (y.high ?? .nan)) < 1e-12 && abs(high + (y.low ?? .nan)) < 1e-12)
      #expect(x.value - low >= 0.125 && high - x.value >= 0.5)
    }
    for point in map.lessExponents(of: map).points {
      #expect(point.exponent?.value == 0 && point.exponent?.low ?? 0 <= 0)
    }
    var figure = figure(difference)
    figure.quantity = .difference(from: "other")
    let svg = figure.svg()
    #expect(svg.contains("above other") && svg.contains("less that of other") && svg.contains("RMS 0.250"))
  }
}
