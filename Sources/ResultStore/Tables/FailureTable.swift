import GRDB
import Model

/// A row of the table `failures`.
struct FailureRow: Sendable {
  var identity = RunIdentity("")
  var problem: Int64 = 0
  var setting: Int64 = 0
  var width = 0.0
  var seed: UInt64 = 0
  var attempts = 0
  var cause = "", reason = "", detail = "", stderrTail = ""

  static let table = Table<FailureRow>(
    "failures", "runs that failed for good; a result of the run removes the row", key: ["run"],
    [
      Column(
        "run", get: { $0.identity.description }, set: { $0.identity = RunIdentity($1) }),
      Column("problem", \.problem, constraint: "REFERENCES problem (id)"),
      Column("setting", \.setting, constraint: "REFERENCES setting (id)"),
      Column("width", \.width),
      Column(
        "seed", get: { Int64(bitPattern: $0.seed) }, set: { $0.seed = UInt64(bitPattern: $1) }),
      Column("attempts", \.attempts),
      Column("cause", \.cause, "in a word: attempts, refused or memory"),
      Column("reason", \.reason, "the same for all runs that failed alike"),
      Column("detail", \.detail, "what is particular to this run"),
      Column("stderr_tail", \.stderrTail, "the end of the worker's standard error"),
    ])

  /// The statement that records a failure, unless the run has a final result.
  static let insert = """
    INSERT INTO failures (\(table.allNames))
    SELECT \((1...table.columns.count + 1).map { "?\($0)" }.joined(separator: ", "))
    WHERE NOT EXISTS (SELECT 1 FROM runs WHERE run = ?1 AND outcome <> '\(RunRow.cutShort)')
    ON CONFLICT (run) DO UPDATE SET \(table.updates)
    """
}

extension FailureRow {
  /// The row of a failure.
  init(_ failure: FailureRecord, setting: Int64) {
    self.init(
      identity: failure.identity, problem: failure.problem.contentID, setting: setting,
      width: failure.run.width, seed: failure.run.seed, attempts: failure.attempts,
      cause: failure.cause.withoutNulls, reason: failure.reason.withoutNulls,
      detail: failure.detail.withoutNulls, stderrTail: failure.stderrTail.withoutNulls)
  }

  /// The failure of a row.
  func failure(at setting: Setting, of problem: Digest) -> FailureRecord {
    FailureRecord(
      identity: identity, run: Run(setting, width: width, seed: seed), problem: problem,
      attempts: attempts, cause: cause, reason: reason, detail: detail, stderrTail: stderrTail)
  }
}

extension String {
  /// The text with U+2400 (␀) for NUL, at which a text in the database would end.
  var withoutNulls: String { utf8.contains(0) ? replacing("\0", with: "␀") : self }
}
