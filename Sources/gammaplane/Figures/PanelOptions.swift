import ArgumentParser
import Model

/// What to show of a sweep, for figures that do not show all of it.
struct PanelOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue, help: "A phase point, such as 1.5,-0.5; may be repeated.")
  var point: [PlaneCoordinates] = []

  @Option(
    parsing: .unconditional, help: "All points with this γ; with --gamma-prime the one point.",
    transform: PlaneCoordinates.number)
  var gamma: Double?

  @Option(
    parsing: .unconditional, help: "All points with this γ', such as -0.5.",
    transform: PlaneCoordinates.number)
  var gammaPrime: Double?

  @Option(
    parsing: .unconditionalSingleValue, help: "A width, such as 1e4; may be repeated.",
    transform: PanelOptions.width)
  var width: [Int] = []

  @Option(parsing: .unconditionalSingleValue, help: "A seed; may be repeated.")
  var seed: [UInt64] = []

  /// The names of the options that were given.
  var given: [String] {
    [
      ("--point", !point.isEmpty), ("--gamma", gamma != nil), ("--gamma-prime", gammaPrime != nil),
      ("--width", !width.isEmpty), ("--seed", !seed.isEmpty),
    ].filter(\.1).map(\.0)
  }

  /// The options that say which points.
  static let pointOptions: Set<String> = ["--point", "--gamma", "--gamma-prime"]
  /// The options that say which runs of a point.
  static let runOptions: Set<String> = ["--width", "--seed"]

  private static func width(_ text: String) throws -> Int {
    guard let number = Double(text), number >= 1, number <= 1e9, number == number.rounded() else {
      throw ValidationError("“\(text)” is no width; give a whole number from 1 to 1e9.")
    }
    return Int(number)
  }
}

/// A phase point as it is typed: γ,γ'.
struct PlaneCoordinates: ExpressibleByArgument, Hashable {
  var gamma, gammaPrime: Double

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { try? Self.number(String($0.trimmingPrefix { $0 == " " })) }
    guard parts.count == 2, let gamma = parts[0], let gammaPrime = parts[1] else { return nil }
    (self.gamma, self.gammaPrime) = (gamma, gammaPrime)
  }

  /// A finite number; its minus may be the typographic one.
  static func number(_ text: String) throws -> Double {
    guard let number = Double(text.replacing("\u{2212}", with: "-")), number.isFinite else {
      throw ValidationError("“\(text)” is no number.")
    }
    return number
  }
}
