import DelimitedText

/// Initial values from a file, so that any other implementation can be compared on the same
/// numbers.
extension InitialValues {
  /// Reads a table with the header `a,w,b` and one neuron a line, in the form of ``CSVReader``.
  ///
  /// - Throws: ``InitialValuesCSVError`` with the line at fault.
  public init(csv text: String) throws(InitialValuesCSVError) {
    var a: [Double] = []
    var w: [Double] = []
    var b: [Double] = []
    var reader = CSVReader(text)
    var isHeader = true
    while let record = try Self.next(&reader) {
      if isHeader {
        guard record.fields.map(\.text) == ["a", "w", "b"] else {
          throw .header(line: record.line, found: String(record.text))
        }
        isHeader = false
        continue
      }
      let values = record.fields.compactMap { Double($0.text) }.filter(\.isFinite)
      guard record.fields.count == 3, values.count == 3 else {
        throw .row(line: record.line, found: String(record.text))
      }
      a.append(values[0])
      w.append(values[1])
      b.append(values[2])
    }
    guard !a.isEmpty else { throw .empty }
    self.init(a: a, w: w, b: b)
  }

  private static func next(_ reader: inout CSVReader) throws(InitialValuesCSVError) -> CSVRecord? {
    do throws(CSVError) {
      return try reader.next()
    } catch {
      throw .syntax(error)
    }
  }
}

/// What is wrong with a table of initial values; lines count from 1.
public enum InitialValuesCSVError: Error, Equatable, CustomStringConvertible {
  /// The first line does not name the columns.
  case header(line: Int, found: String)
  /// A line does not hold three finite numbers.
  case row(line: Int, found: String)
  /// The text is no table.
  case syntax(CSVError)
  /// There is no neuron.
  case empty

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .header(let line, let found):
      "line \(line): expected the header a,w,b, found “\(found.prefix(60))”"
    case .row(let line, let found):
      "line \(line): expected three finite numbers a,w,b, found “\(found.prefix(60))”"
    case .syntax(let error): error.description
    case .empty:
      "there is no neuron; expected the header a,w,b and one line a neuron"
    }
  }
}
