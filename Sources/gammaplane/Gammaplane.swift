import ArgumentParser
import Foundation
import GridFile
import Model
import Orchestration
import Platform

/// The command `gammaplane`; what it can do is in its subcommands, a file each.
@main
struct Gammaplane: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gammaplane",
    abstract: "Draw phase diagrams of neural networks.",
    discussion: """
      A grid file names the parameters, widths and seeds; `gammaplane run GRID` trains each network, keeps \
      the results in a database, and draws the phase map. It can be interrupted at any time: the same \
      command resumes.

      \(ExitStatus.help)
      """,
    version: Program.version + (Program.commit.map { " (\($0))" } ?? ""),
    subcommands: [
      RunCommand.self, PlanCommand.self, StatusCommand.self, ShowCommand.self, RetryCommand.self,
      FitCommand.self, DiffCommand.self, RenderCommand.self, ReportCommand.self, RefineCommand.self,
      FlowCommand.self, LimitCommand.self, SchemesCommand.self, ExportCommand.self, SubmitCommand.self,
      MergeCommand.self, CancelCommand.self, DoctorCommand.self, SchemaCommand.self, CiteCommand.self,
      WatchdogCommand.self,
    ])

  /// On the main thread, so that it begins before there are others.
  @MainActor static func main() async {
    Console.prepare()
    do {
      try Threads.check(WatchdogCommand.isMeant ? 1 : Threads.minimum)
      let expanded = try SettingOptions.expandingParameters(
        Self.shieldingFiles(Array(CommandLine.arguments.dropFirst())))
      let arguments = ShowCommand.shieldingNumbers(expanded)
      var command = try await asyncParseAsRoot(WatchOption.joiningSeconds(arguments))
      // The watchdog has to do with what there is.
      if !(command is WatchdogCommand) { try Descriptors.check() }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      if let failure = Console.outputFailure { throw failure }
    } catch {
      end(with: error)
    }
  }

  /// The arguments with grid files whose names begin with a hyphen such that they are not taken for
  /// options.
  private static func shieldingFiles(_ arguments: [String]) -> [String] {
    arguments.map { argument in
      let isGrid = [".yaml", ".yml"].contains(where: argument.hasSuffix) && isFile(argument)
      return argument.hasPrefix("-") && isGrid ? "./" + argument : argument
    }
  }

  /// Prints what went wrong and ends the process.
  private static func end(with error: any Error) -> Never {
    if let failure = Failure(error) {
      Console.complain(failure.message)
      Foundation.exit(failure.status.rawValue)
    }
    if let word = wrongCommand {
      Console.complain(
        "there is no command “\(word)”; `gammaplane --help` lists all"
          + (nearest(to: word, of: commands).map { "\nDid you mean `gammaplane \($0)`?" } ?? ""))
      Foundation.exit(ExitStatus.usage.rawValue)
    }
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    if code == .success {
      Console.print(text)
      if let failure = Console.outputFailure { end(with: failure) }
      Foundation.exit(0)
    }
    let prefix = "Error: "
    Console.complain(
      correctingSuggestion(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text) + hint)
    Foundation.exit(
      code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.software.rawValue)
  }

  private static let commands = configuration.subcommands.compactMap { $0.configuration.commandName }

  /// What stands for a command, also behind `help`, if it is none.
  private static var wrongCommand: String? {
    let words = CommandLine.arguments.dropFirst()
    let word = words.first == "help" ? words.dropFirst().first : words.first
    guard let word, !word.hasPrefix("-"), !commands.contains(word), word != "help" else { return nil }
    return word
  }

  /// What to add to the parser's message about arguments that are wrong.
  private static var hint: String {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let hint = WatchOption.hint(about: arguments) ?? SubmitCommand.hint(about: arguments)
    return hint.map { "\n\($0)" } ?? ""
  }

  /// The parser's message with the option of a parameter where that is meant: the parser does not
  /// know these.
  private static func correctingSuggestion(_ message: String) -> String {
    let pattern = /Unknown option '(--[^']+)'(\. Did you mean '[^']*'\?)?/
    guard let match = message.firstMatch(of: pattern),
      let meant = SettingOptions.meant(
        by: String(match.1), in: Array(CommandLine.arguments.dropFirst()))
    else { return message }
    return message.replacingCharacters(
      in: match.range, with: "Unknown option '\(match.1)'. Did you mean '\(meant)'?")
  }
}
