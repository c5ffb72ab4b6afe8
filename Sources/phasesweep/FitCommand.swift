import ArgumentParser
import ResultStore

/// `phasesweep fit`.
struct FitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Fit the phase map again from what is recorded.",
    discussion: """
      Reads the runs of a sweep as it was last run, fits every phase point, and stores the fit in the tables \
      phase_map and boundary. `run` does this at its end; after an interrupted `run`, this makes a map of what \
      there is. It writes the database, and so has to wait for a sweep that is running.
      """)

  @Argument(help: "A grid file, or the name of a sweep that has results (default: all sweeps).")
  var grid: String?

  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    for reference in try SweepReference.all(grid, in: results) {
      let folder = reference.folder
      // Not to make a database where there is none.
      try ResultStore.read(at: folder.database).close()
      let store = try ResultStore.open(at: folder.database)
      let sweep = try store.sweep(named: folder.name)
      let map = try fitAndSave(sweep, in: store)
      try store.close()
      Console.print("\(sweep.name): \(verdictSummary(map)); \(Agreement(map).summary)")
    }
  }
}
