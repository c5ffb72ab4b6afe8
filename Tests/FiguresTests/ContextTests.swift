import LimitFit
import Model
import Testing

@testable import Figures

/// Figures of any plane and any quantity, with a theory or without.
struct ContextTests {
  /// What is written in a figure: its visible texts, its description and the titles of its cells.
  private func words(_ figure: some Figure) throws -> [String] {
    let parsed = ParsedSVG(figure.svg())
    return try parsed.textBoxes().map(\.text) + (parsed.all("desc") + parsed.all("title")).map(\.text)
  }

  private func unknown(_ context: FigureContext) -> FigureContext {
    FigureContext(
      plane: context.plane, orderParameter: context.orderParameter.name, description: SampleContext.family)
  }

  @Test(arguments: [MapQuantity.exponent, .slope, .trend, .residual, .stationary])
  func nothingIsSaidOfATheoryThatIsNotThere(quantity: MapQuantity) throws {
    var map = SampleMaps.full
    for i in map.points.indices { map.points[i].expectedExponent = nil }
    var bare = figure(map, context: unknown(SampleContext.luo))
    bare.quantity = quantity
    let parsed = ParsedSVG(bare.svg())
    #expect(!parsed.items.contains { $0.attributes["stroke-dasharray"] != nil })
    #expect(parsed.all("circle").allSatisfy { $0.attributes["fill-opacity"] != nil }, "discs of glyphs alone")
    let words = try words(bare).joined(separator: "\n")
    for name in ["Luo", "E et al.", "NTK", "linear", "critical", "condensed", "named initialisation"] {
      #expect(!words.contains(name), "\(name)")
    }
    if quantity == .residual { #expect(words.contains("no theory")) }
    if quantity == .trend {
      #expect(words.contains("vanishing: RD → 0") && words.contains("bounded: RD stays finite"))
    }
    // With it, all of them are there.
    var full = figure(map)
    full.quantity = quantity
    #expect(ParsedSVG(full.svg()).items.contains { $0.attributes["stroke-dasharray"] != nil })
  }

  @Test func aTheoryIsCalledByItsOwnWords() throws {
    struct Other: Theory {
      let name = "Other", citation = ""
      func caption(_ trend: Trend) -> String? { trend == .growing ? "rich" : nil }
      func trend(at setting: Setting) -> Trend? { nil }
      func expectedExponent(at setting: Setting) -> Double? { nil }
      func region(at setting: Setting) -> String? { nil }
      func boundary(in range: PlaneRange) -> [[PlanePoint]] {
        [[PlanePoint(x: 1, y: range.y.lowerBound), PlanePoint(x: 1, y: range.y.upperBound)]]
      }
      func distanceToBoundary(_ point: PlanePoint) -> Double { (point.x - 1).magnitude }
      let landmarks = [Landmark("mark", .point(PlanePoint(x: 1.25, y: 0)))]
    }
    let context = FigureContext(
      plane: SampleContext.luo.plane, orderParameter: "sup_rd", description: SampleContext.family,
      theory: Other())
    let words = try words(figure(quickstart(), context: context))
    for text in ["theory (Other)", "rich", "mark"] { #expect(words.contains(text), "\(text)") }
    // What it has no word for keeps its plain name.
    #expect(words.contains { $0.contains(" vanishing · ") && $0.contains(" rich · ") })
    #expect(!words.contains { $0.contains("linear") || $0.contains("Luo") || $0.contains("y = x") })
    let line = PhaseMapDrawing(figure(quickstart(), context: context)).panels[0].overlay.theory
    #expect(line.count == 1 && line[0][0].x == line[0][1].x)
  }

  @Test func aForeignQuantityHasItsOwnName() throws {
    let context = SampleContext.foreign
    let map = figure(SampleMaps.foreign, context: context)
    let words = try words(map)
    #expect(words.contains("momentum") && words.contains("learning_rate"))
    #expect(words.contains { $0.contains("d log sharpness / d log m") })
    #expect(words.contains { $0.hasPrefix("momentum = 0.2, learning_rate = 0.003\n") })
    let runs = SamplePanels.observations(["momentum": 0.2, "learning_rate": 0.003], exponent: -0.5)
    let scaling = SamplePanels.scaling(
      [SamplePanels.entry(runs[0].run.setting, runs, context: context)], context: context)
    let texts = try self.words(scaling)
    #expect(
      texts.contains("sharpness") && texts.contains { $0.hasPrefix("sharpness against the width · 1 point") })
    #expect(!(words + texts).contains { $0.contains("RD") || $0.contains("γ") })
  }

  @Test func aSignedQuantityHasALinearAxis() throws {
    let figure = SamplePanels.scaling([SamplePanels.signedEntry], context: SamplePanels.signed)
    let parsed = ParsedSVG(figure.svg())
    let marks = parsed.all("title").map(\.text).filter { $0.hasPrefix("m = ") }
    // Every run is drawn, whatever its sign.
    #expect(marks.reduce(0) { $0 + $1.split(separator: "seed").count - 1 } == 9)
    #expect(marks.contains { $0.contains("−") } && marks.contains { !$0.contains("−") })
    let texts = try parsed.textBoxes().map(\.text)
    #expect(texts.contains("margin (bit)") && texts.contains("−0.2") && !texts.contains("slope"))
    #expect(!texts.contains { $0.contains("fit") || $0.contains("S ") })
  }

  @Test func coursesAreOfTheColumnsThatThereAre() throws {
    var figure = SamplePanels.foreignTrajectories
    #expect(figure.columns == ["loss", "margin", "clusters", "sharpness"])
    #expect(try !words(figure).contains { $0.contains("target") })
    figure.columns = ["entropy"]
    let texts = try words(figure)
    #expect(texts.contains("entropy") && !texts.contains("loss"))
    let own = SamplePanels.trajectories(SamplePanels.trajectoryEntries)
    #expect(own.columns == ["mean_squared_residual", "rd", "orientations"])
    #expect(try words(own).contains("target of the runs"))
  }

  @Test func aPlaneOfOneParameterIsAStrip() throws {
    let figure = figure(SampleMaps.line, context: SampleMaps.lineContext)
    let drawing = PhaseMapDrawing(figure)
    let (plane, boxes) = (drawing.panels[0].cells.plane, drawing.panels[0].cells.boxes)
    #expect(
      boxes.count == 9 && boxes.allSatisfy { $0.minY == plane.frame.minY && $0.maxY == plane.frame.maxY })
    #expect(plane.frame.width > 2 * plane.frame.height)
    // S = γ − 0.9 changes its sign at 0.9.
    let marks = drawing.panels[0].overlay.fitted
    let place = plane.page(PlanePoint(x: 0.9, y: 0)).x
    #expect(marks.count == 1 && marks[0].allSatisfy { ($0.x - place).magnitude < 1e-6 })
    let texts = try ParsedSVG(figure.svg()).textBoxes().map(\.text)
    #expect(texts.contains("γ") && !texts.contains("γ′"))
    #expect(figure.shownSettings == SampleMaps.line.points.map(\.setting))
  }

  @Test func everySliceHasAPanel() throws {
    let map = SampleMaps.slices([1, 2, 4])
    let figure = figure(map)
    let drawing = PhaseMapDrawing(figure)
    #expect(drawing.panels.map(\.name.plain) == ["depth = 1", "depth = 2", "depth = 4"])
    #expect(drawing.subtitle.hasPrefix("75 points") && drawing.subtitle.hasSuffix(" · rate = 0.1"))
    // Cells are in the order of the settings that the figure names, each setting once.
    let titles = ParsedSVG(figure.svg()).all("title").dropFirst().map(\.text)
    #expect(
      figure.shownSettings.map { SampleContext.luo.text($0) }
        == titles.map { title in
          title.split(separator: "\n")[0]
        }.map(String.init))
    #expect(Set(figure.shownSettings) == Set(map.points.map(\.setting)))
    // The same part of the plane in each, and in each the boundary of its own slice.
    let frames = drawing.panels.map(\.cells.plane)
    #expect(Set(frames.map(\.x.range)).count == 1 && Set(frames.map(\.frame.height)).count == 1)
    #expect(drawing.panels.allSatisfy { $0.overlay.fitted.count == 1 })
    // One colour bar and one legend.
    #expect(ParsedSVG(figure.svg()).items.count { $0.attributes["class"] == "colour-bar" } == 1)
    #expect(ParsedSVG(figure.svg()).items.count { $0.attributes["class"] == "legend" } == 1)
  }

  @Test func noMoreThanTwelveSlicesAreShown() throws {
    let map = SampleMaps.slices((1...14).map { Double($0) })
    let drawing = PhaseMapDrawing(figure(map))
    #expect(drawing.panels.count == 12 && drawing.subtitle.hasSuffix(" · 12 of 14 slices"))
    let single = PhaseMapDrawing(figure(map.slice(["depth": 3, "rate": 0.1])))
    #expect(single.panels.count == 1 && single.panels[0].name.plain.isEmpty)
    #expect(single.subtitle.hasSuffix(" · depth = 3 · rate = 0.1"))
  }

  /// Slices that differ in their points have cells of their own, within one range.
  @Test func slicesNeedNotHaveTheSamePoints() {
    let settings =
      SampleContext.product(["gamma": [0, 1, 2], "gamma_prime": [0, 1], "depth": [1]])
      + SampleContext.product(["gamma": [0.5, 1], "gamma_prime": [0, 0.5], "depth": [2]])
    let map = SampleContext.map(SampleContext.luo, settings) { $0["gamma"] ?? 0 }
    for panel in PhaseMapDrawing(figure(map)).panels {
      let (cells, frame) = (panel.cells.boxes, panel.cells.plane.frame)
      #expect(cells.allSatisfy { $0.width > 0 && $0.height > 0 && frame.grown(by: 1e-6).contains($0) })
      for (i, cell) in cells.enumerated() {
        #expect(!cells[(i + 1)...].contains { $0.grown(by: -1e-6).overlaps(cell) })
      }
    }
  }

  @Test(arguments: [
    ([0.001, 0.01, 0.1], true), ([1, 2, 5, 10, 20], true), ([0.001, 0.003, 0.01], true), ([1, 2, 4], false),
    ([0, 0.01, 0.1, 1], false), ([0.125, 0.25, 0.375, 0.5, 1.25], false), ([-1, 1, 100], false),
    ([1, 100], false),
  ])
  func axesAreLogarithmicWhereRatiosAreEqual(values: [Double], isLogarithmic: Bool) {
    #expect(PlaneScale.suitsLogarithm(values) == isLogarithmic)
    let points = values.flatMap { x in [0.0, 1].map { PlanePoint(x: x, y: $0) } }
    let plane = PhasePlane(showing: points, side: 480, form: .free)
    #expect(plane.x.isLogarithmic == isLogarithmic)
    // Cells tile the frame and hold their points.
    let cells = points.map(plane.cell)
    #expect(zip(points, cells).allSatisfy { $1.contains(plane.page($0)) })
    for (a, b) in zip(stride(from: 0, to: cells.count, by: 2), stride(from: 2, to: cells.count, by: 2)) {
      #expect((cells[a].maxX - cells[b].minX).magnitude < 1e-9)
    }
    // A theory is about distances: with one, axes are as they were.
    #expect(PhasePlane(showing: points, side: 480, form: .equalUnits).hasEqualUnits)
  }

  @Test func figuresInOnePageDoNotShareIDs() throws {
    let one = figure(SampleMaps.full)
    var other = figure(SampleMaps.full)
    other.theme = .dark
    func ids(_ figure: some Figure) -> [String] {
      ParsedSVG(figure.svg()).items.compactMap { $0.attributes["id"] }
    }
    #expect(ids(one).count == 5 && Set(ids(one)).isDisjoint(with: ids(other)))
    #expect(ids(one) == ids(figure(SampleMaps.full)))
    // The key of a map, which stands beside it, refers to what the map has.
    let references = one.key.entries.flatMap { ParsedSVG($0.sample).items }.flatMap(\.attributes.values)
      .filter { $0.hasPrefix("url(") }
    #expect(
      !references.isEmpty && references.allSatisfy { value in ids(one).contains { value == "url(#\($0))" } })
  }

  @Test func noTextOverlapsAnotherOrLeavesThePage() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    let names = [
      "gamma", "a", "learning_rate", "the exponent of a very long name that does not fit anywhere",
    ]
    for round in 0..<24 {
      let own = names.shuffled(using: &random)
      let plane = Plane(x: own[0], y: Bool.random(using: &random) ? own[1] : nil)
      let context = FigureContext(plane: plane, orderParameter: own[3], description: SampleContext.family)
      func values(_ count: ClosedRange<Int>) -> [Double] {
        let count = Int.random(in: count, using: &random)
        return Bool.random(using: &random)
          ? (0..<count).map { Double($0) * 0.7 - 1 }
          : (0..<count).map { i in (0..<i).reduce(1e-4) { x, _ in 4 * x } }
      }
      let settings = SampleContext.product([
        own[0]: values(1...7), own[1]: plane.y == nil ? [0] : values(1...7), own[2]: values(1...14),
      ])
      let map = SampleContext.map(context, settings) { _ in Double.random(in: -3...3, using: &random) }
      var figure = figure(map, title: "Title", context: context)
      let quantities: [MapQuantity] = [.exponent, .trend, .stationary, .residual]
      figure.quantity = quantities[round % quantities.count]
      let drawing = PhaseMapDrawing(figure)
      let texts = try ParsedSVG(figure.svg()).textBoxes()
      for (i, a) in texts.enumerated() {
        #expect(
          drawing.layout.page.contains(a.box), "\(a.text) leaves the page; seed \(seed), round \(round)")
        for b in texts[(i + 1)...] {
          #expect(
            !a.box.overlaps(b.box),
            "\(a.text.debugDescription) over \(b.text.debugDescription); seed \(seed), round \(round)")
        }
      }
    }
  }
}

struct NameTests {
  @Test(arguments: [
    (10.0, "m = 10"), (100, "m = 10²"), (1000, "m = 10³"), (31_623, "m = 31623"), (20_000, "m = 20000"),
    (1e20, "m = 10²⁰"), (3162.2776601683795, "m = 10³·⁵"), (177.82794100389228, "m = 10²·²⁵"),
    (1234.5, "m = 1234.5"), (0.5, "m = 0.5"), (3e20, "m = 3e20"),
  ])
  func widths(width: Double, text: String) { #expect(WidthColours.name(width).plain == text) }

  @Test(arguments: [
    ("γ", [true]), ("γ'", [true]), ("α₁", [true]), ("RD", [false]), ("learning_rate", [false]), ("x", [true]),
    ("log β", [false, true]), ("g12", [true]), ("", []),
  ])
  func shortNamesAreSymbols(name: String, areSymbols: [Bool]) {
    #expect(RichText(name: name).pieces.map { $0.form == .symbol } == areSymbols)
  }

  @Test(arguments: [
    (0.5, "0.5"), (-0.25, "−0.25"), (0.1 + 0.2, "0.3"), (1e-7, "1e−7"), (0.0005, "0.0005"), (0, "0"),
    (2e10, "2e10"),
  ])
  func coordinates(number: Double, text: String) { #expect(Numeral.coordinate(number, places: 6) == text) }

  /// An axis without two numbers has no scale to read.
  @Test func everyLinearAxisHasTwoNumbers() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<500 {
      let low = Double.random(in: -3...3, using: &random)
      let axis = PlotAxis.linear(
        from: low, to: low + Double.random(in: 0.2...3, using: &random),
        atMost: Int.random(in: 4...7, using: &random))
      #expect(axis.ticks.count > 1, "seed \(seed)")
    }
  }

  /// An interval about as long as the dot is a line through it, a longer one has caps beside the
  /// dot.
  @Test(arguments: [(1.0, 0), (3, 0), (5, 0), (6, 2), (20, 2)])
  func capsDoNotTouchTheDot(half: Double, caps: Int) throws {
    let mark = ScalingLayout.slope(at: Point(x: 50, y: 50), low: 50 + half, high: 50 - half, colour: "#000")
    let d = try #require(mark.first?.attributes.first { $0.name == "d" }).value
    #expect(d.count { $0 == "h" } == caps)
  }

  @Test func wideNumbersLeaveRoomForTheName() throws {
    // RD over less than a decade, far below 1: 2 · 10⁻⁵, 5 · 10⁻⁵.
    let setting = SampleContext.setting(0.5, 0.5)
    let runs = SamplePanels.observations(setting, exponent: -1.5, widths: [1000, 1500, 2000]).map { run in
      guard case .finished(let outcome, let value?) = run.state else { return run }
      return Observation(run: run.run, state: .finished(outcome, value: 4e-5 * value))
    }
    let parsed = ParsedSVG(SamplePanels.scaling([SamplePanels.entry(setting, runs)]).svg())
    let texts = try parsed.textBoxes().map(\.text)
    #expect(texts.contains { $0.contains(" · 10") } && texts.contains("RD") && texts.contains("slope"))
  }
}
