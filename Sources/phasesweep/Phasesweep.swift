import ArgumentParser
import Foundation
import Grid
import Model

/// The command `phasesweep`; what it can do is in its subcommands, a file each.
@main
struct Phasesweep: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phasesweep",
    abstract: "Draw phase diagrams of two-layer neural networks.",
    discussion: """
      A grid file names the phase points, widths and seeds; `phasesweep run GRID` integrates the gradient \
      flow of each, keeps the results in a database, and draws the phase map. It can be interrupted at any \
      time: the same command resumes.

      \(CommandStatus.help)
      """,
    version: phasesweepVersion,
    subcommands: [
      RunCommand.self, PlanCommand.self, StatusCommand.self, FitCommand.self, RenderCommand.self,
      FlowCommand.self,
    ])

  static func main() async {
    Console.prepare()
    do {
      var command = try await asyncParseAsRoot()
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

  /// Says what went wrong and ends the process.
  private static func end(with error: any Error) -> Never {
    if let failure = CommandFailure(error) {
      Console.complain(failure.message)
      Foundation.exit(failure.status.rawValue)
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
    Console.complain((text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text) + suggestion)
    Foundation.exit(
      code == .validationFailure ? CommandStatus.usage.rawValue : CommandStatus.software.rawValue)
  }

  /// "Did you mean", if what stands for the command is none.
  private static var suggestion: String {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !names.contains(word),
      word != "help", let meant = nearest(to: word, of: names)
    else { return "" }
    return "\nDid you mean `phasesweep \(meant)`?"
  }
}
