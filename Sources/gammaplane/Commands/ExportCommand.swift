import ArgumentParser
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

      \(ExitStatus.help)
      """)

  /// What is written.
  enum Table: String, ExpressibleByArgument, CaseIterable {
    case runs
    case phaseMap = "phase-map"
  }

  @Argument(help: "What to write: runs or phase-map.")
  var table: Table

  @Argument(
    help: "A grid file, or the name of a sweep that has results (default: the only one there is).",
    completion: .gridOrSweep)
  var grid: String?

  @Option(help: "csv or jsonl.")
  var format = TableFormat.csv

  @Option(name: .shortAndLong, help: "The file to write (default: standard output).", completion: .file())
  var output: String?

  @OptionGroup var results: ResultsOption

  @OptionGroup var lens: LensOptions

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
    case .runs: try TableExport(format, to: output).runs(of: sweep, in: store)
    case .phaseMap:
      let map = try presentFit(of: sweep, try lens.context(of: sweep, in: store), in: store)
      try TableExport(format, to: output).phaseMap(map)
    }
  }
}
