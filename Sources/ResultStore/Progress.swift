import GRDB
import LimitFit
import Model

/// How far a sweep is, and what it took.
public struct RecordedProgress: Hashable, Sendable {
  /// The runs of one width.
  public struct Width: Hashable, Sendable {
    /// m.
    public var width: Int
    /// Its runs by state.
    public var counts = PointFit.Counts()
    /// The wall time that its results took, in seconds, summed over runs.
    public var wallSeconds = 0.0
  }

  /// Runs of one width at one point.
  public struct Cell: Hashable, Sendable {
    /// (γ, γ').
    public var point: PhasePoint
    /// m.
    public var width: Int
    /// How many of them have a result or failed.
    public var ended: Int
  }

  /// One entry for each width of the sweep, ascending.
  public var widths: [Width]
  /// How many runs have a result, and not yet been asked for all that the sweep keeps of them.
  public var lacking = 0

  /// Nothing has been recorded of any run of a sweep.
  public static func none(of sweep: Sweep) -> RecordedProgress { SweepTally(sweep).progress }

  /// All runs of the sweep by state.
  public var counts: PointFit.Counts {
    widths.reduce(into: PointFit.Counts()) { sum, width in
      sum.converged += width.counts.converged
      sum.stalled += width.counts.stalled
      sum.budget += width.counts.budget
      sum.failed += width.counts.failed
      sum.pending += width.counts.pending
    }
  }
}

extension ResultStore {
  /// How far a sweep is.
  ///
  /// Reads the tallies, a row for each cell (point, width) and outcome; a million runs take a fraction of a second. Only
  /// if the sweep asks for anything to be kept, or does not use all seeds that are recorded everywhere, are all runs
  /// looked at.
  ///
  /// - Parameter visit: is given runs of the sweep that have a result or failed, every one in just one cell.
  public func progress(
    of sweep: Sweep, visit: (RecordedProgress.Cell) -> Void = { _ in }
  ) throws(StoreError) -> RecordedProgress {
    try wrapping {
      try queue.read { db in
        var tally = SweepTally(sweep)
        if try isTallied(sweep, tally.runs, in: db) {
          try addTallies(of: sweep, in: db, to: &tally, visit)
        } else {
          try forEachResult(of: sweep.problem.digest, in: db) { row in
            let run = row.run
            guard tally.contains(run), let outcome = row.outcome else { return }
            tally.add(1, outcome, wallSeconds: row.wallSeconds, width: run.width)
            visit(.init(point: run.point, width: run.width, ended: 1))
            let wanted = sweep.keep.isEmpty ? [] : sweep.observables(of: run)
            if !wanted.isSubset(of: row.keep), sweep.budget.covers(row.budget) {
              tally.lacking.insert(row.identity)
            }
          }
        }
        // A failure after a result counts instead of it.
        let earlier = try db.cachedStatement(sql: "SELECT outcome FROM runs WHERE run = ?")
        try forEachFailedRun(of: sweep.problem.digest, in: db) { identity, run, _ in
          guard tally.contains(run) else { return }
          let outcome = try String.fetchOne(earlier, arguments: [identity.description]).flatMap(Outcome.init)
          tally.addFailure(after: outcome, width: run.width)
          tally.lacking.remove(identity)
          if outcome == nil { visit(.init(point: run.point, width: run.width, ended: 1)) }
        }
        return tally.progress
      }
    }
  }

  /// Whether the tallies tell all that is asked: every result at a point and width of the sweep is one of its runs.
  private func isTallied(_ sweep: Sweep, _ runs: RunSet, in db: Database) throws -> Bool {
    guard sweep.keep.isEmpty, try db.tableExists("tally") else { return false }
    let seeds = Set(runs.commonSeeds)
    let recorded = try Int64.fetchCursor(
      db, sql: "SELECT seed FROM recorded_seed WHERE problem = ?",
      arguments: [sweep.problem.digest.description])
    while let seed = try recorded.next() {
      if !seeds.contains(UInt64(bitPattern: seed)) { return false }
    }
    return true
  }

  private func addTallies(
    of sweep: Sweep, in db: Database, to tally: inout SweepTally, _ visit: (RecordedProgress.Cell) -> Void
  ) throws {
    let statement = try db.makeStatement(
      sql:
        "SELECT gamma, gamma_prime, width, outcome, runs, wall_seconds FROM tally WHERE problem = ? AND runs > 0"
    )
    let rows = try Row.fetchCursor(statement, arguments: [sweep.problem.digest.description])
    let row = StoredRow(statement)
    while try rows.next() != nil {
      let point = PhasePoint(gamma: row.number(0), gammaPrime: row.number(1))
      let width = row.integer(2)
      guard tally.contains(point, width: width) else { continue }
      guard let outcome = Outcome(rawValue: row.text(3)) else {
        throw StoreError.damaged(path: path, cause: "“\(row.text(3))” is no outcome".onOneLine)
      }
      tally.add(row.integer(4), outcome, wallSeconds: row.number(5), width: width)
      visit(.init(point: point, width: width, ended: row.integer(4)))
    }
  }
}

/// The runs of a sweep as they are counted.
private struct SweepTally {
  /// Runs that have a result and are to be repeated.
  var lacking: Set<RunIdentity> = []
  /// All of them.
  let runs: RunSet
  private let places: [Int: Int]
  private var widths: [RecordedProgress.Width]

  init(_ sweep: Sweep) {
    runs = RunSet(sweep)
    places = Dictionary(zip(runs.widths, 0...), uniquingKeysWith: { first, _ in first })
    widths = runs.widths.map { RecordedProgress.Width(width: $0) }
    for (index, number) in runs.runsByWidth.enumerated() { widths[index].counts.pending = number }
  }

  func contains(_ run: Run) -> Bool { runs.contains(run) }
  func contains(_ point: PhasePoint, width: Int) -> Bool { runs.contains(point, width: width) }

  mutating func add(_ runs: Int, _ outcome: Outcome, wallSeconds: Double, width: Int) {
    guard let place = places[width] else { return }
    widths[place].counts.pending -= runs
    widths[place].counts.add(outcome, runs)
    widths[place].wallSeconds += wallSeconds
  }

  mutating func addFailure(after outcome: Outcome?, width: Int) {
    guard let place = places[width] else { return }
    if let outcome { widths[place].counts.add(outcome, -1) } else { widths[place].counts.pending -= 1 }
    widths[place].counts.failed += 1
  }

  var progress: RecordedProgress { RecordedProgress(widths: widths, lacking: lacking.count) }
}

extension PointFit.Counts {
  fileprivate mutating func add(_ outcome: Outcome, _ number: Int) {
    switch outcome {
    case .converged: converged += number
    case .stalled: stalled += number
    case .budget: budget += number
    }
  }
}
