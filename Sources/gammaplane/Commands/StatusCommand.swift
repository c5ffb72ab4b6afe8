import ArgumentParser
import Orchestration

/// `gammaplane status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show progress and failures.",
    discussion: """
      Only reads, and may be used while a sweep runs. Given a grid file, it counts the runs of that file; \
      given a name, those of the sweep as it was last run; given nothing, it lists all sweeps. --map draws \
      the phase map of what is recorded by now, also in shards, with the points that are running.

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

  @Flag(help: "Also draw the phase map, in the terminal.")
  var map = false

  func validate() throws {
    if map, json { throw ValidationError("--map is a picture, and --json is none; leave one of them out.") }
  }

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
    let view = StatusView(
      isOne: grid != nil || map && references.count == 1, isJSON: json, isWatched: watch.seconds != nil,
      showsMap: map)
    guard !map || references.count == 1 else {
      throw Failure(.usage, "--map shows one sweep; name one")
    }
    let clock = ContinuousClock()
    while true {
      let start = clock.now
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
      try view.show(reports, of: references)
      if let failure { throw failure }
      guard let pause = watch.pause(after: clock.now - start), reports.contains(where: \.state.goesOn),
        Console.outputFailure == nil
      else { return }
      try await Task.sleep(for: pause)
    }
  }
}
