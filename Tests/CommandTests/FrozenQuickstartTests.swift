import DelimitedText
import Foundation
import Testing

/// The quickstart sweep by the real programs, without limits, against results and fit of method
/// impulse/4: what `export` writes is the same to the last digit.
@Suite struct FrozenQuickstartTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let frozen = folder.appendingPathComponent("Frozen")
  private static let grid = folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("grids/quickstart.yaml")
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] == "1"

  /// The names in the tables of version 0.1 that are others now.
  private static let renamed = ["outcome": "state", "limit": "limit_value"]

  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// Rows by the names of their columns.
  private struct Table {
    var columns: [String]
    var rows: [[String: String]]

    init(_ text: String) throws {
      var reader = CSVReader(text)
      columns = try #require(try reader.next()).fields.map { String($0.text) }
      rows = []
      while let record = try reader.next() {
        let values = record.fields.map { String($0.text) }
        try #require(values.count == columns.count, "\(record.text)")
        rows.append(Dictionary(uniqueKeysWithValues: zip(columns, values)))
      }
    }
  }

  private func frozen(_ name: String) throws -> Table {
    try Table(String(contentsOf: Self.frozen.appendingPathComponent(name), encoding: .utf8))
  }

  private func exported(_ table: String) async throws -> Table {
    let ended = try await bench.run("export", table, "quickstart")
    #expect(ended.status == 0, "\(ended.errors)")
    return try Table(ended.output)
  }

  /// Compares two tables row by row, by the columns of the frozen one.
  private func compare(_ table: Table, _ frozen: Table) throws {
    let names = frozen.columns.map { Self.renamed[$0] ?? $0 }
    #expect(Set(names).isSubset(of: table.columns), "\(table.columns)")
    try #require(table.rows.count == frozen.rows.count)
    for (row, expected) in zip(table.rows, frozen.rows) {
      for (name, old) in zip(names, frozen.columns) {
        #expect(row[name] == expected[old], "\(name) in \(expected)")
      }
    }
  }

  @Test func someRunsAreWhatTheyWere() async throws {
    let values = ["0.5", "1.25", "2.0"]
    let others = ["-0.5", "0.25", "1.0"]
    let text = try String(contentsOf: Self.grid, encoding: .utf8)
    try bench.file(
      "quickstart.yaml",
      "limit: off\n"
        + text.replacing(
          "{ from: 0.5, to: 2.0, step: 0.125 }", with: "[\(values.joined(separator: ", "))]"
        )
        .replacing("{ from: -0.5, to: 1.0, step: 0.125 }", with: "[\(others.joined(separator: ", "))]")
        .replacing("{ from: 1000, to: 100000, per_decade: 2 }", with: "1000")
        .replacing("{ count: 2 }", with: "{ count: 1 }"))
    let ended = try await bench.run("run", "quickstart.yaml")
    #expect(ended.status == 0, "\(ended.errors)")
    var expected = try frozen("quickstart-runs.csv")
    func isOne(_ text: String?, of values: [String]) -> Bool {
      values.contains { Double($0) == text.flatMap { Double($0) } }
    }
    expected.rows.removeAll {
      !isOne($0["gamma"], of: values) || !isOne($0["gamma_prime"], of: others) || $0["width"] != "1000"
        || $0["seed"] != "0"
    }
    #expect(expected.rows.count == 9)
    try compare(try await exported("runs"), expected)
  }

  @Test(.enabled(if: slow), .timeLimit(.minutes(60)))
  func everythingIsWhatItWas() async throws {
    try bench.file("quickstart.yaml", "limit: off\n" + String(contentsOf: Self.grid, encoding: .utf8))
    let ended = try await bench.run("run", "quickstart.yaml")
    #expect(ended.status == 0, "\(ended.errors)")
    try compare(try await exported("runs"), try frozen("quickstart-runs.csv"))
    try compare(try await exported("phase-map"), try frozen("quickstart-phase-map.csv"))
  }
}
