import ArgumentParser
import ResultStore

/// How a table is written.
enum TableFormat: String, ExpressibleByArgument, CaseIterable {
  /// A header and a line for each row, with fields quoted as RFC 4180 says; lines end with a line
  /// feed.
  case csv
  /// A JSON object in a line for each row, its keys in the order of the columns.
  case jsonl
}

/// The text of a table, which is taken away as it grows.
struct TableText {
  private let format: TableFormat
  /// What stands before each value of a row.
  private let prefixes: [[UInt8]]
  private var bytes: [UInt8] = []

  /// A table with these columns, and its header if the format has one.
  init(_ format: TableFormat, columns: [String]) {
    self.format = format
    prefixes = columns.enumerated().map { index, name in
      switch format {
      case .csv: return index == 0 ? [] : Array(",".utf8)
      case .jsonl:
        var key: [UInt8] = Array((index == 0 ? "{" : ",").utf8)
        key.addJSON(name)
        return key + Array(":".utf8)
      }
    }
    if format == .csv { add(columns.map { .text($0) }) }
  }

  /// Adds a row: a value for each column.
  mutating func add(_ values: [StoredValue]) {
    for (prefix, value) in zip(prefixes, values) {
      bytes += prefix
      switch value {
      case .null: if format == .jsonl { bytes += "null".utf8 }
      case .integer(let number): bytes += "\(number)".utf8
      case .unsigned(let number): bytes += "\(number)".utf8
      case .number(let number):
        // The shortest text that is read back as the same number. JSON has none for what is not
        // finite.
        if number.isFinite {
          bytes += "\(number)".utf8
        } else {
          bytes += (format == .csv ? (number > 0 ? "Inf" : "-Inf") : "null").utf8
        }
      case .text(let text):
        switch format {
        case .csv: bytes.addCSV(text)
        case .jsonl: bytes.addJSON(text)
        }
      }
    }
    if format == .jsonl { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// What was added since the last time.
  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }
}

extension [UInt8] {
  /// A field, in quotes only where it needs them.
  fileprivate mutating func addCSV(_ text: String) {
    let needsQuotes = text.utf8.contains {
      $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\n")
        || $0 == UInt8(ascii: "\r")
    }
    guard needsQuotes else {
      self += text.utf8
      return
    }
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { append(byte) }
      append(byte)
    }
    append(UInt8(ascii: "\""))
  }

  /// A string of JSON.
  fileprivate mutating func addJSON(_ text: String) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): self += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): self += "\\n".utf8
      case UInt8(ascii: "\r"): self += "\\r".utf8
      case UInt8(ascii: "\t"): self += "\\t".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        self += "\\u".utf8
        self += String(repeating: "0", count: 4 - digits.count).utf8
        self += digits.utf8
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}
