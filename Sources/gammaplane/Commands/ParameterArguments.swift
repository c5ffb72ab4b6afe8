import ArgumentParser
import GridFile
import Model
import Networks
import Orchestration

/// The options of parameters, which no command declares: the families decide which there are.
extension SettingOptions {
  /// The commands that take the parameters of networks as options.
  static let commands = [
    FlowCommand.self, LimitCommand.self, ShowCommand.self, RenderCommand.self,
  ]
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
