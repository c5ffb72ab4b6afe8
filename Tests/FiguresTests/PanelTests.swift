import LimitFit
import Testing

@testable import Figures
@testable import Model

struct PanelTests {
  private static func names(_ figures: [(name: String, figure: any Figure)]) -> [String] {
    figures.map(\.name)
  }

  /// What must hold of every figure, whatever it shows.
  private func check(_ figure: any Figure, _ name: String, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let document = figure.document
    let svg = document.svg
    #expect(svg == figure.svg(), "\(name) is drawn twice alike", sourceLocation: sourceLocation)
    let drawn = ParsedSVG(svg)
    for item in drawn.items {
      for (attribute, value) in item.attributes where attribute != "xmlns" {
        #expect(!value.contains("nan") && !value.contains("inf"), "\(name): \(attribute)=\(value)")
      }
    }
    #expect(drawn.all("title").first?.text.isEmpty == false && drawn.all("desc").first?.text.isEmpty == false)
    let texts = try drawn.textBoxes()
    let page = Box(minX: 0, minY: 0, maxX: document.width, maxY: document.height)
    for (i, a) in texts.enumerated() {
      #expect(
        page.grown(by: 0.5).contains(a.box), "\(name): “\(a.text)” leaves the page",
        sourceLocation: sourceLocation)
      for b in texts[(i + 1)...] {
        #expect(
          !a.box.overlaps(b.box), "\(name): “\(a.text)” overlaps “\(b.text)”", sourceLocation: sourceLocation)
      }
    }
  }

  @Test(arguments: names(SamplePanels.figures) + names(SamplePanels.odd))
  func panelsAreWholeWhateverTheyShow(name: String) throws {
    let all = SamplePanels.figures + SamplePanels.odd
    let figure = try #require(all.first { $0.name == name }).figure
    try check(figure, name)
  }

  @Test func randomPanelsAreWhole() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    for _ in 0..<12 {
      let entries = (0..<Int.random(in: 1...5, using: &random)).map { i -> ScalingFigure.Entry in
        let point = SampleContext.setting(Double.random(in: -16...16, using: &random), Double(i) / 3)
        let widths = (0..<Int.random(in: 1...7, using: &random)).map { _ in
          Double.random(in: 1...1e7, using: &random).rounded()
        }
        let kinds = SamplePanels.Kind.allCases
        let common = kinds[Int.random(in: kinds.indices, using: &random)]
        let rare = kinds[Int.random(in: kinds.indices, using: &random)]
        return SamplePanels.entry(
          point,
          SamplePanels.observations(
            point, exponent: Double.random(in: -3...3, using: &random), widths: Set(widths).sorted(),
            seeds: Int.random(in: 1...4, using: &random)
          ) { _, seed in seed == 1 ? rare : common })
      }
      try check(SamplePanels.scaling(entries), "seed \(seed)")
    }
  }

  @Test func everyRunIsDrawnOrNamed() throws {
    let entry = SamplePanels.mixed
    let drawn = ParsedSVG(SamplePanels.scaling([entry]).svg())
    // Marks say in their titles which runs they are; the others are in the remarks.
    let titles = drawn.all("title").map(\.text).joined(separator: "\n")
    let remarks = titles
    for observation in entry.observations {
      let (width, seed) = (Numeral.width(observation.run.width), observation.run.seed)
      let lines = titles.split(separator: "\n").filter { $0.hasPrefix("m = \(width):") }
      let line = lines.first { $0.contains("seed \(seed)") } ?? ""
      switch observation.state {
      case .pending: #expect(line.isEmpty && remarks.contains("1 pending"))
      case .failed:
        #expect(
          line.contains("seed \(seed) failed") && remarks.contains("1 failed: m = \(width) seed \(seed)"))
      case .finished(.budgetExhausted, _): #expect(line.contains("seed \(seed): at least"))
      case .finished(.stationary, _): #expect(line.contains("(stationary)"))
      case .finished: #expect(line.contains("seed \(seed): "))
      }
    }
    #expect(
      remarks.contains("2 out of budget") && remarks.contains("1 stationary")
        && remarks.contains("1 with RD = 0"))
  }

  @Test func equalSlopesAreEquallySteep() throws {
    // RD over less than a decade, one, and two: all with the same noise.
    let panels = [0.0, 0.5, 1].map { exponent in
      let setting = SampleContext.setting(exponent, 0)
      return ScalingPanel(
        SamplePanels.entry(setting, SamplePanels.observations(setting, exponent: exponent)), SampleContext.luo
      )
    }
    let layout = ScalingLayout(
      panels, quantity: SampleContext.luo.orderParameter, isLarge: false, theme: .light)
    let rises = try panels.map { panel -> Double in
      let elements = layout.draw(panel, at: Point(x: 0, y: 0), .init(isLeft: true, isLowest: true))
      func height(_ width: Int) throws -> Double {
        let mark = try #require(
          elements.first { element in
            element.content.contains {
              if case .element(let title) = $0 { title.serialized().contains("m = \(width):") } else { false }
            }
          })
        // "M72.5 100.3h0 …": the first mark.
        let d = try #require(mark.attributes.first { $0.name == "d" }).value
        return try #require(Double(d.dropFirst().split(separator: "h")[0].split(separator: " ")[1]))
      }
      return try height(1000) - height(100_000)
    }
    #expect((rises[2] - rises[0] - 2 * (rises[1] - rises[0])).magnitude < 0.5, "\(rises)")
    #expect(rises[1] - rises[0] > 20)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 10, 13])
  func ordinatesAreNamedInTheFirstColumn(count: Int) throws {
    let entries = (0..<count).map { SamplePanels.good(0.5 + Double($0) / 8, 0) }
    let texts = try ParsedSVG(SamplePanels.scaling(entries).svg()).textBoxes()
    let names = texts.filter { $0.text == "RD" }
    let headings = texts.filter { $0.text.hasPrefix("γ = ") }
    #expect(headings.count == count)
    let left = try #require(headings.map(\.box.minX).min())
    #expect(names.count == headings.count { $0.box.minX == left })
    #expect(names.allSatisfy { $0.box.minX < left + 40 })
  }

  @Test func tenThousandNeuronsStaySmall() {
    let entry = RunPanels.Entry(
      setting: SampleContext.setting(1, 0),
      runs: [
        .init(width: 10_000, seed: 0, record: SamplePanels.neurons(10_000, condensed: 0)),
        .init(width: 1000, seed: 0, record: SamplePanels.neurons(1000, condensed: 0)),
        .init(width: 1_000_000, seed: 0, record: SamplePanels.histograms(10_000, condensed: 0)),
      ])
    #expect(SamplePanels.features([entry]).svg().utf8.count < 130_000)
    var means = SamplePanels.features([entry])
    means.detail = .means
    #expect(means.svg().utf8.count < 45_000)
  }

  /// A neuron more in a place where there was none is seen; nothing is left out of the cloud.
  @Test func everyNeuronIsInThePicture() {
    func figure(_ extra: [NeuronSnapshot.Change]) -> String {
      guard case .each(let neurons) = SamplePanels.neurons(100, condensed: 0) else { return "" }
      return SamplePanels.features([
        .init(
          setting: SampleContext.setting(1, 0),
          runs: [.init(width: 101, seed: 0, record: .each(neurons + extra))])
      ]).svg()
    }
    let one = NeuronSnapshot.Neuron(orientation: 1, amplitude: 1e-30)
    let other = NeuronSnapshot.Neuron(orientation: -1, amplitude: 1e-30)
    #expect(figure([.init(before: one, after: one)]) != figure([.init(before: one, after: other)]))
  }

  @Test func simplifiedLinesStayClose() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix64(state: seed)
    var y = 0.0
    let points = (0..<300).map { i -> Point in
      y += Double.random(in: -1...1, using: &random)
      return Point(x: Double(i), y: y)
    }
    let simple = Simplification.simplified(points, within: 0.8)
    #expect(simple.first == points.first && simple.last == points.last && simple.count < points.count)
    for point in points {
      let near = zip(simple, simple.dropFirst()).contains { a, b in
        guard a.x <= point.x, point.x <= b.x else { return false }
        let onLine = a.y + (b.y - a.y) * (point.x - a.x) / (b.x - a.x)
        return (onLine - point.y).magnitude < 0.8 * 3
      }
      #expect(near, "seed \(seed)")
    }
  }

  @Test(arguments: [
    (0.0, "0"), (1, "1"), (0.1234567, "0.1235"), (-12.5, "\u{2212}12.5"), (123456, "123456"),
    (1234567, "1.235e6"),
    (9.9999e-9, "1e\u{2212}8"), (.leastNonzeroMagnitude, "4.941e\u{2212}324"),
    (1.7976931348623157e308, "1.798e308"),
    (Double.infinity, "∞"), (Double.nan, "–"), (0.00012, "0.00012"), (0.000012, "1.2e\u{2212}5"),
  ])
  func numerals(number: Double, text: String) {
    #expect(Numeral.significant(number) == text)
  }
}
