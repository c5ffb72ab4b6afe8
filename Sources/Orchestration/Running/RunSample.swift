import Model
import Networks
import Planning
import ResultStore

/// A small random part of a sweep, the same each time, to see whether its costs and results make
/// sense before the whole is run.
package struct RunSample: Sendable {
  /// The runs, by their indices in ``Model/RunSet``, ascending.
  package let indices: [Int]
  private let runs: RunSet
  private let problem: Digest

  /// - Parameters:
  ///   - count: how many runs; all if there are no more.
  ///   - sweep: the sweep.
  package init(_ count: Int, of sweep: Sweep) {
    let runs = RunSet(sweep)
    let problem = sweep.problem.digest
    // Identities are hashes: their order is random and stays, so that a larger sample contains a
    // smaller one, and one that was interrupted is resumed.
    let identities = runs.indices.map { (runs[$0].identity(of: problem).description, $0) }
    indices = identities.sorted { $0 < $1 }.prefix(count).map(\.1).sorted()
    self.runs = runs
    self.problem = problem
  }

  /// The plan of these runs alone, of a sweep that may use so much memory, given what is recorded.
  ///
  /// - Throws: what the store throws.
  package func plan(
    of sweep: Sweep, families: NetworkFamilies, memory: Machine.Bound?, recordedIn store: ResultStore
  ) throws -> Plan {
    var bounded = sweep
    bounded.limits.memory = memory?.value
    let isChosen = Set(indices)
    var states: [Int: PlanState] = [:]
    try store.forEachKnownRun(of: sweep) { index, run, known in
      guard isChosen.contains(index) else { return }
      states[index] = PlanState(known, budget: sweep.budget, record: sweep.recordNames(of: run))
    }
    return Plan(sweep: bounded, families: families, indices: indices) { index, _ in states[index] ?? .toDo }
  }

  /// What came of the sample.
  package struct Report: Sendable {
    /// The runs of one width.
    package struct Row: Sendable {
      package var width: Double
      /// How many are in the sample.
      package var total = 0
      /// Those with a result, by outcome.
      package var outcomes: [Outcome: Int] = [:]
      /// Wall time of those with a result, and what was expected of them, in seconds.
      package var seconds = 0.0, expected = 0.0
      /// The order parameter of those with a result.
      package var values: [Double] = []
    }

    package var rows: [Row]
    /// The expected CPU time of the whole sweep by the cost model alone, in seconds.
    package var expectedTotal: Double
    /// How many runs the sweep has.
    package var total: Int
    package var orderParameter: String
  }

  /// What is recorded of the sample.
  ///
  /// - Throws: what the store throws.
  package func report(
    of sweep: Sweep, orderParameter: String, families: NetworkFamilies, in store: ResultStore
  ) throws -> Report {
    let estimates = RunEstimates(sweep, families: families)
    let chosen = Set(indices.map { runs[$0].identity(of: problem) })
    var rows: [Double: Report.Row] = [:]
    for index in indices { rows[runs[index].width, default: .init(width: runs[index].width)].total += 1 }
    for record in try store.records(of: sweep) where chosen.contains(record.identity) {
      rows[record.run.width]?.outcomes[record.result.outcome, default: 0] += 1
      rows[record.run.width]?.seconds += record.result.wallSeconds
      rows[record.run.width]?.expected += estimates.estimate(record.run).seconds
      let value = record.result.quantities[orderParameter]
      if let value { rows[record.run.width]?.values.append(value) }
    }
    return Report(
      rows: rows.values.sorted { $0.width < $1.width }, expectedTotal: estimates.seconds(of: runs),
      total: runs.count, orderParameter: orderParameter)
  }
}

extension RunSample.Report {
  /// For people: a table by width, and what the whole sweep would take.
  ///
  /// - Parameter workers: how many there would be.
  package func text(workers: Int) -> String {
    let head =
      ["width", "runs", "done"] + Outcome.allCases.map { $0.rawValue.replacing("_", with: " ") }
      + ["s a run", "expected", orderParameter]
    var lines = [Formatting.table([head] + rows.map(\.cells))]
    let (seconds, expected) = rows.reduce((0, 0)) { ($0.0 + $1.seconds, $0.1 + $1.expected) }
    if seconds > 0, expected > 0 {
      let ratio = seconds / expected
      let whole = expectedTotal * ratio / Double(max(1, workers))
      lines.append(
        "runs took \(String(format: "%.2g", ratio)) × what was expected; all \(total) would take about "
          + "\(Formatting.duration(whole)) with \(Formatting.count(workers, "worker"))")
    }
    return lines.joined(separator: "\n")
  }
}

extension RunSample.Report.Row {
  fileprivate var cells: [String] {
    let done = outcomes.values.reduce(0, +)
    func perRun(_ sum: Double) -> String { done > 0 ? String(format: "%.2g", sum / Double(done)) : "–" }
    func value(_ number: Double?) -> String? { number.map { String(format: "%.3g", $0) } }
    let range = [value(values.min()), value(values.max())].compactMap { $0 }
    return [formattedNumber(width), "\(total)", "\(done)"]
      + Outcome.allCases.map { "\(outcomes[$0] ?? 0)" }
      + [perRun(seconds), perRun(expected), range.isEmpty ? "–" : range.joined(separator: " … ")]
  }
}
