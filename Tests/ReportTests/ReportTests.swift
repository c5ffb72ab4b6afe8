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
    let report = try SampleReport.make(gamma: [0.5, 1, 1.75], gammaPrime: [-0.5, 0], kept: true)
    let page = ParsedHTML(try report.html())
    #expect(page.faults.isEmpty, "\(page.faults)")
    let fragments = try fragments(page)
    #expect(fragments.count == 6)
    for (fit, fragment) in zip(report.map.points, fragments) {
      #expect(fragment.hasPrefix("<h2 tabindex=-1>\(PointFragment.name(fit.point))</h2>"))
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
      #expect(first.hasPrefix("<h2 tabindex=-1>\(PointFragment.name(report.map.points[start].point))</h2>"))
    }
    #expect(try html == report.html())
    // A point takes about 2 kB: 13 × 13 of them well below 5 MB.
    #expect(html.utf8.count < 81 * 3000 + 80_000, "\(html.utf8.count)")
  }

  @Test func nothingThatOthersWroteIsMarkup() throws {
    let evil = "</script></style><img src=x onerror=alert(1)>&\"'\u{1E}\u{0}\u{202E}<!-- ]]>"
    let report = try SampleReport.make(
      gamma: [1, 1.5], gammaPrime: [0], name: evil, reason: evil, lastWords: evil + "\n" + evil)
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
    let report = try SampleReport.make(gamma: [0.5, 1], gammaPrime: [0], kept: true)
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
    #expect(page.scripts["points"] == "{\"points\":[],\"chunks\":[]}" && page.scripts["chunk-0"] == nil)
  }

  @Test func manyNeuronsAreDrawnAsMeans() throws {
    let sweep = try SampleReport.make(gamma: [1], gammaPrime: [0], kept: true)
    func size(_ networks: Int) throws -> Int {
      var report = Report(
        sweep: sweep.sweep, map: sweep.map, failures: [], provenance: sweep.provenance, networks: networks)
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
          neurons: [.init(width: 5000, seed: 0, kept: .each(neurons))]))
      return try report.html().utf8.count
    }
    #expect(try size(Report.mostNetworks + 1) < size(Report.mostNetworks) - 2000)
  }
}
