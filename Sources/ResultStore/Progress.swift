import GRDB
import LimitFit
import Model

/// How far a sweep is, and what it took.
public struct RecordedProgress: Hashable, Sendable {
  /// The runs of one width.
  public struct Width: Hashable, Sendable {
    /// m.
    public var width: Double
    /// Its runs by state.
    public var counts = PointFit.Counts()
    /// The wall time that its results took, in seconds, summed over runs.
    public var wallSeconds = 0.0
  }

  /// Runs of one width at one setting.
  public struct Cell: Hashable, Sendable {
    /// The parameters.
    public var setting: Setting
    /// m.
    public var width: Double
    /// How many of them have a result or failed.
    public var ended: Int
  }

  /// One entry for each width of the sweep, ascending.
  public var widths: [Width]
  /// How many runs have a result, and have not been asked for all that the sweep records of them.
  public var lacking = 0

  /// Nothing has been recorded of any run of a sweep.
  public static func none(of sweep: Sweep) -> RecordedProgress { SweepTally(RunSet(sweep)).progress }

  /// All runs of the sweep by state.
  public var counts: PointFit.Counts {
    widths.reduce(into: PointFit.Counts()) { $0 += $1.counts }
  }
}

extension ResultStore {
  /// How far a sweep is.
  ///
  /// Reads the tallies, a row for each cell (setting, width) and outcome; a million runs take a
  /// fraction of a second. Only if the sweep records anything beside results, or does not use all
  /// seeds that are recorded everywhere, all runs are read.
  ///
  /// - Parameter visit: is given runs of the sweep that have a result or failed, every one in just
  ///   one cell.
  public func progress(
    of sweep: Sweep, visit: (RecordedProgress.Cell) -> Void = { _ in }
  ) throws(StoreError) -> RecordedProgress {
    try reading(sweep) { rows in
      var tally = SweepTally(rows.index.runs)
      if try isTallied(sweep, rows) {
        try addTallies(of: sweep, &rows, to: &tally, visit)
      } else {
        try rows.forEachResult { _, run, stored in
          tally.add(1, try stored.outcome(), wallSeconds: stored.wallSeconds, width: run.width)
          visit(.init(setting: run.setting, width: run.width, ended: 1))
          let wanted = sweep.recordNames(of: run)
          if !wanted.isEmpty, try !wanted.isSubset(of: stored.record()),
            sweep.budget.covers(stored.budget)
          {
            tally.lacking.insert(stored.identity)
          }
        }
      }
      // A failure after a result counts instead of it.
      let db = rows.db
      let earlier = try db.cachedStatement(sql: "SELECT outcome FROM runs WHERE run = ?")
      try rows.forEachFailure { _, run, failure in
        let outcome = try earlier.row(in: db, [failure.identity.description]) { try RunRow.outcome($0, 0) }
        tally.addFailure(after: outcome, width: run.width)
        tally.lacking.remove(failure.identity)
        if outcome == nil { visit(.init(setting: run.setting, width: run.width, ended: 1)) }
      }
      return tally.progress
    }
  }

  /// Whether the tallies tell all that is asked: every result at a setting and width of the sweep
  /// is one of its runs.
  private func isTallied(_ sweep: Sweep, _ rows: SweepRows) throws -> Bool {
    guard sweep.record.isEmpty else { return false }
    let seeds = Set(rows.index.runs.commonSeeds)
    let recorded = try Int64.fetchCursor(
      rows.db, sql: "SELECT seed FROM recorded_seed WHERE problem = ?",
      arguments: [sweep.problem.digest.contentID])
    while let seed = try recorded.next() {
      if !seeds.contains(UInt64(bitPattern: seed)) { return false }
    }
    return true
  }

  private func addTallies(
    of sweep: Sweep, _ rows: inout SweepRows, to tally: inout SweepTally,
    _ visit: (RecordedProgress.Cell) -> Void
  ) throws {
    let statement = try rows.db.cachedStatement(
      sql: "SELECT setting, width, outcome, runs, wall_seconds FROM tally WHERE problem = ? AND runs > 0")
    statement.setUncheckedArguments([sweep.problem.digest.contentID])
    // Its rows come by setting.
    var last: (id: Int64, setting: Setting?, widths: [Double]) = (-1, nil, [])
    try statement.forEachRow(in: rows.db) { row in
      let id = row.int64(0)
      if id != last.id {
        let runs = rows.index.runs
        let setting = try rows.index.setting(id, &rows.settings).map { runs.settings[$0] }
        last = (id, setting, setting.map { runs.widths(at: $0) } ?? [])
      }
      let width = row.number(1)
      guard let setting = last.setting, last.widths.index(of: width) != nil else { return }
      let runs = row.integer(3)
      tally.add(runs, try RunRow.outcome(row, 2), wallSeconds: row.number(4), width: width)
      visit(.init(setting: setting, width: width, ended: runs))
    }
  }
}

/// The runs of a sweep as they are counted.
private struct SweepTally {
  /// Runs that have a result and are to be repeated.
  var lacking: Set<RunIdentity> = []
  private let indices: [Double: Int]
  private var widths: [RecordedProgress.Width]

  init(_ runs: RunSet) {
    indices = Dictionary(zip(runs.widths, 0...), uniquingKeysWith: { first, _ in first })
    widths = runs.widths.map { RecordedProgress.Width(width: $0) }
    for (index, number) in runs.runsByWidth.enumerated() { widths[index].counts.pending = number }
  }

  mutating func add(_ runs: Int, _ outcome: Outcome, wallSeconds: Double, width: Double) {
    guard let index = indices[width] else { return }
    widths[index].counts.pending -= runs
    widths[index].counts.add(outcome, runs)
    widths[index].wallSeconds += wallSeconds
  }

  mutating func addFailure(after outcome: Outcome?, width: Double) {
    guard let index = indices[width] else { return }
    if let outcome { widths[index].counts.add(outcome, -1) } else { widths[index].counts.pending -= 1 }
    widths[index].counts.failed += 1
  }

  var progress: RecordedProgress { RecordedProgress(widths: widths, lacking: lacking.count) }
}
