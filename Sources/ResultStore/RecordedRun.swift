import LimitFit
import Model

/// What is recorded of a run, whatever became of it.
public struct RecordedRun: Hashable, Sendable {
  /// The run's identity.
  public var identity: RunIdentity
  /// Point, width and seed.
  public var run: Run
  /// Its result, if it has one.
  public var record: RunRecord?
  /// Its failure, if it was set aside; a result is then an earlier one, which a smaller budget cut short.
  public var failure: FailureRecord?

  /// An outcome, `failed` or `pending`.
  public var state: String { failure != nil ? "failed" : record?.result.outcome.rawValue ?? "pending" }
  /// How many attempts its result needed, or failed; nil if it is pending.
  public var attempts: Int? { failure?.attempts ?? record?.attempts }
  /// Why it failed, or the evidence for its outcome; nil if it is pending.
  public var reason: String? { failure?.reason ?? record?.result.reason }

  /// The run as the fit sees it.
  public var observation: Observation {
    if failure != nil { return Observation(run: run, state: .failed) }
    guard let result = record?.result else { return Observation(run: run, state: .pending) }
    return Observation(run: run, state: .finished(result.outcome, supRD: result.supRD))
  }
}

extension ResultStore {
  /// What is recorded of some runs of a problem, in their order; looked up one by one, in one transaction.
  ///
  /// For a large sweep, ask for some thousands at a time: no transaction then lasts for as long as whoever reads what is
  /// made of it takes, during which a writer might have to wait.
  public func recorded(
    _ runs: some Sequence<Run>, of problem: Digest
  ) throws(StoreError) -> [RecordedRun] {
    try wrapping {
      try queue.read { db in
        let result = try ResultLookup(db, problem: problem, path: path)
        let failure = try FailureLookup(db, problem: problem, path: path)
        return try runs.map { run in
          let identity = run.identity(of: problem)
          return RecordedRun(
            identity: identity, run: run, record: try result.record(of: identity),
            failure: try failure.record(of: identity))
        }
      }
    }
  }
}
