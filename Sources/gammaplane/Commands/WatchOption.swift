import ArgumentParser

/// `--watch` of `status` and `report`, whose seconds may be left out.
struct WatchOption: ParsableArguments {
  @Option(
    name: .customLong("watch"),
    help: ArgumentHelp(
      "Refresh every so many seconds (default: 2, of reports 30), until nothing runs any more.",
      valueName: "seconds"))
  var seconds: Double?

  /// The default intervals of commands, in seconds.
  private static let defaultSeconds = [
    StatusCommand.configuration.commandName: "2", ReportCommand.configuration.commandName: "30",
  ]
  private static let name = "--watch"

  /// How long to wait after what has taken so long: watching costs no more than a twentieth of the
  /// time.
  func pause(after spent: Duration) -> Duration? {
    seconds.map { max(Duration.seconds($0), spent * 19) }
  }

  func validate() throws {
    if let seconds, !(seconds >= 0.1 && seconds <= 86_400) {
      throw ValidationError("\(Self.name) must be between 0.1 and 86400 seconds, not \(seconds).")
    }
  }

  /// The arguments of the program with the seconds joined to the option, which need not be there
  /// and may look like an option where they are negative.
  static func joiningSeconds(_ arguments: [String]) -> [String] {
    guard let option = position(in: arguments) else { return arguments }
    var arguments = arguments
    let isFollowed = option + 1 < arguments.count && Double(arguments[option + 1]) != nil
    let seconds = arguments.first.flatMap { defaultSeconds[$0] } ?? ""
    arguments[option] += "=" + (isFollowed ? arguments.remove(at: option + 1) : seconds)
    return arguments
  }

  /// A hint about arguments that are wrong; nil if there is none.
  static func hint(about arguments: [String]) -> String? {
    guard let option = position(in: arguments), option + 1 < arguments.count,
      !arguments[option + 1].hasPrefix("-"), Double(arguments[option + 1]) == nil
    else { return nil }
    return "“\(arguments[option + 1])” after \(name) is no number of seconds, so it was taken for GRID."
  }

  private static func position(in arguments: [String]) -> Int? {
    arguments.first.map { defaultSeconds[$0] != nil } ?? false ? arguments.firstIndex(of: name) : nil
  }
}
