import Figures
import Foundation
import LimitFit
import Model
import Networks
import ResultStore
import Testing

@testable import Orchestration
@testable import gammaplane

/// The phase map in a terminal, and what is watched while a sweep runs.
@Suite struct TerminalMapTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A map whose exponent is x − y; nil where `lacks` holds.
  private func map(_ xs: [Double], _ ys: [Double], lacks: (Double, Double) -> Bool = { _, _ in false })
    -> PhaseMap
  {
    let points = xs.flatMap { x in
      ys.map { y in
        var fit = PointFit(
          setting: ["gamma": x, "gamma_prime": y], trend: x > y ? .growing : .vanishing, note: "")
        if !lacks(x, y) { fit.exponent = .init(value: x - y, low: x - y - 0.1, high: x - y + 0.1) }
        return fit
      }
    }
    return PhaseMap(
      orderParameter: "sup_rd", plane: Plane(x: "gamma", y: "gamma_prime"), points: points, boundary: [])
  }

  private func lines(
    _ map: PhaseMap, _ colours: TerminalMap.Colours, columns: Int = 80, rows: Int = 20,
    active: [Setting] = []
  ) -> [String] {
    let context = FigureContext(plane: map.plane, orderParameter: "sup_rd")
    return TerminalMap(
      map: map, context: context, active: active, colours: colours, columns: columns, rows: rows
    ).lines
  }

  /// What is left of a line on the screen.
  private func shown(_ line: String) -> String { line.replacing(/\u{1B}\[[0-9;]*m/, with: "") }

  @Test(arguments: [(80, 24), (200, 50), (40, 12), (30, 8)], [1, 2, 13, 33])
  func itFitsTheScreen(size: (columns: Int, rows: Int), count: Int) {
    let axis = (0..<count).map { Double($0) }
    for colours in [TerminalMap.Colours.all, .few, .none] {
      let lines = lines(map(axis, axis), colours, columns: size.columns, rows: size.rows)
      #expect(lines.count <= size.rows)
      for line in lines { #expect(shown(line).count <= size.columns, "\(shown(line))") }
    }
  }

  /// Without colours the signs are those of the trends, the least y in the lowest row.
  @Test func signsStandWhereThePointsLie() {
    let lines = lines(map([0, 1, 2], [0.5, 1.5]) { x, y in x == 2 && y == 1.5 }, .none, rows: 5)
    let rows = lines.prefix(2).map { $0.dropFirst(8).filter { !$0.isWhitespace } }
    // Cells of equal size, and pending ones of two characters a column.
    let cell = rows[0].count / 3
    let expected = [["-", "-", "·"], ["-", "+", "+"]]
    let found: [String] = rows.map { String($0) }
    let drawn: [String] = expected.map { row in
      row.map { String(repeating: $0, count: cell) }.joined()
    }
    #expect(found == drawn)
  }

  @Test func halfBlocksHaveTheColoursOfBothRows() {
    let map = map([0], [0, 1])
    let palette = MapColours(of: map.points)
    let line = lines(map, .all, columns: 20, rows: 4)[0]
    for (fit, kind) in [(map.points[1], 38), (map.points[0], 48)] {
      let rgb = palette.colour(of: fit)
      #expect(line.contains("\u{1B}[\(kind);2;\(rgb?.red ?? 0);\(rgb?.green ?? 0);\(rgb?.blue ?? 0)m"))
    }
    #expect(line.contains("▀") && line.hasSuffix("\u{1B}[0m"))
  }

  @Test func runsUnderWayAreMarked() {
    let plain = lines(map([0, 1], [0, 1]), .none)
    let busy = lines(map([0, 1], [0, 1]), .none, active: [["gamma": 1, "gamma_prime": 0]])
    #expect(!plain.dropLast().joined().contains("●") && busy.dropLast().joined().contains("●"))
  }

  /// The colours of xterm are its own for its own colours, and never far.
  @Test func fewColoursAreTheNearest() {
    #expect(TerminalMap.index(of: .init(red: 0, green: 0, blue: 0)) == 16)
    #expect(TerminalMap.index(of: .init(red: 255, green: 255, blue: 255)) == 231)
    #expect(TerminalMap.index(of: .init(red: 95, green: 135, blue: 175)) == 16 + 36 + 12 + 3)
    #expect(TerminalMap.index(of: .init(red: 128, green: 128, blue: 128)) == 244)
  }

  @Test func theTerminalSaysWhatItCan() {
    let cases: [([String: String], Bool, TerminalMap.Colours)] = [
      (["TERM": "xterm", "COLORTERM": "truecolor"], true, .all), (["TERM": "xterm-256color"], true, .few),
      (["TERM": "xterm", "COLORTERM": "truecolor", "NO_COLOR": "1"], true, .none),
      (["TERM": "dumb"], true, .none),
      (["TERM": "xterm", "COLORTERM": "truecolor"], false, .none),
    ]
    for (environment, isTerminal, expected) in cases {
      #expect(TerminalMap.Colours(environment, isTerminal: isTerminal) == expected)
    }
  }

  /// The map of what is recorded by now; nothing is written.
  @Test func statusDrawsWhatIsRecorded() async throws {
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml", "--sample", "7").status == 0)
    let database = bench.path("results/tiny/gammaplane.sqlite")
    let before = FileManager.default.contents(atPath: database)
    let ended = try await bench.run("status", "tiny", "--map")
    #expect(ended.status == 0 && ended.output.hasPrefix("tiny: 7 of 12 runs done"), "\(ended.errors)")
    #expect(ended.output.contains("vanishing") && !ended.output.contains("\u{1B}"))
    #expect(FileManager.default.contents(atPath: database) == before)
    #expect(try await bench.run("status", "tiny", "--map", "--json").status == 64)
  }

  /// Results of shards that are not merged count.
  @Test func shardsAreInTheMap() async throws {
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml", "--shard", "1/2").status == 0)
    let reference = try SweepReference(
      bench.path("tiny.yaml"), in: ResultsFolder(path: bench.path("results")))
    let half = try #require(try LiveMap(of: reference))
    let done = half.map.points.reduce(0) { $0 + $1.counts.ended }
    #expect(done > 0 && done < 12)
    #expect(try await bench.run("run", "tiny.yaml", "--shard", "2/2").status == 0)
    let all = try #require(try LiveMap(of: reference))
    #expect(all.map.points.reduce(0) { $0 + $1.counts.ended } == 12)
    #expect(!FileManager.default.fileExists(atPath: bench.path("results/tiny/gammaplane.sqlite")))
  }

  /// A page renews itself while its sweep runs, and is complete at the end.
  @Test func aReportIsWrittenWhileTheSweepRuns() async throws {
    try bench.grid()
    let sweep = try bench.start(
      ["run", "tiny.yaml", "--workers", "1"], worker: try bench.gatedWorker(runs: 4))
    try await bench.waitForResults(4)
    let watch = try bench.start(["report", "tiny.yaml", "--watch", "0.2"])
    func page() -> String {
      FileManager.default.contents(atPath: bench.path("results/tiny/report.html"))
        .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    let renewal = "<meta name=\"renewal\" content=\"1\">"
    #expect(try await comesTrue { page().contains(renewal) && page().contains("runs pending") })
    try bench.openGate()
    #expect(try await sweep.end().status == 0)
    let ended = try await watch.end()
    #expect(ended.status == 0 && ended.output == "results/tiny/report.html\n", "\(ended.errors)")
    for word in ["http-equiv=\"refresh\"", "<meta name=\"renewal\"", "runs pending"] {
      #expect(!page().contains(word), "\(word)")
    }
  }

  @Test func watchingTakesATwentiethAtMost() {
    let watch = WatchOptionOf.seconds(2)
    #expect(watch.pause(after: .milliseconds(10)) == .seconds(2))
    #expect(watch.pause(after: .seconds(1)) == .seconds(19))
  }
}

private enum WatchOptionOf {
  static func seconds(_ seconds: Double) -> WatchOption {
    guard let option = try? WatchOption.parse(["--watch=\(seconds)"]) else {
      preconditionFailure("the option is not parsed")
    }
    return option
  }
}
