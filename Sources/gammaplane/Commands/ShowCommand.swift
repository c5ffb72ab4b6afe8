import ArgumentParser
import Model
import Networks
import Orchestration
import ResultStore

/// `gammaplane show`.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show all results for one phase point.",
    usage: "gammaplane show <x> [<y>] [<grid>] [<options>]",
    discussion: """
      The order parameter against the width, the fit, how every run ended, and where the results come \
      from. The coordinates are those of the sweep's plane, in its order; --at gives other parameters. \
      Only reads, and may be used while a sweep runs.

      \(ExitStatus.help)
      """)

  @Argument(
    help: ArgumentHelp(
      """
      The coordinates of the point, then a grid file or the name of a sweep that has results (default: the \
      only one there is).
      """, valueName: "x y grid"), completion: .gridOrSweep)
  var words: [String] = []

  @OptionGroup var settings: SettingOptions
  @OptionGroup var lens: LensOptions
  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of text.")
  var json = false

  /// Stands for the sign of negative numbers, which would pass for options.
  private static let minus = "\u{2212}"

  /// The arguments of the program with negative numbers, and points that begin with one, such that
  /// they are not taken for options.
  static func shieldingNumbers(_ arguments: [String]) -> [String] {
    let takers = [configuration.commandName, RenderCommand.configuration.commandName]
    guard takers.contains(arguments.first) else { return arguments }
    return arguments.map { argument in
      let isNumber =
        argument.hasPrefix("-") && argument.split(separator: ",").first.flatMap { Double($0) } != nil
      return isNumber ? minus + argument.dropFirst() : argument
    }
  }

  mutating func run() async throws {
    let coordinates = words.prefix { (try? typedNumber($0)) != nil }
    let others = words.dropFirst(coordinates.count)
    guard others.count <= 1 else {
      throw Failure(
        .usage,
        "“\(Formatting.line(others[others.startIndex]))” is no number; name a point, then at most one grid or "
          + "sweep")
    }
    let reference = try SweepReference.only(others.first, in: results.place)
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    let context = try lens.context(of: sweep, in: store)
    let finder = PointFinder(sweep, context, among: RunSet(sweep).settings, naming: .arguments)
    let points = try finder.points(at: coordinates.map(typedNumber), settings.setting)
    guard points.count == 1, let point = points.first else {
      throw Failure(
        .usage,
        "\(sweep.name) has \(Formatting.count(points.count, "such point")); name one"
          + (points.first.map { ", such as \(finder.command(for: $0))" } ?? ""))
    }
    let report = try PointReport(point, of: sweep, context, in: store)
    if json { try Console.print(json: report) } else { Console.print(report.text) }
  }
}
