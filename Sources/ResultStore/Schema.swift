import GRDB

/// The tables, their version, and the number by which the file is known as gammaplane's.
///
/// `docs/database.md` explains every column to those who query the file.
enum Schema {
  /// "gmpl" in ASCII, at offset 68 of the file: `file(1)` and other tools can tell the database from others.
  static let applicationID: Int32 = 0x676d_706c

  /// The version this code reads and writes: how many of ``steps`` have been carried out.
  static var version: Int32 { Int32(steps.count) }

  /// What turns version i into version i + 1. A step that was ever released is never changed.
  static let steps = [
    create, detailFailures, keepObservables, checkAndTally, extrapolate,
  ]

  /// Brings the database from `version` to the current one, in the transaction that is open.
  static func migrate(_ db: Database, from version: Int32) throws {
    for step in steps.dropFirst(Int(version)) { try db.execute(sql: step) }
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    try db.execute(sql: "PRAGMA user_version = \(self.version)")
  }

  /// Whether all tables and triggers are there as this version makes them. What somebody added besides does no harm.
  static func isWhole(_ db: Database) throws -> Bool {
    let found = Set(try String.fetchAll(db, sql: definitions).map(withoutComments))
    return try expected.get().isSubset(of: found)
  }

  private static let definitions = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"

  private static let expected: Result<Set<String>, any Error> = Result {
    var configuration = Configuration()
    configuration.prepareDatabase { $0.add(function: Checksum.function) }
    return try DatabaseQueue(configuration: configuration).write { db in
      try migrate(db, from: 0)
      return Set(try String.fetchAll(db, sql: definitions).map(withoutComments))
    }
  }

  private static func withoutComments(_ sql: String) -> String {
    sql.split(separator: "\n").map { line in
      let code = line.firstRange(of: "--").map { line[..<$0.lowerBound] } ?? line
      return code.split(separator: " ").joined(separator: " ")
    }.joined(separator: " ")
  }

  private static let extrapolate = """
    -- A fit is made again from the runs, so none has to be kept.
    DROP TABLE phase_map;
    DROP TABLE boundary;
    DELETE FROM fit;

    -- The latest fit of every sweep: a row for each phase point of its grid. docs/database.md has the formulae.
    CREATE TABLE phase_map (
      sweep             TEXT NOT NULL REFERENCES sweep (name),
      problem           TEXT NOT NULL REFERENCES problem (digest), -- what was fitted
      gamma             REAL NOT NULL,
      gamma_prime       REAL NOT NULL,
      verdict           TEXT NOT NULL CHECK (verdict IN ('linear', 'critical', 'condensed', 'undecided')),
      note              TEXT NOT NULL, -- why, where that needs saying
      exponent          REAL, -- lim d log sup_rd / d log width, averaged over models
      exponent_low      REAL, -- its 95 % interval
      exponent_high     REAL,
      expected_exponent REAL NOT NULL, -- in theory
      residual          REAL, -- exponent less expected_exponent
      model             TEXT, -- the most probable one: power, corrected or constant
      weight_power      REAL, -- the probabilities of the models
      weight_corrected  REAL,
      weight_constant   REAL,
      rd_limit          REAL, -- the limit of sup_rd, where it may be finite
      rd_limit_low      REAL,
      rd_limit_high     REAL,
      slope             REAL, -- of a straight line over all widths
      slope_low         REAL,
      slope_high        REAL,
      local_slopes      TEXT NOT NULL, -- JSON: from, to, slope, low, high of neighbouring widths
      drift             REAL, -- change of the local slope in a decade of widths
      drift_p           REAL, -- its p value
      scatter           REAL, -- standard deviation of log sup_rd between seeds at the smallest width
      scatter_decay     REAL, -- it falls as width to the power of minus this
      lack_of_fit       REAL, -- standard deviation of what no model explains
      widths            INTEGER NOT NULL, -- distinct widths with a value
      runs_used         INTEGER NOT NULL, -- runs in the fit
      converged         INTEGER NOT NULL, -- runs of the point by state
      stalled           INTEGER NOT NULL,
      budget            INTEGER NOT NULL,
      failed            INTEGER NOT NULL,
      pending           INTEGER NOT NULL,
      PRIMARY KEY (sweep, gamma, gamma_prime)
    ) WITHOUT ROWID;

    -- The fitted contour exponent = 0 of every sweep: vertices of polylines, both counted from 0, with the edges of its 95 %
    -- band towards the linear and the condensed side.
    CREATE TABLE boundary (
      sweep                 TEXT NOT NULL REFERENCES sweep (name),
      polyline              INTEGER NOT NULL,
      vertex                INTEGER NOT NULL,
      gamma                 REAL NOT NULL,
      gamma_prime           REAL NOT NULL,
      linear_gamma          REAL,
      linear_gamma_prime    REAL,
      condensed_gamma       REAL,
      condensed_gamma_prime REAL,
      PRIMARY KEY (sweep, polyline, vertex)
    ) WITHOUT ROWID;
    """

  private static let detailFailures = """
    -- What is particular to this run; the reason is the same for all runs that failed alike.
    ALTER TABLE failures ADD COLUMN detail TEXT NOT NULL DEFAULT '';
    """

  /// The columns over which the checksum of a row goes, in this order, by table.
  static let checked: [String: [String]] = [
    "runs": [
      "run", "problem", "gamma", "gamma_prime", "width", "seed", "outcome", "reason", "rd", "sup_rd",
      "mean_squared_residual", "time", "steps", "budget_steps", "budget_wall_seconds", "wall_seconds",
      "initial_seconds", "attempts", "worker", "budget_time", "keep",
    ],
    "failures": [
      "run", "problem", "gamma", "gamma_prime", "width", "seed", "attempts", "reason", "detail",
      "stderr_tail", "cause",
    ],
    "sweep": ["name", "problem", "definition"],
    "trajectory": ["run", "points"],
    "neurons": ["run", "form", "data"],
    "learned_function": ["run", "points"],
  ]

  /// The columns of a table over which its checksum goes, for a statement.
  static func checkedColumns(_ table: String) -> String { (checked[table] ?? []).joined(separator: ", ") }

  private static let checkAndTally = """
    -- Why the run was set aside, in a word: attempts, refused or memory.
    ALTER TABLE failures ADD COLUMN cause TEXT NOT NULL DEFAULT 'attempts';
    UPDATE failures SET cause = 'refused' WHERE reason LIKE 'refused by the worker%';

    -- Checksums of the other columns.
    \(checked.keys.sorted().map { """
    ALTER TABLE \($0) ADD COLUMN checksum INTEGER;
    UPDATE \($0) SET checksum = gammaplane_checksum(\(checkedColumns($0)));
    """ }.joined(separator: "\n"))

    -- How often the runs of a problem were changed. A fit is current while this is what it was then.
    ALTER TABLE problem ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

    -- What the fit of every sweep was made from, and a checksum of all its rows in phase_map and boundary.
    CREATE TABLE fit (
      sweep      TEXT NOT NULL PRIMARY KEY REFERENCES sweep (name),
      problem    TEXT NOT NULL REFERENCES problem (digest),
      changes    INTEGER NOT NULL, -- problem.changes at that time
      axes       TEXT NOT NULL,    -- the axes of the sweep at that time, as JSON
      method     TEXT NOT NULL,    -- of the fit
      checksum   INTEGER NOT NULL
    ) WITHOUT ROWID;

    -- How many results there are, so that nobody has to count a million rows. Kept by the triggers below.
    CREATE TABLE tally (
      problem      TEXT NOT NULL,
      gamma        REAL NOT NULL,
      gamma_prime  REAL NOT NULL,
      width        INTEGER NOT NULL,
      outcome      TEXT NOT NULL,
      runs         INTEGER NOT NULL,
      wall_seconds REAL NOT NULL, -- summed
      PRIMARY KEY (problem, gamma, gamma_prime, width, outcome)
    ) WITHOUT ROWID;
    -- The seeds that any result has.
    CREATE TABLE recorded_seed (
      problem TEXT NOT NULL,
      seed    INTEGER NOT NULL,
      PRIMARY KEY (problem, seed)
    ) WITHOUT ROWID;
    INSERT INTO tally SELECT problem, gamma, gamma_prime, width, outcome, count(*), sum(wall_seconds) FROM runs
      GROUP BY problem, gamma, gamma_prime, width, outcome;
    INSERT INTO recorded_seed SELECT DISTINCT problem, seed FROM runs;
    CREATE TRIGGER result_added AFTER INSERT ON runs BEGIN
      INSERT INTO tally VALUES (new.problem, new.gamma, new.gamma_prime, new.width, new.outcome, 1, new.wall_seconds)
        ON CONFLICT DO UPDATE SET runs = runs + 1, wall_seconds = wall_seconds + excluded.wall_seconds;
      INSERT INTO recorded_seed VALUES (new.problem, new.seed) ON CONFLICT DO NOTHING;
    END;
    CREATE TRIGGER result_replaced AFTER UPDATE OF outcome, wall_seconds ON runs BEGIN
      UPDATE tally SET runs = runs - 1, wall_seconds = wall_seconds - old.wall_seconds
        WHERE problem = old.problem AND gamma = old.gamma AND gamma_prime = old.gamma_prime AND width = old.width
          AND outcome = old.outcome;
      INSERT INTO tally VALUES (new.problem, new.gamma, new.gamma_prime, new.width, new.outcome, 1, new.wall_seconds)
        ON CONFLICT DO UPDATE SET runs = runs + 1, wall_seconds = wall_seconds + excluded.wall_seconds;
    END;
    CREATE TRIGGER result_removed AFTER DELETE ON runs BEGIN
      UPDATE tally SET runs = runs - 1, wall_seconds = wall_seconds - old.wall_seconds
        WHERE problem = old.problem AND gamma = old.gamma AND gamma_prime = old.gamma_prime AND width = old.width
          AND outcome = old.outcome;
    END;
    """

  private static let keepObservables = """
    -- Simulated time that the run was allowed; null: no limit.
    ALTER TABLE runs ADD COLUMN budget_time REAL CHECK (budget_time > 0);
    -- What has been asked to be kept of the run, as names with spaces between them.
    ALTER TABLE runs ADD COLUMN keep TEXT NOT NULL DEFAULT '';

    -- How runs went. Doubles, lowest byte first: rows of time, mean squared residual, rd, norm of the normalised
    -- output weights, and the numbers of sliding neurons, dead neurons and orientations.
    CREATE TABLE trajectory (
      run    TEXT NOT NULL PRIMARY KEY REFERENCES runs (run),
      points BLOB NOT NULL CHECK (length(points) % 56 = 0)
    );

    -- Neurons before and after runs. 'each': single-precision numbers, rows of orientation and amplitude before and
    -- after. 'histograms': doubles, 2 times × 2 signs of a × counts and amplitudes × 360 bins.
    CREATE TABLE neurons (
      run  TEXT NOT NULL PRIMARY KEY REFERENCES runs (run),
      form TEXT NOT NULL CHECK (form IN ('each', 'histograms')),
      data BLOB NOT NULL CHECK (length(data) % 16 = 0)
    );

    -- The learned function. Single-precision numbers, rows of x, f before and f after.
    CREATE TABLE learned_function (
      run    TEXT NOT NULL PRIMARY KEY REFERENCES runs (run),
      points BLOB NOT NULL CHECK (length(points) % 12 = 0)
    );
    """

  private static let create = """
    -- What all runs with the same `problem` have in common.
    CREATE TABLE problem (
      digest     TEXT NOT NULL PRIMARY KEY, -- SHA-256 of everything that determines results, hexadecimal
      definition TEXT NOT NULL              -- the problem as JSON, keys sorted
    ) WITHOUT ROWID;

    -- The sweeps whose results are kept here, as they were last run.
    CREATE TABLE sweep (
      name       TEXT NOT NULL PRIMARY KEY, -- as in the grid file
      problem    TEXT NOT NULL REFERENCES problem (digest),
      definition TEXT NOT NULL              -- axes, problem, budget and limits as JSON, keys sorted
    ) WITHOUT ROWID;

    -- The accepted result of every run that has one.
    CREATE TABLE runs (
      run                   TEXT NOT NULL PRIMARY KEY, -- identity: hash of problem, point, width and seed
      problem               TEXT NOT NULL REFERENCES problem (digest),
      gamma                 REAL NOT NULL,
      gamma_prime           REAL NOT NULL,
      width                 INTEGER NOT NULL CHECK (width >= 1),
      seed                  INTEGER NOT NULL,          -- the 64 bits, read as a signed number
      -- The result; the same whenever the run is repeated with the same budget of steps.
      outcome               TEXT NOT NULL CHECK (outcome IN ('converged', 'stalled', 'budget')),
      reason                TEXT NOT NULL,             -- the evidence for the outcome
      rd                    REAL NOT NULL CHECK (rd >= 0),
      sup_rd                REAL NOT NULL CHECK (sup_rd >= rd),
      mean_squared_residual REAL NOT NULL CHECK (mean_squared_residual >= 0),
      time                  REAL NOT NULL CHECK (time >= 0), -- normalised time at the end, dimensionless
      steps                 INTEGER NOT NULL CHECK (steps >= 0),
      -- What the run was allowed to spend.
      budget_steps          INTEGER NOT NULL,
      budget_wall_seconds   REAL NOT NULL,
      -- Measurements; they differ from repeat to repeat.
      wall_seconds          REAL NOT NULL,
      initial_seconds       REAL NOT NULL,
      attempts              INTEGER NOT NULL,          -- how many were needed, at least 1
      worker                TEXT NOT NULL              -- who computed it
    ) WITHOUT ROWID;

    -- Runs set aside because every attempt failed. A result of the run removes the row.
    CREATE TABLE failures (
      run         TEXT NOT NULL PRIMARY KEY,
      problem     TEXT NOT NULL REFERENCES problem (digest),
      gamma       REAL NOT NULL,
      gamma_prime REAL NOT NULL,
      width       INTEGER NOT NULL,
      seed        INTEGER NOT NULL,
      attempts    INTEGER NOT NULL,
      reason      TEXT NOT NULL, -- why the last attempt failed
      stderr_tail TEXT NOT NULL  -- the end of what the worker wrote on its standard error
    ) WITHOUT ROWID;

    -- The latest fit of every sweep, a row for each phase point.
    CREATE TABLE phase_map (
      sweep          TEXT NOT NULL REFERENCES sweep (name),
      problem        TEXT NOT NULL REFERENCES problem (digest), -- what was fitted
      gamma          REAL NOT NULL,
      gamma_prime    REAL NOT NULL,
      slope          REAL,          -- d log sup_rd / d log width; null when it cannot be fitted
      slope_low      REAL,          -- 95 % interval; null when there is none
      slope_high     REAL,
      verdict        TEXT NOT NULL CHECK (verdict IN ('linear', 'critical', 'condensed', 'undecided')),
      note           TEXT NOT NULL, -- why, where that needs saying
      expected_slope REAL NOT NULL, -- in theory
      widths         INTEGER NOT NULL, -- distinct widths in the fit
      runs_used      INTEGER NOT NULL, -- runs in the fit
      converged      INTEGER NOT NULL, -- runs of the point by state
      stalled        INTEGER NOT NULL,
      budget         INTEGER NOT NULL,
      failed         INTEGER NOT NULL,
      pending        INTEGER NOT NULL,
      PRIMARY KEY (sweep, gamma, gamma_prime)
    ) WITHOUT ROWID;

    -- The fitted contour slope = 0 of every sweep: vertices of polylines, both counted from 0.
    CREATE TABLE boundary (
      sweep       TEXT NOT NULL REFERENCES sweep (name),
      polyline    INTEGER NOT NULL,
      vertex      INTEGER NOT NULL,
      gamma       REAL NOT NULL,
      gamma_prime REAL NOT NULL,
      PRIMARY KEY (sweep, polyline, vertex)
    ) WITHOUT ROWID;
    """
}
