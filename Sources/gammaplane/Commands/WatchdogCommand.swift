import ArgumentParser
import Scheduling

/// `gammaplane watchdog`: what `run` starts beside itself to kill its workers if it dies. Not for people.
struct WatchdogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watchdog", abstract: "Kill the process groups listed on standard input when that ends.",
    shouldDisplay: false)

  /// Whether this process is to be a watchdog, by its arguments.
  static var isRequested: Bool { CommandLine.arguments.dropFirst().first == configuration.commandName }

  func run() throws { WatchdogLoop.run() }
}
