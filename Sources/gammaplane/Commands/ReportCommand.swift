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
      records them. --watch writes it anew while the sweep runs, and an open page renews itself until \
      the sweep has ended; this takes a twentieth of the time at most.

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

  @OptionGroup var watch: WatchOption
  @OptionGroup var lens: LensOptions
  @OptionGroup var results: ResultsOption

  mutating func run() async throws {
    if let output, output != "-" { try OutputFile.checkName(output, option: "--output") }
    let references =
      output == nil
      ? try SweepReference.all(grid, in: results.place) : [try SweepReference.only(grid, in: results.place)]
    if let seconds = watch.seconds {
      guard let reference = references.first, references.count == 1, output != "-" else {
        throw Failure(.usage, "--watch writes the file of one sweep again and again; name one")
      }
      try await keepWriting(reference, every: seconds)
      return
    }
    for reference in references { try write(reference) }
  }

  /// Writes the report of a sweep until nothing runs any more.
  private func keepWriting(_ reference: SweepReference, every seconds: Double) async throws {
    let clock = ContinuousClock()
    while true {
      let start = clock.now
      let goesOn = try SweepStatus(reference, queue: QueueSnapshot()).state.goesOn
      do {
        try write(reference, renewedAfter: goesOn ? max(1, Int(seconds.rounded(.up))) : nil)
      } catch let failure as Failure where failure.status == .noInput && goesOn {
        // Nothing is recorded yet.
      }
      guard goesOn, let pause = watch.pause(after: clock.now - start) else { return }
      try await Task.sleep(for: pause)
    }
  }

  /// - Parameter seconds: after how long an open page renews itself; nil: it does not.
  private func write(_ reference: SweepReference, renewedAfter seconds: Int? = nil) throws {
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    let source = ReportSource(sweep: sweep, context: try lens.context(of: sweep, in: store), store: store)
    var report = try source.report()
    report.renewsAfter = seconds
    let page = Data(try report.html().utf8)
    if let output {
      try OutputFile.write(page, to: output)
      return
    }
    let path = reference.folder.figure("report" + lens.suffix, ending: ".html")
    try writeFigure(page, to: path, remedy: reference.command("report"))
    // While it is watched, the path is printed when the page is complete.
    if seconds == nil { Console.print(path) }
  }
}
