import Foundation
import GRDB
import Model

/// What can be found out about a database, also about one that is damaged.
public struct DatabaseInspection: Hashable, Sendable {
  /// The version of its schema; nil if it cannot be read.
  public var version: Int?
  /// As SQLite calls it; nil if it cannot be read.
  public var journalMode: String?
  /// What is wrong, in SQLite's words or ours; empty if nothing is.
  public var findings: [String] = []
  /// How many results were written, as far as that is known.
  public var written: Int?
  /// How many results SQLite can reach; more may be left in pages to which no other page refers.
  public var readable = 0
  /// How many of them are what was written.
  public var intact = 0
  /// The error with which it would not even be read; nil if it can be.
  public var refusal: StoreError?

  /// Whether nothing is wrong.
  public var isSound: Bool { refusal == nil && findings.isEmpty }
}

/// What an integrity check of SQLite found, a line each, without the lines that only name the
/// database.
func integrityFindings(_ rows: [String]) -> [String] {
  rows.flatMap { $0.split(separator: "\n") }.map(String.init).filter { !$0.hasPrefix("***") }
}

extension ResultStore {
  /// The version of the SQLite library in use, such as "3.51.3".
  public static var engineVersion: String {
    let found = try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }
    return (found ?? nil) ?? "unknown"
  }

  /// The schema version that this code writes.
  public static var schemaVersion: Int { Int(Schema.current.version) }

  /// Checks every page and every row of a database, and changes nothing. Takes about ten seconds
  /// for a million runs.
  public static func inspect(_ path: String) -> DatabaseInspection {
    var inspection = DatabaseInspection()
    // A connection without locks calls every mode by the name of the simplest. Before there is one
    // with locks, which closing the file would drop.
    if FileCheck.isWAL(path) == true { inspection.journalMode = "wal" }
    do throws(StoreError) {
      let store = try read(at: path, checked: false)
      store.inspect(&inspection)
      // Findings of a file that changed meanwhile are none.
      try store.refuseChanged()
    } catch {
      inspection.refusal = error
      guard case .damaged(_, let cause) = error else { return inspection }
      inspection.findings = [cause]
      salvage(at: path)?.inspect(&inspection)
    }
    return inspection
  }

  private func inspect(_ inspection: inout DatabaseInspection) {
    func checking(_ what: String, _ check: (Database) throws -> Void) {
      do {
        try queue.read(check)
      } catch {
        let error = StoreError(error, path: path)
        let cause = if case .damaged(_, let cause) = error { cause } else { "\(error)" }
        // Damage at the root has the same effect on everything.
        guard !inspection.findings.contains(where: { $0.hasSuffix(cause) }) else { return }
        inspection.findings.append("\(what): \(cause)")
      }
    }
    var found = inspection
    found.findings = []
    checking("header") { db in
      found.version = try Int.fetchOne(db, sql: "PRAGMA user_version")
      if found.journalMode == nil {
        found.journalMode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
      }
    }
    checking("pages") { db in
      let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
      if lines != ["ok"] { found.findings += integrityFindings(lines) }
    }
    checking("references") { db in
      let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
      if orphans > 0 { found.findings.append("\(orphans) rows refer to rows that are missing") }
    }
    checking("tally") { db in
      found.written = try Int.fetchOne(db, sql: "SELECT coalesce(sum(runs), 0) FROM tally")
      let difference = try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM (
            SELECT problem, setting, width, outcome, runs FROM tally WHERE runs <> 0 EXCEPT
            SELECT problem, setting, width, outcome, count(*) FROM runs GROUP BY 1, 2, 3, 4)
          """)
      if let difference, difference > 0 {
        found.findings.append("\(difference) rows of tally do not agree with runs")
      }
    }
    for (table, isIntact) in Schema.checkedTables where table != RunRow.table.name {
      checking("table \(table)") { db in
        let changed = try Int.fetchOne(
          db, sql: "SELECT count(*) FROM \(table) WHERE (\(isIntact)) IS NOT TRUE")
        if let changed, changed > 0 {
          found.findings.append("table \(table): \(changed) rows are not what was written")
        }
      }
    }
    let (readable, intact) = countResults()
    found.findings = inspection.findings + found.findings
    inspection = found
    inspection.readable = readable
    inspection.intact = intact
    if intact < readable {
      inspection.findings.append("table runs: \(readable - intact) rows are not what was written")
    }
  }

  /// How many results can be read, and how many are what was written.
  private func countResults() -> (readable: Int, intact: Int) {
    var tally = ResultTally()
    // A transaction in which damage was found cannot be ended without an error.
    try? queue.read { db in
      let query = "SELECT \(RunRow.table.allNames) FROM runs WHERE run >= ? AND run < ? ORDER BY run"
      let there = try db.makeStatement(sql: query)
      let back = try db.makeStatement(sql: query + " DESC")
      tally.add(there, back, beginning: "")
    }
    return (tally.readable, tally.intact)
  }
}

/// Counts rows of the table `runs`.
private struct ResultTally {
  var readable = 0
  var intact = 0

  /// Parts of the table whose names begin with so many digits alike are not divided any more: a few
  /// hundred rows of a million.
  private static let minPart = 3

  /// Counts the rows whose names have a certain beginning. Where SQLite gives up, it is asked for
  /// every part of them by itself, and for the smallest parts from the front and then from the
  /// back.
  ///
  /// - Parameters:
  ///   - there: selects the rows between two names.
  ///   - back: the same, the last first.
  ///   - beginning: hexadecimal digits.
  mutating func add(_ there: Statement, _ back: Statement, beginning: String) {
    var whole = self
    var last = ""
    if whole.add(
      there, beginning,
      until: { name in
        last = name
        return false
      })
    {
      self = whole
    } else if beginning.count < Self.minPart {
      for digit in "0123456789abcdef" { add(there, back, beginning: beginning + String(digit)) }
    } else {
      self = whole
      _ = add(back, beginning) { $0 <= last }
    }
  }

  /// Counts the rows that a statement yields, until one of a certain name comes.
  ///
  /// - Returns: whether there was no error.
  private mutating func add(
    _ statement: Statement, _ beginning: String, until isEnd: (String) -> Bool
  ) -> Bool {
    do {
      // After all names with this beginning comes the one with a letter behind it that is no digit.
      let rows = try Row.fetchCursor(statement, arguments: [beginning, beginning + "g"])
      while try rows.next() != nil {
        let row = StoredRow(statement)
        if isEnd(row.text(0)) { return true }
        readable += 1
        if RunRow.table.isIntact(row) { intact += 1 }
      }
      return true
    } catch {
      return false
    }
  }
}
