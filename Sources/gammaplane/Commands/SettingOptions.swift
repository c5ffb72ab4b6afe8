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
    let known = description.parameters
    let given = setting
    let defaults = known.compactMap { parameter in
      parameter.defaultValue.flatMap {
        given[parameter.name] == nil ? (name: parameter.name, value: $0) : nil
      }
    }
    let setting = Setting(Array(given.pairs) + defaults)
    let names = known.map(\.name)
    if let stranger = setting.names.first(where: { !names.contains($0) }) {
      throw Failure(
        .usage,
        "there is no parameter “\(Formatting.line(stranger))”"
          + (nearest(to: stranger, of: names).map { "; did you mean \($0)?" } ?? Self.owners(of: stranger))
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

  /// Which methods have a parameter that the network at hand has not.
  private static func owners(of parameter: String) -> String {
    let owners = NetworkFamilies.builtIn.all.map(\.description).filter { description in
      description.parameters.contains { $0.name == parameter }
    }
    guard !owners.isEmpty else { return "" }
    return "; it belongs to --method "
      + owners.flatMap(\.methods).map { String($0.prefix { $0 != "/" }) }.joined(separator: ", ")
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
