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
    return try wrapping {
      try queue.write { db in
        var accepted = 0
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
          try record.keep(in: db, isNew: isAccepted, replaces: anyKept)
          forget.setUncheckedArguments([record.identity.description])
          try forget.execute()
        }
        let insertFailure = try db.cachedStatement(sql: Self.insertFailure)
        for failure in failures { try insertFailure.execute(arguments: Self.arguments(of: failure)) }
        return accepted
      }
    }
  }

  /// Forgets the failures of all runs of a problem, so that the next plan tries them again.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public func forgetFailures(of problem: Digest) throws(StoreError) -> Int {
    try wrapping {
      try queue.write { db in
        try db.execute(sql: "DELETE FROM failures WHERE problem = ?", arguments: [problem.description])
        return db.changesCount
      }
    }
  }

  private static let insertResult = """
    INSERT INTO runs (run, problem, gamma, gamma_prime, width, seed, outcome, reason, rd, sup_rd,
      mean_squared_residual, time, steps, budget_steps, budget_wall_seconds, wall_seconds, initial_seconds,
      attempts, worker, budget_time, keep)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (run) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason, rd = excluded.rd,
      sup_rd = excluded.sup_rd, mean_squared_residual = excluded.mean_squared_residual,
      time = excluded.time, steps = excluded.steps, budget_steps = excluded.budget_steps,
      budget_wall_seconds = excluded.budget_wall_seconds, wall_seconds = excluded.wall_seconds,
      initial_seconds = excluded.initial_seconds, attempts = excluded.attempts, worker = excluded.worker,
      budget_time = excluded.budget_time, keep = excluded.keep
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
    return [
      record.identity.description, problem, run.point.gamma, run.point.gammaPrime,
      run.width, Int64(bitPattern: run.seed), result.outcome.rawValue, result.reason, result.rd, result.supRD,
      result.meanSquaredResidual, result.time, result.steps, record.budget.steps, record.budget.wallSeconds,
      result.wallSeconds, result.initialSeconds, record.attempts, record.worker, record.budget.time,
      record.keep.names.joined(separator: " "),
    ]
  }

  private static let insertFailure = """
    INSERT INTO failures (run, problem, gamma, gamma_prime, width, seed, attempts, reason, stderr_tail,
      detail)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
    WHERE NOT EXISTS (SELECT 1 FROM runs WHERE run = ?1 AND outcome <> 'budget')
    ON CONFLICT (run) DO UPDATE SET attempts = excluded.attempts, reason = excluded.reason,
      stderr_tail = excluded.stderr_tail, detail = excluded.detail
    """

  private static func arguments(of failure: FailureRecord) -> StatementArguments {
    let run = failure.run
    return [
      failure.identity.description, failure.problem.description, run.point.gamma, run.point.gammaPrime,
      run.width, Int64(bitPattern: run.seed), failure.attempts, failure.reason, failure.stderrTail,
      failure.detail,
    ]
  }
}
