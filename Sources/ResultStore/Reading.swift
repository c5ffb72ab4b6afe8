import GRDB
import LimitFit
import Model

extension ResultStore {
  /// What is recorded of every run of a problem, whichever sweep it belongs to.
  public func recordedStates(of problem: Digest) throws(StoreError) -> [RunIdentity: KnownState] {
    try wrapping {
      try queue.read { db in
        var states: [RunIdentity: KnownState] = [:]
        states.reserveCapacity(try Int.fetchOne(db, sql: "SELECT count(*) FROM runs") ?? 0)
        try forEachResult(of: problem, in: db) { row in states[row.identity] = try known(row) }
        try forEachFailedRun(of: problem, in: db) { identity, _, attempts in
          states[identity] = .failed(attempts: attempts)
        }
        return states
      }
    }
  }

  /// Visits every run of a sweep of which something is recorded with its place in the order of ``RunSet``; a run that
  /// failed after it had a result twice, the failure last. Keeps nothing, so that a million runs are read in a few
  /// seconds and no memory.
  public func forEachKnownRun(
    of sweep: Sweep, _ body: (Int, Run, KnownState) -> Void
  ) throws(StoreError) {
    let runs = RunSet(sweep)
    try wrapping {
      try queue.read { db in
        try forEachResult(of: sweep.problem.digest, in: db) { row in
          let run = row.run
          if let index = runs.place(of: run) { body(index, run, try known(row)) }
        }
        try forEachFailedRun(of: sweep.problem.digest, in: db) { _, run, attempts in
          if let index = runs.place(of: run) { body(index, run, .failed(attempts: attempts)) }
        }
      }
    }
  }

  private func known(_ row: ResultRow) throws -> KnownState {
    .finished(try outcome(row), budget: row.budget, kept: row.keep)
  }

  /// All runs of a sweep as the fit sees them, by γ, γ', width, seed. A run without a row is pending.
  public func observations(of sweep: Sweep) throws(StoreError) -> [Observation] {
    let runs = RunSet(sweep)
    let problem = sweep.problem.digest
    var states = [Observation.State](repeating: .pending, count: runs.count)
    try wrapping {
      try queue.read { db in
        try forEachResult(of: problem, in: db) { row in
          guard let index = runs.place(of: row.run) else { return }
          states[index] = .finished(try outcome(row), supRD: row.supRD)
        }
        try forEachFailedRun(of: problem, in: db) { _, run, _ in
          if let index = runs.place(of: run) { states[index] = .failed }
        }
      }
    }
    return zip(runs, states).map { Observation(run: $0, state: $1) }
  }

  /// All results of a sweep with every column, by γ, γ', width, seed.
  public func records(of sweep: Sweep) throws(StoreError) -> [RunRecord] {
    let runs = RunSet(sweep)
    let problem = sweep.problem.digest
    return try wrapping {
      var records: [(Int, RunRecord)] = []
      try queue.read { db in
        try forEachResult(of: problem, in: db) { row in
          guard let index = runs.place(of: row.run) else { return }
          records.append((index, row.record(problem: problem, outcome: try outcome(row))))
        }
      }
      return records.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// Visits all results of a problem in the order of their identities, after checking every row of the table.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` at the first row that is not what was written, that is not in its
  ///   place, or if rows are missing.
  func forEachResult(of problem: Digest, in db: Database, _ body: (ResultRow) throws -> Void) throws {
    let columns = try ResultRow.columns(db)
    let statement = try db.makeStatement(sql: "SELECT \(columns) FROM runs ORDER BY run")
    let isChecked = columns.hasSuffix("checksum")
    let digest = Array(problem.description.utf8)
    var previous: [UInt8] = []
    var number = 0
    let rows = try Row.fetchCursor(statement)
    while try rows.next() != nil {
      let row = ResultRow(row: StoredRow(statement))
      number += 1
      if isChecked {
        let name = row.row.bytes(0)
        guard row.row.isIntact(columns: ResultRow.columnCount), previous.lexicographicallyPrecedes(name)
        else {
          throw StoreError.damaged(
            path: path, cause: "the row of run \(row.identity) is not what was written")
        }
        previous.replaceSubrange(previous.startIndex..., with: name)
      }
      if row.row.bytes(1).elementsEqual(digest) { try body(row) }
    }
    guard isChecked else { return }
    let tallied = try Int.fetchOne(db, sql: "SELECT coalesce(sum(runs), 0) FROM tally") ?? 0
    guard tallied == number else {
      throw StoreError.damaged(path: path, cause: "\(tallied) results were written, and \(number) are there")
    }
  }

  /// Visits identity, run and attempts of all failures of a problem.
  func forEachFailedRun(
    of problem: Digest, in db: Database, _ body: (RunIdentity, Run, Int) throws -> Void
  ) throws {
    try forEachFailure(of: problem, in: db) { try body($0.identity, $0.run, $0.attempts) }
  }

  /// Visits all failures of a problem, by γ, γ', width, seed.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` at a row that is not what was written.
  func forEachFailure(of problem: Digest, in db: Database, _ body: (FailureRecord) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT \(try FailureRecord.columns(in: db)) FROM failures ORDER BY gamma, gamma_prime, width, seed
        """)
    let digest = problem.description
    while let row = try rows.next() {
      let failure = try FailureRecord(row, problem: problem, path: path)
      if row[10] == digest { try body(failure) }
    }
  }

  /// The runs of a sweep that were set aside, by γ, γ', width, seed.
  public func failures(of sweep: Sweep) throws(StoreError) -> [FailureRecord] {
    var records: [FailureRecord] = []
    try forEachFailure(of: sweep) { records.append($0) }
    return records
  }

  /// The runs of a sweep that were set aside by reason, the most frequent first.
  public func failureGroups(of sweep: Sweep) throws(StoreError) -> [FailureGroup] {
    var groups: [String: FailureGroup] = [:]
    try forEachFailure(of: sweep) { groups[$0.reason, default: FailureGroup(runs: 0, example: $0)].runs += 1 }
    return groups.values.sorted { ($1.runs, $0.example.reason) < ($0.runs, $1.example.reason) }
  }

  private func forEachFailure(of sweep: Sweep, _ body: (FailureRecord) -> Void) throws(StoreError) {
    let runs = RunSet(sweep)
    try wrapping {
      try queue.read { db in
        try forEachFailure(of: sweep.problem.digest, in: db) { if runs.place(of: $0.run) != nil { body($0) } }
      }
    }
  }

  private func outcome(_ row: ResultRow) throws -> Outcome {
    guard let outcome = row.outcome else {
      throw StoreError.damaged(path: path, cause: "“\(row.row.text(6))” is no outcome".onOneLine)
    }
    return outcome
  }
}
