import ArgumentParser
import GridFile
import Model
import Networks
import Orchestration

/// Values of parameters on the command line: `--at NAME=VALUE`, or `--NAME VALUE` for the
/// parameters of the program's own networks.
struct SettingOptions: ParsableArguments {
  @Option(
    name: .customLong("at"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      """
      The value of a parameter; may be repeated. Parameters of the program's own networks have options: \
      \(Self.ownOptions).
      """, valueName: "name=value"))
  var values: [ParameterValue] = []

  /// The setting.
  var setting: Setting { Setting(values.map { (name: $0.name, value: $0.value) }) }

  /// What to add to the name of a file that shows a part of a plane.
  var suffix: String {
    setting.pairs.map { "-\($0.name)=\(formattedNumber($0.value))" }.joined()
  }

  /// The setting of a run of some networks.
  ///
  /// - Throws: ``Failure`` if a parameter is missing, is none of theirs, or out of range.
  func setting(of description: FamilyDescription) throws(Failure) -> Setting {
    let (setting, known) = (setting, description.parameters)
    let names = known.map(\.name)
    if let stranger = setting.names.first(where: { !names.contains($0) }) {
      throw Failure(
        .usage,
        "there is no parameter “\(Formatting.line(stranger))”"
          + (nearest(to: stranger, of: names).map { "; did you mean \($0)?" } ?? "")
          + "\n\(Self.list(description))")
    }
    let missing = known.filter { setting[$0.name] == nil }
    guard missing.isEmpty else {
      throw Failure(
        .usage,
        "there is no value of \(missing.map(\.name).joined(separator: " and ")); give "
          + missing.map { Self.optionName($0.name) + " NUMBER" }.joined(separator: " ")
          + "\n\(Self.list(description))")
    }
    for parameter in known {
      guard let value = setting[parameter.name], let range = parameter.range, !range.contains(value) else {
        continue
      }
      throw Failure(
        .usage,
        "\(Self.optionName(parameter.name)) is \(formattedNumber(value)); it must be from "
          + "\(formattedNumber(range.lowerBound)) to \(formattedNumber(range.upperBound))")
    }
    return setting
  }

  private static func list(_ description: FamilyDescription) -> String {
    "Parameters of a \(description.title):\n"
      + Formatting.table(
        description.parameters.map { [optionName($0.name), $0.symbol, $0.summary] }, left: [0, 1, 2])
  }

  /// `--gamma (γ), --gamma-prime (γ′)`.
  private static var ownOptions: String {
    NetworkFamilies.builtIn.parameters.map { "\(optionName($0.name)) (\($0.symbol))" }
      .joined(separator: ", ")
  }

  /// The option of a parameter: words are joined by hyphens.
  static func optionName(_ parameter: String) -> String { "--" + parameter.replacing("_", with: "-") }

  /// The commands that take the parameters of networks as options.
  static let commands = [FlowCommand.self, ShowCommand.self, RenderCommand.self]
    .compactMap { ($0 as any ParsableCommand.Type).configuration.commandName }

  /// The arguments of the program with the options of parameters written as `--at NAME=VALUE`, so
  /// that the families decide which there are.
  ///
  /// - Throws: ``Failure`` if such an option has no number.
  static func expandingParameters(
    _ arguments: [String], families: NetworkFamilies = .builtIn
  ) throws(Failure) -> [String] {
    guard let command = arguments.first, commands.contains(command) else { return arguments }
    let names = Dictionary(
      families.parameters.map { (optionName($0.name), $0.name) }, uniquingKeysWith: { first, _ in first })
    var result: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument != "--" else { return result + [argument] + rest }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      guard let name = names[parts[0]] else {
        result.append(argument)
        continue
      }
      let value = parts.count == 2 ? parts[1] : rest.popFirst()
      guard let value, (try? typedNumber(value)) != nil else {
        throw Failure(
          .usage,
          "\(parts[0]) takes a number, such as \(parts[0]) 1.5"
            + (value.map { ", not “\(Formatting.line($0))”" } ?? ""))
      }
      result += ["--at", "\(name)=\(value)"]
    }
    return result
  }

  /// What may be meant by an option that does not exist: that of a parameter, or a parameter of
  /// other networks; nil: nothing of the kind.
  ///
  /// - Parameters:
  ///   - option: what was typed, without a value.
  ///   - arguments: all arguments of the program.
  static func meant(by option: String, in arguments: [String]) -> String? {
    guard let command = arguments.first, commands.contains(command) else { return nil }
    let options = NetworkFamilies.builtIn.parameters.map { optionName($0.name) }
    if let option = nearest(to: option, of: options) { return option }
    guard let index = arguments.firstIndex(where: { $0 == option || $0.hasPrefix(option + "=") }) else {
      return nil
    }
    let value =
      arguments[index] == option
      ? arguments[(index + 1)...].first ?? "" : String(arguments[index].dropFirst(option.count + 1))
    guard let number = try? typedNumber(value) else { return nil }
    return "--at \(option.dropFirst(2).replacing("-", with: "_"))=\(formattedNumber(number))"
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
