import ArgumentParser
import LimitFit
import ResultStore

/// `gammaplane fit`.
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

  @Flag(
    help:
      "One JSON value with verdicts, agreement with the theorem by distance, the boundary, and exponents by region."
  )
  var json = false

  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    var reports: [FitReport] = []
    let references = try SweepReference.all(grid, in: results)
    for reference in references {
      let folder = reference.folder
      // Not to make a database where there is none.
      try ResultStore.read(at: folder.database, checked: false).close()
      let store = try ResultStore.open(at: folder.database)
      let sweep = try store.sweep(named: folder.name)
      let map = try fitAndSave(sweep, in: store)
      try store.close()
      if json {
        reports.append(FitReport(sweep, map))
        continue
      }
      Console.print("\(sweep.name): \(verdictSummary(map)); \(Agreement(map).summary)")
      if let distance = BoundaryDistance(map) { Console.print("boundary: \(distance.summary)") }
    }
    if json {
      try grid != nil && reports.count == 1 ? Console.print(json: reports[0]) : Console.print(json: reports)
    }
  }
}
