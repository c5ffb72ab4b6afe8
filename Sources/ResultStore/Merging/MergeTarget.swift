import Foundation
import GRDB
import GRDBSQLite
import Model

/// The database that others are merged into, in a transaction.
///
/// Rows are copied as SQLite holds them, with their checksums: reading them into values and writing
/// them again would take several times as long.
struct MergeTarget {
  private let db: Database
  private let path: String
  private let lookup: Statement
  private let insert: Statement
  private let forget: Statement
  private let hasFailures: Bool
  private var changed: Set<Int64> = []

  private static let provenance = CInt(RunRow.table.index(of: "provenance") + 1)

  init(_ db: Database, path: String) throws {
    self.db = db
    self.path = path
    let table = RunRow.table
    lookup = try db.cachedStatement(sql: "SELECT \(table.allNames) FROM runs WHERE run = ?")
    insert = try db.cachedStatement(
      sql: "\(table.insert) ON CONFLICT (run) DO UPDATE SET \(table.updates)")
    forget = try db.cachedStatement(sql: "DELETE FROM failures WHERE run = ?")
    hasFailures = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM failures)") ?? false
  }

  /// Copies what runs of a source refer to: problems, settings, provenances; and the names in its
  /// vocabulary. Rows that are not what was written are left out, and so are the runs that refer to
  /// them.
  func copyReferences(of source: MergeSource, into report: inout MergeReport) throws {
    for table in Self.references {
      let insert = try db.cachedStatement(sql: "\(table.insert) ON CONFLICT DO NOTHING")
      try source.forEachRow("SELECT \(table.columns) FROM \(table.name)", into: &report) { row, report in
        guard table.isIntact(row) else {
          report.noteDamagedRow(in: source.path)
          return
        }
        row.bind(columns: table.count, to: insert.sqliteStatement)
        try insert.run(in: db)
      }
    }
    var origins = Origins()
    try source.forEachRow("SELECT problem, provenance, last_at FROM origin", into: &report) { row, _ in
      origins.add(problem: row.int64(0), provenance: row.int64(1), at: row.text(2))
    }
    try origins.write(in: db)
    var names: [Views.Kind: Set<String>] = [:]
    try source.forEachRow("SELECT kind, name FROM vocabulary", into: &report) { row, _ in
      if let kind = Views.Kind(rawValue: row.text(0)) { names[kind, default: []].insert(row.text(1)) }
    }
    try Views.add(names, in: db)
  }

  /// A table to whose rows runs refer.
  private struct Reference: Sendable {
    let name: String
    let columns: String
    let count: Int
    let insert: String
    let isIntact: @Sendable (StoredRow) -> Bool

    init<Row>(_ table: Table<Row>) {
      name = table.name
      columns = table.allNames
      count = table.columns.count + 1
      insert = table.insert
      isIntact = { table.isIntact($0) }
    }
  }

  private static let references = [
    Reference(ProblemRow.table), Reference(SettingRow.table), Reference(ProvenanceRow.table),
  ]

  /// Takes the results that several sources have of one run.
  mutating func take(_ group: [MergeSource], into report: inout MergeReport) throws {
    var best = group[0]
    for other in group.dropFirst() {
      switch Claim(best.run).relation(to: Claim(other.run)) {
      case .same, .first: continue
      case .second: best = other
      case .conflict:
        report.note(try conflict(best.run, best.path, other.run, other.path))
        return
      }
    }
    bind(text: best.run.digits, to: lookup.sqliteStatement, at: 1)
    defer { lookup.reset() }
    let isRecorded = try lookup.step(in: db)
    if isRecorded {
      let recorded = StoredRun(row: StoredRow(lookup))
      switch Claim(recorded).relation(to: Claim(best.run)) {
      case .same:
        report.known += group.count
        for source in group where Claim(source.run).endsAlike(Claim(recorded)) {
          try recordMore(of: source, beside: recorded, into: &report)
        }
        return
      case .first:
        report.known += group.count
        return
      case .conflict:
        report.note(try conflict(recorded, path, best.run, best.path))
        return
      case .second:
        try db.execute(
          sql: "DELETE FROM array WHERE run = ?", arguments: [best.run.identity.description])
      }
    }
    guard try copy(best) else {
      for source in group { source.noteDamage() }
      return
    }
    if isRecorded { report.replaced += 1 } else { report.added += 1 }
    report.known += group.count - 1
    changed.insert(best.run.problem)
    if hasFailures {
      bind(text: best.run.digits, to: forget.sqliteStatement, at: 1)
      try forget.run(in: db)
    }
    if best.hasArrays {
      let lost = try copyArrays(of: best, into: &report)
      if !lost.isEmpty {
        try db.setRecord(best.run.record().subtracting(lost), of: best.run.identity.description)
      }
    }
    for source in group where source !== best && Claim(source.run).endsAlike(Claim(best.run)) {
      lookup.reset()
      guard try lookup.step(in: db) else { continue }
      try recordMore(of: source, beside: StoredRun(row: StoredRow(lookup)), into: &report)
    }
  }

  /// Copies the present row of a source. A provenance that is lost is left out.
  ///
  /// - Returns: whether all else that it refers to is here.
  private func copy(_ source: MergeSource) throws -> Bool {
    source.run.row.bind(columns: RunRow.table.columns.count + 1, to: insert.sqliteStatement)
    if try insertRun() { return true }
    sqlite3_bind_null(insert.sqliteStatement, Self.provenance)
    guard try insertRun() else { return false }
    try db.renewChecksum(of: source.run.identity.description)
    return true
  }

  /// Inserts the row that is bound; false if it refers to something that is not here.
  private func insertRun() throws -> Bool {
    do {
      try insert.run(in: db)
      return true
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
      return false
    }
  }

  /// Takes the failures of a source that no result here has overtaken.
  mutating func takeFailures(of source: MergeSource, into report: inout MergeReport) throws {
    let table = FailureRow.table
    let insert = try db.cachedStatement(
      sql: """
        \(table.insert) ON CONFLICT (run) DO UPDATE SET \(table.updates)
        WHERE excluded.attempts > failures.attempts
        """)
    // Of its own result, if it has one, the failure is later.
    let sql = """
      SELECT f.*, r.budget_steps, r.budget_wall_seconds, r.budget_time, r.budget_epochs, r.steps, r.run IS NOT NULL
      FROM (SELECT \(table.allNames) FROM failures) AS f LEFT JOIN runs AS r USING (run)
      """
    let count = table.columns.count + 1
    try source.forEachRow(sql, into: &report) { row, report in
      guard table.isIntact(row) else {
        report.noteDamagedRow(in: source.path)
        return
      }
      bind(text: row.bytes(0), to: lookup.sqliteStatement, at: 1)
      defer { lookup.reset() }
      if try lookup.step(in: db) {
        let recorded = Claim(StoredRun(row: StoredRow(lookup)))
        let own = Budget(
          steps: row.integer(count), wallSeconds: row.number(count + 1), time: row.numberIfAny(count + 2),
          epochs: row.numberIfAny(count + 3))
        let isLater =
          row.integer(count + 5) == 1 && own.covers(recorded.budget)
          && row.integer(count + 4) >= recorded.steps
        guard !recorded.isFinal, isLater else { return }
      }
      row.bind(columns: count, to: insert.sqliteStatement)
      do {
        guard try insert.run(in: db) > 0 else { return }
      } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
        report.noteDamagedRow(in: source.path)
        return
      }
      report.failures += 1
      changed.insert(row.int64(Self.problemOfFailure))
    }
  }

  private static let problemOfFailure = FailureRow.table.index(of: "problem")

  /// Notes that fits made before are no longer current.
  func finish() throws {
    for problem in changed { try ResultStore.noteChange(db, of: problem) }
  }

  // MARK: Arrays

  /// Adds the arrays and quantities that a source has of a run beside the same result here.
  private mutating func recordMore(
    of source: MergeSource, beside recorded: StoredRun, into report: inout MergeReport
  ) throws {
    let (asked, known) = (try source.run.record(), try recorded.record())
    guard !asked.isSubset(of: known) else { return }
    let name = recorded.identity.description
    let lost = source.hasArrays ? try copyArrays(of: source, into: &report) : []
    var text = NumbersText()
    if let quantities = text.numbers(source.run.quantities),
      try db.addQuantities(quantities, to: name)
    {
      changed.insert(source.run.problem)
    }
    let all = asked.subtracting(lost).union(known)
    if all != known { try db.setRecord(all, of: name) }
  }

  /// Copies the arrays that a source has of the present run, as far as they are what was written
  /// and not here.
  ///
  /// - Returns: what was asked to be recorded and is damaged: the run is done again for it.
  private func copyArrays(
    of source: MergeSource, into report: inout MergeReport
  ) throws -> RecordNames {
    let table = ArrayRow.table
    var lost: RecordNames = []
    let asked = try source.run.record()
    let insert = try db.cachedStatement(sql: "\(table.insert) ON CONFLICT DO NOTHING")
    do {
      try source.forEachArray { row in
        guard table.isIntact(row) else {
          let name = row.text(1)
          let owners = asked.names.filter { RecordNames([$0]).covers(array: name) }
          // What a damaged name was is not known.
          lost.formUnion(owners.isEmpty ? asked : RecordNames(owners))
          return
        }
        row.bind(columns: table.columns.count + 1, to: insert.sqliteStatement)
        try insert.run(in: db)
      }
    } catch is MergeSource.Refusal {
      lost = asked
    }
    if !lost.isEmpty { report.noteDamagedRow(in: source.path) }
    return lost
  }

  private func conflict(
    _ a: StoredRun, _ aPath: String, _ b: StoredRun, _ bPath: String
  ) throws -> MergeConflict {
    var text = NumbersText()
    func side(_ run: StoredRun, _ path: String) -> MergeConflict.Side {
      MergeConflict.Side(
        path: path, outcome: String(decoding: run.outcomeText, as: UTF8.self),
        quantities: text.numbers(run.quantities) ?? .none, steps: run.steps)
    }
    var settings = try SettingLookup(db, path: path, known: [:])
    return MergeConflict(
      identity: b.identity,
      run: Run((try? settings.setting(b.setting)) ?? .none, width: b.width, seed: b.seed),
      first: side(a, aPath), second: side(b, bPath))
  }
}

extension RecordNames {
  /// These without others.
  func subtracting(_ other: RecordNames) -> RecordNames { RecordNames(names.filter { !other.contains($0) }) }

  /// Whether an array belongs to what is asked for.
  func covers(array name: String) -> Bool {
    let arrays: RecordedArrays = [name: NumericArray([], shape: [0])]
    return !arrays.restricted(to: self).isEmpty
  }
}

/// What a row states of its run, as far as two of them can contradict each other.
private struct Claim {
  enum Relation {
    case same
    /// The first, or the second, goes farther.
    case first, second
    case conflict
  }

  private let run: StoredRun
  init(_ run: StoredRun) { self.run = run }

  private static let time = NumberFinder(Trajectory.timeColumn)

  var isFinal: Bool { !run.outcomeText.elementsEqual(RunRow.cutShort.utf8) }
  var budget: Budget { run.budget }
  var steps: Int { run.steps }

  func endsAlike(_ other: Claim) -> Bool {
    run.outcomeText.elementsEqual(other.run.outcomeText) && steps == other.steps
  }

  /// Equal quantities have one text. One may have more of them that were asked for.
  private func agrees(with other: Claim) -> Bool {
    guard endsAlike(other) else { return false }
    if run.quantities.elementsEqual(other.run.quantities) { return true }
    guard let (own, others) = try? (run.record(), other.run.record()), own != others else { return false }
    var text = NumbersText()
    guard let own = text.numbers(run.quantities), let others = text.numbers(other.run.quantities) else {
      return false
    }
    return own.pairs.allSatisfy { name, value in others[name].map { $0 == value } ?? true }
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
      let (time, othersTime) = (
        Self.time.number(in: run.quantities) ?? 0, Self.time.number(in: other.run.quantities) ?? 0
      )
      if time != othersTime { return time > othersTime ? .first : .second }
      if agrees(with: other) { return .same }
      // A worker that counts neither steps nor time does not tell how far it came.
      guard steps == 0, time == 0 else { return .conflict }
      return run.wallSeconds >= other.run.wallSeconds ? .first : .second
    }
  }
}
