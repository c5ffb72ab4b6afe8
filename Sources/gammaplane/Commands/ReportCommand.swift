import ArgumentParser
import Figures
import Foundation
import LimitFit
import Model
import Orchestration
import Report
import ResultStore

/// `gammaplane report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a sweep as one HTML file: the map, and behind every cell its figures and runs.",
    discussion: """
      Writes report.html in the sweep's folder, or what --output names, and prints its path. The file is \
      complete in itself: open it in a browser, keep it, or send it. The same results give the same bytes. \
      Only reads the database. Figures of neurons, trajectories and functions are in it where the grid \
      records them.

      \(ExitStatus.help)
      """)

  @Argument(
    help: "A grid file, or the name of a sweep that has results (default: all sweeps).",
    completion: .gridOrSweep)
  var grid: String?

  @Option(
    name: .shortAndLong,
    help: "The file to write (default: report.html in the folder of the sweep); - is standard output.",
    completion: .file())
  var output: String?

  @OptionGroup var lens: LensOptions
  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    if let output, output != "-" { try OutputFile.checkName(output, option: "--output") }
    let references =
      output == nil
      ? try SweepReference.all(grid, in: results.place) : [try SweepReference.only(grid, in: results.place)]
    for reference in references {
      let store = try ResultStore.read(at: reference.folder.database)
      let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
      let source = ReportSource(sweep: sweep, context: try lens.context(of: sweep, in: store), store: store)
      let page = Data(try source.report().html().utf8)
      if let output {
        try OutputFile.write(page, to: output)
      } else {
        let path = reference.folder.figure("report" + lens.suffix, ending: ".html")
        try writeFigure(page, to: path, remedy: reference.command("report"))
        Console.print(path)
      }
    }
  }
}
