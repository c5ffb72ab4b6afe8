import Model

/// Where a run of a plan stands.
public enum PlanState: Hashable, Sendable, CaseIterable {
  /// There is a result that stands.
  case done
  /// Set aside; only a retry runs it again.
  case failed
  /// There is no result yet, or only one that a smaller budget cut short, or one of which not all is kept that is to be.
  case toDo

  /// The state of a run of which something or nothing is known.
  ///
  /// - Parameters:
  ///   - known: what is known.
  ///   - budget: what the sweep allows a run to spend.
  ///   - keep: what the sweep asks to be kept of the run. A run of which that has not been asked before is repeated,
  ///     unless the budget has become too small to get as far again.
  public init(_ known: KnownState?, budget: Budget, keep: Observables = []) {
    switch known {
    case nil: self = .toDo
    case .failed: self = .failed
    case .finished(let outcome, let spent, let kept):
      let goesFurther = outcome == .budget && budget.exceeds(spent)
      let lacksSomething = !keep.isSubset(of: kept) && budget.covers(spent)
      self = goesFurther || lacksSomething ? .toDo : .done
    }
  }
}

/// What a sweep still has to do, given what is known.
public struct Plan: Sendable {
  /// The runs of one width, or of all, by state.
  public struct Counts: Hashable, Sendable {
    /// Numbers of runs.
    public var done = 0, failed = 0, toDo = 0
    /// How many have no result and cannot get one, as one of them alone needs more than the sweep's memory.
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
  private let costModel: CostModel
  private let memoryLimit: Int?
  private let longest: Double

  /// Plans a sweep. Takes a few microseconds a run and keeps eight bytes of each run to do; where nothing is
  /// known, a fraction of a microsecond and eight bytes for each point and width.
  ///
  /// - Parameters:
  ///   - sweep: the sweep; at most ``GridFile/mostRunsEver`` runs.
  ///   - costModel: what a run is expected to cost; by default the model for the sweep's number of samples.
  ///   - known: what is known of a run; called once for each. Without it nothing is known of any.
  public init(
    sweep: Sweep, costModel: CostModel? = nil, known: ((RunIdentity) -> KnownState?)? = nil
  ) {
    let axes = sweep.axes
    let costModel = costModel ?? CostModel(samples: sweep.problem.samples.count)
    let seeds = axes.seed.count
    let points = axes.points
    let fits = axes.width.map { costModel.memory(width: $0) <= sweep.limits.memory ?? .max }
    var byWidth = [Counts](repeating: Counts(), count: axes.width.count)

    // The cost does not depend on the seed: sort the cells (point, width), then look at their runs.
    let costs = points.flatMap { costModel.costs(at: $0, widths: axes.width) }
    let cells = costs.indices.sorted { a, b in costs[a] != costs[b] ? costs[a] > costs[b] : a < b }
    var planned = PlannedRuns(
      points: points, axes: axes, problem: sweep.problem.digest, costModel: costModel, keep: sweep.keep,
      order: [])
    if let known {
      for cell in cells {
        let width = cell % axes.width.count
        for index in cell * seeds..<(cell + 1) * seeds {
          let run = planned.run(index)
          let keep = sweep.keep.isEmpty ? [] : sweep.observables(of: run)
          let state = PlanState(known(run.identity(of: planned.problem)), budget: sweep.budget, keep: keep)
          switch state {
          case .done: byWidth[width].done += 1
          case .failed: byWidth[width].failed += 1
          case .toDo where !fits[width]: byWidth[width].tooLarge += 1
          case .toDo:
            byWidth[width].toDo += 1
            byWidth[width].cost += costs[cell]
            planned.order.append(index)
          }
        }
      }
    } else {
      for cell in cells {
        let width = cell % axes.width.count
        if fits[width] {
          byWidth[width].toDo += seeds
          byWidth[width].cost += Double(seeds) * costs[cell]
        } else {
          byWidth[width].tooLarge += seeds
        }
      }
      planned.order = cells.filter { fits[$0 % axes.width.count] }
      planned.takesAllSeeds = true
    }

    self.costModel = costModel
    memoryLimit = sweep.limits.memory
    longest = planned.first?.cost ?? 0
    runs = planned
    widths = zip(axes.width, byWidth).map { WidthCounts(width: $0, counts: $1) }
    counts = byWidth.reduce(into: Counts()) { sum, counts in
      sum.done += counts.done
      sum.failed += counts.failed
      sum.toDo += counts.toDo
      sum.tooLarge += counts.tooLarge
      sum.cost += counts.cost
    }
    largestMemory =
      widths.last { $0.counts.toDo > 0 }.map { costModel.memory(width: $0.width) } ?? 0
  }

  /// Expected wall time in seconds with at most so many workers: no less than the longest run alone.
  public func wallSeconds(workers: Int) -> Double {
    let sum = widths.reduce(0) { sum, width in
      let atOnce = fitting(workers, of: costModel.memory(width: width.width))
      return sum + width.counts.cost / Double(atOnce)
    }
    return max(sum, longest)
  }

  /// How many of so many workers may carry out the largest runs at once.
  public func workers(atMost workers: Int) -> Int { fitting(workers, of: largestMemory) }

  /// The most memory that so many workers are expected to use at once, in bytes; within the sweep's limit.
  public func memory(workers: Int) -> Int {
    min(largestMemory * min(max(1, workers), counts.toDo), memoryLimit ?? .max)
  }

  private func fitting(_ workers: Int, of memory: Int) -> Int {
    guard let memoryLimit, memory > 0 else { return max(1, workers) }
    return max(1, min(workers, memoryLimit / memory))
  }
}

/// The runs to do, in order. An element is made when it is asked for, so that a million are cheap to keep.
public struct PlannedRuns: RandomAccessCollection, Sendable {
  let points: [PhasePoint]
  let axes: Axes
  let problem: Digest
  let costModel: CostModel
  let keep: [KeepRule]
  /// Runs by their place in the expansion of the axes: ((point · widths) + width) · seeds + seed.
  fileprivate(set) var order: [Int]
  /// Whether `order` holds places (point · widths) + width instead, for all seeds.
  fileprivate(set) var takesAllSeeds = false

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of runs.
  public var endIndex: Int { takesAllSeeds ? order.count * axes.seed.count : order.count }

  /// The run at a place in the order.
  public subscript(position: Int) -> PlannedRun {
    let seeds = axes.seed.count
    let run = run(takesAllSeeds ? order[position / seeds] * seeds + position % seeds : order[position])
    return PlannedRun(
      run: run, identity: run.identity(of: problem),
      cost: costModel.cost(at: run.point, width: run.width), memory: costModel.memory(width: run.width),
      keep: keep.reduce(into: []) { if $1.applies(to: run) { $0.formUnion($1.what) } })
  }

  fileprivate func run(_ index: Int) -> Run {
    let (cell, seed) = index.quotientAndRemainder(dividingBy: axes.seed.count)
    let (point, width) = cell.quotientAndRemainder(dividingBy: axes.width.count)
    return Run(point: points[point], width: axes.width[width], seed: axes.seed[seed])
  }
}
