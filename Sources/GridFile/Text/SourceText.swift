import Platform

/// The text of a file, with its name for messages.
struct SourceText {
  /// As the user named it.
  let file: String
  let text: String
  /// Where each line begins.
  private let lineStarts: [String.Index]

  /// Files larger than this are taken for a mistake.
  static let maxFileSize = 64 << 20

  init(file: String, text: String) throws(GridError) {
    self.file = file
    var text = text
    text.makeContiguousUTF8()
    let scan = LineScan(text)
    self.text = text
    lineStarts = scan.lineStarts
    if let (code, position) = scan.control {
      let digits = String(code.value, radix: 16)
      throw GridError([
        issue(
          .encoding, at: position,
          "the control character U+\(String(repeating: "0", count: 4 - digits.count))\(digits) is no text",
          hint: "remove it; is this the right file?")
      ])
    }
  }

  /// Decodes UTF-8, with or without a byte order mark.
  init(file: String, bytes: [UInt8]) throws(GridError) {
    let body = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      throw GridError([
        GridError.Issue(
          kind: .encoding, file: file, position: Self.firstInvalid(in: body),
          message: "the file is not UTF-8 text from here on", hint: "save it as UTF-8", sourceLine: nil)
      ])
    }
    try self.init(file: file, text: text)
  }

  /// Reads a file; its errors are about the file as a whole.
  init(path: String) throws(GridError) {
    try self.init(file: path, bytes: try readFile(path))
  }

  func issue(
    _ kind: GridError.Kind, at position: GridError.Position?, _ message: String, hint: String
  ) -> GridError.Issue {
    GridError.Issue(
      kind: kind, file: file, position: position, message: message, hint: hint,
      sourceLine: position.map { line($0.line) })
  }

  /// The line of a number from 1, without its end; empty beyond the last.
  func line(_ number: Int) -> String {
    guard lineStarts.indices.contains(number - 1) else { return "" }
    let line = text.unicodeScalars[lineStarts[number - 1]...].prefix { !LineScan.breaks.contains($0) }
    return String(line)
  }

  /// How many characters stand before a position; all of them if there is none such.
  func offset(of position: GridError.Position) -> Int {
    let scalars = text.unicodeScalars
    guard lineStarts.indices.contains(position.line - 1) else { return scalars.count }
    let start = lineStarts[position.line - 1]
    let index = scalars.index(start, offsetBy: position.column - 1, limitedBy: scalars.endIndex)
    return scalars.distance(from: scalars.startIndex, to: index ?? scalars.endIndex)
  }

  /// Whether nothing but blanks follows a position.
  func isBlank(from position: GridError.Position) -> Bool {
    text.unicodeScalars.dropFirst(offset(of: position)).allSatisfy(\.properties.isWhitespace)
  }

  private static func firstInvalid(in bytes: ArraySlice<UInt8>) -> GridError.Position {
    var position = GridError.Position(line: 1, column: 1)
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      if scalar == "\n" {
        position = .init(line: position.line + 1, column: 1)
      } else {
        position.column += 1
      }
    }
    return position
  }
}

/// What one pass over a text finds.
private struct LineScan {
  var lineStarts: [String.Index]
  /// The first control character: no text has one, and the YAML library does not tell where it is.
  var control: (Unicode.Scalar, GridError.Position)?

  /// Line breaks as YAML 1.1 counts them; CR LF is one.
  static let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]

  init(_ text: String) {
    lineStarts = [text.startIndex]
    let scalars = text.unicodeScalars
    var column = 0
    var previous: Unicode.Scalar = " "
    for index in scalars.indices {
      let scalar = scalars[index]
      defer { previous = scalar }
      column += 1
      if Self.breaks.contains(scalar) {
        // The LF of a CR LF moves the start that its CR has made.
        if scalar == "\n" && previous == "\r" { lineStarts.removeLast() }
        lineStarts.append(scalars.index(after: index))
        column = 0
      } else if control == nil, scalar != "\t", scalar.properties.generalCategory == .control {
        control = (scalar, .init(line: lineStarts.count, column: column))
      }
    }
  }
}

/// All bytes of a file. Throws an issue without position.
private func readFile(_ path: String) throws(GridError) -> [UInt8] {
  func failure(_ message: String, _ hint: String) -> GridError {
    GridError([
      GridError.Issue(
        kind: .file, file: path, position: nil, message: message, hint: hint, sourceLine: nil)
    ])
  }
  func failure(_ error: SystemError) -> GridError {
    switch error.number {
    case ENOENT, ENOTDIR: failure("there is no such file", "check the path")
    case EACCES, EPERM: failure("the file may not be read", "check its permissions")
    case EISDIR: failure("this is a directory, not a file", "name a file in it")
    default: failure("the file cannot be read (error \(error.number))", "check the path and the file system")
    }
  }

  let bytes: [UInt8]
  do throws(SystemError) {
    bytes = try Platform.readFile(path, atMost: SourceText.maxFileSize + 1)
  } catch {
    throw failure(error)
  }
  guard bytes.count <= SourceText.maxFileSize else {
    throw failure("the file is larger than \(SourceText.maxFileSize >> 20) MiB", "is this the right file?")
  }
  return bytes
}
