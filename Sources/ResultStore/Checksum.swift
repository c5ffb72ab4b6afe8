import GRDB
import GRDBSQLite

/// A 64-bit checksum of the values of a row, by which a byte that has changed on the disk is seen when the row is read.
///
/// SQLite checks how a database is built, not what is in it. Every step is a bijection of the state, so that a change of
/// a single value, whatever it is, never goes unseen. It keeps nobody from changing results on purpose.
struct Checksum: Hashable {
  private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

  private mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 32
  }

  /// Adds a null.
  mutating func addNull() { add(0x6e75_6c6c) }
  /// Adds an integer.
  mutating func add(_ value: Int64) { add(UInt64(bitPattern: value) &+ 0x696e_7465) }
  /// Adds an integer.
  mutating func add(_ value: Int) { add(Int64(value)) }
  /// Adds a number; SQLite does not tell −0 from 0.
  mutating func add(_ value: Double) { add((value == 0 ? 0 : value).bitPattern ^ 0x7265_616c_0000_0000) }
  /// Adds a number or a null.
  mutating func add(_ value: Double?) { if let value { add(value) } else { addNull() } }

  /// Adds a text.
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// Adds bytes, framed by their number.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(UInt64(bytes.count) ^ 0x7465_7874_0000_0000)
    let whole = bytes.count & ~7
    var offset = 0
    while offset < whole {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    guard offset < bytes.count else { return }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    add(rest)
  }

  /// Adds a value of a column.
  mutating func add(_ value: DatabaseValue) {
    switch value.storage {
    case .null: addNull()
    case .int64(let number): add(number)
    case .double(let number): add(number)
    case .string(let text): add(text)
    case .blob(let bytes): bytes.withUnsafeBytes { add($0) }
    }
  }

  /// As the column `checksum` holds it.
  var stored: Int64 { Int64(bitPattern: value) }

  /// The checksum as a function of SQL, for rows that are changed in place.
  static let function = DatabaseFunction("gammaplane_checksum", pure: true) { values in
    var checksum = Checksum()
    for value in values { checksum.add(value) }
    return checksum.stored
  }
}

/// The row that a statement is at, read as SQLite holds it: making strings of what is only compared would take longer
/// than all the rest.
struct StoredRow {
  private let statement: SQLiteStatement

  /// The present row of a statement; it is another one after the next step.
  init(_ statement: Statement) { self.statement = statement.sqliteStatement }
  /// The present row of a statement of SQLite's own.
  init(_ statement: SQLiteStatement) { self.statement = statement }

  /// Binds the values of all columns, so many, to the parameters of another statement, as they are.
  func bind(columns: Int, to other: SQLiteStatement) {
    for column in 0..<Int32(columns) {
      sqlite3_bind_value(other, column + 1, sqlite3_column_value(statement, column))
    }
  }

  func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(statement, Int32(column))) }
  func number(_ column: Int) -> Double { sqlite3_column_double(statement, Int32(column)) }
  func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }
  func numberIfAny(_ column: Int) -> Double? { isNull(column) ? nil : number(column) }

  /// A text or blob; valid until the next step.
  func bytes(_ column: Int) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(statement, Int32(column))
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(column))))
  }

  func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

  /// Whether the checksum in the column after so many is theirs.
  func isIntact(columns: Int) -> Bool {
    var checksum = Checksum()
    for column in 0..<columns {
      switch sqlite3_column_type(statement, Int32(column)) {
      case SQLITE_INTEGER: checksum.add(sqlite3_column_int64(statement, Int32(column)))
      case SQLITE_FLOAT: checksum.add(number(column))
      case SQLITE_NULL: checksum.addNull()
      default: checksum.add(bytes(column))
      }
    }
    return !isNull(columns) && checksum.stored == sqlite3_column_int64(statement, Int32(columns))
  }
}
