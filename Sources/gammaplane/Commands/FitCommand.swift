import ArgumentParser
import LimitFit
import Model
import Networks
import Orchestration
import ResultStore

/// `gammaplane fit`.
struct FitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit the phase map from the recorded runs.",
    discussion: """
      Reads the runs of a sweep as it was last run, fits every phase point, and stores the fit in the \
      tables phase_map and boundary. `run` does this at its end; after an interrupted `run`, this \
      stores a map of what there is. It writes the database, which is locked while the sweep runs.

      \(ExitStatus.help)
      """)

  @Argument(
    help: "A grid file, or the name of a sweep that has results (default: all sweeps).",
    completion: .gridOrSweep)
  var grid: String?

  @Flag(help: "One JSON value instead of text.")
  var json = false

  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    var reports: [FitReport] = []
    for reference in try SweepReference.all(grid, in: results.place) {
      let folder = reference.folder
      // Not to make a database where there is none.
      try ResultStore.read(at: folder.database, checked: false).close()
      let store = try ResultStore.open(at: folder.database)
      let sweep = try store.sweep(named: folder.name)
      if let grid = reference.grid { try Self.compare(grid, with: sweep, reference) }
      let context = try SweepContext(sweep, families: .builtIn, store: store)
      let map = try fitAndSave(sweep, context, in: store)
      try store.close()
      if json {
        reports.append(FitReport(sweep, map, context.theory))
        continue
      }
      Console.print("\(sweep.name): \(trendSummary(map, context.theory))")
      for (head, text) in comparison(map, context.theory) {
        Console.print((head + ":").padding(toLength: 10, withPad: " ", startingAt: 0) + text)
      }
    }
    if json {
      try grid != nil && reports.count == 1 ? Console.print(json: reports[0]) : Console.print(json: reports)
    }
  }

  /// A grid that has changed since it was run.
  ///
  /// - Throws: ``Failure`` if it names another problem, of which nothing can be fitted.
  private static func compare(_ grid: Sweep, with sweep: Sweep, _ reference: SweepReference) throws {
    if let keys = ProblemChange.keys(from: sweep.problem, to: grid.problem) {
      throw Failure(
        .noInput,
        "\(sweep.name): \(keys) of the grid differ from those of its last run, so that there is nothing to "
          + "fit; first \(reference.gridCommand("run"))")
    }
    if grid.digest != sweep.digest {
      Console.note("\(sweep.name): the grid has changed since its last run; the runs of that are fitted")
    }
  }
}
