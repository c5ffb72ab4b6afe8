import Foundation
import GRDBSQLite
import Platform

/// A database that is being merged into another: a snapshot of it, read in the order of the runs'
/// identities.
///
/// It has a connection of its own, which is read beside hundreds of others; that is why it is not a
/// ``ResultStore``.
final class MergeSource {
  /// Why it cannot be used.
  struct Refusal: Error { var cause: String }

  /// An identity as four words that compare as its digits do.
  struct Key: Hashable, Comparable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// nil if it is not 32 bytes long.
    init?(_ bytes: UnsafeRawBufferPointer) {
      guard bytes.count == 32 else { return nil }
      func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
      }
      words = (word(0), word(1), word(2), word(3))
    }

    static func == (a: Key, b: Key) -> Bool { a.words == b.words }
    static func < (a: Key, b: Key) -> Bool { a.words < b.words }
    func hash(into hasher: inout Hasher) {
      hasher.combine(words.0)
      hasher.combine(words.1)
    }
  }

  let path: String
  private var connection: OpaquePointer?
  private var runs: OpaquePointer?
  /// The present run.
  private(set) var run: StoredRun
  /// Its key; nil behind the last.
  private(set) var key: Key?
  /// Whether there may be arrays beside results.
  let hasArrays: Bool
  private var arrays: OpaquePointer?
  /// How many rows were passed over because they are not what was written.
  private(set) var damagedRows = 0
  /// How many rows were what was written.
  private(set) var rowsRead = 0

  /// Opens a database and goes to its first run.
  init(path: String) throws(Refusal) {
    self.path = path
    let target = FileCheck.target(of: path)
    do throws(StoreError) {
      try FileCheck.check(target)
    } catch {
      throw Refusal(cause: Self.cause(of: error))
    }
    let name =
      URL(fileURLWithPath: target).path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
      ?? target
    var connection: OpaquePointer?
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
    // A task may begin to write a database that can be written, so that locks are needed there.
    let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
    let isWritable = accessError(folder, W_OK) == nil
    let uri = (isWritable ? nil : ReadConnection.nameWithoutLocks(target)) ?? "file:\(name)?mode=ro"
    let code = sqlite3_open_v2(uri, &connection, flags, nil)
    guard code == SQLITE_OK, let connection else {
      let cause = connection.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(connection)
      throw Refusal(cause: cause)
    }
    do throws(Refusal) {
      sqlite3_busy_timeout(connection, 10_000)
      // One transaction: what is written meanwhile is not seen.
      try Self.execute("PRAGMA cache_size = -256; BEGIN", connection)
      let version = try Self.integer("PRAGMA user_version", connection)
      guard try Self.integer("PRAGMA application_id", connection) == Int(Schema.applicationID) else {
        throw Refusal(cause: "it is not a results database of gammaplane")
      }
      guard version == ResultStore.schemaVersion else {
        throw Refusal(
          cause: "its schema version is \(version), and this gammaplane writes "
            + "\(ResultStore.schemaVersion); use one version for all")
      }
      // Where they are damaged, the results need not be.
      let found: Int? = try? Self.integer("SELECT EXISTS (SELECT 1 FROM array)", connection)
      hasArrays = found != 0
      let statement = try Self.prepare(
        "SELECT \(RunRow.table.allNames) FROM runs ORDER BY run", connection)
      runs = statement
      run = StoredRun(row: StoredRow(statement))
    } catch {
      sqlite3_close_v2(connection)
      throw error
    }
    self.connection = connection
    try advance()
  }

  deinit { close() }

  /// Gives back what it holds.
  func close() {
    sqlite3_finalize(arrays)
    arrays = nil
    sqlite3_finalize(runs)
    runs = nil
    sqlite3_close_v2(connection)
    connection = nil
    key = nil
  }

  /// Goes to the next run that is what was written.
  func advance() throws(Refusal) {
    while true {
      let previous = key
      guard try Self.step(runs, connection) else {
        key = nil
        return
      }
      if let next = Key(run.digits), RunRow.table.isIntact(run.row),
        previous.map({ $0 < next }) ?? true
      {
        key = next
        rowsRead += 1
        return
      }
      damagedRows += 1
    }
  }

  /// Visits the rows of a statement. That they cannot be read, or not to their end, is reported,
  /// and no error of the database that they are merged into.
  func forEachRow(
    _ sql: String, into report: inout MergeReport, _ body: (StoredRow, inout MergeReport) throws -> Void
  ) throws {
    do {
      let statement = try Self.prepare(sql, connection)
      defer { sqlite3_finalize(statement) }
      let row = StoredRow(statement)
      while try Self.step(statement, connection) { try body(row, &report) }
    } catch let refusal as Refusal {
      report.issues.append(.init(path: path, cause: refusal.cause, rows: 0, hasVanished: false))
    }
  }

  /// Visits the arrays of the present run: rows with the columns of ``ArrayRow/table``.
  func forEachArray(_ body: (StoredRow) throws -> Void) throws {
    let statement =
      try arrays ?? Self.prepare("SELECT \(ArrayRow.table.allNames) FROM array WHERE run = ?", connection)
    arrays = statement
    defer { sqlite3_reset(statement) }
    bind(text: run.digits, to: statement, at: 1)
    while try Self.step(statement, connection) { try body(StoredRow(statement)) }
  }

  /// Counts the present run as one that cannot be used.
  func noteDamage() {
    damagedRows += 1
    rowsRead -= 1
  }

  private static func execute(_ sql: String, _ connection: OpaquePointer) throws(Refusal) {
    guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw refusal(connection) }
  }

  private static func integer(_ sql: String, _ connection: OpaquePointer) throws(Refusal) -> Int {
    let statement = try prepare(sql, connection)
    defer { sqlite3_finalize(statement) }
    return try step(statement, connection) ? Int(sqlite3_column_int64(statement, 0)) : 0
  }

  private static func prepare(_ sql: String, _ connection: OpaquePointer?) throws(Refusal) -> OpaquePointer {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      throw refusal(connection)
    }
    return statement
  }

  private static func step(_ statement: OpaquePointer?, _ connection: OpaquePointer?) throws(Refusal) -> Bool
  {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw refusal(connection)
    }
  }

  private static func refusal(_ connection: OpaquePointer?) -> Refusal {
    Refusal(cause: connection.map { String(cString: sqlite3_errmsg($0)) } ?? "it is closed")
  }

  private static func cause(of error: StoreError) -> String {
    switch error {
    case .damaged(_, let cause), .foreign(_, let cause): cause
    default: "\(error)"
    }
  }
}
