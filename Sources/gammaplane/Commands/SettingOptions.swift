import ArgumentParser
import Model
import Networks

/// Values of parameters on the command line: `--at NAME=VALUE`, or `--NAME VALUE` for the parameters of the
/// program's own networks.
struct SettingOptions: ParsableArguments {
  @Option(
    name: .customLong("at"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The value of a parameter; may be repeated. Parameters of the networks of this program have options of "
        + "their own: \(Self.ownOptions).", valueName: "name=value"))
  var values: [ParameterValue] = []

  /// The setting.
  var setting: Setting { Setting(values.map { (name: $0.name, value: $0.value) }) }

  /// `--gamma 1.5`.
  private static var ownOptions: String {
    NetworkFamilies.builtIn.parameters.map { optionName($0.name) + " \($0.symbol)" }.joined(separator: ", ")
  }

  /// The option of a parameter: words are joined by hyphens.
  static func optionName(_ parameter: String) -> String { "--" + parameter.replacing("_", with: "-") }

  /// The arguments of the program with the options of parameters written as `--at NAME=VALUE`, so that the
  /// families decide which there are.
  static func expandingParameters(
    _ arguments: [String], of commands: [String], families: NetworkFamilies = .builtIn
  ) -> [String] {
    guard let command = arguments.first, commands.contains(command) else { return arguments }
    let names = Dictionary(
      families.parameters.map { (optionName($0.name), $0.name) }, uniquingKeysWith: { first, _ in first })
    var result: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if argument == "--" {
        return result + [argument] + rest
      } else if let name = names[String(parts[0])], parts.count == 2 {
        result += ["--at", "\(name)=\(parts[1])"]
      } else if let name = names[argument], let value = rest.popFirst() {
        result += ["--at", "\(name)=\(value)"]
      } else {
        result.append(argument)
      }
    }
    return result
  }
}

/// A parameter and its value, as they are typed: `depth=3`.
struct ParameterValue: ExpressibleByArgument, Hashable {
  var name: String
  var value: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let value = try? typedNumber(String(parts[1])) else { return nil }
    name = String(parts[0])
    self.value = value
  }
}

/// A finite number; its minus may be the typographic one.
func typedNumber(_ text: String) throws -> Double {
  guard let number = Double(text.replacing("\u{2212}", with: "-")), number.isFinite else {
    throw ValidationError("“\(text)” is no number.")
  }
  return number
}
