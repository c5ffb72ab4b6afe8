import GRDB
import Model

/// A row of the table `runs` under a statement that selects ``columns(_:)``.
struct ResultRow {
  let row: StoredRow

  /// The columns, in the order of the checksum and before it, if there is one: older schemas had neither that nor the
  /// columns `budget_time` and `keep`, and a reader cannot add them.
  static func columns(_ db: Database) throws -> String {
    let names = Set(try db.columns(in: "runs").map(\.name))
    return (Schema.checked["runs", default: []] + ["checksum"]).compactMap { column in
      if names.contains(column) { return column }
      switch column {
      case "budget_time": return "NULL"
      case "keep": return "''"
      default: return nil
      }
    }.joined(separator: ", ")
  }

  /// How many columns are checked.
  static let columnCount = Schema.checked["runs", default: []].count

  var identity: RunIdentity { RunIdentity(row.text(0)) }

  var run: Run {
    Run(
      point: PhasePoint(gamma: row.number(2), gammaPrime: row.number(3)), width: row.integer(4),
      seed: UInt64(bitPattern: Int64(row.integer(5))))
  }

  /// nil if it is none.
  var outcome: Outcome? {
    let text = row.bytes(6)
    return Self.outcomes.first { text.elementsEqual($0.utf8) }?.outcome
  }

  var supRD: Double { row.number(9) }
  var wallSeconds: Double { row.number(15) }

  var budget: Budget {
    Budget(steps: row.integer(13), wallSeconds: row.number(14), time: row.numberIfAny(19))
  }

  var keep: Observables { row.bytes(20).isEmpty ? [] : Observables(stored: row.text(20)) }

  /// All of it.
  func record(problem: Digest, outcome: Outcome) -> RunRecord {
    RunRecord(
      identity: identity, run: run, problem: problem,
      result: RunResult(
        outcome: outcome, reason: row.text(7), rd: row.number(8), supRD: supRD,
        meanSquaredResidual: row.number(10), time: row.number(11), steps: row.integer(12),
        wallSeconds: wallSeconds, initialSeconds: row.number(16)),
      budget: budget, attempts: row.integer(17), worker: row.text(18), keep: keep)
  }

  private static let outcomes = Outcome.allCases.map { (outcome: $0, utf8: Array($0.rawValue.utf8)) }
}
