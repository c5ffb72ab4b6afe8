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

  /// One entry for each width of the sweep, ascending.
  public var widths: [Width]
  /// How many runs have a result, and not yet been asked for all that the sweep keeps of them.
  public var lacking = 0

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
  /// What is recorded of every run of a problem, whichever sweep it belongs to.
  public func recordedStates(of problem: Digest) throws(StoreError) -> [RunIdentity: KnownState] {
    try wrapping {
      try queue.read { db in
        let digest = problem.description
        var states: [RunIdentity: KnownState] = [:]
        states.reserveCapacity(try Int.fetchOne(db, sql: "SELECT count(*) FROM runs") ?? 0)
        let rows = try Row.fetchCursor(
          db,
          sql: """
            SELECT run, outcome, budget_steps, budget_wall_seconds, \(try Self.keepColumns(db))
            FROM runs WHERE problem = ?
            """,
          arguments: [digest])
        while let row = try rows.next() {
          states[RunIdentity(row[0])] = .finished(
            try outcome(row[1]), budget: Budget(steps: row[2], wallSeconds: row[3], time: row[4]),
            kept: Observables(stored: row[5]))
        }
        let failures = try Row.fetchCursor(
          db, sql: "SELECT run, attempts FROM failures WHERE problem = ?", arguments: [digest])
        while let row = try failures.next() { states[RunIdentity(row[0])] = .failed(attempts: row[1]) }
        return states
      }
    }
  }

  /// The columns `budget_time` and `keep` of `runs`, which an older schema lacks and a reader cannot add.
  private static func keepColumns(_ db: Database) throws -> String {
    try db.columns(in: "runs").contains { $0.name == "keep" } ? "budget_time, keep" : "NULL, ''"
  }

  /// All runs of a sweep as the fit sees them, by γ, γ', width, seed. A run without a row is pending.
  public func observations(of sweep: Sweep) throws(StoreError) -> [Observation] {
    var states = [Observation.State](repeating: .pending, count: sweep.axes.runCount)
    try forEachState(of: sweep) { index, state in states[index] = state }
    return zip(sweep.axes.runs, states).map { Observation(run: $0, state: $1) }
  }

  /// All results of a sweep with every column, by γ, γ', width, seed.
  public func records(of sweep: Sweep) throws(StoreError) -> [RunRecord] {
    let axes = AxisIndex(sweep.axes)
    let problem = sweep.problem.digest
    return try wrapping {
      try queue.read { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT gamma, gamma_prime, width, seed, run, outcome, reason, rd, sup_rd, mean_squared_residual,
              time, steps, wall_seconds, initial_seconds, budget_steps, budget_wall_seconds, attempts, worker,
              \(try Self.keepColumns(db))
            FROM runs WHERE problem = ?
            """,
          arguments: [problem.description])
      }.compactMap { row -> (Int, RunRecord)? in
        let run = Self.run(in: row)
        guard let index = axes.index(of: run) else { return nil }
        let result = RunResult(
          outcome: try outcome(row[5]), reason: row[6], rd: row[7], supRD: row[8],
          meanSquaredResidual: row[9], time: row[10], steps: row[11], wallSeconds: row[12],
          initialSeconds: row[13])
        let record = RunRecord(
          identity: RunIdentity(row[4]), run: run, problem: problem, result: result,
          budget: Budget(steps: row[14], wallSeconds: row[15], time: row[18]), attempts: row[16],
          worker: row[17], keep: Observables(stored: row[19]))
        return (index, record)
      }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  /// How far a sweep is. Reads the rows of its problem one after the other and keeps none.
  ///
  /// - Parameter visit: is given every run of the sweep that has a result or failed, once.
  public func progress(
    of sweep: Sweep, visit: (Run) -> Void = { _ in }
  ) throws(StoreError) -> RecordedProgress {
    let axes = AxisIndex(sweep.axes)
    let places = Dictionary(zip(sweep.axes.width, 0...), uniquingKeysWith: { first, _ in first })
    var widths = sweep.axes.width.map { RecordedProgress.Width(width: $0) }
    let runsOfWidth = sweep.axes.gamma.count * sweep.axes.gammaPrime.count * sweep.axes.seed.count
    for index in widths.indices { widths[index].counts.pending = runsOfWidth }
    var lacking = 0
    func count(_ run: Run, _ state: Observation.State, in width: Int) {
      widths[width].counts.add(.pending, -1)
      widths[width].counts.add(state, 1)
      visit(run)
    }
    try wrapping {
      try queue.read { db in
        let digest = sweep.problem.digest.description
        let results = try Row.fetchCursor(
          db,
          sql: """
            SELECT runs.gamma, runs.gamma_prime, runs.width, runs.seed, outcome, sup_rd, wall_seconds,
              failures.run IS NOT NULL, budget_steps, budget_wall_seconds, \(try Self.keepColumns(db))
            FROM runs LEFT JOIN failures USING (run) WHERE runs.problem = ?
            """,
          arguments: [digest])
        while let row = try results.next() {
          let run = Self.run(in: row)
          guard axes.index(of: run) != nil, let width = places[run.width] else { continue }
          widths[width].wallSeconds += row[6] as Double
          // A failure after a result counts, below.
          guard row[7] as Bool == false else { continue }
          count(run, .finished(try outcome(row[4]), supRD: row[5]), in: width)
          let wanted = sweep.keep.isEmpty ? [] : sweep.observables(of: run)
          let spent = Budget(steps: row[8], wallSeconds: row[9], time: row[10])
          if !wanted.isSubset(of: Observables(stored: row[11])), sweep.budget.covers(spent) { lacking += 1 }
        }
        let failures = try Row.fetchCursor(
          db, sql: "SELECT gamma, gamma_prime, width, seed FROM failures WHERE problem = ?",
          arguments: [digest])
        while let row = try failures.next() {
          let run = Self.run(in: row)
          guard axes.index(of: run) != nil, let width = places[run.width] else { continue }
          count(run, .failed, in: width)
        }
      }
    }
    return RecordedProgress(widths: widths, lacking: lacking)
  }

  /// The runs of a sweep that were set aside, by γ, γ', width, seed.
  public func failures(of sweep: Sweep) throws(StoreError) -> [FailureRecord] {
    var records: [FailureRecord] = []
    try forEachFailure(of: sweep) { records.append($0) }
    return records
  }

  /// The runs of a sweep that were set aside by reason, the most frequent first.
  public func failureGroups(of sweep: Sweep) throws(StoreError) -> [FailureGroup] {
    var groups: [String: FailureGroup] = [:]
    try forEachFailure(of: sweep) { groups[$0.reason, default: FailureGroup(runs: 0, example: $0)].runs += 1 }
    return groups.values.sorted { ($1.runs, $0.example.reason) < ($0.runs, $1.example.reason) }
  }

  private func forEachFailure(of sweep: Sweep, _ body: (FailureRecord) -> Void) throws(StoreError) {
    let axes = AxisIndex(sweep.axes)
    let problem = sweep.problem.digest
    try wrapping {
      try queue.read { db in
        // The first version of the schema had no details, and a reader cannot add them.
        let hasDetail = try db.columns(in: "failures").contains { $0.name == "detail" }
        let rows = try Row.fetchCursor(
          db,
          sql: """
            SELECT gamma, gamma_prime, width, seed, run, attempts, reason, \(hasDetail ? "detail" : "''"), stderr_tail
            FROM failures WHERE problem = ? ORDER BY gamma, gamma_prime, width, seed
            """,
          arguments: [problem.description])
        while let row = try rows.next() {
          let run = Self.run(in: row)
          guard axes.index(of: run) != nil else { continue }
          body(
            FailureRecord(
              identity: RunIdentity(row[4]), run: run, problem: problem, attempts: row[5], reason: row[6],
              detail: row[7], stderrTail: row[8]))
        }
      }
    }
  }

  /// Visits what is recorded of the runs of a sweep, results first: a failure after a result counts.
  private func forEachState(
    of sweep: Sweep, _ body: (Int, Observation.State) -> Void
  ) throws(StoreError) {
    let axes = AxisIndex(sweep.axes)
    let digest = sweep.problem.digest.description
    try wrapping {
      try queue.read { db in
        let results = try Row.fetchCursor(
          db,
          sql: """
            SELECT gamma, gamma_prime, width, seed, outcome, sup_rd FROM runs WHERE problem = ?
            """,
          arguments: [digest])
        while let row = try results.next() {
          guard let index = axes.index(of: Self.run(in: row)) else { continue }
          body(index, .finished(try outcome(row[4]), supRD: row[5]))
        }
        let failures = try Row.fetchCursor(
          db, sql: "SELECT gamma, gamma_prime, width, seed FROM failures WHERE problem = ?",
          arguments: [digest])
        while let row = try failures.next() {
          guard let index = axes.index(of: Self.run(in: row)) else { continue }
          body(index, .failed)
        }
      }
    }
  }

  private func outcome(_ text: String) throws -> Outcome {
    guard let outcome = Outcome(rawValue: text) else {
      throw StoreError.damaged(path: path, cause: "“\(text)” is no outcome")
    }
    return outcome
  }

  private static func run(in row: Row) -> Run {
    Run(
      point: PhasePoint(gamma: row[0], gammaPrime: row[1]), width: row[2],
      seed: UInt64(bitPattern: row[3] as Int64))
  }
}

/// Where a run stands in the order of ``Axes/runs``.
private struct AxisIndex {
  private let gamma: [Double: Int]
  private let gammaPrime: [Double: Int]
  private let width: [Int: Int]
  private let seed: [UInt64: Int]

  init(_ axes: Axes) {
    func places<Value: Hashable>(_ values: [Value]) -> [Value: Int] {
      Dictionary(zip(values, 0...), uniquingKeysWith: { first, _ in first })
    }
    gamma = places(axes.gamma)
    gammaPrime = places(axes.gammaPrime)
    width = places(axes.width)
    seed = places(axes.seed)
  }

  /// nil if the run is not one of the axes'.
  func index(of run: Run) -> Int? {
    guard let i = gamma[run.point.gamma], let j = gammaPrime[run.point.gammaPrime],
      let k = width[run.width], let l = seed[run.seed]
    else { return nil }
    return ((i * gammaPrime.count + j) * width.count + k) * seed.count + l
  }
}

extension PointFit.Counts {
  fileprivate mutating func add(_ state: Observation.State, _ number: Int) {
    switch state {
    case .finished(.converged, _): converged += number
    case .finished(.stalled, _): stalled += number
    case .finished(.budget, _): budget += number
    case .failed: failed += number
    case .pending: pending += number
    }
  }
}
