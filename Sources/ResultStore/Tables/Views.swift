import GRDB
import Model

/// The views `results` and `phase_points`, for people who query the database: one column for each
/// name of a parameter or a quantity that occurs.
///
/// The table `vocabulary` has the names; the views are made anew when there are more.
enum Views {
  /// What a name stands for.
  enum Kind: String, CaseIterable { case parameter, quantity }

  /// Names beyond so many of a kind get no column: SQLite has room for 2000 in a view.
  static let maxNames = 500

  /// The statement that makes the table of names.
  static let vocabulary = """
    CREATE TABLE vocabulary ( -- the names that have a column in the views
      kind TEXT NOT NULL, -- parameter or quantity
      name TEXT NOT NULL,
      PRIMARY KEY (kind, name)
    ) WITHOUT ROWID;
    """

  /// Adds names to the vocabulary, and makes the views anew if any is new.
  static func add(_ names: [Kind: Set<String>], in db: Database) throws {
    var isNew = false
    for (kind, names) in names {
      for name in names.sorted() where !name.contains("\"") && !name.contains("\\") {
        try db.cachedStatement(
          sql: """
            INSERT INTO vocabulary SELECT ?1, ?2
            WHERE (SELECT count(*) FROM vocabulary WHERE kind = ?1) < \(maxNames)
            ON CONFLICT DO NOTHING
            """
        ).execute(arguments: [kind.rawValue, name])
        if db.changesCount > 0 { isNew = true }
      }
    }
    if isNew { try make(in: db) }
  }

  /// The names in the vocabulary.
  static func names(_ kind: Kind, in db: Database) throws -> [String] {
    try String.fetchAll(
      db, sql: "SELECT name FROM vocabulary WHERE kind = ? ORDER BY name", arguments: [kind.rawValue])
  }

  /// Removes the views.
  static func drop(in db: Database) throws {
    try db.execute(sql: "DROP VIEW IF EXISTS results; DROP VIEW IF EXISTS phase_points")
  }

  /// Makes the views for the present vocabulary.
  static func make(in db: Database) throws {
    try drop(in: db)
    let parameters = try names(.parameter, in: db)
    let quantities = try names(.quantity, in: db)
    var results = ColumnList(["run", "width", "seed", "outcome"] + resultColumns.map(\.name))
    var points = ColumnList(["sweep", "slice"] + PhaseMapRow.fitted.map(\.name))
    let result =
      ["runs.run"] + parameters.map { results.add($0, .parameter) }
      + ["runs.width", "runs.seed", "runs.outcome"] + quantities.map { results.add($0, .quantity) }
      + resultColumns.map { "\($0.sql) AS \($0.name)" }
    let point =
      ["phase_map.sweep"] + parameters.map { points.add($0, .parameter) }
      + pointColumns.map { "phase_map.\($0)" }
    try db.execute(
      sql: """
        CREATE VIEW results AS SELECT
          \(result.joined(separator: ",\n  "))
        FROM runs JOIN setting ON setting.id = runs.setting
          LEFT JOIN provenance ON provenance.id = runs.provenance;
        CREATE VIEW phase_points AS SELECT
          \(point.joined(separator: ",\n  "))
        FROM phase_map JOIN setting ON setting.id = phase_map.setting;
        """)
  }

  /// The columns of `results` behind the quantities.
  private static let resultColumns: [(name: String, sql: String)] =
    ([
      "steps", "wall_seconds", "initial_seconds", "budget_steps", "budget_wall_seconds", "budget_time",
      "budget_epochs", "attempts", "reason", "finished_at", "problem",
    ].map { ($0, "runs.\($0)") }) + ["program", "worker", "host"].map { ($0, "provenance.\($0)") }

  /// The columns of `phase_points` behind the parameters: what people want first, then the
  /// rest.
  private static let pointColumns: [String] = {
    let first = [
      "trend", "exponent", "exponent_low", "exponent_high", "expected_exponent", "residual",
      "order_parameter",
    ]
    return first + PhaseMapRow.fitted.map(\.name).filter { !first.contains($0) }
  }()
}

/// Columns of a view that get names of their own, whatever parameters and quantities are called.
private struct ColumnList {
  /// In lower case: SQL does not tell cases apart.
  private var taken: Set<String>

  init(_ fixed: [String]) { taken = Set(fixed.map { $0.lowercased() }) }

  /// The column of a parameter or a quantity.
  mutating func add(_ name: String, _ kind: Views.Kind) -> String {
    var column = name
    while !taken.insert(column.lowercased()).inserted { column = "\(kind.rawValue)_\(column)" }
    let text = kind == .parameter ? "setting.definition" : "runs.quantities"
    let path = "'$.\"\(name.replacing("'", with: "''"))\"'"
    // JSON has 1 for 1.0, and SQL divides whole numbers without a remainder.
    return "CAST(json_extract(\(text), \(path)) AS REAL) AS \(column.quotedDatabaseIdentifier)"
  }
}
