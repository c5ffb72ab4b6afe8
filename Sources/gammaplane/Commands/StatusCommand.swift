import ArgumentParser
import Foundation
import Orchestration
import Platform

/// `gammaplane status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show progress and failures.",
    discussion: """
      Only reads, and may be used while a sweep runs. Given a grid file, it counts the runs of that file; \
      given a name, those of the sweep as it was last run; given nothing, it lists all sweeps.
      """)

  @Argument(help: "A grid file, or the name of a sweep that has results (default: all sweeps).")
  var grid: String?

  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of text; with --watch, one in a line each time.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Refresh every so many seconds (default: 2), until nothing runs any more.", valueName: "seconds"))
  var watch: Double?

  /// The default interval of `--watch`, in seconds.
  private static let defaultSeconds = "2"

  /// The arguments of the program with the seconds joined to `--watch`, which need not be there and
  /// may look like an option where they are negative.
  static func joiningSeconds(_ arguments: [String]) -> [String] {
    guard arguments.first == configuration.commandName, let option = arguments.firstIndex(of: "--watch")
    else { return arguments }
    var arguments = arguments
    let isFollowed = option + 1 < arguments.count && Double(arguments[option + 1]) != nil
    arguments[option] += "=" + (isFollowed ? arguments.remove(at: option + 1) : defaultSeconds)
    return arguments
  }

  /// A hint about arguments that are wrong; nil if there is none.
  static func hint(about arguments: [String]) -> String? {
    guard arguments.first == configuration.commandName, let option = arguments.firstIndex(of: "--watch"),
      option + 1 < arguments.count, !arguments[option + 1].hasPrefix("-"),
      Double(arguments[option + 1]) == nil
    else { return nil }
    return "“\(arguments[option + 1])” after --watch is no number of seconds, so it was taken for GRID."
  }

  func validate() throws {
    if let watch, !(watch >= 0.1 && watch <= 86_400) {
      throw ValidationError("--watch must be between 0.1 and 86400 seconds, not \(watch).")
    }
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
      try show(reports)
      if let failure { throw failure }
      guard let watch, reports.contains(where: \.state.goesOn), Console.outputFailure == nil else {
        return
      }
      try await Task.sleep(for: .seconds(watch))
    }
  }

  private func show(_ reports: [SweepStatus]) throws {
    if json {
      let isOne = grid != nil
      if watch == nil {
        try isOne ? Console.print(json: reports[0]) : Console.print(json: reports)
      } else {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let value = try isOne ? encoder.encode(reports[0]) : encoder.encode(reports)
        Console.print(String(decoding: value, as: UTF8.self))
      }
      return
    }
    let head = ["sweep", "runs", "done", "failed", "to do", "state"]
    let text = grid != nil ? reports[0].text : Formatting.table([head] + reports.map(\.row), left: [0, 5])
    if watch == nil {
      Console.print(text)
    } else if Console.outputIsScreen {
      // From the top of the screen, which is then cleared below what was written.
      let lines = text.replacing("\n", with: "\u{1B}[K\n")
      Console.print("\u{1B}[H\(lines)\u{1B}[K\n\u{1B}[J")
    } else {
      Console.print(text + "\n")
    }
  }
}

extension Console {
  /// Whether standard output is a terminal that can redraw.
  fileprivate static var outputIsScreen: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }
}
