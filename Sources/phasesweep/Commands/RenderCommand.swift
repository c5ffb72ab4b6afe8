import ArgumentParser
import ResultStore

/// `phasesweep render`.
struct RenderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Draw the phase map again from the stored fit.",
    discussion: """
      Writes phase-map.svg in the sweep's folder and prints its path. The same fit gives the same bytes; a \
      file that holds them already is left alone.
      """)

  @Argument(help: "A grid file, or the name of a sweep that has results (default: all sweeps).")
  var grid: String?

  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    for reference in try SweepReference.all(grid, in: results) {
      let folder = reference.folder
      let store = try ResultStore.read(at: folder.database)
      let sweep = try store.sweep(named: folder.name)
      guard let map = try store.phaseMap(of: sweep) else {
        throw CommandFailure(
          .noInput,
          "there is no fit of \(sweep.name) yet; make one with \(results.command("fit", sweep.name))")
      }
      try writeFigure(of: map, sweep: sweep, in: folder, results: results)
      Console.print(folder.phaseMap)
    }
  }
}
