import ArgumentParser
import Model
import ResultStore

/// `gammaplane export`.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the runs or the phase map of a sweep as a table.",
    discussion: """
      CSV or JSON lines, a row for every run, whatever became of it, or for every phase point of the stored fit. \
      docs/commands.md explains the columns. Only reads, and may be used while a sweep runs.
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

  /// So many runs are looked up at once; a lock on the database lasts no longer.
  private static let runsAtOnce = 5000
  /// So many points are looked up at once.
  private static let pointsAtOnce = 1000

  mutating func run() async throws {
    if let output { try OutputFile.checkName(output, option: "--output") }
    let reference = try SweepReference.only(grid, in: results)
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    switch table {
    case .runs:
      try write { file in
        var rows = TableText(format, columns: RunColumn.all.map(\.name))
        let problem = sweep.problem.digest
        let runs = RunSet(sweep)
        for start in stride(from: 0, to: max(1, runs.count), by: Self.runsAtOnce) {
          let end = min(start + Self.runsAtOnce, runs.count)
          for recorded in try store.recorded(runs[start..<end], of: problem) {
            rows.add(RunColumn.all.map { $0.value(recorded) })
          }
          try file.write(rows.take())
        }
      }
    case .phaseMap:
      // Looks at the checksum of the fit, which is over all its rows.
      _ = try storedFit(of: sweep, in: store, results: results)
      let columns = try store.phaseMapColumns()
      try write { file in
        var rows = TableText(format, columns: columns)
        var last: Setting?
        repeat {
          let found = try store.phaseMapRows(
            of: sweep, columns: columns, after: last, limit: Self.pointsAtOnce)
          for row in found { rows.add(row.values) }
          try file.write(rows.take())
          last = found.last?.point
        } while last != nil
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

  /// A column of numbers of the result.
  private init(_ name: String, _ number: any KeyPath<RunRecord, Double> & Sendable) {
    self.init(name) { $0.record.map { .number($0[keyPath: number]) } ?? .null }
  }

  /// A column of whole numbers of the result.
  private init(_ name: String, _ number: any KeyPath<RunRecord, Int> & Sendable) {
    self.init(name) { $0.record.map { .integer(Int64($0[keyPath: number])) } ?? .null }
  }

  /// All columns. The order is promised: new ones come last.
  static let all = [
    RunColumn("run") { .text($0.identity.description) },
    RunColumn("gamma") { .number($0.run.point.gamma) },
    RunColumn("gamma_prime") { .number($0.run.point.gammaPrime) },
    RunColumn("width") { .integer(Int64($0.run.width)) },
    RunColumn("seed") { .unsigned($0.run.seed) },
    RunColumn("state") { .text($0.state) },
    RunColumn("rd", \.result.rd),
    RunColumn("sup_rd", \.result.supRD),
    RunColumn("mean_squared_residual", \.result.meanSquaredResidual),
    RunColumn("time", \.result.time),
    RunColumn("steps", \.result.steps),
    RunColumn("wall_seconds", \.result.wallSeconds),
    RunColumn("initial_seconds", \.result.initialSeconds),
    RunColumn("budget_steps", \.budget.steps),
    RunColumn("budget_wall_seconds", \.budget.wallSeconds),
    RunColumn("budget_time") { $0.record?.budget.time.map { .number($0) } ?? .null },
    RunColumn("attempts") { $0.attempts.map { .integer(Int64($0)) } ?? .null },
    RunColumn("cause") { $0.failure.map { .text($0.cause) } ?? .null },
    RunColumn("reason") { $0.reason.map { .text($0) } ?? .null },
    RunColumn("detail") { $0.failure.map { .text($0.detail) } ?? .null },
    RunColumn("worker") { $0.record.map { .text($0.worker) } ?? .null },
    RunColumn("keep") { $0.record.map { .text($0.keep.names.joined(separator: " ")) } ?? .null },
  ]
}
