import Foundation
import Model

/// Numbers and tables for people.
package enum Formatting {
  /// A time span with two parts at most: "4 ms", "0.4 s", "12 s", "3 min 05 s", "2 h 07 min", "4 d
  /// 03 h".
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "ages" }
    if seconds < 0.0995 { return String(format: "%.0f ms", 1000 * max(0, seconds)) }
    if seconds < 9.95 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    func parts(_ large: Int, _ unit: String, _ small: Int, _ smallUnit: String) -> String {
      String(format: "%d \(unit) %02d \(smallUnit)", large, small)
    }
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return parts(whole / 60, "min", whole % 60, "s")
    case ..<86400: return parts(whole / 3600, "h", whole % 3600 / 60, "min")
    default: return parts(whole / 86400, "d", whole % 86400 / 3600, "h")
    }
  }

  /// From one time span to another: "2–9 min", "40 s – 3 min 05 s"; a single one where they hardly
  /// differ.
  package static func durations(_ low: Double, _ high: Double) -> String {
    let middle = (low * high).squareRoot()
    guard high > 1.25 * low, high >= low + 2, high < 1e9 else { return duration(middle) }
    let (unit, name) = [(86400.0, "d"), (3600, "h"), (60, "min")].first { high >= 2 * $0.0 } ?? (1, "s")
    guard low >= unit else { return "\(duration(low)) – \(duration(high))" }
    return String(format: "%.0f–%.0f \(name)", (low / unit).rounded(.down), (high / unit).rounded(.up))
  }

  /// A size in memory: "34 MiB", "1.5 GiB".
  package static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return String(format: value < 10 && unit > 0 ? "%.1f %@" : "%.0f %@", value, units[unit])
  }

  /// So many characters of a foreign line are shown.
  private static let lineLength = 300

  /// A text of another program, such as a worker, as one line that does nothing to a terminal:
  /// characters that do not print are written as `\x1b` or `\u{202e}`, and a long line is cut.
  package static func line(_ text: String) -> String {
    var line = ""
    var length = 0
    for scalar in text.unicodeScalars {
      if length >= lineLength {
        return line + "… (\(text.unicodeScalars.count - length) more characters)"
      }
      line += printable(scalar)
      length += 1
    }
    return line
  }

  /// Lines of another program, each as ``line(_:)`` has it and after a mark; only so many of the
  /// last, or of the first.
  package static func lines(
    _ text: String, after mark: String = "", last: Int = .max, first: Int = .max
  ) -> String {
    let lines = text.split(whereSeparator: \.isNewline)
    let shown = lines.suffix(last).prefix(first).map { mark + line(String($0)) }
    let more = lines.count - shown.count
    return (first < .max && more > 0 ? shown + [mark + "… (\(count(more, "more line")))"] : shown)
      .joined(separator: "\n")
  }

  private static func printable(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      switch scalar.value {
      case 0x09: return " "
      case ..<0x100: return String(format: "\\x%02x", scalar.value)
      default: return "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    default: return String(scalar)
    }
  }

  /// "1 run", "2 runs".
  package static func count(_ number: Int, _ noun: String) -> String { counted(number, noun) }

  /// A text in lines of so many characters, broken at spaces.
  package static func wrapped(_ text: String, to width: Int) -> [String] {
    text.split(separator: " ").reduce(into: [String]()) { lines, word in
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
  }

  /// A share in per cent; 100 only if nothing is missing, and 0 only if there is nothing.
  package static func percent(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "100 %" }
    let rounded = Int((100 * Double(part) / Double(whole)).rounded())
    if part < whole && part > 0 { return "\(min(99, max(1, rounded))) %" }
    return "\(rounded) %"
  }

  /// Rows in columns that are as wide as they need be, after an indentation, aligned to the right
  /// but for those in `left`.
  package static func table(_ rows: [[String]], left: some Collection<Int> = [], indent: Int = 2) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return left.contains(column) ? text + space : space + text
      }
      var line = String(repeating: " ", count: indent) + cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
