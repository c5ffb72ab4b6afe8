import GRDB
import GRDBSQLite
import Model

/// A table: its columns, and the statements that follow from them.
struct Table<Row: Sendable>: Sendable {
  /// Its name.
  let name: String
  /// Its columns, in order; a checksum over them comes after them if the table has one.
  let columns: [Column<Row>]
  /// Whether rows have a checksum.
  let isChecked: Bool
  /// The statement that makes the table.
  let definition: String
  /// The names of the columns, for a statement.
  let names: String
  /// The names of the columns and of the checksum, for a statement.
  let allNames: String
  /// As many parameters as ``allNames`` has names.
  let parameters: String
  /// Sets every column that is not of the key, and the checksum, to what was to be inserted.
  let updates: String

  /// A table.
  ///
  /// - Parameters:
  ///   - comment: what a row is, for people who read the schema.
  ///   - key: the columns of the primary key; none: there is no primary key.
  ///   - unchecked: definitions of further columns, which the checksum leaves out.
  ///   - hasRowID: whether SQLite numbers the rows; better for large values.
  init(
    _ name: String, _ comment: String, key: [String] = [], isChecked: Bool = true,
    unchecked: [String] = [], hasRowID: Bool = false, _ columns: [Column<Row>]
  ) {
    self.name = name
    self.columns = columns
    self.isChecked = isChecked
    let own = columns.map(\.name)
    names = own.joined(separator: ", ")
    let all = isChecked ? own + ["checksum"] : own
    allNames = all.joined(separator: ", ")
    parameters = Array(repeating: "?", count: all.count).joined(separator: ", ")
    updates = all.filter { !key.contains($0) }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    var lines = columns.map { (sql: "\($0.name) \($0.definition)", comment: $0.comment) }
    lines += unchecked.map { ($0, "") }
    if isChecked { lines.append(("checksum INTEGER NOT NULL", "of all columns before it")) }
    if !key.isEmpty { lines.append(("PRIMARY KEY (\(key.joined(separator: ", ")))", "")) }
    let body = lines.enumerated().map { index, line in
      let comma = index + 1 < lines.count ? "," : ""
      return "  \(line.sql)\(comma)" + (line.comment.isEmpty ? "" : " -- \(line.comment)")
    }
    definition =
      "CREATE TABLE \(name) ( -- \(comment)\n" + body.joined(separator: "\n")
      + (hasRowID || key.isEmpty ? "\n)" : "\n) WITHOUT ROWID")
  }

  /// The statement that inserts a row.
  var insert: String { "INSERT INTO \(name) (\(allNames)) VALUES (\(parameters))" }

  /// The condition for a row to be what was written.
  var isIntact: String { isChecked ? "checksum = gammaplane_checksum(\(names))" : "TRUE" }

  /// An assignment that makes the checksum that of a row whose values have changed in place.
  var renewedChecksum: String { "checksum = gammaplane_checksum(\(names))" }

  /// The index of a column.
  func index(of name: String) -> Int {
    guard let index = columns.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("table \(self.name) has no column \(name)")
    }
    return index
  }

  /// Binds a row to the parameters of a statement such as ``insert``, with its checksum.
  func bind(_ row: Row, to statement: Statement) throws {
    var writer = RowWriter(statement.sqliteStatement)
    for column in columns { writer.add(try column.value(row)) }
    if isChecked { writer.addChecksum() }
  }

  /// Adds a row to a checksum.
  func add(_ row: Row, to checksum: inout Checksum) throws {
    for column in columns { checksum.add(try column.value(row)) }
  }

  /// The present row of a statement that selects ``names`` first.
  ///
  /// - Parameter blank: a row whose values are to be replaced.
  func row(_ stored: StoredRow, over blank: Row) throws -> Row {
    var row = blank
    for (index, column) in columns.enumerated() { try column.read(&row, stored, index) }
    return row
  }

  /// Whether the present row of a statement that selects ``allNames`` first is what was written.
  func isIntact(_ stored: StoredRow) -> Bool { !isChecked || stored.isIntact(columns: columns.count) }
}

/// Values on their way into a row: they are bound to the parameters of a statement, in order, and
/// added to a checksum.
struct RowWriter {
  private let statement: SQLiteStatement
  private var index: CInt = 0
  private var checksum = Checksum()

  /// Begins at the first parameter.
  init(_ statement: SQLiteStatement) { self.statement = statement }

  /// Adds the next value.
  mutating func add(_ value: DatabaseValue) {
    checksum.add(value)
    index += 1
    switch value.storage {
    case .null: sqlite3_bind_null(statement, index)
    case .int64(let number): sqlite3_bind_int64(statement, index, number)
    case .double(let number): sqlite3_bind_double(statement, index, number)
    case .string(var text): text.withUTF8 { bind(text: UnsafeRawBufferPointer($0), to: statement, at: index) }
    case .blob(let bytes):
      bytes.withUnsafeBytes {
        _ = sqlite3_bind_blob64(statement, index, $0.baseAddress, sqlite3_uint64($0.count), transient)
      }
    }
  }

  /// Adds the checksum of all values before it.
  mutating func addChecksum() {
    index += 1
    sqlite3_bind_int64(statement, index, checksum.stored)
  }
}

/// Bytes that are valid for now only: SQLite copies them.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// Binds a text to a parameter of a statement.
func bind(text: UnsafeRawBufferPointer, to statement: OpaquePointer?, at index: CInt) {
  guard let start = text.baseAddress else {
    // Without an address it would be null.
    _ = "".withCString { sqlite3_bind_text(statement, index, $0, 0, transient) }
    return
  }
  sqlite3_bind_text(
    statement, index, start.assumingMemoryBound(to: CChar.self), CInt(text.count), transient)
}

extension Statement {
  /// Runs the statement with the parameters that are bound, and makes it ready for others.
  ///
  /// - Returns: how many rows it changed.
  @discardableResult
  func run(in db: Database) throws -> Int {
    let code = sqlite3_step(sqliteStatement)
    sqlite3_reset(sqliteStatement)
    guard code == SQLITE_DONE else { throw db.failure(code) }
    return db.changesCount
  }

  /// Goes to the next row; false behind the last.
  func step(in db: Database) throws -> Bool {
    switch sqlite3_step(sqliteStatement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw db.failure(code)
    }
  }

  /// Makes the statement ready for other parameters.
  func reset() { sqlite3_reset(sqliteStatement) }

  /// Visits all rows with the parameters that are bound.
  func forEachRow(in db: Database, _ body: (StoredRow) throws -> Void) throws {
    defer { reset() }
    while try step(in: db) { try body(StoredRow(self)) }
  }

  /// What is made of the only row with these parameters; nil if there is none.
  func row<T>(
    in db: Database, _ arguments: StatementArguments, _ body: (StoredRow) throws -> T
  ) throws -> T? {
    setUncheckedArguments(arguments)
    defer { reset() }
    return try step(in: db) ? body(StoredRow(self)) : nil
  }
}

extension Database {
  /// Why a call of SQLite's own failed.
  func failure(_ code: CInt) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_extended_errcode(sqliteConnection)),
      message: sqliteConnection.map { String(cString: sqlite3_errmsg($0)) } ?? "code \(code)")
  }
}
