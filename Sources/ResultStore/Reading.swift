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

  /// Visits every run of a sweep of which something is recorded with its index in ``RunSet``; a run
  /// that failed after it had a result twice, the failure last. Keeps nothing, so that a million
  /// runs are read in a few seconds and no memory.
  public func forEachKnownRun(
    of sweep: Sweep, _ body: (Int, Run, KnownState) -> Void
  ) throws(StoreError) {
    try reading(sweep) { rows in
      try rows.forEachResult { body($0, $1, try $2.state) }
      try rows.forEachFailure { body($0, $1, .failed(attempts: $2.attempts)) }
    }
  }

  /// All runs of a sweep as a fit of one quantity sees them, by setting, width, seed. A run without
  /// a row is pending.
  public func observations(of sweep: Sweep, quantity: String) throws(StoreError) -> [Observation] {
    let runs = RunSet(sweep)
    let finder = NumberFinder(quantity)
    var states = [Observation.State](repeating: .pending, count: runs.count)
    var limits: [Int: ComputedLimit] = [:]
    try reading(sweep) { rows in
      var text = NumbersText()
      try rows.forEachResult { index, run, stored in
        states[index] = Observation.State(
          try stored.outcome(), reason: stored.reason, value: finder.number(in: stored.quantities),
          of: quantity)
        if run.isLimit, let quantities = text.numbers(stored.quantities) {
          limits[index] = ComputedLimit(quantities, of: quantity)
        }
      }
      try rows.forEachFailure { index, _, _ in
        states[index] = .failed
        limits[index] = nil
      }
    }
    return runs.indices.map { Observation(run: runs[$0], state: states[$0], limit: limits[$0]) }
  }

  /// All results of a sweep with every column, by setting, width, seed.
  public func records(of sweep: Sweep) throws(StoreError) -> [RunRecord] {
    let problem = sweep.problem.digest
    var records: [RunRecord] = []
    // Records are large: their order is sorted instead.
    var order: [(run: Int, record: Int)] = []
    try reading(sweep) { rows in
      var reader = try RecordReader(rows.db, problem: problem, path: path)
      try rows.forEachResult { index, run, stored in
        order.append((index, records.count))
        records.append(try reader.record(stored, run))
      }
    }
    order.sort { $0.run < $1.run }
    return order.map { records[$0.record] }
  }

  /// The runs of a sweep that failed, by setting, width, seed.
  public func failures(of sweep: Sweep) throws(StoreError) -> [FailureRecord] {
    let problem = sweep.problem.digest
    var failures: [(index: Int, failure: FailureRecord)] = []
    try reading(sweep) { rows in
      try rows.forEachFailure { failures.append(($0, $2.failure(at: $1.setting, of: problem))) }
    }
    failures.sort { $0.index < $1.index }
    return failures.map(\.failure)
  }

  /// The runs of a sweep that failed by reason, the most frequent first.
  public func failureGroups(of sweep: Sweep) throws(StoreError) -> [FailureGroup] {
    let problem = sweep.problem.digest
    var groups: [String: (index: Int, group: FailureGroup)] = [:]
    try reading(sweep) { rows in
      try rows.forEachFailure { index, run, failure in
        let example = { failure.failure(at: run.setting, of: problem) }
        var entry = groups[failure.reason] ?? (index, FailureGroup(runs: 0, example: example()))
        entry.group.runs += 1
        if index < entry.index {
          entry.index = index
          entry.group.example = example()
        }
        groups[failure.reason] = entry
      }
    }
    return groups.values.map(\.group)
      .sorted { ($1.runs, $0.example.reason) < ($0.runs, $1.example.reason) }
  }
}

// MARK: Rows

/// What is recorded of the runs of a sweep, row by row, in one transaction.
struct SweepRows {
  let store: ResultStore
  let db: Database
  var index: SweepIndex
  var settings: SettingLookup

  /// Visits the runs that have a result, with their indices.
  mutating func forEachResult(_ body: (Int, Run, StoredRun) throws -> Void) throws {
    try store.forEachResult(of: index.problem, in: db) { row in
      let found = try index.run(row.setting, width: row.width, seed: row.seed, &settings)
      if let found { try body(found.index, found.run, row) }
    }
  }

  /// Visits the runs that failed, with their indices.
  mutating func forEachFailure(_ body: (Int, Run, FailureRow) throws -> Void) throws {
    try store.forEachFailure(of: index.problem, in: db) { row in
      let found = try index.run(row.setting, width: row.width, seed: row.seed, &settings)
      if let found { try body(found.index, found.run, row) }
    }
  }
}

extension ResultStore {
  /// Reads rows of a sweep.
  func reading<T>(_ sweep: Sweep, _ body: (inout SweepRows) throws -> T) throws(StoreError) -> T {
    let index = SweepIndex(sweep)
    return try wrapping {
      try queue.read { db in
        var rows = SweepRows(
          store: self, db: db, index: index,
          settings: try SettingLookup(db, path: path, known: settings.withLock { $0 }))
        defer { remember(rows.settings) }
        return try body(&rows)
      }
    }
  }

  /// Remembers the settings that have been read.
  func remember(_ lookup: SettingLookup) {
    settings.withLock { if $0.count < lookup.known.count { $0 = lookup.known } }
  }

  /// Visits all results of a problem in the order of their identities, after checking every row of
  /// the table.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` at the first row that is not what was written,
  ///   that is not in its place, or if rows are missing.
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
  private var text = NumbersText()
  private var times = Timestamps()

  init(_ db: Database, problem: Digest, path: String) throws {
    self.problem = problem
    provenances = try ProvenanceLookup(db, path: path)
  }

  /// The record of a row.
  mutating func record(_ stored: StoredRun, _ run: Run) throws -> RunRecord {
    row = try RunRow.table.row(stored.row, over: row)
    guard let quantities = text.numbers(stored.quantities), let time = times.date(row.finishedAt) else {
      throw Unreadable()
    }
    return RunRecord(
      identity: RunIdentity(row.run), run: run, problem: problem,
      result: RunResult(
        outcome: row.outcome, reason: row.reason, quantities: quantities, steps: row.steps,
        wallSeconds: row.wallSeconds, initialSeconds: row.initialSeconds),
      budget: row.budget, attempts: row.attempts, record: row.record,
      provenance: try row.provenance.map { try provenances[$0] }, finishedAt: time)
  }
}
