import DelimitedText

/// Initial values from a file, so that any other implementation can be compared on the same
/// numbers.
extension InitialWeights {
  /// Reads a table with the header `a,w,b`, or `a,w1,w2,…` with or without `b` at its end, and one
  /// neuron a line, in the form of ``CSVReader``.
  ///
  /// - Throws: ``InitialWeightsCSVError`` with the line at fault.
  public init(csv text: String) throws(InitialWeightsCSVError) {
    var a: [Double] = []
    var w: [Double] = []
    var columns = 0
    var reader = CSVReader(text)
    while let record = try Self.next(&reader) {
      if columns == 0 {
        guard Self.isHeader(record.fields.map { String($0.text) }) else {
          throw .header(line: record.line, found: String(record.text))
        }
        columns = record.fields.count
        continue
      }
      let values = record.fields.compactMap { Double($0.text) }.filter(\.isFinite)
      guard record.fields.count == columns, values.count == columns else {
        throw .row(line: record.line, columns: columns, found: String(record.text))
      }
      a.append(values[0])
      w += values[1...]
    }
    guard !a.isEmpty else { throw .empty }
    self.init(a: a, w: w, inputs: columns - 1)
  }

  private static func isHeader(_ names: [String]) -> Bool {
    guard names.first == "a" else { return false }
    let inputs = names.dropFirst().prefix { $0 != "b" }
    guard !inputs.isEmpty, names.dropFirst(1 + inputs.count).allSatisfy({ $0 == "b" }),
      names.count - inputs.count <= 2
    else { return false }
    return Array(inputs) == ["w"] || Array(inputs) == (1...inputs.count).map { "w\($0)" }
  }

  private static func next(_ reader: inout CSVReader) throws(InitialWeightsCSVError) -> CSVRecord? {
    do throws(CSVError) {
      return try reader.next()
    } catch {
      throw .syntax(error)
    }
  }
}

/// What is wrong with a table of initial values; lines count from 1.
public enum InitialWeightsCSVError: Error, Equatable, CustomStringConvertible {
  /// The first line does not name the columns.
  case header(line: Int, found: String)
  /// A line does not hold a finite number for every column.
  case row(line: Int, columns: Int, found: String)
  /// The text is no table.
  case syntax(CSVError)
  /// There is no neuron.
  case empty

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .header(let line, let found):
      "line \(line): expected the header a,w,b, or a,w1,w2,… with b last if there are biases, found "
        + "“\(found.prefix(60))”"
    case .row(let line, let columns, let found):
      "line \(line): expected \(columns) finite numbers, as many as the header has columns, found "
        + "“\(found.prefix(60))”"
    case .syntax(let error): error.description
    case .empty:
      "there is no neuron; expected a header such as a,w,b and one line a neuron"
    }
  }
}
