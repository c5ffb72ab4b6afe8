/// What is counted of results as they come, by triggers, so that a million rows need not be
/// counted.
enum Tallies {
  /// The statements that make the tables and the triggers.
  static let definition = """
    CREATE TABLE tally ( -- how many results there are
      problem      INTEGER NOT NULL,
      setting      INTEGER NOT NULL,
      width        REAL NOT NULL,
      outcome      TEXT NOT NULL,
      runs         INTEGER NOT NULL,
      wall_seconds REAL NOT NULL, -- summed
      PRIMARY KEY (problem, setting, width, outcome)
    ) WITHOUT ROWID;
    CREATE TABLE recorded_seed ( -- the seeds that any result has
      problem INTEGER NOT NULL,
      seed    INTEGER NOT NULL,
      PRIMARY KEY (problem, seed)
    ) WITHOUT ROWID;
    CREATE TRIGGER result_added AFTER INSERT ON runs BEGIN
      \(add)
      INSERT INTO recorded_seed VALUES (new.problem, new.seed) ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER result_replaced AFTER UPDATE OF outcome, wall_seconds ON runs BEGIN
      \(remove)
      \(add)
    END;
    CREATE TRIGGER result_removed AFTER DELETE ON runs BEGIN
      \(remove)
    END;
    """

  private static let add = """
    INSERT INTO tally VALUES (new.problem, new.setting, new.width, new.outcome, 1, new.wall_seconds)
        ON CONFLICT DO UPDATE SET runs = runs + 1, wall_seconds = wall_seconds + excluded.wall_seconds;
    """

  private static let remove = """
    UPDATE tally SET runs = runs - 1, wall_seconds = wall_seconds - old.wall_seconds
        WHERE problem = old.problem AND setting = old.setting AND width = old.width
          AND outcome = old.outcome;
    """
}
