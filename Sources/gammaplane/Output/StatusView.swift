import Foundation
import Orchestration

/// How `status` prints what it has found.
struct StatusView {
  /// Whether one sweep was asked for, and not a list of all.
  var isOne: Bool
  var isJSON: Bool
  /// Whether it is printed again and again.
  var isWatched: Bool

  /// Prints the status of the one sweep, or of all.
  func show(_ reports: [SweepStatus]) throws {
    if isJSON {
      try isOne ? show(json: reports[0]) : show(json: reports)
      return
    }
    let head = ["sweep", "runs", "done", "failed", "to do", "state"]
    let text = isOne ? reports[0].text : Formatting.table([head] + reports.map(\.row), left: [0, 5])
    if !isWatched {
      Console.print(text)
    } else if Console.outputIsScreen {
      // From the top of the screen, which is then cleared below what was written.
      let lines = text.replacing("\n", with: "\u{1B}[K\n")
      Console.print("\u{1B}[H\(lines)\u{1B}[K\n\u{1B}[J")
    } else {
      Console.print(text + "\n")
    }
  }

  private func show(json value: some Encodable) throws {
    guard isWatched else { return try Console.print(json: value) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    Console.print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

extension Console {
  /// Whether standard output is a terminal that can redraw.
  fileprivate static var outputIsScreen: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }
}
