import Model

/// Two results for one run that cannot both be right.
public struct MergeConflict: Hashable, Sendable, CustomStringConvertible {
  /// One of the results.
  public struct Side: Hashable, Sendable {
    /// The database it is in.
    public var path: String
    /// How the run ended.
    public var outcome: String
    /// What was measured.
    public var quantities: NamedNumbers
    /// Accepted steps.
    public var steps: Int
  }

  /// The run's identity.
  public var identity: RunIdentity
  /// Setting, width and seed.
  public var run: Run
  /// One result: that which is recorded, if any is.
  public var first: Side
  /// The other.
  public var second: Side

  /// Both results, with all digits.
  public var description: String {
    func line(_ side: Side) -> String {
      "  \(side.outcome), \(side.quantities.text), \(side.steps) steps: \(side.path)"
    }
    let run = "\(run.setting.text), width \(formattedNumber(run.width)), seed \(run.seed)"
    return "run \(identity) (\(run))\n\(line(first))\n\(line(second))"
  }
}

/// What came of merging databases.
public struct MergeReport: Hashable, Sendable {
  /// A database, or part of it, that could not be used.
  public struct Issue: Hashable, Sendable {
    /// The database.
    public var path: String
    /// What is wrong with it.
    public var cause: String
    /// How many rows of it are not what was written; 0 if it could not be read at all, or not to
    /// its end.
    public var rows: Int
    /// Whether the file is not there any more: a later attempt has merged it.
    public var hasVanished: Bool
  }

  /// Runs that had no result and have one now.
  public var added = 0
  /// Runs whose result had been cut short by a smaller budget.
  public var replaced = 0
  /// Results that were there already, or give way to what is there.
  public var known = 0
  /// Runs that are recorded as failed and were not.
  public var failures = 0
  /// How many runs have results that contradict each other.
  public var conflictCount = 0
  /// The first of them.
  public var conflicts: [MergeConflict] = []
  /// What could not be used.
  public var issues: [Issue] = []

  /// How many rows with results were read of every database.
  public var rowsRead: [String: Int] = [:]

  /// So many conflicts are kept in full.
  public static let maxConflicts = 20

  /// Nothing.
  public init() {}

  /// Adds what came of merging once more; of the issues, those of the last time count.
  public mutating func add(_ other: MergeReport) {
    added += other.added
    replaced += other.replaced
    known = other.known
    failures += other.failures
    conflictCount = other.conflictCount
    conflicts = other.conflicts
    issues = other.issues
    rowsRead.merge(other.rowsRead) { $1 }
  }

  mutating func note(_ conflict: MergeConflict) {
    conflictCount += 1
    if conflicts.count < Self.maxConflicts { conflicts.append(conflict) }
  }

  mutating func noteDamagedRow(in path: String) {
    if let index = issues.firstIndex(where: { $0.path == path && $0.rows > 0 }) {
      issues[index].rows += 1
    } else {
      issues.append(Issue(path: path, cause: "rows are not what was written", rows: 1, hasVanished: false))
    }
  }
}
