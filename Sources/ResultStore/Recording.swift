import Failpoints
import GRDB
import Model

extension ResultStore {
  /// Records results and failures in one transaction; when this returns, they are on the disk.
  ///
  /// A run keeps its first result. Only one that ended for want of budget gives way, to another
  /// outcome or to a larger budget (more steps or more seconds). A result for a run that keeps its
  /// own is ignored, so that recording twice does no harm. Any result removes an earlier failure of
  /// its run; a failure of a run that has a final result is ignored.
  ///
  /// The arrays of a run are recorded with it. They also are where the run keeps its first result
  /// and the new one ended alike: so a run can be repeated for arrays that were not asked for
  /// before, and for quantities, which are added to those of the result.
  ///
  /// The problem must have been registered (``register(_:)``).
  ///
  /// - Returns: how many of the results were accepted.
  /// - Throws: ``StoreError/implausible(run:flaw:)`` before anything is written if a result cannot
  ///   be one.
  @discardableResult
  public func record(_ results: [RunRecord], failures: [FailureRecord] = []) throws(StoreError) -> Int {
    for record in results {
      if let flaw = record.result.flaw { throw .implausible(run: record.identity, flaw: flaw) }
    }
    let accepted = try writing { db in
      var known = written.withLock { known in
        defer { known = WrittenNames() }
        return known
      }
      var accepted = 0
      var changed = Set<Digest>()
      var rows = RunRowMaker()
      var origins = Origins()
      let insert = try db.cachedStatement(sql: Self.insertResult)
      let forget = try db.cachedStatement(sql: "DELETE FROM failures WHERE run = ?")
      // Where there are no arrays, none has to be looked for.
      let hasArrays = try db.hasArrays()
      for record in results {
        known.note(record.result.quantities.names, .quantity)
        let setting = try known.id(of: record.run.setting, in: db, path: path)
        let provenance = try record.sharedProvenance.map { try known.id(of: $0, in: db) }
        let row = rows.row(record, setting: setting, provenance: provenance)
        try RunRow.table.bind(row, to: insert)
        let isAccepted = try insert.run(in: db) > 0
        if isAccepted {
          accepted += 1
          changed.insert(record.problem)
          origins.add(row)
        }
        if try record.writeArrays(in: db, isNew: isAccepted, replaces: hasArrays) {
          changed.insert(record.problem)
        }
        forget.setUncheckedArguments([record.identity.description])
        try forget.execute()
        if db.changesCount > 0 { changed.insert(record.problem) }
      }
      let insertFailure = try db.cachedStatement(sql: FailureRow.insert)
      for failure in failures {
        let setting = try known.id(of: failure.run.setting, in: db, path: path)
        try FailureRow.table.bind(FailureRow(failure, setting: setting), to: insertFailure)
        try insertFailure.run(in: db)
        changed.insert(failure.problem)
      }
      try origins.write(in: db)
      for problem in changed { try Self.noteChange(db, of: problem.contentID) }
      try known.addNames(in: db)
      written.withLock { $0 = known }
      Failpoint.beforeCommit.pass()
      return accepted
    }
    Failpoint.afterCommit.pass()
    return accepted
  }

  /// Notes that a fit made before is no longer current.
  static func noteChange(_ db: Database, of problem: Int64) throws {
    try db.execute(sql: "UPDATE problem SET changes = changes + 1 WHERE id = ?", arguments: [problem])
  }

  /// Forgets the failures of all runs of a problem, so that the next plan has them again.
  ///
  /// - Parameters:
  ///   - problem: the digest of the problem.
  ///   - reason: only failures with this cause, or with this in their reason, whatever the case;
  ///     nil: all.
  /// - Returns: how many there were.
  @discardableResult
  public func forgetFailures(of problem: Digest, reason: String? = nil) throws(StoreError) -> Int {
    try writing { db in
      try db.execute(
        sql: """
          DELETE FROM failures WHERE problem = ?1
            AND (?2 IS NULL OR cause = lower(?2) OR instr(lower(reason), lower(?2)) > 0)
          """,
        arguments: [problem.contentID, reason])
      let forgotten = db.changesCount
      if forgotten > 0 { try Self.noteChange(db, of: problem.contentID) }
      return forgotten
    }
  }

  private static let insertResult = """
    \(RunRow.table.insert) ON CONFLICT (run) DO UPDATE SET \(RunRow.table.updates) \(RunRow.replacement)
    """
}

/// Makes rows of records. Most of a batch are of one problem, have the same quantities, and ended
/// on the same day.
private struct RunRowMaker {
  private var problem: (digest: Digest, id: Int64)?
  private var text = NumbersText()
  private var times = Timestamps()

  /// The row of a record.
  mutating func row(_ record: RunRecord, setting: Int64, provenance: Int64?) -> RunRow {
    if problem?.digest != record.problem { problem = (record.problem, record.problem.contentID) }
    let result = record.result
    return RunRow(
      run: record.identity.description, problem: problem?.id ?? 0, setting: setting,
      width: record.run.width, seed: record.run.seed, outcome: result.outcome,
      reason: result.reason.withoutNulls, quantities: text.text(result.quantities), steps: result.steps,
      budget: record.budget, wallSeconds: result.wallSeconds, initialSeconds: result.initialSeconds,
      attempts: record.attempts, record: record.record, provenance: provenance,
      finishedAt: times.text(record.finishedAt))
  }
}
