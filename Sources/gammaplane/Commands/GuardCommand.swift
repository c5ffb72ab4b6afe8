import ArgumentParser
import Scheduling

/// `gammaplane guard`: what `run` starts beside itself to kill its workers should it die. Not for people.
struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guard", abstract: "Kill the worker groups listed on standard input when that ends.",
    shouldDisplay: false)

  /// Whether this process is to be a guard, by its arguments.
  static var isMeant: Bool { CommandLine.arguments.dropFirst().first == configuration.commandName }

  func run() throws { GuardLoop.run() }
}
