import Foundation
import GRDB
import GRDBSQLite
import Model

/// The database that others are merged into, in a transaction.
///
/// Rows are copied as SQLite holds them, with their checksums: reading them into values and writing them again would take
/// several times as long.
struct MergeTarget {
  private let db: Database
  private let path: String
  private let lookup: Statement
  private let insert: Statement
  private let forget: Statement
  private let hasFailures: Bool
  private var changed: Set<String> = []

  private static let columns = Schema.checkedColumns("runs") + ", checksum"
  private static let columnCount = ResultRow.columnCount + 1

  init(_ db: Database, path: String) throws {
    self.db = db
    self.path = path
    lookup = try db.cachedStatement(sql: "SELECT \(Self.columns) FROM runs WHERE run = ?")
    let values = Array(repeating: "?", count: Self.columnCount).joined(separator: ", ")
    let updates = (Schema.checked["runs", default: []].dropFirst() + ["checksum"])
      .map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    insert = try db.cachedStatement(
      sql: "INSERT INTO runs (\(Self.columns)) VALUES (\(values)) ON CONFLICT (run) DO UPDATE SET \(updates)")
    forget = try db.cachedStatement(sql: "DELETE FROM failures WHERE run = ?")
    hasFailures = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM failures)") ?? false
  }

  /// Takes what several sources say of one run.
  mutating func take(_ group: [MergeSource], into report: inout MergeReport) throws {
    var best = group[0]
    for other in group.dropFirst() {
      switch Claim(best.row).relation(to: Claim(other.row)) {
      case .same, .first: continue
      case .second: best = other
      case .conflict:
        report.note(conflict(best.row, best.path, other.row, other.path))
        return
      }
    }
    bind(text: best.row.bytes(0), to: lookup.sqliteStatement, at: 1)
    defer { sqlite3_reset(lookup.sqliteStatement) }
    if try step(lookup) {
      let recorded = StoredRow(lookup)
      switch Claim(recorded).relation(to: Claim(best.row)) {
      case .same:
        report.known += group.count
        for source in group where Claim(source.row).endsAlike(Claim(recorded)) {
          try keepMore(of: source, beside: recorded, into: &report)
        }
        return
      case .first:
        report.known += group.count
        return
      case .conflict:
        report.note(conflict(recorded, path, best.row, best.path))
        return
      case .second:
        report.replaced += 1
        for (table, _) in Self.kept {
          try db.execute(sql: "DELETE FROM \(table) WHERE run = ?", arguments: [best.row.text(0)])
        }
      }
    } else {
      report.added += 1
    }
    report.known += group.count - 1
    best.row.bind(columns: Self.columnCount, to: insert.sqliteStatement)
    try run(insert)
    changed.insert(best.row.text(1))
    if hasFailures {
      bind(text: best.row.bytes(0), to: forget.sqliteStatement, at: 1)
      try run(forget)
    }
    if best.holdsFlowRecords {
      let lost = try copyKept(of: best, into: &report)
      if !lost.isEmpty {
        try setKeep(Observables(stored: best.row.text(20)).subtracting(lost), of: best.row.text(0))
      }
    }
    for source in group where source !== best && Claim(source.row).endsAlike(Claim(best.row)) {
      try addKept(of: source, into: &report)
    }
  }

  /// Adds what a source has kept of a run whose result has just been recorded.
  private func addKept(of source: MergeSource, into report: inout MergeReport) throws {
    sqlite3_reset(lookup.sqliteStatement)
    if try step(lookup) { try keepMore(of: source, beside: StoredRow(lookup), into: &report) }
  }

  /// Takes the failures of a source that no result here has overtaken.
  mutating func takeFailures(of source: MergeSource, into report: inout MergeReport) throws {
    let names = Schema.checked["failures", default: []]
    let all = names.joined(separator: ", ") + ", checksum"
    let values = Array(repeating: "?", count: names.count + 1).joined(separator: ", ")
    let updates = (names.dropFirst() + ["checksum"]).map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let insert = try db.cachedStatement(
      sql: """
        INSERT INTO failures (\(all)) VALUES (\(values))
        ON CONFLICT (run) DO UPDATE SET \(updates) WHERE excluded.attempts > failures.attempts
        """)
    // Of its own result, if it has one, the failure is later.
    let sql = """
      SELECT f.*, r.budget_steps, r.budget_wall_seconds, r.budget_time, r.steps, r.run IS NOT NULL
      FROM (SELECT \(all) FROM failures) AS f LEFT JOIN runs AS r USING (run)
      """
    let count = names.count
    try source.forEachRow(sql) { row in
      guard row.isIntact(columns: count) else {
        report.noteDamagedRow(in: source.path)
        return
      }
      bind(text: row.bytes(0), to: lookup.sqliteStatement, at: 1)
      defer { sqlite3_reset(lookup.sqliteStatement) }
      if try step(lookup) {
        let recorded = Claim(StoredRow(lookup))
        let own = Budget(
          steps: row.integer(count + 1), wallSeconds: row.number(count + 2), time: row.numberIfAny(count + 3))
        let isLater =
          row.integer(count + 5) == 1 && own.covers(recorded.budget)
          && row.integer(count + 4) >= recorded.steps
        guard !recorded.isFinal, isLater else { return }
      }
      row.bind(columns: count + 1, to: insert.sqliteStatement)
      try run(insert)
      if db.changesCount > 0 {
        report.failures += 1
        changed.insert(row.text(1))
      }
    }
  }

  /// Says that fits made before are no longer current.
  func finish() throws {
    for problem in changed {
      try db.execute(sql: "UPDATE problem SET changes = changes + 1 WHERE digest = ?", arguments: [problem])
    }
  }

  // MARK: What is kept beside results

  private static let kept: [(table: String, what: Observables)] = [
    ("trajectory", .trajectory), ("neurons", .neurons), ("learned_function", .function),
  ]

  /// Adds what a source has kept of a run beside the same result here.
  private func keepMore(
    of source: MergeSource, beside recorded: StoredRow, into report: inout MergeReport
  ) throws {
    let (asked, known) = (Observables(stored: source.row.text(20)), Observables(stored: recorded.text(20)))
    guard !asked.isSubset(of: known) else { return }
    let name = recorded.text(0)
    let lost = source.holdsFlowRecords ? try copyKept(of: source, into: &report) : []
    let all = asked.subtracting(lost).union(known)
    if all != known { try setKeep(all, of: name) }
  }

  /// Says what is kept of a run.
  private func setKeep(_ what: Observables, of run: String) throws {
    let before = Schema.checked["runs", default: []].dropLast().joined(separator: ", ")
    try db.execute(
      sql: "UPDATE runs SET keep = ?1, checksum = gammaplane_checksum(\(before), ?1) WHERE run = ?2",
      arguments: [what.names.joined(separator: " "), run])
  }

  /// Copies what a source has kept of the run at which it is, as far as it is what was written and not here.
  ///
  /// - Returns: what is damaged; whoever asks for it has the run done again.
  private func copyKept(of source: MergeSource, into report: inout MergeReport) throws -> Observables {
    var lost: Observables = []
    for (table, what) in Self.kept {
      let names = Schema.checked[table, default: []]
      let columns = names.joined(separator: ", ") + ", checksum"
      do {
        try source.withRow(of: table, run: source.row.bytes(0), columns: columns) { row in
          guard row.isIntact(columns: names.count) else {
            lost.insert(what)
            return
          }
          let values = Array(repeating: "?", count: names.count + 1).joined(separator: ", ")
          let insert = try db.cachedStatement(
            sql: "INSERT INTO \(table) (\(columns)) VALUES (\(values)) ON CONFLICT (run) DO NOTHING")
          row.bind(columns: names.count + 1, to: insert.sqliteStatement)
          try run(insert)
        }
      } catch is MergeSource.Refusal {
        lost.insert(what)
      }
    }
    if !lost.isEmpty { report.noteDamagedRow(in: source.path) }
    return lost
  }

  // MARK: Statements

  private func step(_ statement: Statement) throws -> Bool {
    switch sqlite3_step(statement.sqliteStatement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw failure(code)
    }
  }

  private func run(_ statement: Statement) throws {
    let code = sqlite3_step(statement.sqliteStatement)
    sqlite3_reset(statement.sqliteStatement)
    guard code == SQLITE_DONE else { throw failure(code) }
  }

  private func failure(_ code: Int32) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: sqlite3_extended_errcode(db.sqliteConnection)),
      message: db.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) } ?? "code \(code)")
  }

  private func conflict(_ a: StoredRow, _ aPath: String, _ b: StoredRow, _ bPath: String) -> MergeConflict {
    func side(_ row: StoredRow, _ path: String) -> MergeConflict.Side {
      MergeConflict.Side(
        path: path, outcome: row.text(6), rd: row.number(8), supRD: row.number(9),
        meanSquaredResidual: row.number(10), time: row.number(11), steps: row.integer(12))
    }
    let result = ResultRow(row: b)
    return MergeConflict(
      identity: result.identity, run: result.run, first: side(a, aPath), second: side(b, bPath))
  }
}

/// What a row says of its run, as far as two of them can contradict each other.
private struct Claim {
  enum Relation {
    case same
    /// The first, or the second, goes farther.
    case first, second
    case conflict
  }

  private let row: StoredRow
  init(_ row: StoredRow) { self.row = row }

  var isFinal: Bool { !row.bytes(6).elementsEqual("budget".utf8) }
  var budget: Budget { ResultRow(row: row).budget }
  var steps: Int { row.integer(12) }

  func endsAlike(_ other: Claim) -> Bool {
    row.bytes(6).elementsEqual(other.row.bytes(6)) && steps == other.steps
  }

  private func agrees(with other: Claim) -> Bool {
    endsAlike(other) && (8...11).allSatisfy { row.number($0) == other.row.number($0) }
  }

  func relation(to other: Claim) -> Relation {
    switch (isFinal, other.isFinal) {
    case (true, true): return agrees(with: other) ? .same : .conflict
    case (true, false): return .first
    case (false, true): return .second
    case (false, false):
      let (own, others) = (budget, other.budget)
      if own != others {
        if others.covers(own) { return .second }
        if own.covers(others) { return .first }
      }
      // For want of seconds a run may end anywhere: the one that came farther counts.
      if steps != other.steps { return steps > other.steps ? .first : .second }
      let (time, othersTime) = (row.number(11), other.row.number(11))
      if time != othersTime { return time > othersTime ? .first : .second }
      return agrees(with: other) ? .same : .conflict
    }
  }
}
