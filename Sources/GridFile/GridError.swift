/// Why a grid file, or a file of samples that it names, cannot be used: one or more issues, each
/// with its place.
public struct GridError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What an issue is about.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A file is missing, cannot be read, is too large or holds nothing.
    case file
    /// The bytes are not UTF-8 text.
    case encoding
    /// The text is not YAML, or not CSV.
    case syntax
    /// A key that has no meaning where it stands.
    case unknownKey
    /// A key given twice.
    case duplicateKey
    /// A key that must be there.
    case missingKey
    /// Keys that exclude each other.
    case conflict
    /// Not a number, not a list, not a mapping… where one is needed.
    case type
    /// A value outside its range, or a range that is empty.
    case range
    /// Numbers that are not a set of samples.
    case samples
    /// More runs than can be meant without saying so.
    case tooManyRuns
    /// A valid problem that the network family does not train.
    case unsupported
  }

  /// A place in a text. Columns count Unicode scalars.
  public struct Position: Hashable, Sendable, Comparable {
    /// From 1.
    public var line: Int
    /// From 1.
    public var column: Int

    /// A place.
    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }

    /// By line, then column.
    public static func < (a: Position, b: Position) -> Bool { (a.line, a.column) < (b.line, b.column) }
  }

  /// One thing that is wrong.
  public struct Issue: Hashable, Sendable, CustomStringConvertible {
    /// What it is about.
    public var kind: Kind
    /// The file it is in, as the user named it.
    public var file: String
    /// Where in the file; nil if it is about the file as a whole.
    public var position: Position?
    /// What was wrong and what was expected, in one sentence without a full stop.
    public var message: String
    /// What to do next.
    public var hint: String
    /// The line of the file at `position`.
    public var sourceLine: String?

    /// `file:line:column: error: message`, the line with a caret below the column, and the hint.
    public var description: String {
      guard let position else { return "\(file): error: \(message)\nhint: \(hint)" }
      var text = "\(file):\(position.line):\(position.column): error: \(message)\n"
      if let sourceLine { text += excerpt(of: sourceLine, column: position.column) }
      return text + "hint: \(hint)"
    }
  }

  /// The issues, by position; never empty.
  public let issues: [Issue]

  init(_ issues: [Issue]) { self.issues = issues }

  /// At most so many issues are spelt out.
  static let maxShown = 10

  /// The first issues, one after the other.
  public var description: String {
    var parts = issues.prefix(Self.maxShown).map(\.description)
    let more = issues.count - parts.count
    if more > 0 { parts.append("and \(more) more error\(more == 1 ? "" : "s")") }
    return parts.joined(separator: "\n")
  }
}

/// The line and, below it, a caret; of a long line, what surrounds the column. A tab is shown as a
/// space, so that the caret stands below its character whatever shows the text.
private func excerpt(of line: String, column: Int) -> String {
  let scalars = line.unicodeScalars.map { $0 == "\t" ? " " : printable($0) }
  let before = min(column - 1, scalars.count)
  let start = before <= 80 ? 0 : before - 60
  let end = min(scalars.count, start + 100)
  var shown = String.UnicodeScalarView()
  if start > 0 { shown.append("…") }
  let blank = String(repeating: " ", count: shown.count + before - start)
  shown.append(contentsOf: scalars[start..<end])
  if end < scalars.count { shown.append("…") }
  return "\(String(shown))\n\(blank)^\n"
}

/// User text for a message: short, on one line, with tabs named, and without the power over a
/// terminal.
func excerpt(_ text: String) -> String {
  let flat = text.unicodeScalars.flatMap { scalar in
    scalar == "\t"
      ? Array("<tab>".unicodeScalars) : [scalar.properties.isWhitespace ? " " : printable(scalar)]
  }
  var short = String.UnicodeScalarView()
  short.append(contentsOf: flat.count <= 40 ? flat[...] : flat.prefix(39) + ["…"])
  return String(short)
}

private func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar
}
