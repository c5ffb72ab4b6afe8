import DelimitedText
import Model

/// A CSV file of samples: a header that names the columns x (or x1, x2, …) and y, then a sample a
/// line.
///
/// ``CSVReader`` defines CSV.
public struct SampleFile: Sendable {
  private let source: SourceText

  /// The samples in the file at a path: CSV, `.npy` or `.npz` by its extension.
  ///
  /// - Throws: ``GridError``.
  public static func samples(path: String) throws(GridError) -> SampleSet {
    let name = path.lowercased()
    guard name.hasSuffix(".npy") || name.hasSuffix(".npz") else {
      return try SampleFile(path: path).samples()
    }
    return try SampleArrays(path: path).samples()
  }

  /// Reads the CSV file at a path.
  ///
  /// - Throws: ``GridError`` of kind `file` or `encoding`.
  public init(path: String) throws(GridError) { source = try SourceText(path: path) }

  /// Takes the contents of a file; `file` is its name for messages.
  ///
  /// - Throws: ``GridError`` of kind `encoding` if the text has control characters.
  public init(text: String, file: String) throws(GridError) {
    source = try SourceText(file: file, text: text)
  }

  /// The samples in it.
  ///
  /// - Throws: ``GridError`` with the line and column in the CSV file.
  public func samples() throws(GridError) -> SampleSet {
    var columns: Columns?
    var rows = RawSamples(x: [], y: [], positions: [], end: .init(line: 1, column: 1))
    var reader = CSVReader(source.text)
    while let record = try next(&reader) {
      let fields = record.fields
      guard let known = columns else {
        columns = try self.columns(record)
        continue
      }
      guard fields.count == known.count else {
        throw failure(
          .syntax, at: fields[min(fields.count - 1, known.count)].position,
          "the line has \(fields.count) fields, the header has \(known.count)",
          hint: fields.count == 2 * known.count
            ? "give every line one field for each column; write decimal points, not commas"
            : "give every line one field for each column")
      }
      var x: [Double] = []
      for column in known.x { x.append(try number(fields[column])) }
      rows.x.append(x)
      rows.y.append(try number(fields[known.y]))
      rows.positions.append(fields[known.x[0]].position)
    }
    guard columns != nil, !rows.y.isEmpty else {
      throw failure(
        .samples, at: rows.end, "there are no samples", hint: "give a header such as x,y and a sample a line")
    }
    return try rows.checked(in: source)
  }

  private func next(_ reader: inout CSVReader) throws(GridError) -> CSVRecord? {
    do throws(CSVError) {
      return try reader.next()
    } catch {
      throw failure(
        .syntax, at: .init(line: error.line, column: error.column), error.reason, hint: error.remedy)
    }
  }

  // MARK: Header

  /// Which column is what.
  private struct Columns {
    var count: Int
    var x: [Int]
    var y: Int
  }

  private func columns(_ record: CSVRecord) throws(GridError) -> Columns {
    let fields = record.fields
    let expected = "the header must name the columns x (or x1, x2, …) and y"
    if fields.count == 1, record.text.contains(";") || record.text.contains("\t") {
      throw failure(
        .syntax, at: fields[0].position, "\(expected), separated by commas", hint: "replace the separators")
    }
    var x: [Int: Int] = [:]
    var y: Int?
    for (index, field) in fields.enumerated() {
      let isTwice: Bool
      if field.text == "y" {
        isTwice = y != nil
        y = index
      } else if field.text == "x" {
        isTwice = x.updateValue(index, forKey: 1) != nil
      } else if field.text.first == "x", let number = Int(field.text.dropFirst()), number > 0,
        field.text == "x\(number)"
      {
        isTwice = x.updateValue(index, forKey: number) != nil
      } else {
        throw failure(
          .unknownKey, at: field.position, "unknown column \"\(excerpt(String(field.text)))\"; \(expected)",
          hint: decimalNumber(field.text) == nil
            ? "rename or remove the column" : "put a header line above: x,y")
      }
      if isTwice {
        throw failure(
          .duplicateKey, at: field.position, "the column \(field.text) is there twice",
          hint: "keep one of them; x is the same as x1")
      }
    }
    guard let y, !x.isEmpty else {
      throw failure(
        .missingKey, at: fields[0].position, "\(expected), and \(x.isEmpty ? "x" : "y") is missing",
        hint: "put a header line above: x,y")
    }
    var order: [Int] = []
    for number in 1...x.count {
      guard let column = x[number] else {
        throw failure(
          .missingKey, at: fields[0].position, "the column x\(number) is missing",
          hint: "number the columns x1, x2, … without gaps")
      }
      order.append(column)
    }
    return Columns(count: fields.count, x: order, y: y)
  }

  // MARK: Fields

  private func number(_ field: CSVField) throws(GridError) -> Double {
    guard let value = decimalNumber(field.text), value.isFinite else {
      throw failure(
        .type, at: field.position,
        "expected a finite number, found \(field.text.isEmpty ? "nothing" : excerpt(String(field.text)))",
        hint: numberAdvice(String(field.text)) ?? "write it like 0.5 or 1e-3")
    }
    return value
  }

  private func failure(
    _ kind: GridError.Kind, at position: GridError.Position, _ message: String, hint: String
  ) -> GridError {
    GridError([source.issue(kind, at: position, message, hint: hint)])
  }
}

extension CSVField {
  fileprivate var position: GridError.Position { .init(line: line, column: column) }
}
