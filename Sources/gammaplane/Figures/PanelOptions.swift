import ArgumentParser
import Model

/// What to show of a sweep, for figures that do not show all of it.
struct PanelOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: "A point of the plane, such as 1.5,-0.5; may be repeated.")
  var point: [PlaneCoordinates] = []

  @OptionGroup var settings: SettingOptions

  @Option(
    parsing: .unconditionalSingleValue, help: "A width, such as 1e4; may be repeated.",
    transform: PanelOptions.width)
  var width: [Double] = []

  @Option(parsing: .unconditionalSingleValue, help: "A seed; may be repeated.")
  var seed: [UInt64] = []

  @Option(
    help: ArgumentHelp(
      """
      What neurons with several inputs are drawn against: the cosine of w with (1, …, 1), or with \
      Σ y x (default: diagonal).
      """, valueName: "diagonal|target"),
    transform: PanelOptions.direction)
  var abscissa: NeuronCosines.Direction?

  /// The names of the options that were given.
  var given: [String] {
    [
      ("--point", !point.isEmpty), ("--at", !settings.values.isEmpty), ("--width", !width.isEmpty),
      ("--seed", !seed.isEmpty), (Self.abscissaOption, abscissa != nil),
    ].filter(\.1).map(\.0)
  }

  /// The options that say which points.
  static let pointOptions: Set<String> = ["--point", "--at"]
  /// The options that say which runs of a point.
  static let runOptions: Set<String> = ["--width", "--seed"]

  /// The option that says against what neurons are drawn.
  static let abscissaOption = "--abscissa"

  private static func direction(_ text: String) throws -> NeuronCosines.Direction {
    if let direction = NeuronCosines.Direction(rawValue: text) { return direction }
    let names = NeuronCosines.Direction.allCases.map(\.rawValue).joined(separator: " or ")
    throw ValidationError("“\(text)” is no direction; write \(names).")
  }

  private static func width(_ text: String) throws -> Double {
    guard let number = Double(text), number > 0, number.isFinite else {
      throw ValidationError("“\(text)” is no width; give a positive number.")
    }
    return number
  }
}

/// A point of the plane as it is typed: x,y, or x on a line.
struct PlaneCoordinates: ExpressibleByArgument, Hashable {
  var values: [Double]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { try? typedNumber(String($0.trimmingPrefix { $0 == " " })) }
    values = parts.compactMap { $0 }
    guard (1...2).contains(parts.count), values.count == parts.count else { return nil }
  }
}
