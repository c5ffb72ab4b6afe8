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
  private let runMemory: Int?
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
    let problem = sweep.problem.digest
    self.init(
      sweep: sweep, costModel: costModel,
      state: known.map { known in
        { _, run in
          let keep = sweep.keep.isEmpty ? [] : sweep.observables(of: run)
          return PlanState(known(run.identity(of: problem)), budget: sweep.budget, keep: keep)
        }
      })
  }

  /// Plans a sweep whose runs have been looked up already, which takes a few hundred nanoseconds a run.
  ///
  /// - Parameters:
  ///   - sweep: the sweep; at most ``GridFile/mostRunsEver`` runs.
  ///   - costModel: what a run is expected to cost; by default the model for the sweep's number of samples.
  ///   - states: the state of every run, in the order of ``RunSet``.
  public init(sweep: Sweep, costModel: CostModel? = nil, states: [PlanState]) {
    self.init(sweep: sweep, costModel: costModel, state: { index, _ in states[index] })
  }

  /// Plans a part of a sweep; takes time and memory for that part alone.
  ///
  /// - Parameters:
  ///   - sweep: the whole sweep.
  ///   - costModel: what a run is expected to cost; by default the model for the sweep's number of samples.
  ///   - places: the runs of the part, by their places in ``RunSet``, each once.
  ///   - state: the state of a run; called once for each, with its place.
  public init(
    sweep: Sweep, costModel: CostModel? = nil, places: [Int], state: (Int, Run) throws -> PlanState
  ) rethrows {
    let all = RunSet(sweep)
    let costModel = costModel ?? CostModel(samples: sweep.problem.samples.count)
    let widthPlaces = Dictionary(zip(all.widths, 0...), uniquingKeysWith: { first, _ in first })
    let memory = { (width: Int) in sweep.limits.runMemory ?? costModel.memory(width: width) }
    var byWidth = [Counts](repeating: Counts(), count: all.widths.count)
    var toDo: [(cost: Double, place: Int)] = []
    for place in places {
      let run = all[place]
      let width = widthPlaces[run.width] ?? 0
      switch try state(place, run) {
      case .done: byWidth[width].done += 1
      case .failed: byWidth[width].failed += 1
      case .toDo where memory(run.width) > sweep.limits.memory ?? .max: byWidth[width].tooLarge += 1
      case .toDo:
        let cost = costModel.cost(at: run.point, width: run.width)
        byWidth[width].toDo += 1
        byWidth[width].cost += cost
        toDo.append((cost, place))
      }
    }
    toDo.sort { $0.cost != $1.cost ? $0.cost > $1.cost : $0.place < $1.place }
    self.init(
      runs: PlannedRuns(
        all: all, problem: sweep.problem.digest, costModel: costModel, runMemory: sweep.limits.runMemory,
        keep: sweep.keep, order: toDo.map(\.place)),
      byWidth: byWidth, sweep: sweep)
  }

  private init(sweep: Sweep, costModel: CostModel?, state: ((Int, Run) -> PlanState)?) {
    let all = RunSet(sweep)
    let costModel = costModel ?? CostModel(samples: sweep.problem.samples.count)
    let memory = { (width: Int) in sweep.limits.runMemory ?? costModel.memory(width: width) }
    let fits = all.widths.map { memory($0) <= sweep.limits.memory ?? .max }
    var byWidth = [Counts](repeating: Counts(), count: all.widths.count)

    // The cost does not depend on the seed: sort the cells (point, width), then look at their runs.
    let costs = all.points.flatMap { costModel.costs(at: $0, widths: all.widths(at: $0)) }
    let cells = costs.indices.sorted { a, b in costs[a] != costs[b] ? costs[a] > costs[b] : a < b }
    var planned = PlannedRuns(
      all: all, problem: sweep.problem.digest, costModel: costModel, runMemory: sweep.limits.runMemory,
      keep: sweep.keep, order: [])
    if let state {
      for place in cells {
        let cell = all.cell(place)
        let width = cell.widthPlace
        for index in cell.runs {
          switch state(index, all[index]) {
          case .done: byWidth[width].done += 1
          case .failed: byWidth[width].failed += 1
          case .toDo where !fits[width]: byWidth[width].tooLarge += 1
          case .toDo:
            byWidth[width].toDo += 1
            byWidth[width].cost += costs[place]
            planned.order.append(index)
          }
        }
      }
    } else {
      for place in cells {
        let cell = all.cell(place)
        let (width, seeds) = (cell.widthPlace, cell.runs.count)
        guard fits[width] else {
          byWidth[width].tooLarge += seeds
          continue
        }
        byWidth[width].toDo += seeds
        byWidth[width].cost += Double(seeds) * costs[place]
        if all.seedsPerCell == nil { planned.order += cell.runs } else { planned.order.append(place) }
      }
      planned.seedsPerEntry = all.seedsPerCell ?? 1
    }

    self.init(runs: planned, byWidth: byWidth, sweep: sweep)
  }

  /// - Parameters:
  ///   - runs: the runs to do.
  ///   - byWidth: the counts of every width, in their order.
  private init(runs: PlannedRuns, byWidth: [Counts], sweep: Sweep) {
    let costModel = runs.costModel
    self.costModel = costModel
    runMemory = sweep.limits.runMemory
    memoryLimit = sweep.limits.memory
    longest = runs.first?.cost ?? 0
    self.runs = runs
    widths = zip(runs.all.widths, byWidth).map { WidthCounts(width: $0, counts: $1) }
    counts = byWidth.reduce(into: Counts()) { sum, counts in
      sum.done += counts.done
      sum.failed += counts.failed
      sum.toDo += counts.toDo
      sum.tooLarge += counts.tooLarge
      sum.cost += counts.cost
    }
    largestMemory =
      widths.last { $0.counts.toDo > 0 }.map { sweep.limits.runMemory ?? costModel.memory(width: $0.width) }
      ?? 0
  }

  /// Expected wall time in seconds with at most so many workers: no less than the longest run alone.
  public func wallSeconds(workers: Int) -> Double {
    let sum = widths.reduce(0) { sum, width in
      let atOnce = fitting(workers, of: runMemory ?? costModel.memory(width: width.width))
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
  /// All runs of the sweep.
  let all: RunSet
  let problem: Digest
  let costModel: CostModel
  /// What a run may use, if that is not estimated.
  let runMemory: Int?
  let keep: [KeepRule]
  /// Runs by their place among all; or, where all seeds of all cells are to do and equally many, the places of the cells.
  fileprivate(set) var order: [Int]
  /// How many runs an entry of `order` stands for: 1, or the seeds of a cell.
  fileprivate(set) var seedsPerEntry = 1

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of runs.
  public var endIndex: Int { order.count * seedsPerEntry }

  /// The run at a place in the order.
  public subscript(position: Int) -> PlannedRun {
    let (entry, seed) = position.quotientAndRemainder(dividingBy: seedsPerEntry)
    let run = all[order[entry] * seedsPerEntry + seed]
    return PlannedRun(
      run: run, identity: run.identity(of: problem),
      cost: costModel.cost(at: run.point, width: run.width),
      memory: runMemory ?? costModel.memory(width: run.width),
      keep: keep.reduce(into: []) { if $1.applies(to: run) { $0.formUnion($1.what) } })
  }

  /// Visits the runs in order: the place of each in ``RunSet``, and its expected CPU seconds.
  public func forEachPlace(_ body: (_ place: Int, _ cost: Double) -> Void) {
    var latest: (point: PhasePoint, width: Int, cost: Double)?
    for entry in order {
      for place in entry * seedsPerEntry..<(entry + 1) * seedsPerEntry {
        let run = all[place]
        if latest?.point != run.point || latest?.width != run.width {
          latest = (run.point, run.width, costModel.cost(at: run.point, width: run.width))
        }
        body(place, latest?.cost ?? 0)
      }
    }
  }
}
