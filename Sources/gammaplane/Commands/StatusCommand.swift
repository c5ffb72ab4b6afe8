import ArgumentParser
import Orchestration

/// `gammaplane status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show progress and failures.",
    discussion: """
      Only reads, and may be used while a sweep runs. Given a grid file, it counts the runs of that file; \
      given a name, those of the sweep as it was last run; given nothing, it lists all sweeps.

      \(ExitStatus.help)
      """)

  @Argument(
    help: "A grid file, or the name of a sweep that has results (default: all sweeps).",
    completion: .gridOrSweep)
  var grid: String?

  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of text; with --watch, one in a line each time.")
  var json = false

  @OptionGroup var watch: WatchOption

  mutating func run() async throws {
    // The grid file is read once: what is watched is the sweep that it is now.
    let references: [SweepReference]
    if let grid {
      references = [try SweepReference(grid, in: results.place)]
    } else {
      references =
        try json && SweepFolder.all(in: results.place).isEmpty
        ? [] : try SweepReference.all(nil, in: results.place)
    }
    let view = StatusView(isOne: grid != nil, isJSON: json, isWatched: watch.seconds != nil)
    while true {
      let queue = QueueSnapshot()
      var reports: [SweepStatus] = []
      var failure: (any Error)?
      for reference in references {
        do {
          reports.append(try SweepStatus(reference, queue: queue))
        } catch {
          // In a list, the others are shown all the same.
          failure = failure ?? error
        }
      }
      if let failure, grid != nil || reports.isEmpty { throw failure }
      try view.show(reports)
      if let failure { throw failure }
      guard let seconds = watch.seconds, reports.contains(where: \.state.goesOn),
        Console.outputFailure == nil
      else { return }
      try await Task.sleep(for: .seconds(seconds))
    }
  }
}
