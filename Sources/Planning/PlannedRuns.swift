import Model

/// The runs to do, in order. An element is made when it is asked for, so that a million take little
/// memory.
public struct PlannedRuns: RandomAccessCollection, Sendable {
  /// All runs of the sweep.
  let all: RunSet
  let problem: Digest
  let estimates: RunEstimates
  let record: [RecordRule]
  /// Indices of runs in `all`; or, where all seeds of all cells are to do and equally many, of
  /// cells.
  var order: [Int] = []
  /// How many runs an entry of `order` stands for: 1, or the seeds of a cell.
  var seedsPerEntry = 1

  init(_ sweep: Sweep, all: RunSet, estimates: RunEstimates) {
    self.all = all
    problem = sweep.problem.digest
    self.estimates = estimates
    record = sweep.record
  }

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of runs.
  public var endIndex: Int { order.count * seedsPerEntry }

  /// The run at a position in the order.
  public subscript(position: Int) -> PlannedRun {
    let (entry, seed) = position.quotientAndRemainder(dividingBy: seedsPerEntry)
    let run = all[order[entry] * seedsPerEntry + seed]
    let estimate = estimates.estimate(run)
    return PlannedRun(
      run: run, identity: run.identity(of: problem), cost: estimate.seconds, memory: estimate.bytes,
      costClass: CostClass(width: run.width, group: estimate.group),
      record: record.names(of: run))
  }

  /// Visits the runs in order: the index of each in ``RunSet``, and its expected CPU seconds.
  public func forEachIndex(_ body: (_ index: Int, _ cost: Double) -> Void) {
    var latest = LatestEstimate(estimates)
    for entry in order {
      for index in entry * seedsPerEntry..<(entry + 1) * seedsPerEntry {
        body(index, latest.estimate(all[index]).seconds)
      }
    }
  }
}

/// Estimates of runs one after the other, of which neighbours often differ only in their seed.
struct LatestEstimate {
  private let estimates: RunEstimates
  private var latest: (run: Run, estimate: RunEstimate)?

  init(_ estimates: RunEstimates) { self.estimates = estimates }

  mutating func estimate(_ run: Run) -> RunEstimate {
    if let latest, latest.run.width == run.width, latest.run.setting == run.setting { return latest.estimate }
    let estimate = estimates.estimate(run)
    latest = (run, estimate)
    return estimate
  }
}
