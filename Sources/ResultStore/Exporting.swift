import GRDB
import Model

extension ResultStore {
  /// The names of the columns of a sweep's phase map, in the order of the table; without `sweep` and `problem`, which are
  /// the same in all rows.
  public func phaseMapColumns() throws(StoreError) -> [String] {
    try wrapping {
      try queue.read { db in
        try db.columns(in: "phase_map").map(\.name).filter { $0 != "sweep" && $0 != "problem" }
      }
    }
  }

  /// Rows of the stored fit of a sweep, by γ, then γ'; empty after the last, and if there is no fit of its present
  /// problem. As they are in the database: ``phaseMap(of:)`` says whether they are what was written.
  ///
  /// - Parameters:
  ///   - columns: names among ``phaseMapColumns()``.
  ///   - point: the point of the row before; nil for the first.
  ///   - limit: how many rows at most.
  /// - Returns: the point of every row, and its values in the order of the columns.
  public func phaseMapRows(
    of sweep: Sweep, columns: [String], after point: PhasePoint?, limit: Int
  ) throws(StoreError) -> [(point: PhasePoint, values: [StoredValue])] {
    try wrapping {
      try queue.read { db in
        let names = ["gamma", "gamma_prime"] + columns.map(\.quotedDatabaseIdentifier)
        return try Row.fetchAll(
          db,
          sql: """
            SELECT \(names.joined(separator: ", ")) FROM phase_map
            WHERE sweep = ? AND problem = ? AND (gamma, gamma_prime) > (?, ?)
            ORDER BY gamma, gamma_prime LIMIT ?
            """,
          arguments: [
            sweep.name, sweep.problem.digest.description, point?.gamma ?? -.infinity,
            point?.gammaPrime ?? -.infinity, limit,
          ]
        ).map { row in
          (
            PhasePoint(gamma: row[0], gammaPrime: row[1]),
            row.databaseValues.dropFirst(2).map { StoredValue($0) }
          )
        }
      }
    }
  }
}

/// Looks results up by identity.
struct ResultLookup {
  private let statement: Statement
  private let isChecked: Bool
  private let problem: Digest
  private let path: String

  init(_ db: Database, problem: Digest, path: String) throws {
    let columns = try ResultRow.columns(db)
    statement = try db.makeStatement(sql: "SELECT \(columns) FROM runs WHERE run = ?")
    isChecked = columns.hasSuffix("checksum")
    self.problem = problem
    self.path = path
  }

  /// The result of a run; nil if there is none.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if the row is not what was written.
  func record(of identity: RunIdentity) throws -> RunRecord? {
    // A cursor over the first column alone: one over whole rows would look at the names of all columns each time.
    let names = try String.fetchCursor(statement, arguments: [identity.description])
    guard try names.next() != nil else { return nil }
    let row = ResultRow(row: StoredRow(statement))
    guard let outcome = row.outcome, !isChecked || row.row.isIntact(columns: ResultRow.columnCount) else {
      throw StoreError.damaged(path: path, cause: "the row of run \(identity) is not what was written")
    }
    return row.record(problem: problem, outcome: outcome)
  }
}

/// Looks failures up by identity.
struct FailureLookup {
  private let statement: Statement
  private let problem: Digest
  private let path: String
  /// Whether there are none at all.
  private let isEmpty: Bool

  init(_ db: Database, problem: Digest, path: String) throws {
    statement = try db.makeStatement(
      sql: "SELECT \(try FailureRecord.columns(in: db)) FROM failures WHERE run = ?")
    isEmpty = try !(Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM failures)") ?? false)
    self.problem = problem
    self.path = path
  }

  /// The failure of a run; nil if there is none.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if the row is not what was written.
  func record(of identity: RunIdentity) throws -> FailureRecord? {
    guard !isEmpty, let row = try Row.fetchOne(statement, arguments: [identity.description]) else {
      return nil
    }
    return try FailureRecord(row, problem: problem, path: path)
  }
}

extension FailureRecord {
  /// The columns that ``init(_:problem:path:)`` reads. Older schemas had no details, causes and checksums, and a reader
  /// cannot add them.
  static func columns(in db: Database) throws -> String {
    let columns = Set(try db.columns(in: "failures").map(\.name))
    return """
      run, gamma, gamma_prime, width, seed, attempts, reason, stderr_tail,
        \(columns.contains("detail") ? "detail" : "''"), \(columns.contains("cause") ? "cause" : "'attempts'"),
        problem, \(try ResultStore.isIntact("failures", in: db))
      """
  }

  /// A row of these columns.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if it is not what was written.
  init(_ row: Row, problem: Digest, path: String) throws {
    guard row[11] as Bool? == true else {
      throw StoreError.damaged(
        path: path, cause: "the row of the failed run \(row[0] as String) is not what was written")
    }
    self.init(
      identity: RunIdentity(row[0]),
      run: Run(
        point: PhasePoint(gamma: row[1], gammaPrime: row[2]), width: row[3],
        seed: UInt64(bitPattern: row[4] as Int64)),
      problem: problem, attempts: row[5], cause: row[9], reason: row[6], detail: row[8], stderrTail: row[7])
  }
}
