import Figures
import Foundation
import Model
import Testing

@testable import Report

struct ReportTests {
  /// The fragments of all points, as a browser unpacks them.
  private func fragments(_ page: ParsedHTML) throws -> [String] {
    var all: [String] = []
    for i in 0... {
      guard let letters = page.scripts["chunk-\(i)"] else { break }
      all += try Self.text(letters).split(separator: Character(Report.separator)).map(String.init)
    }
    return all
  }

  /// What is packed in letters.
  private static func text(_ letters: String) throws -> String {
    let packed = try #require(Data(base64Encoded: letters))
    let bytes = try #require(inflated(Array(packed)))
    return try #require(String(validating: bytes, as: UTF8.self))
  }

  @Test func everyPointIsThereInOrder() throws {
    let report = try SampleReport.make(gamma: [0.5, 1, 1.75], gammaPrime: [-0.5, 0], isRecorded: true)
    let page = ParsedHTML(try report.html())
    #expect(page.faults.isEmpty, "\(page.faults)")
    let fragments = try fragments(page)
    #expect(fragments.count == 6)
    for (fit, fragment) in zip(report.map.points, fragments) {
      #expect(fragment.hasPrefix(PointFragment.heading(report.context.html(fit.setting))))
      let parsed = ParsedHTML(fragment)
      #expect(parsed.faults.isEmpty, "\(parsed.faults)")
      #expect(parsed.tags.count { $0.name == "svg" } == 4)
      // A header and ten runs.
      #expect(parsed.tags.count { $0.name == "tr" } == 11)
    }
    #expect(fragments[0].contains("Failed: m = 1000, seed 0") && fragments[0].contains("it died"))
    #expect(
      fragments[0].contains("≥ ") && fragments[0].contains(">out of budget<")
        && fragments[0].contains(">pending<"))
  }

  @Test func manyPointsAreInManyChunks() throws {
    let axis = (0..<9).map { Double($0) / 4 }
    let report = try SampleReport.make(gamma: axis, gammaPrime: axis.map { $0 - 1 })
    let html = try report.html()
    let page = ParsedHTML(html)
    let fragments = try fragments(page)
    #expect(fragments.count == 81 && page.scripts["chunk-1"] != nil)
    let index = try #require(page.scripts["points"])
    let starts = try #require(index.split(separator: "\"chunks\":[").last?.split(separator: "]").first)
      .split(separator: ",").compactMap { Int($0) }
    for (i, start) in starts.enumerated() {
      let letters = try #require(page.scripts["chunk-\(i)"])
      let first = try Self.text(letters).split(separator: Character(Report.separator))[0]
      #expect(first.hasPrefix(PointFragment.heading(report.context.html(report.map.points[start].setting))))
    }
    #expect(try html == report.html())
    // A point takes about 2 kB: 13 × 13 of them well below 5 MB.
    #expect(html.utf8.count < 81 * 3000 + 80_000, "\(html.utf8.count)")
  }

  @Test func nothingThatOthersWroteIsMarkup() throws {
    let evil = "</script></style><img src=x onerror=alert(1)>&\"'\u{1E}\u{0}\u{202E}<!-- ]]>"
    let report = try SampleReport.make(
      gamma: [1, 1.5], gammaPrime: [0], name: evil, reason: evil, stderrTail: evil + "\n" + evil)
    let html = try report.html()
    let page = ParsedHTML(html)
    #expect(page.faults.isEmpty, "\(page.faults)")
    let fragments = try fragments(page)
    #expect(fragments.count == 2)
    for parsed in [page] + fragments.map(ParsedHTML.init) {
      #expect(parsed.faults.isEmpty && !parsed.tags.contains { $0.name == "img" || $0.name.hasPrefix("!--") })
    }
    #expect(!(html + fragments.joined()).unicodeScalars.contains { $0 == "\u{1E}" || $0 == "\u{0}" })
    #expect(!escaped(evil).unicodeScalars.contains("\u{202E}"))
  }

  @Test func itNeedsNothingElse() throws {
    let report = try SampleReport.make(gamma: [0.5, 1], gammaPrime: [0], isRecorded: true)
    let page = ParsedHTML(try report.html())
    let all = page.tags + (try fragments(page)).flatMap { ParsedHTML($0).tags }
    for (name, text) in all {
      #expect(!text.contains("src="), "\(text)")
      for link in text.split(separator: "href=\"").dropFirst() {
        #expect(link.hasPrefix("#") || link.hasPrefix("data:,"), "\(name): \(link)")
      }
      for address in text.split(separator: "http").dropFirst() where !text.contains("http-equiv") {
        #expect(address.hasPrefix("://www.w3.org/2000/svg\""), "\(text)")
      }
    }
    #expect(!ReportScript.source.contains("http") && !ReportStyle.css.contains("url("))
    // Only this script may run.
    var hash = SHA256()
    hash.update(bytes: Array(try #require(page.scripts[""]).utf8))
    let policy = try #require(page.tags.first { $0.text.contains("Content-Security-Policy") }).text
    #expect(policy.contains("script-src 'sha256-\(Data(hash.finalize().bytes).base64EncodedString())'"))
    #expect(policy.contains("default-src 'none'"))
  }

  @Test func aSweepWithoutPointsHasAReport() throws {
    let page = ParsedHTML(try SampleReport.make(gamma: [], gammaPrime: []).html())
    #expect(page.faults.isEmpty, "\(page.faults)")
    let index = try #require(page.scripts["points"])
    #expect(
      index.contains("\"points\":[]") && index.contains("\"chunks\":[]") && page.scripts["chunk-0"] == nil)
  }

  @Test func manyNeuronsAreDrawnAsMeans() throws {
    let sweep = try SampleReport.make(gamma: [1], gammaPrime: [0], isRecorded: true)
    func size(_ networks: Int) throws -> Int {
      var report = Report(
        sweep: sweep.sweep, map: sweep.map, context: sweep.context, failures: [],
        provenance: sweep.provenance, networks: networks)
      var neurons: [NeuronSnapshot.Change] = []
      var random = SplitMix64(state: 1)
      for _ in 0..<5000 {
        let neuron = NeuronSnapshot.Neuron(
          orientation: Float.random(in: -3...3, using: &random),
          amplitude: Float.random(in: 0.01...3, using: &random))
        neurons.append(.init(before: neuron, after: neuron))
      }
      try report.add(
        ReportedPoint(
          fit: sweep.map.points[0], runs: [], curve: nil,
          neurons: [.init(width: 5000, seed: 0, record: .each(neurons))]))
      return try report.html().utf8.count
    }
    #expect(try size(Report.maxNetworks + 1) < size(Report.maxNetworks) - 2000)
  }

  /// A plane of one parameter, a parameter beside it, a quantity and a worker of a user's own.
  @Test func anythingCanBeReported() throws {
    let evil = "</script><b>&\"x"
    let axes = Axes(
      parameters: ["learning_rate": [0.001, 0.01, 0.1], "a_depth": [1, 2]], width: SampleReport.widths,
      seed: [0, 1])
    let context = FigureContext(
      plane: Plane(x: "learning_rate"), orderParameter: "sharpness",
      description: FamilyDescription(
        title: evil, methods: [], parameters: [Parameter("learning_rate", symbol: evil)],
        quantities: [Quantity("sharpness", unit: evil), Quantity("time", symbol: "t")]))
    let report = try SampleReport.make(axes, context, isRecorded: true) { $0["learning_rate"] ?? 0 }
    let html = try report.html()
    let page = ParsedHTML(html)
    #expect(page.faults.isEmpty, "\(page.faults)")
    let fragments = try fragments(page)
    #expect(fragments.count == 6)
    for fragment in fragments {
      let parsed = ParsedHTML(fragment)
      #expect(parsed.faults.isEmpty && !parsed.tags.contains { $0.name == "b" }, "\(parsed.faults)")
      #expect(fragment.contains("sharpness (&lt;/script&gt;") && fragment.contains("<i>t</i>"))
    }
    let index = try JSONDecoder().decode(Index.self, from: Data(try #require(page.scripts["points"]).utf8))
    #expect(index.names == [evil, "a_depth"] && index.plane == 1 && index.points.count == 6)
    // Settings are sorted by a_depth first, cells by panels: the same here.
    #expect(index.cells == nil && index.points[0] == ["0.001", "1"])
    // What is packed may hold any letters.
    let packed = page.scripts.filter { $0.key.hasPrefix("chunk-") || $0.key == "table" }.values
    let words = packed.reduce(html) { $0.replacing($1, with: "") } + fragments.joined()
    for word in ["RD", "γ", "theory expects", "<b>"] { #expect(!words.contains(word), "\(word)") }
    #expect(words.contains("the worker’s own"))
  }

  private struct Index: Decodable {
    var names: [String]
    var plane: Int
    var points: [[String]]
    var cells: [Int]?
    var chunks: [Int]
  }

  /// Cells are drawn slice by slice, points come by setting: where these orders differ, the page
  /// says which is which.
  @Test func cellsAreMatchedWithPoints() throws {
    let axes = Axes(
      parameters: ["x": [1, 2, 3], "y": [1, 2], "z": [1, 2]], width: SampleReport.widths, seed: [0])
    let context = FigureContext(plane: Plane(x: "x", y: "y"), orderParameter: "q")
    let report = try SampleReport.make(axes, context) { ($0["x"] ?? 0) - 2 }
    let page = ParsedHTML(try report.html())
    let index = try JSONDecoder().decode(Index.self, from: Data(try #require(page.scripts["points"]).utf8))
    let cells = try #require(index.cells)
    #expect(cells.sorted() == Array(0..<12) && index.names == ["x", "y", "z"])
    #expect(
      cells.map { index.points[$0][2] } == ["1", "1", "1", "1", "1", "1", "2", "2", "2", "2", "2", "2"])
    for (i, setting) in report.map.points.map(\.setting).enumerated() {
      #expect(index.points[i] == ["x", "y", "z"].map { Numeral.coordinate(setting[$0] ?? 0) })
    }
  }

  @Test func columnsOfOneSymbolAreHeadedByTheirNames() {
    let quantities = [
      Quantity("sup_a", symbol: "A"), Quantity("a", symbol: "A"), Quantity("b", symbol: "β", unit: "s"),
    ]
    #expect(PointFragment.headings(quantities) == ["sup_a", "a", "<i>β</i> (s)"])
  }

  @Test func theSummaryTellsWhatWasComputed() throws {
    let report = try SampleReport.make(gamma: [0.5, 1], gammaPrime: [0])
    let html = try report.html()
    let trends = Trend.allCases.map { trend in
      "\(report.map.points.count { $0.trend == trend }) \(report.context.caption(trend))"
    }
    #expect(trends.contains { $0.hasSuffix(" critical") } && html.contains(trends.joined(separator: ", ")))
    for text in [
      "impulse/4", "network: activation</dt><dd>relu", "4 samples of dimension 1", "two-layer ReLU network",
      "RD (relative change of the input weights), <code>sup_rd</code>", "JMLR 22(71), 2021", "worker 1",
      "commit abc", "2026-01-02T00:00:00Z", "<td class=w>here</td>",
    ] { #expect(html.contains(text), "\(text)") }
  }
}
