import Foundation
import GRDB
import Model

/// A row of the table `runs`.
struct RunRow: Sendable {
  var run = ""
  var problem: Int64 = 0
  var setting: Int64 = 0
  var width = 0.0
  var seed: UInt64 = 0
  var outcome = Outcome.converged
  var reason = ""
  var quantities = ""
  var steps = 0
  var budget = Budget.default
  var wallSeconds = 0.0
  var initialSeconds = 0.0
  var attempts = 0
  var record: RecordNames = []
  var provenance: Int64?
  var finishedAt = ""

  /// Which runs a statement such as ``Table/insert`` puts in place of those that are there: a
  /// result gives way only if it was cut short, to another outcome or to one under a larger budget.
  static let replacement = """
    WHERE runs.outcome = '\(cutShort)' AND (excluded.outcome <> '\(cutShort)'
      OR (excluded.budget_steps >= runs.budget_steps
        AND excluded.budget_wall_seconds >= runs.budget_wall_seconds
        AND ifnull(excluded.budget_time, 9e999) >= ifnull(runs.budget_time, 9e999)
        AND ifnull(excluded.budget_epochs, 9e999) >= ifnull(runs.budget_epochs, 9e999)
        AND (excluded.budget_steps > runs.budget_steps
          OR excluded.budget_wall_seconds > runs.budget_wall_seconds
          OR ifnull(excluded.budget_time, 9e999) > ifnull(runs.budget_time, 9e999)
          OR ifnull(excluded.budget_epochs, 9e999) > ifnull(runs.budget_epochs, 9e999))))
    """

  /// The outcome of runs that ended for want of budget.
  static let cutShort = Outcome.budgetExhausted.rawValue

  // Closures instead of key paths: there may be a million rows.
  static let table = Table<RunRow>(
    "runs", "the accepted result of every run that has one", key: ["run"],
    [
      Column(
        "run", "identity: hash of problem, setting, width and seed", get: { $0.run },
        set: { $0.run = $1 }),
      Column(
        "problem", constraint: "REFERENCES problem (id)", get: { $0.problem },
        set: { $0.problem = $1 }),
      Column(
        "setting", "the parameters", constraint: "REFERENCES setting (id)", get: { $0.setting },
        set: { $0.setting = $1 }),
      Column("width", constraint: "CHECK (width > 0)", get: { $0.width }, set: { $0.width = $1 }),
      Column(
        "seed", "the 64 bits, read as a signed number", get: { Int64(bitPattern: $0.seed) },
        set: { $0.seed = UInt64(bitPattern: $1) }),
      Column(
        "outcome",
        constraint:
          "CHECK (outcome IN (\(Outcome.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))))",
        get: { $0.outcome.rawValue },
        read: { row, stored, index in row.outcome = try outcome(stored, index) }),
      Column("reason", "the evidence for the outcome", get: { $0.reason }, set: { $0.reason = $1 }),
      Column(
        "quantities", "what was measured: JSON, names ascending", get: { $0.quantities },
        set: { $0.quantities = $1 }),
      Column(
        "steps", "accepted ones", constraint: "CHECK (steps >= 0)", get: { $0.steps },
        set: { $0.steps = $1 }),
      Column(
        "budget_steps", "what the run was allowed to spend", get: { $0.budget.steps },
        set: { $0.budget.steps = $1 }),
      Column(
        "budget_wall_seconds", get: { $0.budget.wallSeconds }, set: { $0.budget.wallSeconds = $1 }),
      Column(
        "budget_time", "null: no limit", constraint: "CHECK (budget_time > 0)",
        get: { $0.budget.time }, set: { $0.budget.time = $1 }),
      Column(
        "budget_epochs", "null: no limit", constraint: "CHECK (budget_epochs > 0)",
        get: { $0.budget.epochs }, set: { $0.budget.epochs = $1 }),
      Column(
        "wall_seconds", "these two differ from repeat to repeat", get: { $0.wallSeconds },
        set: { $0.wallSeconds = $1 }),
      Column(
        "initial_seconds", "spent on the initial values", get: { $0.initialSeconds },
        set: { $0.initialSeconds = $1 }),
      Column(
        "attempts", "how many were needed, at least 1", get: { $0.attempts },
        set: { $0.attempts = $1 }),
      Column(
        "record", "what was asked to be recorded beside the result: a JSON list", get: { $0.record.text },
        read: { row, stored, index in row.record = try RecordNames(stored, index) }),
      Column(
        "provenance", "who computed it; null: not known", constraint: "REFERENCES provenance (id)",
        get: { $0.provenance }, set: { $0.provenance = $1 }),
      Column("finished_at", "UTC", get: { $0.finishedAt }, set: { $0.finishedAt = $1 }),
    ])

  /// The outcome in a column.
  ///
  /// - Throws: ``Unreadable`` if it is none.
  static func outcome(_ stored: StoredRow, _ index: Int) throws -> Outcome {
    let text = stored.bytes(index)
    guard let found = outcomes.first(where: { text.elementsEqual($0.utf8) }) else { throw Unreadable() }
    return found.outcome
  }

  private static let outcomes = Outcome.allCases.map { (outcome: $0, utf8: Array($0.rawValue.utf8)) }
}

/// A value that is not what its column is for, though its checksum is right.
struct Unreadable: Error {}

extension RecordNames {
  /// The names as a JSON list.
  var text: String { names.isEmpty ? "[]" : JSONValue.array(names.map { .string($0) }).canonical }

  /// The names in a column.
  ///
  /// - Throws: ``Unreadable`` if it holds something else.
  init(_ stored: StoredRow, _ index: Int) throws {
    let text = stored.bytes(index)
    guard !text.elementsEqual("[]".utf8) else {
      self = []
      return
    }
    guard let names = try? JSONDecoder().decode([String].self, from: Data(text)) else { throw Unreadable() }
    self.init(names)
  }
}

/// The columns of the present row of a statement that selects those of ``RunRow/table`` first, for
/// those who need a few of them of many rows.
struct StoredRun {
  let row: StoredRow

  private static func index(_ name: String) -> Int { RunRow.table.index(of: name) }
  private static let run = index("run"), problem = index("problem"), setting = index("setting")
  private static let width = index("width"), seed = index("seed"), outcome = index("outcome")
  private static let reason = index("reason")
  private static let quantities = index("quantities"), steps = index("steps")
  private static let budgetSteps = index("budget_steps"), budgetTime = index("budget_time")
  private static let budgetEpochs = index("budget_epochs")
  private static let budgetWallSeconds = index("budget_wall_seconds")
  private static let wallSeconds = index("wall_seconds"), record = index("record")

  /// The digits of the identity; valid until the next step.
  var digits: UnsafeRawBufferPointer { row.bytes(Self.run) }
  var identity: RunIdentity { RunIdentity(row.text(Self.run)) }
  var problem: Int64 { row.int64(Self.problem) }
  var setting: Int64 { row.int64(Self.setting) }
  var width: Double { row.number(Self.width) }
  var seed: UInt64 { UInt64(bitPattern: row.int64(Self.seed)) }
  /// The text of the outcome; valid until the next step.
  var outcomeText: UnsafeRawBufferPointer { row.bytes(Self.outcome) }
  /// The evidence for the outcome.
  var reason: String { row.text(Self.reason) }
  /// The text of the quantities; valid until the next step.
  var quantities: UnsafeRawBufferPointer { row.bytes(Self.quantities) }
  var steps: Int { row.integer(Self.steps) }
  var wallSeconds: Double { row.number(Self.wallSeconds) }

  var budget: Budget {
    Budget(
      steps: row.integer(Self.budgetSteps), wallSeconds: row.number(Self.budgetWallSeconds),
      time: row.numberIfAny(Self.budgetTime), epochs: row.numberIfAny(Self.budgetEpochs))
  }

  func outcome() throws -> Outcome { try RunRow.outcome(row, Self.outcome) }
  func record() throws -> RecordNames { try RecordNames(row, Self.record) }
}
