import Model
import Networks

/// What a sweep still has to do, given what is known.
public struct Plan: Sendable {
  /// The runs of one width, or of all, by state.
  public struct Counts: Hashable, Sendable {
    /// Numbers of runs.
    public var done = 0, failed = 0, toDo = 0
    /// How many have no result and cannot get one, as one of them alone needs more than the sweep's
    /// memory.
    public var tooLarge = 0
    /// Expected CPU seconds of the runs to do.
    public var cost = 0.0

    /// No runs.
    public init() {}
    /// All runs.
    public var total: Int { done + failed + toDo + tooLarge }
  }

  /// The runs of one width by state.
  public struct WidthCounts: Hashable, Sendable {
    /// m.
    public var width: Double
    /// Its runs.
    public var counts = Counts()
    /// The largest expected memory of one of its runs to do, in bytes; 0 if there is none.
    public var maxMemory = 0
  }

  /// The runs to do, the longest first; runs of equal cost in the order of ``RunSet``.
  public let runs: PlannedRuns
  /// The counts by width, ascending.
  public let widths: [WidthCounts]
  /// The counts of the whole sweep.
  public let counts: Counts
  /// The largest expected memory of a run to do, in bytes; 0 if there is none.
  public let maxMemory: Int
  /// The largest expected memory of a run that needs more than the sweep's memory, in bytes; 0 if
  /// there is none.
  public let maxMemoryOfTooLarge: Int
  private let memoryLimit: Int?
  private let maxCost: Double

  /// Plans a sweep. Takes a few microseconds a run and keeps eight bytes of each run to do; where
  /// nothing is known, a fraction of a microsecond and eight bytes for each setting and width.
  ///
  /// - Parameters:
  ///   - sweep: the sweep.
  ///   - families: the networks of this program, which estimate their runs.
  ///   - known: what is known of a run; called once for each. Without it nothing is known of any.
  public init(
    sweep: Sweep, families: NetworkFamilies = .builtIn, known: ((RunIdentity) -> KnownState?)? = nil
  ) {
    let problem = sweep.problem.digest
    self.init(
      sweep: sweep, families: families,
      state: known.map { known in
        { _, run in
          let record = sweep.recordNames(of: run)
          return PlanState(known(run.identity(of: problem)), budget: sweep.budget, record: record)
        }
      })
  }

  /// Plans a sweep whose runs have been looked up already, which takes a few hundred nanoseconds a
  /// run.
  ///
  /// - Parameters:
  ///   - sweep: the sweep.
  ///   - families: the networks of this program, which estimate their runs.
  ///   - states: the state of every run, in the order of ``RunSet``.
  public init(sweep: Sweep, families: NetworkFamilies = .builtIn, states: [PlanState]) {
    self.init(sweep: sweep, families: families, state: { index, _ in states[index] })
  }

  /// Plans a part of a sweep; takes time and memory for that part alone.
  ///
  /// - Parameters:
  ///   - sweep: the whole sweep.
  ///   - families: the networks of this program, which estimate their runs.
  ///   - indices: the runs of the part, by their indices in ``RunSet``, each once.
  ///   - state: the state of a run; called once for each, with its index.
  public init(
    sweep: Sweep, families: NetworkFamilies = .builtIn, indices: [Int],
    state: (Int, Run) throws -> PlanState
  ) rethrows {
    let all = RunSet(sweep)
    let estimates = RunEstimates(sweep, families: families)
    var latest = LatestEstimate(estimates)
    var tally = Tally(all.widths, memoryLimit: sweep.limits.memory)
    var toDo: [(cost: Double, index: Int)] = []
    for index in indices {
      let run = all[index]
      let estimate = latest.estimate(run)
      let isToDo = tally.add(
        try state(index, run), width: all.widths.index(of: run.width) ?? 0, cost: estimate.seconds,
        memory: estimate.bytes)
      if isToDo { toDo.append((estimate.seconds, index)) }
    }
    toDo.sort { $0.cost != $1.cost ? $0.cost > $1.cost : $0.index < $1.index }
    var planned = PlannedRuns(sweep, all: all, estimates: estimates)
    planned.order = toDo.map(\.index)
    self.init(runs: planned, tally)
  }

  private init(sweep: Sweep, families: NetworkFamilies, state: ((Int, Run) -> PlanState)?) {
    let all = RunSet(sweep)
    let estimates = RunEstimates(sweep, families: families)
    var tally = Tally(all.widths, memoryLimit: sweep.limits.memory)
    var planned = PlannedRuns(sweep, all: all, estimates: estimates)

    // The cost does not depend on the seed: sort the cells, then look at their runs.
    var costs: [Double] = []
    var memory: [Int] = []
    costs.reserveCapacity(all.cellCount)
    memory.reserveCapacity(all.cellCount)
    for index in 0..<all.cellCount {
      let estimate = estimates.estimate(all.cell(index), of: all)
      costs.append(estimate.seconds)
      memory.append(estimate.bytes)
    }
    let cells = costs.indices.sorted { a, b in costs[a] != costs[b] ? costs[a] > costs[b] : a < b }
    if let state {
      for index in cells {
        let cell = all.cell(index)
        for run in cell.runs {
          let isToDo = tally.add(
            state(run, all[run]), width: cell.widthIndex, cost: costs[index], memory: memory[index])
          if isToDo { planned.order.append(run) }
        }
      }
    } else {
      let seedsPerCell = all.seedsPerCell
      for index in cells {
        let cell = all.cell(index)
        let isToDo = tally.add(
          .toDo, width: cell.widthIndex, cost: costs[index], memory: memory[index], runs: cell.runs.count)
        guard isToDo, !cell.runs.isEmpty else { continue }
        if seedsPerCell == nil { planned.order += cell.runs } else { planned.order.append(index) }
      }
      planned.seedsPerEntry = seedsPerCell ?? 1
    }
    self.init(runs: planned, tally)
  }

  private init(runs: PlannedRuns, _ tally: Tally) {
    self.runs = runs
    memoryLimit = tally.memoryLimit
    maxCost = runs.first?.cost ?? 0
    widths = tally.widths
    counts = tally.widths.reduce(into: Counts()) { sum, width in
      sum.done += width.counts.done
      sum.failed += width.counts.failed
      sum.toDo += width.counts.toDo
      sum.tooLarge += width.counts.tooLarge
      sum.cost += width.counts.cost
    }
    maxMemory = tally.widths.map(\.maxMemory).max() ?? 0
    maxMemoryOfTooLarge = tally.maxMemoryOfTooLarge
  }

  /// Expected wall time in seconds with at most so many workers: no less than the longest run
  /// alone.
  public func wallSeconds(workers: Int) -> Double {
    let sum = widths.reduce(0) { sum, width in
      sum + width.counts.cost / Double(fitting(workers, of: width.maxMemory))
    }
    return max(sum, maxCost)
  }

  /// How many of so many workers may have the largest runs at once.
  public func workers(atMost workers: Int) -> Int { fitting(workers, of: maxMemory) }

  /// The most memory that so many workers are expected to use at once, in bytes; within the sweep's
  /// limit.
  public func memory(workers: Int) -> Int {
    let (all, overflow) = maxMemory.multipliedReportingOverflow(by: min(max(1, workers), counts.toDo))
    return min(overflow ? .max : all, memoryLimit ?? .max)
  }

  private func fitting(_ workers: Int, of memory: Int) -> Int {
    guard let memoryLimit, memory > 0 else { return max(1, workers) }
    return max(1, min(workers, memoryLimit / memory))
  }
}

/// Counts runs by width and state.
private struct Tally {
  let memoryLimit: Int?
  var widths: [Plan.WidthCounts]
  var maxMemoryOfTooLarge = 0

  init(_ widths: [Double], memoryLimit: Int?) {
    self.widths = widths.map { Plan.WidthCounts(width: $0) }
    self.memoryLimit = memoryLimit
  }

  /// Adds runs of one cell and state.
  ///
  /// - Parameters:
  ///   - width: the index of their width.
  ///   - cost: the expected CPU seconds of each.
  ///   - memory: the expected memory of each, in bytes.
  /// - Returns: whether they can be done.
  mutating func add(_ state: PlanState, width: Int, cost: Double, memory: Int, runs: Int = 1) -> Bool {
    switch state {
    case .done: widths[width].counts.done += runs
    case .failed: widths[width].counts.failed += runs
    case .toDo where memory > memoryLimit ?? .max:
      widths[width].counts.tooLarge += runs
      maxMemoryOfTooLarge = max(maxMemoryOfTooLarge, memory)
    case .toDo:
      widths[width].counts.toDo += runs
      widths[width].counts.cost += Double(runs) * cost
      widths[width].maxMemory = max(widths[width].maxMemory, memory)
      return true
    }
    return false
  }
}
