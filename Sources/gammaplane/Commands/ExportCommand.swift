import ArgumentParser
import Foundation
import LimitFit
import Model
import Orchestration
import ResultStore

/// `gammaplane export`.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Export the runs or the phase map of a sweep as a table.",
    discussion: """
      CSV or JSON lines, a row for every run, whatever became of it, or for every phase point with its \
      fit. docs/database.md explains the columns. Only reads, and may be used while a sweep runs.
      """)

  /// What is written.
  enum Table: String, ExpressibleByArgument, CaseIterable {
    case runs
    case phaseMap = "phase-map"
  }

  @Argument(help: "What to write: runs or phase-map.")
  var table: Table

  @Argument(help: "A grid file, or the name of a sweep that has results (default: the only one there is).")
  var grid: String?

  @Option(help: "csv or jsonl.")
  var format = TableFormat.csv

  @Option(name: .shortAndLong, help: "The file to write (default: standard output).", completion: .file())
  var output: String?

  @OptionGroup var results: ResultsOption

  @OptionGroup var lens: LensOptions

  /// So many runs are looked up at once; a lock on the database lasts no longer.
  private static let runsAtOnce = 5000

  func validate() throws {
    if table == .runs, let option = lens.given.first {
      throw ValidationError("\(option) means nothing to runs, which are exported with all their quantities.")
    }
  }

  mutating func run() async throws {
    if let output { try OutputFile.checkName(output, option: "--output") }
    let reference = try SweepReference.only(grid, in: results.place)
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    switch table {
    case .runs:
      let columns = RunColumn.all(
        parameters: sweep.axes.names, quantities: try store.quantityNames(of: sweep.problem.digest))
      try write { file in
        var rows = TableText(format, columns: columns.map(\.name))
        let problem = sweep.problem.digest
        let runs = RunSet(sweep)
        for start in stride(from: 0, to: max(1, runs.count), by: Self.runsAtOnce) {
          let end = min(start + Self.runsAtOnce, runs.count)
          for recorded in try store.recorded(runs[start..<end], of: problem) {
            rows.add(columns.map { $0.value(recorded) })
          }
          try file.write(rows.take())
        }
      }
    case .phaseMap:
      let map = try presentFit(of: sweep, try lens.context(of: sweep, in: store), in: store)
      try write { file in
        var rows = TableText(format, columns: map.columns)
        try map.forEachRow {
          rows.add($0)
          try file.write(rows.take())
        }
        try file.write(rows.take())
      }
    }
  }

  private func write(_ body: (OutputFile) throws -> Void) throws {
    let file = try OutputFile(path: output)
    do {
      try body(file)
      try file.close()
    } catch OutputFile.ReaderHasGone.instance {
      // Whoever wanted the beginning only has got it.
    }
  }
}

/// A column of the exported runs.
struct RunColumn: Sendable {
  /// As in the header.
  var name: String
  /// What a run has there.
  var value: @Sendable (RecordedRun) -> StoredValue

  private init(_ name: String, _ value: @escaping @Sendable (RecordedRun) -> StoredValue) {
    self.name = name
    self.value = value
  }

  /// A column of texts of the provenance.
  private static func provenance(
    _ name: String, _ text: @escaping @Sendable (Provenance) -> String?
  ) -> RunColumn {
    RunColumn(name) { $0.record?.provenance.flatMap(text).map { .text($0) } ?? .null }
  }

  /// All columns, those of the parameters and the quantities in the order given.
  static func all(parameters: [String], quantities: [String]) -> [RunColumn] {
    let head =
      [RunColumn("run") { .text($0.identity.description) }]
      + parameters.map { name in RunColumn(name) { $0.run.setting[name].map { .number($0) } ?? .null } }
      + [
        RunColumn("width") { width($0.run.width) }, RunColumn("seed") { .unsigned($0.run.seed) },
        RunColumn("state") { .text($0.state) },
      ]
    let measured = quantities.map { name in
      RunColumn(name) { $0.record?.result.quantities[name].map { .number($0) } ?? .null }
    }
    return head + measured + rest
  }

  /// A whole width without a fraction.
  private static func width(_ value: Double) -> StoredValue {
    Int64(exactly: value).map { .integer($0) } ?? .number(value)
  }

  private static let rest = [
    RunColumn("steps") { $0.record.map { .integer(Int64($0.result.steps)) } ?? .null },
    RunColumn("wall_seconds") { $0.record.map { .number($0.result.wallSeconds) } ?? .null },
    RunColumn("initial_seconds") { $0.record.map { .number($0.result.initialSeconds) } ?? .null },
    RunColumn("budget_steps") { $0.record.map { .integer(Int64($0.budget.steps)) } ?? .null },
    RunColumn("budget_wall_seconds") { $0.record.map { .number($0.budget.wallSeconds) } ?? .null },
    RunColumn("budget_time") { $0.record?.budget.time.map { .number($0) } ?? .null },
    RunColumn("attempts") { $0.attempts.map { .integer(Int64($0)) } ?? .null },
    RunColumn("cause") { $0.failure.map { .text($0.cause) } ?? .null },
    RunColumn("reason") { $0.reason.map { .text($0) } ?? .null },
    RunColumn("detail") { $0.failure.map { .text($0.detail) } ?? .null },
    RunColumn("record") { $0.record.map { .text($0.record.names.joined(separator: " ")) } ?? .null },
    provenance("program") { $0.program },
    provenance("commit") { $0.commit },
    provenance("worker") { $0.worker },
    provenance("command") { $0.command?.joined(separator: " ") },
    provenance("host") { $0.host },
    RunColumn("finished_at") { $0.record.map { .text($0.finishedAt.formatted(.iso8601)) } ?? .null },
  ]
}
