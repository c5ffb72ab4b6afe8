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
        try forEachResult(of: problem, in: db) { run in states[run.identity] = try run.state }
        try forEachFailure(of: problem, in: db) { failure in
          states[failure.identity] = .failed(attempts: failure.attempts)
        }
        return states
      }
    }
  }

  /// Visits every run of a sweep of which something is recorded with its index in ``RunSet``; a run that
  /// failed after it had a result twice, the failure last. Keeps nothing, so that a million runs are read in
  /// a few seconds and no memory.
  public func forEachKnownRun(
    of sweep: Sweep, _ body: (Int, Run, KnownState) -> Void
  ) throws(StoreError) {
    try forEachRun(
      of: sweep, result: { body($0, $1, try $2.state) },
      failure: { body($0, $1, .failed(attempts: $2.attempts)) })
  }

  /// All runs of a sweep as a fit of one quantity sees them, by setting, width, seed. A run without a row is
  /// pending.
  public func observations(of sweep: Sweep, quantity: String) throws(StoreError) -> [Observation] {
    let runs = RunSet(sweep)
    let finder = NumberFinder(quantity)
    var states = [Observation.State](repeating: .pending, count: runs.count)
    try forEachRun(
      of: sweep,
      result: { index, _, run in
        states[index] = .finished(try run.outcome(), value: finder.number(in: run.quantities))
      }, failure: { index, _, _ in states[index] = .failed })
    return zip(runs, states).map { Observation(run: $0, state: $1) }
  }

  /// All results of a sweep with every column, by setting, width, seed.
  public func records(of sweep: Sweep) throws(StoreError) -> [RunRecord] {
    let problem = sweep.problem.digest
    var records: [(index: Int, record: RunRecord)] = []
    try wrapping {
      try queue.read { db in
        var reader = try RecordReader(db, problem: problem, path: path)
        try forEachRun(
          of: sweep, in: db, result: { records.append(($0, try reader.record($2, $1))) },
          failure: { _, _, _ in })
      }
    }
    records.sort { $0.index < $1.index }
    return records.map(\.record)
  }

  /// The runs of a sweep that failed, by setting, width, seed.
  public func failures(of sweep: Sweep) throws(StoreError) -> [FailureRecord] {
    let problem = sweep.problem.digest
    var failures: [(index: Int, failure: FailureRecord)] = []
    try forEachRun(
      of: sweep, result: nil,
      failure: { failures.append(($0, $2.failure(at: $1.setting, of: problem))) })
    failures.sort { $0.index < $1.index }
    return failures.map(\.failure)
  }

  /// The runs of a sweep that failed by reason, the most frequent first.
  public func failureGroups(of sweep: Sweep) throws(StoreError) -> [FailureGroup] {
    let problem = sweep.problem.digest
    var groups: [String: (index: Int, group: FailureGroup)] = [:]
    try forEachRun(
      of: sweep, result: nil,
      failure: { index, run, failure in
        let example = { failure.failure(at: run.setting, of: problem) }
        var entry = groups[failure.reason] ?? (index, FailureGroup(runs: 0, example: example()))
        entry.group.runs += 1
        if index < entry.index {
          entry.index = index
          entry.group.example = example()
        }
        groups[failure.reason] = entry
      })
    return groups.values.map(\.group)
      .sorted { ($1.runs, $0.example.reason) < ($0.runs, $1.example.reason) }
  }
}

// MARK: Visiting rows

extension ResultStore {
  /// Visits the runs of a sweep of which something is recorded, failures last.
  ///
  /// - Parameter result: nil: results are not read.
  private func forEachRun(
    of sweep: Sweep, result: ((Int, Run, StoredRun) throws -> Void)?,
    failure: (Int, Run, FailureRow) throws -> Void
  ) throws(StoreError) {
    try wrapping {
      try queue.read { db in try forEachRun(of: sweep, in: db, result: result, failure: failure) }
    }
  }

  func forEachRun(
    of sweep: Sweep, in db: Database, result: ((Int, Run, StoredRun) throws -> Void)?,
    failure: (Int, Run, FailureRow) throws -> Void
  ) throws {
    let problem = sweep.problem.digest
    try withSettings(db) { settings in
      var index = SweepIndex(sweep)
      if let result {
        try forEachResult(of: problem, in: db) { run in
          let found = try index.run(run.setting, width: run.width, seed: run.seed, &settings)
          if let found { try result(found.index, found.run, run) }
        }
      }
      try forEachFailure(of: problem, in: db) { row in
        let found = try index.run(row.setting, width: row.width, seed: row.seed, &settings)
        if let found { try failure(found.index, found.run, row) }
      }
    }
  }

  /// Visits all results of a problem in the order of their identities, after checking every row of the
  /// table.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` at the first row that is not what was written, that is not
  ///   in its place, or if rows are missing.
  func forEachResult(of problem: Digest, in db: Database, _ body: (StoredRun) throws -> Void) throws {
    let table = RunRow.table
    let statement = try db.makeStatement(sql: "SELECT \(table.allNames) FROM runs ORDER BY run")
    let id = problem.contentID
    var previous: [UInt8] = []
    var number = 0
    try statement.forEachRow(in: db) { row in
      let run = StoredRun(row: row)
      number += 1
      let digits = run.digits
      guard table.isIntact(row), previous.lexicographicallyPrecedes(digits) else {
        throw StoreError.damaged(
          path: path, cause: "the row of run \(run.identity) is not what was written".onOneLine)
      }
      previous.replaceSubrange(previous.startIndex..., with: digits)
      if run.problem == id { try body(run) }
    }
    let tallied = try Int.fetchOne(db, sql: "SELECT coalesce(sum(runs), 0) FROM tally") ?? 0
    guard tallied == number else {
      throw StoreError.damaged(path: path, cause: "\(tallied) results were written, and \(number) are there")
    }
  }

  /// Visits all failures of a problem, in the order of their identities.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` at a row that is not what was written.
  func forEachFailure(of problem: Digest, in db: Database, _ body: (FailureRow) throws -> Void) throws {
    let table = FailureRow.table
    let statement = try db.makeStatement(sql: "SELECT \(table.allNames) FROM failures ORDER BY run")
    let id = problem.contentID
    try statement.forEachRow(in: db) { stored in
      let row = try FailureRow(stored, path: path)
      if row.problem == id { try body(row) }
    }
  }
}

extension StoredRun {
  /// What the planner learns of the run.
  var state: KnownState {
    get throws { .finished(try outcome(), budget: budget, recorded: try record()) }
  }
}

extension FailureRow {
  /// The present row of a statement that selects the columns of ``table`` first.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if it is not what was written.
  init(_ stored: StoredRow, path: String) throws {
    self = try Self.table.row(stored, over: FailureRow())
    guard Self.table.isIntact(stored) else {
      throw StoreError.damaged(
        path: path, cause: "the row of the failed run \(identity) is not what was written".onOneLine)
    }
  }
}

/// Makes records of rows of the table `runs`.
struct RecordReader {
  private let problem: Digest
  private var provenances: ProvenanceLookup
  private var row = RunRow()

  init(_ db: Database, problem: Digest, path: String) throws {
    self.problem = problem
    provenances = try ProvenanceLookup(db, path: path)
  }

  /// The record of a row.
  mutating func record(_ stored: StoredRun, _ run: Run) throws -> RunRecord {
    row = try RunRow.table.row(stored.row, over: row)
    return RunRecord(
      identity: row.identity, run: run, problem: problem, result: row.result, budget: row.budget,
      attempts: row.attempts, record: row.record, provenance: try row.provenance.map { try provenances[$0] },
      finishedAt: row.finishedAt)
  }
}
