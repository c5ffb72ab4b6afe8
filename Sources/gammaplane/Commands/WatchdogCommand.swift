import ArgumentParser
import Scheduling

/// `gammaplane watchdog`: what `run` starts beside itself to kill its workers should it die. Not
/// for people.
struct WatchdogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watchdog", abstract: "Kill the worker groups listed on standard input when that ends.",
    shouldDisplay: false)

  /// Whether this process is to be a watchdog, by its arguments.
  static var isMeant: Bool { CommandLine.arguments.dropFirst().first == configuration.commandName }

  func run() throws { WatchdogLoop.run() }
}
