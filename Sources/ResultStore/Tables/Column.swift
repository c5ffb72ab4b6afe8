import Foundation
import GRDB

/// A column of a table. The definition of the table, the checksum of a row, writing and reading all
/// follow from its columns, in their order.
struct Column<Row: Sendable>: Sendable {
  /// Its name.
  let name: String
  /// Its type and constraints.
  let definition: String
  /// What it holds, for people who read the schema; may be empty.
  let comment: String
  /// What a row has in it.
  let value: @Sendable (Row) throws -> DatabaseValue
  /// Sets what a row has in it to what is stored in a column of the present row of a statement.
  let read: @Sendable (inout Row, StoredRow, Int) throws -> Void

  /// A column of values that are read in a way of their own. Type and NOT NULL follow from the
  /// value.
  init<Value: ColumnValue>(
    _ name: String, _ comment: String = "", constraint: String = "",
    get: @escaping @Sendable (Row) throws -> Value,
    read: @escaping @Sendable (inout Row, StoredRow, Int) throws -> Void
  ) {
    self.name = name
    self.comment = comment
    definition = constraint.isEmpty ? Value.declaration : "\(Value.declaration) \(constraint)"
    value = { try get($0).databaseValue }
    self.read = read
  }

  /// A column of values that a row has in another form.
  init<Value: ColumnValue>(
    _ name: String, _ comment: String = "", constraint: String = "",
    get: @escaping @Sendable (Row) throws -> Value,
    set: @escaping @Sendable (inout Row, Value) throws -> Void
  ) {
    self.init(name, comment, constraint: constraint, get: get) { row, stored, index in
      try set(&row, Value(stored, index))
    }
  }

  /// A column with a property of the row.
  init<Value: ColumnValue>(
    _ name: String, _ path: any WritableKeyPath<Row, Value> & Sendable, _ comment: String = "",
    constraint: String = ""
  ) {
    self.init(
      name, comment, constraint: constraint, get: { $0[keyPath: path] },
      set: { $0[keyPath: path] = $1 })
  }

  /// A column that follows from others, for people who query the table.
  init<Value: ColumnValue>(
    derived name: String, _ comment: String = "", get: @escaping @Sendable (Row) throws -> Value
  ) {
    self.init(name, comment, get: get, read: { _, _, _ in })
  }
}

/// A value that a column can hold.
protocol ColumnValue: DatabaseValueConvertible, Sendable {
  /// The type of its column, and whether that may be null.
  static var declaration: String { get }
  /// The value in a column of the present row of a statement.
  init(_ row: StoredRow, _ index: Int)
}

extension Int: ColumnValue {
  static var declaration: String { "INTEGER NOT NULL" }
  init(_ row: StoredRow, _ index: Int) { self = row.integer(index) }
}

extension Int64: ColumnValue {
  static var declaration: String { "INTEGER NOT NULL" }
  init(_ row: StoredRow, _ index: Int) { self = row.int64(index) }
}

extension Double: ColumnValue {
  static var declaration: String { "REAL NOT NULL" }
  init(_ row: StoredRow, _ index: Int) { self = row.number(index) }
}

extension String: ColumnValue {
  static var declaration: String { "TEXT NOT NULL" }
  init(_ row: StoredRow, _ index: Int) { self = row.text(index) }
}

extension Data: ColumnValue {
  static var declaration: String { "BLOB NOT NULL" }
  init(_ row: StoredRow, _ index: Int) { self.init(row.bytes(index)) }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
  static var declaration: String { String(Wrapped.declaration.prefix { $0 != " " }) }
  init(_ row: StoredRow, _ index: Int) { self = row.isNull(index) ? nil : Wrapped(row, index) }
}
