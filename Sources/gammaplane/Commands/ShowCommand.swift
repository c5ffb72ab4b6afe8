import ArgumentParser
import Foundation
import LimitFit
import Model
import ResultStore

/// `gammaplane show`.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Say everything about one point of a sweep.",
    discussion: """
      RD against the width, the fit, and how every run ended. Only reads, and may be used while a sweep runs.
      """)

  @Argument(help: "γ of the point.", transform: Self.number)
  var gamma: Double

  @Argument(help: "γ' of the point.", transform: Self.number)
  var gammaPrime: Double

  @Argument(help: "A grid file, or the name of a sweep that has results (default: the only one there is).")
  var grid: String?

  @OptionGroup var results: ResultsOption

  @Flag(help: "One JSON value instead of tables.")
  var json = false

  /// Stands for the sign of negative numbers, which would pass for options.
  private static let minus = "\u{2212}"

  private static func number(_ text: String) throws -> Double {
    guard let number = Double(text.replacing(minus, with: "-")), number.isFinite else {
      throw ValidationError("“\(text)” is no number; name γ and γ' of a point.")
    }
    return number
  }

  /// The arguments of the program with negative numbers, and points that begin with one, such that they are not taken for
  /// options.
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
    let reference = try SweepReference.only(grid, in: results)
    let store = try ResultStore.read(at: reference.folder.database)
    let sweep = try reference.grid ?? store.sweep(named: reference.folder.name)
    let point = try self.point(of: sweep)
    let report = try PointReport(point, of: sweep, in: store)
    if json { try Console.print(json: report) } else { Console.print(report.text) }
  }

  /// The point of the grid that is meant: the decimal that was typed need not be the number that a step led to.
  private func point(of sweep: Sweep) throws -> Setting {
    func distance(_ point: Setting) -> Double {
      let (x, y) = (point.gamma - gamma, point.gammaPrime - gammaPrime)
      return (x * x + y * y).squareRoot()
    }
    guard let nearest = RunSet(sweep).points.min(by: { distance($0) < distance($1) }) else {
      throw Failure(.noInput, "\(sweep.name) has no points")
    }
    if distance(nearest) < 1e-9 { return nearest }
    let name = grid ?? sweep.name
    throw Failure(
      .noInput,
      "γ = \(gamma), γ' = \(gammaPrime) is no point of \(sweep.name); the nearest is "
        + results.command("show", "\(nearest.gamma)", "\(nearest.gammaPrime)", name))
  }
}
