import RealModule

/// An array of numbers in the form of NumPy's `.npy` files: what is recorded of a run beside its
/// result. `numpy.load` reads ``npy``.
///
/// A plain array has one field without a name; a table has one axis, the rows, and a field for each
/// column, which NumPy reads as a structured array.
public struct NumericArray: Hashable, Sendable {
  /// How a number is stored.
  public enum Scalar: String, Hashable, Sendable {
    /// Single precision.
    case float32 = "<f4"
    /// Double precision.
    case float64 = "<f8"

    /// Bytes of a number.
    var size: Int { self == .float32 ? 4 : 8 }
  }

  /// A column of a table.
  public struct Field: Hashable, Sendable {
    /// Its name; empty in a plain array.
    public var name: String
    /// How its numbers are stored.
    public var scalar: Scalar

    /// A column.
    public init(_ name: String, _ scalar: Scalar = .float64) {
      self.name = name
      self.scalar = scalar
    }
  }

  /// The columns; one without a name in a plain array.
  public let fields: [Field]
  /// The lengths of the axes; the product is the number of elements, each of which has all fields.
  public let shape: [Int]
  /// The numbers, lowest byte first, element by element, in C order.
  public let data: [UInt8]

  /// A table.
  ///
  /// - Parameters:
  ///   - columns: its columns, in order.
  ///   - rows: as many values each as there are columns. Values beyond single precision become the
  ///     end of its range where a column is stored so.
  public init(columns: [Field], rows: some Sequence<[Double]>) {
    var data: [UInt8] = []
    var count = 0
    for row in rows {
      precondition(row.count == columns.count, "a value for every column")
      for (field, value) in zip(columns, row) { Self.append(value, field.scalar, to: &data) }
      count += 1
    }
    self.init(fields: columns, shape: [count], data: data)
  }

  /// A plain array.
  ///
  /// - Parameters:
  ///   - values: in C order; as many as the shape has elements.
  ///   - shape: the lengths of the axes.
  ///   - scalar: how to store them.
  public init(_ values: some Sequence<Double>, shape: [Int], scalar: Scalar = .float64) {
    var data: [UInt8] = []
    for value in values { Self.append(value, scalar, to: &data) }
    precondition(data.count == shape.reduce(scalar.size, *), "as many values as the shape has")
    self.init(fields: [Field("", scalar)], shape: shape, data: data)
  }

  private init(fields: [Field], shape: [Int], data: [UInt8]) {
    self.fields = fields
    self.shape = shape
    self.data = data
  }

  private static func append(_ value: Double, _ scalar: Scalar, to data: inout [UInt8]) {
    switch scalar {
    case .float32:
      withUnsafeBytes(of: Float(clamping: value).bitPattern.littleEndian) { data.append(contentsOf: $0) }
    case .float64:
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    }
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// All numbers of a plain array, in C order; of a table, row by row.
  public var values: [Double] {
    if fields.count == 1, fields[0].scalar == .float64 {
      return [Double](unsafeUninitializedCapacity: count) { values, used in
        data.withUnsafeBytes { bytes in
          for i in 0..<count {
            let bits = bytes.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)
            values.initializeElement(at: i, to: Double(bitPattern: UInt64(littleEndian: bits)))
          }
        }
        used = count
      }
    }
    var values: [Double] = []
    values.reserveCapacity(count * fields.count)
    data.withUnsafeBytes { bytes in
      var place = 0
      for _ in 0..<count {
        for field in fields {
          values.append(Self.value(bytes, place, field.scalar))
          place += field.scalar.size
        }
      }
    }
    return values
  }

  /// The numbers of a column; nil if there is none of that name.
  public func column(_ name: String) -> [Double]? {
    guard let index = fields.firstIndex(where: { $0.name == name }) else { return nil }
    let width = fields.reduce(0) { $0 + $1.scalar.size }
    let offset = fields[..<index].reduce(0) { $0 + $1.scalar.size }
    return data.withUnsafeBytes { bytes in
      (0..<count).map { Self.value(bytes, $0 * width + offset, fields[index].scalar) }
    }
  }

  private static func value(_ bytes: UnsafeRawBufferPointer, _ place: Int, _ scalar: Scalar) -> Double {
    switch scalar {
    case .float32:
      let bits = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
      return Double(Float(bitPattern: UInt32(littleEndian: bits)))
    case .float64:
      let bits = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      return Double(bitPattern: UInt64(littleEndian: bits))
    }
  }
}

// MARK: The .npy format

extension NumericArray {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The array as an `.npy` file, of version 1 unless the names of columns need another.
  ///
  /// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
  public var npy: [UInt8] {
    let type =
      fields.count == 1 && fields[0].name.isEmpty
      ? "'\(fields[0].scalar.rawValue)'"
      : "[" + fields.map { "(\(NPYHeader.quoted($0.name)), '\($0.scalar.rawValue)')" }.joined(separator: ", ")
        + "]"
    let axes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = Array("{'descr': \(type), 'fortran_order': False, 'shape': (\(axes)), }".utf8)
    // Version 1 has two bytes for the length, 2 and 3 four; only 3 is read as UTF-8.
    let isPlain = header.allSatisfy { $0 < 0x80 }
    let version: UInt8 = !isPlain ? 3 : header.count > 0xff00 ? 2 : 1
    let bytesOfLength = version == 1 ? 2 : 4
    // The data begin at a multiple of 64 bytes, and a line feed ends the header.
    let length = Self.magic.count + 2 + bytesOfLength + header.count + 1
    header += [UInt8](repeating: UInt8(ascii: " "), count: (64 - length % 64) % 64)
    header.append(UInt8(ascii: "\n"))
    let count = (0..<bytesOfLength).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return Self.magic + [version, 0] + count + header + data
  }

  /// Reads an `.npy` file of version 1 to 3: plain arrays of `f4`, `f8` and of integers in either
  /// byte order and C order, and tables of such columns.
  ///
  /// - Throws: ``NumericArrayError`` if it is something else, or not whole.
  public init(npy bytes: some Collection<UInt8>) throws(NumericArrayError) {
    let bytes = Array(bytes)
    guard bytes.count >= 10, bytes.starts(with: Self.magic) else { throw .notAnArray }
    let isLong = bytes[6] > 1
    let start = isLong ? 12 : 10
    guard bytes.count >= start else { throw .incomplete }
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    if isLong { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
    guard length <= 1 << 26, bytes.count >= start + length else { throw .incomplete }
    let header = NPYHeader(String(decoding: bytes[start..<start + length], as: UTF8.self))
    guard let header else { throw .unsupported("a header of another form") }
    guard !header.isFortranOrder || header.shape.count <= 1 else { throw .unsupported("Fortran order") }
    var count = 1
    for axis in header.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard !overflow, product <= bytes.count else { throw .incomplete }
      count = product
    }
    let stored = header.fields.map { NPYScalar($0.type) }
    var fields: [Field] = []
    for (field, scalar) in zip(header.fields, stored) {
      guard let scalar else { throw .unsupported("the type \(field.type)") }
      fields.append(Field(field.name, scalar.isSingle ? .float32 : .float64))
    }
    let scalars = stored.compactMap { $0 }
    let size = scalars.reduce(0) { $0 + $1.size }
    let data = bytes[(start + length)...]
    guard data.count == count * size, !fields.isEmpty else { throw .incomplete }
    if zip(header.fields, fields).allSatisfy({ $0.type == $1.scalar.rawValue }) {
      self.init(fields: fields, shape: header.shape, data: Array(data))
      return
    }
    var converted: [UInt8] = []
    data.withUnsafeBytes { bytes in
      var place = 0
      for _ in 0..<count {
        for (scalar, field) in zip(scalars, fields) {
          Self.append(scalar.value(bytes, place), field.scalar, to: &converted)
          place += scalar.size
        }
      }
    }
    self.init(fields: fields, shape: header.shape, data: converted)
  }
}

/// Why bytes are no array. The descriptions complete “the file …”.
public enum NumericArrayError: Error, Hashable, Sendable, CustomStringConvertible {
  /// They are something else than an `.npy` file.
  case notAnArray
  /// They end too early, or go on too long.
  case incomplete
  /// It is an `.npy` file of another kind than can be read.
  case unsupported(String)

  /// One clause for the user.
  public var description: String {
    switch self {
    case .notAnArray: "is not in the .npy format"
    case .incomplete: "is damaged: it does not have the length that its header states"
    case .unsupported(let what): "holds \(what), which is not supported; use float64 in C order"
    }
  }
}

/// The dictionary at the head of an `.npy` file.
private struct NPYHeader {
  var fields: [(name: String, type: String)] = []
  var shape: [Int] = []
  var isFortranOrder = false

  init?(_ text: String) {
    guard let descr = Self.value(of: "descr", in: text), let shape = Self.value(of: "shape", in: text),
      let order = Self.value(of: "fortran_order", in: text)
    else { return nil }
    isFortranOrder = order.hasPrefix("True")
    guard let axes = Self.enclosed(shape, "(", ")") else { return nil }
    for part in axes.split(separator: ",") {
      let digits = part.filter { !$0.isWhitespace }
      guard !digits.isEmpty else { continue }
      guard let axis = Int(digits), axis >= 0 else { return nil }
      self.shape.append(axis)
    }
    if descr.hasPrefix("[") {
      guard let words = Self.words(inListOfPairs: descr), words.count.isMultiple(of: 2), !words.isEmpty else {
        return nil
      }
      for i in stride(from: 0, to: words.count, by: 2) { fields.append((words[i], words[i + 1])) }
    } else {
      var rest = descr
      guard let type = Self.literal(&rest) else { return nil }
      fields = [("", type)]
    }
  }

  /// A text as a literal of Python.
  static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("'", with: "\\'").replacing("\n", with: "\\n")
    return "'\(escaped)'"
  }

  private static func value(of key: String, in text: String) -> Substring? {
    guard let range = text.firstRange(of: "'\(key)':") else { return nil }
    return text[range.upperBound...].drop { $0.isWhitespace }
  }

  private static func enclosed(_ text: Substring, _ open: Character, _ close: Character) -> Substring? {
    guard text.first == open, let end = text.firstIndex(of: close) else { return nil }
    return text[text.index(after: text.startIndex)..<end]
  }

  /// The literals of `[('name', 'type'), …]`; nil if it is anything else, such as columns with a
  /// shape of their own.
  private static func words(inListOfPairs text: Substring) -> [String]? {
    var words: [String] = []
    var rest = text.dropFirst()
    while let next = rest.first, next != "]" {
      if next == "'" || next == "\"" {
        guard let word = literal(&rest) else { return nil }
        words.append(word)
      } else if "(), ".contains(next) {
        rest.removeFirst()
      } else {
        return nil
      }
    }
    return rest.isEmpty ? nil : words
  }

  /// Takes a literal of Python from the front of a text; nil if there is none.
  private static func literal(_ text: inout Substring) -> String? {
    guard let mark = text.first, mark == "'" || mark == "\"" else { return nil }
    text.removeFirst()
    var word = ""
    while let next = text.popFirst() {
      if next == mark { return word }
      guard next == "\\" else {
        word.append(next)
        continue
      }
      guard let escaped = text.popFirst() else { return nil }
      word.append(escaped == "n" ? "\n" : escaped)
    }
    return nil
  }
}

/// A number as an `.npy` file may store it.
private struct NPYScalar {
  let size: Int
  let kind: Character
  let isBigEndian: Bool

  init?(_ type: String) {
    let letters = Array(type)
    guard letters.count == 3, let order = letters.first, "<>|=".contains(order),
      let size = letters[2].wholeNumberValue
    else { return nil }
    kind = letters[1]
    self.size = size
    isBigEndian = order == ">"
    switch kind {
    case "f": guard size == 4 || size == 8 else { return nil }
    case "i", "u": guard [1, 2, 4, 8].contains(size) else { return nil }
    case "b": guard size == 1 else { return nil }
    default: return nil
    }
  }

  var isSingle: Bool { kind == "f" && size == 4 }

  func value(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Double {
    var word: UInt64 = 0
    for i in 0..<size {
      let byte = UInt64(bytes[place + (isBigEndian ? size - 1 - i : i)])
      word |= byte << UInt64(8 * i)
    }
    switch kind {
    case "f": return isSingle ? Double(Float(bitPattern: UInt32(word))) : Double(bitPattern: word)
    case "i":
      let unused = UInt64(64 - 8 * size)
      return Double(Int64(bitPattern: word << unused) >> Int64(unused))
    default: return Double(word)
    }
  }
}
