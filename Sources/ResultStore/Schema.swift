import GRDB

/// The tables, their version, and the number by which the file is known as phasesweep's.
///
/// `docs/database.md` explains every column to those who query the file.
enum Schema {
  /// "phsw" in ASCII, at offset 68 of the file: `file(1)` and other tools can tell the database from others.
  static let applicationID: Int32 = 0x7068_7377

  /// The version this code reads and writes: how many of ``steps`` have been carried out.
  static var version: Int32 { Int32(steps.count) }

  /// What turns version i into version i + 1. A step that was ever released is never changed.
  static let steps = [create, detailFailures, keepObservables]

  /// Brings the database from `version` to the current one, in the transaction that is open.
  static func migrate(_ db: Database, from version: Int32) throws {
    for step in steps.dropFirst(Int(version)) { try db.execute(sql: step) }
    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    try db.execute(sql: "PRAGMA user_version = \(self.version)")
  }

  private static let detailFailures = """
    -- What is particular to this run; the reason is the same for all runs that failed alike.
    ALTER TABLE failures ADD COLUMN detail TEXT NOT NULL DEFAULT '';
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
