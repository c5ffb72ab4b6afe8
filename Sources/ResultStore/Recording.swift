import Failpoints
import GRDB
import Model

extension ResultStore {
  /// Records results and failures in one transaction; when this returns, they are on the disk.
  ///
  /// A run keeps its first result. Only one that ended for want of budget gives way, to another outcome or
  /// to a larger budget (more steps or more seconds). A result for a run that keeps its own is ignored, so
  /// that recording twice does no harm. Any result removes an earlier failure of its run; a failure of a run
  /// that has a final result is ignored.
  ///
  /// What was kept of a run is recorded with it. It also is where the run keeps its first result and the new one ended
  /// alike: so a run can be repeated for what was not kept before.
  ///
  /// The problem must have been registered (``register(_:)``).
  ///
  /// - Returns: how many of the results were accepted.
  /// - Throws: ``StoreError/implausible(run:)`` before anything is written if a result cannot be one.
  @discardableResult
  public func record(_ results: [RunRecord], failures: [FailureRecord] = []) throws(StoreError) -> Int {
    for record in results where !record.result.isPlausible { throw .implausible(run: record.identity) }
    let accepted = try writing { db in
      var accepted = 0
      var changed = Set<Digest>()
      let insert = try db.cachedStatement(sql: Self.insertResult)
      let forget = try db.cachedStatement(sql: "DELETE FROM failures WHERE run = ?")
      // Where nothing was ever kept, nothing has to be looked for.
      let anyKept = try db.holdsFlowRecords()
      // Most batches are of one problem, and a digest takes its time to spell.
      var problem = (digest: Digest?.none, text: "")
      for record in results {
        if record.problem != problem.digest { problem = (record.problem, record.problem.description) }
        insert.setUncheckedArguments(Self.arguments(of: record, problem: problem.text))
        try insert.execute()
        let isAccepted = db.changesCount > 0
        accepted += isAccepted ? 1 : 0
        if isAccepted { changed.insert(record.problem) }
        try record.keep(in: db, isNew: isAccepted, replaces: anyKept)
        forget.setUncheckedArguments([record.identity.description])
        try forget.execute()
        if db.changesCount > 0 { changed.insert(record.problem) }
      }
      let insertFailure = try db.cachedStatement(sql: Self.insertFailure)
      for failure in failures {
        try insertFailure.execute(arguments: Self.arguments(of: failure))
        changed.insert(failure.problem)
      }
      for problem in changed { try Self.noteChange(db, of: problem.description) }
      Failpoint.beforeCommit.pass()
      return accepted
    }
    Failpoint.afterCommit.pass()
    return accepted
  }

  /// Says that a fit made before is no longer current.
  private static func noteChange(_ db: Database, of problem: String) throws {
    try db.execute(sql: "UPDATE problem SET changes = changes + 1 WHERE digest = ?", arguments: [problem])
  }

  /// Forgets the failures of all runs of a problem, so that the next plan tries them again.
  ///
  /// - Parameters:
  ///   - problem: the digest of the problem.
  ///   - reason: only failures with this cause, or with this in their reason, whatever the case; nil: all.
  /// - Returns: how many there were.
  @discardableResult
  public func forgetFailures(of problem: Digest, reason: String? = nil) throws(StoreError) -> Int {
    try writing { db in
      let digest = problem.description
      try db.execute(
        sql: """
          DELETE FROM failures WHERE problem = ?1
            AND (?2 IS NULL OR cause = lower(?2) OR instr(lower(reason), lower(?2)) > 0)
          """,
        arguments: [digest, reason])
      let forgotten = db.changesCount
      if forgotten > 0 { try Self.noteChange(db, of: digest) }
      return forgotten
    }
  }

  private static let insertResult = """
    INSERT INTO runs (run, problem, gamma, gamma_prime, width, seed, outcome, reason, rd, sup_rd,
      mean_squared_residual, time, steps, budget_steps, budget_wall_seconds, wall_seconds, initial_seconds,
      attempts, worker, budget_time, keep, checksum)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (run) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason, rd = excluded.rd,
      sup_rd = excluded.sup_rd, mean_squared_residual = excluded.mean_squared_residual,
      time = excluded.time, steps = excluded.steps, budget_steps = excluded.budget_steps,
      budget_wall_seconds = excluded.budget_wall_seconds, wall_seconds = excluded.wall_seconds,
      initial_seconds = excluded.initial_seconds, attempts = excluded.attempts, worker = excluded.worker,
      budget_time = excluded.budget_time, keep = excluded.keep, checksum = excluded.checksum
    WHERE runs.outcome = 'budget' AND (excluded.outcome <> 'budget'
      OR (excluded.budget_steps >= runs.budget_steps
        AND excluded.budget_wall_seconds >= runs.budget_wall_seconds
        AND ifnull(excluded.budget_time, 9e999) >= ifnull(runs.budget_time, 9e999)
        AND (excluded.budget_steps > runs.budget_steps
          OR excluded.budget_wall_seconds > runs.budget_wall_seconds
          OR ifnull(excluded.budget_time, 9e999) > ifnull(runs.budget_time, 9e999))))
    """

  private static func arguments(of record: RunRecord, problem: String) -> StatementArguments {
    let (run, result) = (record.run, record.result)
    let identity = record.identity.description
    let keep = record.keep.names.joined(separator: " ")
    let reason = result.reason.withoutNulls
    let worker = record.worker.withoutNulls
    var checksum = Checksum()
    checksum.add(identity)
    checksum.add(problem)
    checksum.add(run.point.gamma)
    checksum.add(run.point.gammaPrime)
    checksum.add(run.width)
    checksum.add(Int64(bitPattern: run.seed))
    checksum.add(result.outcome.rawValue)
    checksum.add(reason)
    checksum.add(result.rd)
    checksum.add(result.supRD)
    checksum.add(result.meanSquaredResidual)
    checksum.add(result.time)
    checksum.add(result.steps)
    checksum.add(record.budget.steps)
    checksum.add(record.budget.wallSeconds)
    checksum.add(result.wallSeconds)
    checksum.add(result.initialSeconds)
    checksum.add(record.attempts)
    checksum.add(worker)
    checksum.add(record.budget.time)
    checksum.add(keep)
    return [
      identity, problem, run.point.gamma, run.point.gammaPrime, run.width, Int64(bitPattern: run.seed),
      result.outcome.rawValue, reason, result.rd, result.supRD, result.meanSquaredResidual, result.time,
      result.steps,
      record.budget.steps, record.budget.wallSeconds, result.wallSeconds, result.initialSeconds,
      record.attempts,
      worker, record.budget.time, keep, checksum.stored,
    ]
  }

  private static let insertFailure = """
    INSERT INTO failures (run, problem, gamma, gamma_prime, width, seed, attempts, reason, detail, stderr_tail,
      cause, checksum)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
    WHERE NOT EXISTS (SELECT 1 FROM runs WHERE run = ?1 AND outcome <> 'budget')
    ON CONFLICT (run) DO UPDATE SET attempts = excluded.attempts, reason = excluded.reason,
      stderr_tail = excluded.stderr_tail, detail = excluded.detail, cause = excluded.cause,
      checksum = excluded.checksum
    """

  private static func arguments(of failure: FailureRecord) -> StatementArguments {
    let run = failure.run
    let texts = [failure.reason, failure.detail, failure.stderrTail, failure.cause].map(\.withoutNulls)
    var checksum = Checksum()
    checksum.add(failure.identity.description)
    checksum.add(failure.problem.description)
    checksum.add(run.point.gamma)
    checksum.add(run.point.gammaPrime)
    checksum.add(run.width)
    checksum.add(Int64(bitPattern: run.seed))
    checksum.add(failure.attempts)
    for text in texts { checksum.add(text) }
    return [
      failure.identity.description, failure.problem.description, run.point.gamma, run.point.gammaPrime,
      run.width, Int64(bitPattern: run.seed), failure.attempts, texts[0], texts[1], texts[2], texts[3],
      checksum.stored,
    ]
  }
}

extension String {
  /// The text with U+2400 (␀) for NUL, at which a text in the database would end.
  fileprivate var withoutNulls: String { utf8.contains(0) ? replacing("\0", with: "␀") : self }
}
