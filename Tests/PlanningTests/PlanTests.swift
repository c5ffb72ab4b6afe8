import Model
import Networks
import Testing

@testable import Planning

/// Laws of the planner.
struct PlanTests {
  private let sweep = toySweep(axes(a: [0.5, 0.75, 1, 1.25, 1.5], b: [-1, 0, 1]))

  @Test func nothingKnownMeansEverythingOnce() {
    let plan = Plan(sweep) { _ in nil }
    #expect(plan.runs.count == sweep.axes.runCount)
    #expect(Set(plan.runs.map(\.run)) == Set(sweep.axes.runs))
    let digest = sweep.problem.digest
    #expect(plan.runs.allSatisfy { $0.identity == $0.run.identity(of: digest) })
    #expect(Set(plan.runs.map(\.identity)).count == sweep.axes.runCount)
  }

  /// Counted by cells, with the same outcome as one run after the other.
  @Test(arguments: [nil, ToyFamily.bytes(width: 3000), ToyFamily.bytes(width: 3000, b: 1), 1])
  func withoutAnythingKnownThePlanIsTheSame(memory: Int?) {
    var sweep = sweep
    sweep.limits.memory = memory
    let count = sweep.axes.runCount
    let quick = Plan(sweep)
    let others = [
      Plan(sweep) { _ in nil },
      Plan(sweep: sweep, families: .toy, states: Array(repeating: .toDo, count: count)),
      Plan(sweep: sweep, families: .toy, indices: Array((0..<count).reversed())) { _, _ in .toDo },
    ]
    for other in others {
      #expect(Array(quick.runs) == Array(other.runs))
      for (a, b) in zip(quick.widths, other.widths) {
        #expect((a.counts.toDo, a.counts.tooLarge) == (b.counts.toDo, b.counts.tooLarge))
        #expect(abs(a.counts.cost - b.counts.cost) < 1e-9 && a.maxMemory == b.maxMemory)
      }
      #expect(quick.maxMemory == other.maxMemory && quick.maxMemoryOfTooLarge == other.maxMemoryOfTooLarge)
    }
    #expect(quick.counts.total == count)
  }

  /// Memory may depend on the setting, too: of one width some runs fit and others do not.
  @Test func runsThatDoNotFitAreCountedAndLeftOut() {
    var sweep = sweep
    let memory = ToyFamily.bytes(width: 3000)
    sweep.limits.memory = memory
    let plan = Plan(sweep)
    #expect(plan.widths.map(\.counts.tooLarge) == [0, 10, 30])
    #expect(plan.counts.toDo == plan.runs.count && plan.counts.total == sweep.axes.runCount)
    #expect(plan.runs.allSatisfy { $0.memory <= memory } && plan.maxMemory == memory)
    #expect(plan.maxMemoryOfTooLarge == ToyFamily.bytes(width: 10_000, b: 1))
    #expect(plan.workers(atMost: 8) == 1 && plan.memory(workers: 8) == memory)
    #expect(plan.widths.last?.maxMemory == 0)
    sweep.limits.memory = 2 * ToyFamily.bytes(width: 10_000, b: 1)
    let larger = Plan(sweep)
    #expect(larger.counts.tooLarge == 0 && larger.workers(atMost: 8) == 2 && larger.maxMemoryOfTooLarge == 0)
  }

  @Test func theLongestComeFirstAndTiesInOrder() {
    let runs = Plan(sweep) { _ in nil }.runs
    for (a, b) in zip(runs, runs.dropFirst()) {
      #expect(a.cost >= b.cost)
      if a.cost == b.cost {
        #expect((a.run.setting, a.run.width, a.run.seed) < (b.run.setting, b.run.width, b.run.seed))
      }
    }
  }

  @Test func knownRunsAreNotRepeated() {
    let digest = sweep.problem.digest
    var known: [RunIdentity: KnownState] = [:]
    for (i, run) in sweep.axes.runs.enumerated() {
      switch i % 5 {
      case 0: known[run.identity(of: digest)] = .finished(.converged, budget: sweep.budget)
      case 1:
        known[run.identity(of: digest)] = .finished(.stationary, budget: Budget(steps: 1, wallSeconds: 1))
      case 2: known[run.identity(of: digest)] = .failed(attempts: 3)
      default: break
      }
    }
    let plan = Plan(sweep) { known[$0] }
    #expect(plan.runs.allSatisfy { known[$0.identity] == nil })
    #expect(plan.runs.count == sweep.axes.runCount - known.count)
    #expect(plan.counts.toDo == plan.runs.count)
    #expect(plan.counts.failed == known.values.count { $0 == .failed(attempts: 3) })
    #expect(plan.counts.total == sweep.axes.runCount)
    for (width, counts) in zip(sweep.axes.width, plan.widths) {
      #expect(counts.width == width)
      #expect(counts.counts.total == sweep.axes.runCount / sweep.axes.width.count)
      let toDo = plan.runs.filter { $0.run.width == width }
      #expect(counts.counts.toDo == toDo.count)
      #expect(abs(counts.counts.cost - toDo.reduce(0) { $0 + $1.cost }) < 1e-9)
      #expect(counts.maxMemory == toDo.map(\.memory).max() ?? 0)
    }
  }

  @Test func aFinishedSweepHasAnEmptyPlan() {
    let plan = Plan(sweep) { _ in .finished(.converged, budget: sweep.budget) }
    #expect(plan.runs.isEmpty)
    #expect(plan.counts.done == sweep.axes.runCount && plan.counts.cost == 0)
    #expect(plan.wallSeconds(workers: 4) == 0)
    #expect(plan.maxMemory == 0 && plan.memory(workers: 4) == 0)
  }

  @Test func workersShareTimeButNotOneRun() {
    let plan = Plan(sweep) { _ in nil }
    #expect(abs(plan.wallSeconds(workers: 1) - plan.counts.cost) < 1e-9)
    #expect(abs(plan.wallSeconds(workers: 2) - plan.counts.cost / 2) < 1e-9)
    #expect(plan.wallSeconds(workers: 1_000_000) == plan.runs.first?.cost)
    #expect(plan.maxMemory == plan.runs.map(\.memory).max())
    #expect(plan.memory(workers: 3) == 3 * plan.maxMemory)
  }

  @Test func partsOfASweepAreItsPlan() {
    let all = RunSet(sweep)
    let states = all.indices.map { PlanState.allCases[$0 * 7 % 3] }
    let whole = Plan(sweep: sweep, families: .toy, states: states)
    let parts = [0, 1].map { part in
      Plan(sweep: sweep, families: .toy, indices: all.indices.filter { $0 % 2 == part }) { index, run in
        #expect(all[index] == run)
        return states[index]
      }
    }
    #expect(Set(parts.flatMap { $0.runs.map(\.identity) }) == Set(whole.runs.map(\.identity)))
    #expect(parts.reduce(0) { $0 + $1.counts.total } == whole.counts.total)
    for plan in parts + [whole] {
      var visited: [PlannedRun] = []
      var position = 0
      plan.runs.forEachIndex { index, cost in
        #expect(all[index] == plan.runs[position].run && cost == plan.runs[position].cost)
        visited.append(plan.runs[position])
        position += 1
      }
      #expect(visited.count == plan.runs.count && position == plan.runs.count)
    }
  }

  @Test func runsAreOfTheClassTheFamilyNames() {
    for run in Plan(sweep).runs {
      #expect(
        run.costClass == CostClass(width: run.run.width, group: (run.run.setting["a"] ?? 0) > 1 ? 1 : 0))
    }
  }

  @Test func whatARunMayUseReplacesTheEstimate() {
    var sweep = sweep
    sweep.limits = Limits(memory: 3_000_000_000, runMemory: 1_000_000_000)
    for plan in [Plan(sweep), Plan(sweep) { _ in nil }] {
      #expect(plan.runs.allSatisfy { $0.memory == 1_000_000_000 } && !plan.runs.isEmpty)
      #expect(plan.maxMemory == 1_000_000_000)
      #expect(plan.workers(atMost: 8) == 3)
    }
    sweep.limits.memory = 999_999_999
    #expect(Plan(sweep).runs.isEmpty)
  }

  /// Recording changes neither identity nor order.
  @Test func whatIsRecordedIsThatOfTheRules() {
    let rules = [
      RecordRule(what: ["curve"]), RecordRule(what: ["heads"], seed: [0]),
      RecordRule(what: ["function"], parameters: ["a": [1]], width: [3000]),
    ]
    let recording = toySweep(sweep.axes, record: rules)
    let plan = Plan(recording)
    #expect(plan.runs.map(\.identity) == Plan(sweep).runs.map(\.identity))
    for run in plan.runs { #expect(run.record == recording.recordNames(of: run.run)) }
    let done = Plan(recording) { _ in .finished(.converged, budget: sweep.budget, recorded: ["curve"]) }
    #expect(Set(done.runs.map(\.run)) == Set(plan.runs.filter { $0.record != ["curve"] }.map(\.run)))
  }
}

/// Plans of sweeps that are unions of products.
struct UnionPlanTests {
  /// A row and a column of settings.
  private let cross = toySweep(
    axes(a: [0.5, 1], width: [1000, 2000], seed: [0, 1, 2]),
    include: [
      axes(a: [0.75, 1.25], b: [0, 0.5], width: [1000, 2000], seed: [1]),
      axes(a: [1], width: [1000, 8000], seed: [0, 1, 2]),
    ])

  @Test func thePlanIsThatOfTheRuns() {
    let runs = RunSet(cross)
    #expect(runs.count == 2 * 2 * 3 + 4 * 2 + 3)
    let (quick, slow) = (Plan(cross), Plan(cross) { _ in nil })
    #expect(Array(quick.runs) == Array(slow.runs) && Set(quick.runs.map(\.run)) == Set(runs))
    #expect(quick.runs.count == runs.count && quick.counts.total == runs.count)
    #expect(zip(quick.runs, quick.runs.dropFirst()).allSatisfy { $0.cost >= $1.cost })
    #expect(quick.widths.map(\.width) == [1000, 2000, 8000])
    #expect(
      quick.widths.map(\.counts.toDo) == runs.runsByWidth
        && quick.widths.map(\.counts.toDo) == slow.widths.map(\.counts.toDo))
    let cost = RunEstimates(cross, families: .toy).seconds(of: runs)
    #expect(abs(quick.counts.cost / cost - 1) < 1e-12)
    #expect(abs(quick.runs.reduce(0) { $0 + $1.cost } / cost - 1) < 1e-12)
  }

  /// Where a union is a product, the plan is that of the product.
  @Test func aUnionThatIsAProductIsPlannedLikeIt() {
    let whole = toySweep(
      axes(a: [0.5, 1]), include: [axes(a: [1.5, 2]), axes(a: [0.5, 2], seed: [1])])
    let product = toySweep(axes(a: [0.5, 1, 1.5, 2]))
    #expect(Array(Plan(whole).runs) == Array(Plan(product).runs))
    let states = RunSet(product).indices.map { PlanState.allCases[$0 % 3] }
    let (a, b) = (
      Plan(sweep: whole, families: .toy, states: states), Plan(sweep: product, families: .toy, states: states)
    )
    #expect(Array(a.runs) == Array(b.runs) && a.widths == b.widths && a.counts == b.counts)
  }

  @Test func extendingASweepRunsOnlyWhatIsMissing() {
    let before = toySweep(cross.axes)
    let done = Set(RunSet(before).map { $0.identity(of: before.problem.digest) })
    let plan = Plan(cross) { done.contains($0) ? .finished(.converged, budget: cross.budget) : nil }
    #expect(Set(plan.runs.map(\.run)) == Set(RunSet(cross)).subtracting(RunSet(before)))
    #expect(plan.counts.done == done.count && plan.counts.toDo == plan.runs.count)
  }

  @Test func aSweepWithoutRunsHasAnEmptyPlan() {
    let plan = Plan(toySweep(axes(seed: [])))
    #expect(plan.runs.isEmpty && plan.counts.total == 0 && plan.wallSeconds(workers: 1) == 0)
  }
}

/// What runs are expected to take.
struct RunEstimatesTests {
  /// A worker of one's own describes itself only in its hello: all that is known is the width.
  @Test func aWorkerOfOnesOwnHasANeutralEstimate() {
    var sweep = toySweep()
    sweep.problem.method = "own/1"
    let estimates = RunEstimates(sweep, families: .toy)
    let (narrow, wide) = (estimates.estimate(run(width: 10)), estimates.estimate(run(width: 1e6)))
    #expect(narrow.seconds > 0 && wide.seconds > narrow.seconds && wide.seconds < 1)
    #expect(narrow.bytes == RunEstimates.defaultRunMemory && wide.bytes == narrow.bytes)
    let extreme = estimates.estimate(run(width: 1e100))
    #expect(extreme.seconds.isFinite)
    sweep.limits.runMemory = 5
    #expect(RunEstimates(sweep, families: .toy).estimate(run(width: 10)).bytes == 5)
  }

  /// Two machines that differ in the last bits of an estimate order the runs alike.
  @Test func theLastBitsOfAnEstimateDoNotCount() {
    struct Noisy: NetworkFamily {
      var noise: Double
      var description: FamilyDescription { ToyFamily().description }
      func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
        throw ToyFamily.NotThere()
      }
      func resume(_ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader)
        throws -> any Flow
      { throw ToyFamily.NotThere() }
      func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
        RunEstimate(seconds: run.width / 7 * noise, bytes: 1)
      }
    }
    let widths = (1...200).map(Double.init)
    let orders = [1.0, 1 + 4e-16].map { noise in
      Plan(sweep: toySweep(axes(width: widths)), families: NetworkFamilies([Noisy(noise: noise)])).runs
    }
    #expect(orders[0].map(\.cost) == orders[1].map(\.cost))
    #expect(orders[0].map(\.run) == orders[1].map(\.run))
  }

  private func run(width: Double) -> Run { Run(["a": 1, "b": 0], width: width, seed: 0) }
}
