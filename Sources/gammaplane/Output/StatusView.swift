import Foundation
import Model
import Orchestration

/// How `status` prints what it has found.
struct StatusView {
  /// Whether one sweep was asked for, and not a list of all.
  var isOne: Bool
  var isJSON: Bool
  /// Whether it is printed again and again.
  var isWatched: Bool
  /// Whether the phase map of the one sweep is drawn.
  var showsMap = false

  /// Prints the status of the one sweep, or of all.
  ///
  /// - Parameter references: the sweeps of the reports.
  func show(_ reports: [SweepStatus], of references: [SweepReference]) throws {
    if isJSON {
      try isOne ? show(json: reports[0]) : show(json: reports)
      return
    }
    let head = ["sweep", "runs", "done", "failed", "to do", "state"]
    let text =
      try showsMap
      ? reports[0].mapText(of: references[0], on: Console.outputSize, TerminalMap.Colours())
      : isOne ? reports[0].text : Formatting.table([head] + reports.map(\.row), left: [0, 5])
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

extension SweepStatus {
  /// The state in a line, the phase map, and what runs now, on a screen of a size.
  func mapText(
    of reference: SweepReference, on size: (columns: Int, rows: Int), _ colours: TerminalMap.Colours
  ) throws -> String {
    func cut(_ line: String) -> String {
      line.count > size.columns ? line.prefix(size.columns - 1) + "…" : line
    }
    var lines = text.split(separator: "\n").prefix(1).map { cut(String($0)) }
    if let range = session?.etaRange, let low = range.first, let high = range.last {
      lines[0] = cut(lines[0] + ", about \(Formatting.durations(low, high)) to go")
    }
    guard let live = try LiveMap(of: reference) else { return lines.joined(separator: "\n") }
    let context = live.context.figures
    let running = (session?.active ?? []).map { run in
      "\(context.text(run.setting)), m = \(run.width.isFinite ? formattedNumber(run.width) : "∞")"
    }
    lines +=
      TerminalMap(
        map: live.map, context: context, active: (session?.active ?? []).map(\.setting), colours: colours,
        columns: size.columns, rows: size.rows - lines.count - (running.isEmpty ? 0 : 1) - 1
      ).lines
    if !running.isEmpty { lines.append(cut("running: " + running.joined(separator: "; "))) }
    return lines.joined(separator: "\n")
  }
}

extension Console {
  /// The columns and lines of the terminal that standard output is; 80 and 24 if it is none.
  fileprivate static var outputSize: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Whether standard output is a terminal that can redraw.
  fileprivate static var outputIsScreen: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }
}
