import ArgumentParser
import Orchestration

/// `gammaplane doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the installation and a sweep's environment.",
    discussion: """
      Checks the programs, the machine, the folder of the results, and every page and row of every \
      database. Changes nothing, and starts the worker that a grid names only with --start-worker. The \
      exit code is 0 if all is well, 1 if something deserves attention, and 74 if results are damaged.

      \(ExitStatus.help)
      """)

  @Argument(
    help: "A grid file, or the name of a sweep that has results (default: all sweeps).",
    completion: .gridOrSweep)
  var grid: String?

  @OptionGroup var results: ResultsOption

  @Flag(help: "Start the worker that the grid names, to see whether it introduces itself.")
  var startWorker = false

  @Flag(help: "One JSON value instead of text.")
  var json = false

  mutating func run() async throws {
    let reference = try grid.map { try SweepReference($0, in: results.place) }
    let folders = try reference.map { [$0.folder] } ?? SweepFolder.all(in: results.place)
    // Sweeps that share a database are next to each other.
    var databases: [String] = []
    for folder in folders where folder.database != databases.last && folder.hasDatabase {
      databases.append(folder.database)
    }
    var examination = Examination()
    examination.checkPrograms(of: reference?.grid, startsWorker: startWorker)
    examination.checkMachine(Machine())
    examination.checkFolder(results.folder)
    for database in databases { examination.checkDatabase(database) }
    if databases.isEmpty { examination.add(.fine, "databases", "none in \(results.folder)") }
    if json {
      try Console.print(json: examination.findings)
    } else {
      for finding in examination.findings { Console.print(finding.text) }
    }
    let worst = examination.findings.map(\.level).max() ?? .fine
    switch worst {
    case .fine: return
    case .warning: throw ExitCode(ExitStatus.someRunsFailed.rawValue)
    case .error: throw ExitCode(ExitStatus.inputOutput.rawValue)
    }
  }
}
