import Model

/// What is already known of a run.
public enum KnownState: Hashable, Sendable {
  /// There is a result, found under a budget.
  case finished(Outcome, budget: Budget)
  /// It was set aside after so many failed attempts.
  case failed(attempts: Int)
}

/// Where a run of a plan stands.
public enum PlanState: Hashable, Sendable, CaseIterable {
  /// There is a result that stands.
  case done
  /// Set aside; only a retry runs it again.
  case failed
  /// There is no result yet, or only one that a smaller budget cut short.
  case toDo

  /// The state of a run of which something or nothing is known, under the budget of the sweep.
  public init(_ known: KnownState?, budget: Budget) {
    switch known {
    case nil: self = .toDo
    case .failed: self = .failed
    case .finished(.budget, let spent):
      self = budget.steps > spent.steps || budget.wallSeconds > spent.wallSeconds ? .toDo : .done
    case .finished: self = .done
    }
  }
}

/// A run to be done.
public struct PlannedRun: Hashable, Sendable {
  /// γ, γ', width and seed.
  public var run: Run
  /// Its identity in the sweep's problem.
  public var identity: RunIdentity
  /// Expected CPU seconds.
  public var cost: Double
  /// Expected memory in bytes.
  public var memory: Int

  /// A planned run.
  public init(run: Run, identity: RunIdentity, cost: Double, memory: Int) {
    self.run = run
    self.identity = identity
    self.cost = cost
    self.memory = memory
  }
}

/// What a sweep still has to do, given what is known.
public struct Plan: Sendable {
  /// The runs of one width, or of all, by state.
  public struct Counts: Hashable, Sendable {
    /// Numbers of runs.
    public var done = 0, failed = 0, toDo = 0
    /// Expected CPU seconds of the runs to do.
    public var cost = 0.0

    /// No runs.
    public init() {}
    /// All runs.
    public var total: Int { done + failed + toDo }
  }

  /// The runs of one width by state.
  public struct WidthCounts: Hashable, Sendable {
    /// m.
    public var width: Int
    /// Its runs.
    public var counts: Counts
  }

  /// The runs to do, the longest first; runs of equal cost by γ, γ', width, seed.
  public let runs: PlannedRuns
  /// The counts by width, ascending.
  public let widths: [WidthCounts]
  /// The counts of the whole sweep.
  public let counts: Counts
  /// The largest expected memory of a run to do, in bytes; 0 if there is none.
  public let largestMemory: Int

  /// Plans a sweep. Takes a few microseconds a run and keeps eight bytes of each run to do.
  ///
  /// - Parameters:
  ///   - sweep: the sweep; at most ``GridFile/mostRunsEver`` runs.
  ///   - costModel: what a run is expected to cost.
  ///   - known: what is known of a run; called once for each.
  public init(sweep: Sweep, costModel: CostModel = CostModel(), known: (RunIdentity) -> KnownState?) {
    let axes = sweep.axes
    let points = axes.points
    var byWidth = [Counts](repeating: Counts(), count: axes.width.count)

    // The cost does not depend on the seed: sort the cells (point, width), then look at their runs.
    let costs = points.flatMap { point in axes.width.map { costModel.cost(at: point, width: $0) } }
    let cells = costs.indices.sorted { a, b in costs[a] != costs[b] ? costs[a] > costs[b] : a < b }
    var planned = PlannedRuns(
      points: points, axes: axes, problem: sweep.problem.digest, costModel: costModel, order: [])
    for cell in cells {
      for seed in axes.seed.indices {
        let index = cell * axes.seed.count + seed
        let state = PlanState(known(planned.identity(index)), budget: sweep.budget)
        let width = cell % axes.width.count
        switch state {
        case .done: byWidth[width].done += 1
        case .failed: byWidth[width].failed += 1
        case .toDo:
          byWidth[width].toDo += 1
          byWidth[width].cost += costs[cell]
          planned.order.append(index)
        }
      }
    }

    runs = planned
    widths = zip(axes.width, byWidth).map { WidthCounts(width: $0, counts: $1) }
    counts = byWidth.reduce(into: Counts()) { sum, counts in
      sum.done += counts.done
      sum.failed += counts.failed
      sum.toDo += counts.toDo
      sum.cost += counts.cost
    }
    largestMemory =
      widths.last { $0.counts.toDo > 0 }.map { costModel.memory(width: $0.width) } ?? 0
  }

  /// Expected wall time in seconds with so many workers: no less than the longest run alone.
  public func wallSeconds(workers: Int) -> Double {
    max(counts.cost / Double(max(1, workers)), runs.first?.cost ?? 0)
  }

  /// The most memory that so many workers are expected to use at once, in bytes.
  public func memory(workers: Int) -> Int { largestMemory * min(max(1, workers), counts.toDo) }
}

/// The runs to do, in order. An element is made when it is asked for, so that a million are cheap to keep.
public struct PlannedRuns: RandomAccessCollection, Sendable {
  let points: [PhasePoint]
  let axes: Axes
  let problem: Digest
  let costModel: CostModel
  /// Runs by their place in the expansion of the axes: ((point · widths) + width) · seeds + seed.
  fileprivate(set) var order: [Int]

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of runs.
  public var endIndex: Int { order.count }

  /// The run at a place in the order.
  public subscript(position: Int) -> PlannedRun {
    let run = run(order[position])
    return PlannedRun(
      run: run, identity: run.identity(of: problem),
      cost: costModel.cost(at: run.point, width: run.width), memory: costModel.memory(width: run.width))
  }

  private func run(_ index: Int) -> Run {
    let (cell, seed) = index.quotientAndRemainder(dividingBy: axes.seed.count)
    let (point, width) = cell.quotientAndRemainder(dividingBy: axes.width.count)
    return Run(point: points[point], width: axes.width[width], seed: axes.seed[seed])
  }

  fileprivate func identity(_ index: Int) -> RunIdentity { run(index).identity(of: problem) }
}
