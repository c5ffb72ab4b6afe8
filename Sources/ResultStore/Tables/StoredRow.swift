import GRDB
import GRDBSQLite
import Model

/// The present row of a statement, read as SQLite holds it: making strings of what is only compared
/// would take longer than all the rest.
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

  /// The whole number in a column.
  func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(statement, Int32(column))) }
  /// The whole number in a column.
  func int64(_ column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }
  /// The number in a column.
  func number(_ column: Int) -> Double { sqlite3_column_double(statement, Int32(column)) }
  /// Whether a column holds nothing.
  func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }
  /// The number in a column, if there is one.
  func numberIfAny(_ column: Int) -> Double? { isNull(column) ? nil : number(column) }

  /// A text or blob; valid until the next step.
  func bytes(_ column: Int) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(statement, Int32(column))
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, Int32(column))))
  }

  /// The text in a column.
  func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

  /// Whether the checksum in the column after so many is theirs.
  func isIntact(columns: Int) -> Bool {
    var checksum = Checksum()
    for column in 0..<columns {
      switch sqlite3_column_type(statement, Int32(column)) {
      case SQLITE_INTEGER: checksum.add(sqlite3_column_int64(statement, Int32(column)))
      case SQLITE_FLOAT: checksum.add(number(column))
      case SQLITE_NULL: checksum.addNull()
      default: checksum.addText(bytes(column))
      }
    }
    return !isNull(columns) && checksum.stored == sqlite3_column_int64(statement, Int32(columns))
  }
}
