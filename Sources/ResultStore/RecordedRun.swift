import GRDB
import LimitFit
import Model

/// What is recorded of a run, whatever became of it.
public struct RecordedRun: Hashable, Sendable {
  /// The run's identity.
  public var identity: RunIdentity
  /// Setting, width and seed.
  public var run: Run
  /// Its result, if it has one.
  public var record: RunRecord?
  /// Its failure, if it failed; a result is then an earlier one, which a smaller budget cut short.
  public var failure: FailureRecord?

  /// An outcome, `failed` or `pending`.
  public var state: String { failure != nil ? "failed" : record?.result.outcome.rawValue ?? "pending" }
  /// How many attempts its result needed, or failed; nil if it is pending.
  public var attempts: Int? { failure?.attempts ?? record?.attempts }
  /// Why it failed, or the evidence for its outcome; nil if it is pending.
  public var reason: String? { failure?.reason ?? record?.result.reason }

  /// The run as a fit of a quantity sees it.
  public func observation(of quantity: String) -> Observation {
    if failure != nil { return Observation(run: run, state: .failed) }
    guard let result = record?.result else { return Observation(run: run, state: .pending) }
    return Observation(run: run, result: result, orderParameter: quantity)
  }
}

extension ResultStore {
  /// What is recorded of some runs of a problem, in their order; looked up one by one, in one
  /// transaction.
  ///
  /// For a large sweep, ask for some thousands at a time: the transaction then ends before what is
  /// made of them is written somewhere, during which a writer might have to wait.
  public func recorded(
    _ runs: some Sequence<Run>, of problem: Digest
  ) throws(StoreError) -> [RecordedRun] {
    try wrapping {
      try queue.read { db in
        var results = try ResultLookup(db, problem: problem, path: path)
        let failures = try FailureLookup(db, problem: problem, path: path)
        return try runs.map { run in
          let identity = run.identity(of: problem)
          return RecordedRun(
            identity: identity, run: run, record: try results.record(of: run, identity),
            failure: try failures.record(of: run, identity))
        }
      }
    }
  }
}

/// Looks results up by identity.
private struct ResultLookup {
  private let db: Database
  private let statement: Statement
  private var reader: RecordReader
  private let path: String

  init(_ db: Database, problem: Digest, path: String) throws {
    self.db = db
    statement = try db.makeStatement(sql: "SELECT \(RunRow.table.allNames) FROM runs WHERE run = ?")
    reader = try RecordReader(db, problem: problem, path: path)
    self.path = path
  }

  /// The result of a run; nil if there is none.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if the row is not what was written.
  mutating func record(of run: Run, _ identity: RunIdentity) throws -> RunRecord? {
    try statement.row(in: db, [identity.description]) { row in
      guard RunRow.table.isIntact(row) else {
        throw StoreError.damaged(path: path, cause: "the row of run \(identity) is not what was written")
      }
      return try reader.record(StoredRun(row: row), run)
    }
  }
}

/// Looks failures up by identity.
private struct FailureLookup {
  private let db: Database
  private let statement: Statement
  private let problem: Digest
  private let path: String
  /// Whether there are none at all.
  private let isEmpty: Bool

  init(_ db: Database, problem: Digest, path: String) throws {
    self.db = db
    statement = try db.makeStatement(
      sql: "SELECT \(FailureRow.table.allNames) FROM failures WHERE run = ?")
    isEmpty = try !(Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM failures)") ?? false)
    self.problem = problem
    self.path = path
  }

  /// The failure of a run; nil if there is none.
  ///
  /// - Throws: ``StoreError/damaged(path:cause:)`` if the row is not what was written.
  func record(of run: Run, _ identity: RunIdentity) throws -> FailureRecord? {
    guard !isEmpty else { return nil }
    return try statement.row(in: db, [identity.description]) { row in
      try FailureRow(row, path: path).failure(at: run.setting, of: problem)
    }
  }
}
