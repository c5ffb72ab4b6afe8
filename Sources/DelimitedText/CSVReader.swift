/// Reads comma-separated values after RFC 4180, record by record.
///
/// A field in quotation marks may hold commas, line breaks, and quotation marks written twice.
/// Beyond the RFC, a line may end with LF, CR or another line break of Unicode as well as with
/// CR LF. A byte order mark, blank lines and lines that begin with `#` are skipped. Spaces and tabs
/// around a field do not belong to it, those inside its quotation marks do.
public struct CSVReader: Sendable {
  private let text: String.UnicodeScalarView
  private var index: String.Index
  private var line = 1
  private var column = 1

  /// A reader at the beginning of a text.
  public init(_ text: String) {
    self.text = text.unicodeScalars
    index = self.text.startIndex
    if current == "\u{FEFF}" { index = self.text.index(after: index) }
  }

  /// The next record; nil at the end.
  ///
  /// - Throws: ``CSVError``, after which the reader is of no more use.
  public mutating func next() throws(CSVError) -> CSVRecord? {
    skipLinesWithoutFields()
    guard current != nil else { return nil }
    let (start, line) = (index, line)
    var fields: [CSVField] = []
    repeat { fields.append(try field()) } while take(",")
    defer { takeLineBreak() }
    return CSVRecord(line: line, text: Substring(text[start..<index]), fields: fields)
  }

  /// Reads up to the comma, the line break or the end behind a field.
  private mutating func field() throws(CSVError) -> CSVField {
    skipBlanks()
    let (line, column) = (line, column)
    let content: Substring
    if take("\"") {
      var quoted = String.UnicodeScalarView()
      while true {
        guard let scalar = current else { throw CSVError(.unclosedQuote, line: line, column: column) }
        advance()
        // The field ends here, unless the quotation mark is there twice.
        if scalar == "\"", !take("\"") { break }
        quoted.append(scalar)
      }
      skipBlanks()
      guard isAtEndOfField else { throw CSVError(.textAfterQuote, line: self.line, column: self.column) }
      content = Substring(String(quoted))
    } else {
      let start = index
      var end = index
      while let scalar = current, !isAtEndOfField {
        advance()
        if !Self.isBlank(scalar) { end = index }
      }
      content = Substring(text[start..<end])
    }
    return CSVField(text: content, line: line, column: column)
  }

  // MARK: Scalars

  private var current: Unicode.Scalar? { index < text.endIndex ? text[index] : nil }

  private var isAtLineBreak: Bool {
    switch current {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }

  private var isAtEndOfField: Bool { current == nil || current == "," || isAtLineBreak }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

  private mutating func advance() {
    let isLineBreak = isAtLineBreak
    let scalar = text[index]
    index = text.index(after: index)
    column += 1
    // Of CR LF, the LF ends the line.
    if isLineBreak, !(scalar == "\r" && current == "\n") {
      line += 1
      column = 1
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    advance()
    return true
  }

  private mutating func takeLineBreak() {
    let last = line
    while isAtLineBreak, line == last { advance() }
  }

  private mutating func skipBlanks() {
    while let scalar = current, Self.isBlank(scalar) { advance() }
  }

  private mutating func skipLinesWithoutFields() {
    while current != nil {
      let start = (index, column)
      skipBlanks()
      if current == "#" {
        while current != nil, !isAtLineBreak { advance() }
      }
      if current != nil, !isAtLineBreak {
        (index, column) = start
        return
      }
      takeLineBreak()
    }
  }
}

/// A line of a table, or several where quotation marks hold line breaks.
public struct CSVRecord: Hashable, Sendable {
  /// The number of its first line, from 1.
  public let line: Int
  /// As it is written, without the line break at its end.
  public let text: Substring
  /// At least one.
  public let fields: [CSVField]
}

/// What stands between two commas.
public struct CSVField: Hashable, Sendable {
  /// Without quotation marks and the blanks around it.
  public let text: Substring
  /// The line in which it begins, from 1.
  public let line: Int
  /// Where it or its quotation mark begins in the line: so many Unicode scalars, from 1.
  public let column: Int
}

/// A text that is no table of comma-separated values.
public struct CSVError: Error, Hashable, CustomStringConvertible {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    /// A field begins with a quotation mark, and no other ends it.
    case unclosedQuote
    /// Something other than a comma or a line break follows a field in quotation marks.
    case textAfterQuote
  }

  /// What is wrong.
  public let kind: Kind
  /// The line of the quotation mark, or of what follows it, from 1.
  public let line: Int
  /// Its column in Unicode scalars, from 1.
  public let column: Int

  init(_ kind: Kind, line: Int, column: Int) {
    self.kind = kind
    self.line = line
    self.column = column
  }

  /// What is wrong, without saying where.
  public var reason: String {
    switch kind {
    case .unclosedQuote: "the quotation mark is not closed"
    case .textAfterQuote: "text follows the closing quotation mark"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch kind {
    case .unclosedQuote: "close it at the end of the field, or remove it"
    case .textAfterQuote: "put a comma between fields, and write quotation marks within a field twice"
    }
  }

  /// One sentence for the user.
  public var description: String { "line \(line), column \(column): \(reason); \(remedy)" }
}
