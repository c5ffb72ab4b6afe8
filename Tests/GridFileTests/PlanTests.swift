import Model
import Testing

@testable import Grid

/// Laws of the planner.
struct PlanTests {
  private func sweep() throws -> Sweep {
    var grid = GridText()
    grid.gamma = "{ from: 0.5, to: 2, step: 0.25 }"
    grid.gammaPrime = "{ from: -0.5, to: 1, step: 0.5 }"
    grid.width = "[1000, 3000, 10000]"
    grid.seed = "{ count: 2 }"
    return try grid.sweep()
  }

  @Test func nothingKnownMeansEverythingOnce() throws {
    let sweep = try sweep()
    let plan = Plan(sweep: sweep) { _ in nil }
    #expect(plan.runs.count == sweep.axes.runCount)
    #expect(Set(plan.runs.map(\.run)) == Set(sweep.axes.runs))
    let digest = sweep.problem.digest
    #expect(plan.runs.allSatisfy { $0.identity == $0.run.identity(of: digest) })
    #expect(Set(plan.runs.map(\.identity)).count == sweep.axes.runCount)
  }

  /// Counted at a stroke, with the same outcome as one run after the other.
  @Test(arguments: [nil, 17 << 20, 1])
  func withoutAnythingKnownThePlanIsTheSame(memory: Int?) throws {
    var sweep = try sweep()
    sweep.limits.memory = memory
    let (quick, slow) = (Plan(sweep: sweep), Plan(sweep: sweep) { _ in nil })
    #expect(Array(quick.runs) == Array(slow.runs))
    for (a, b) in zip(quick.widths, slow.widths) {
      #expect((a.counts.toDo, a.counts.tooLarge) == (b.counts.toDo, b.counts.tooLarge))
      #expect(abs(a.counts.cost - b.counts.cost) < 1e-9)
    }
    #expect(quick.counts.total == sweep.axes.runCount)
    #expect(quick.largestMemory == slow.largestMemory)
  }

  @Test func runsThatDoNotFitAreCountedAndLeftOut() throws {
    var sweep = try sweep()
    let memory = CostModel().memory(width: 3000)
    sweep.limits.memory = memory
    let plan = Plan(sweep: sweep)
    #expect(plan.widths.map { $0.counts.tooLarge > 0 } == [false, false, true])
    #expect(plan.counts.toDo == plan.runs.count && plan.counts.total == sweep.axes.runCount)
    #expect(plan.runs.allSatisfy { $0.memory <= memory })
    #expect(plan.workers(atMost: 8) == 1 && plan.memory(workers: 8) == memory)
    #expect(plan.wallSeconds(workers: 8) == plan.counts.cost)
    sweep.limits.memory = 2 * CostModel().memory(width: 10_000)
    let larger = Plan(sweep: sweep)
    #expect(larger.counts.tooLarge == 0 && larger.workers(atMost: 8) == 2)
  }

  @Test func theLongestComeFirstAndTiesInOrder() throws {
    let runs = Plan(sweep: try sweep()) { _ in nil }.runs
    for (a, b) in zip(runs, runs.dropFirst()) {
      #expect(a.cost >= b.cost)
      if a.cost == b.cost {
        let (first, second) = (a.run, b.run)
        #expect((first.point, first.width, first.seed) < (second.point, second.width, second.seed))
      }
    }
  }

  @Test func knownRunsAreNotRepeated() throws {
    let sweep = try sweep()
    let digest = sweep.problem.digest
    var known: [RunIdentity: KnownState] = [:]
    for (i, run) in sweep.axes.runs.enumerated() {
      switch i % 5 {
      case 0: known[run.identity(of: digest)] = .finished(.converged, budget: sweep.budget)
      case 1: known[run.identity(of: digest)] = .finished(.stalled, budget: Budget(steps: 1, wallSeconds: 1))
      case 2: known[run.identity(of: digest)] = .failed(attempts: 3)
      default: break
      }
    }
    let plan = Plan(sweep: sweep) { known[$0] }
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
    }
  }

  @Test func onlyALargerBudgetRepeatsWhatASmallerOneCutShort() {
    let budget = Budget(steps: 100, wallSeconds: 10)
    func state(_ outcome: Outcome, _ steps: Int, _ seconds: Double) -> PlanState {
      PlanState(.finished(outcome, budget: Budget(steps: steps, wallSeconds: seconds)), budget: budget)
    }
    #expect(state(.budget, 100, 10) == .done)
    #expect(state(.budget, 200, 20) == .done)
    #expect(state(.budget, 99, 10) == .toDo)
    #expect(state(.budget, 100, 9.5) == .toDo)
    // Larger in one respect and smaller in the other: the run might not get as far.
    #expect(state(.budget, 99, 20) == .done)
    #expect(state(.budget, 200, 9.5) == .done)
    #expect(state(.converged, 1, 1) == .done)
    #expect(state(.stalled, 1, 1) == .done)
    #expect(PlanState(.failed(attempts: 1), budget: budget) == .failed)
    #expect(PlanState(nil, budget: budget) == .toDo)
  }

  @Test func aFinishedSweepHasAnEmptyPlan() throws {
    let sweep = try sweep()
    let plan = Plan(sweep: sweep) { _ in .finished(.converged, budget: sweep.budget) }
    #expect(plan.runs.isEmpty)
    #expect(plan.counts.done == sweep.axes.runCount && plan.counts.cost == 0)
    #expect(plan.wallSeconds(workers: 4) == 0)
    #expect(plan.largestMemory == 0 && plan.memory(workers: 4) == 0)
  }

  @Test func workersShareTimeButNotOneRun() throws {
    let plan = Plan(sweep: try sweep()) { _ in nil }
    #expect(plan.wallSeconds(workers: 1) == plan.counts.cost)
    #expect(plan.wallSeconds(workers: 2) == plan.counts.cost / 2)
    #expect(plan.wallSeconds(workers: 1_000_000) == plan.runs.first?.cost)
    #expect(plan.largestMemory == plan.runs.map(\.memory).max())
    #expect(plan.memory(workers: 3) == 3 * plan.largestMemory)
  }
}

/// Laws of the cost model.
struct CostModelTests {
  private let model = CostModel()

  @Test func costsGrowWithTheWidth() {
    let point = PhasePoint(gamma: 1.75, gammaPrime: 0)
    let widths = [1, 1000, 10_000, 1_000_000, 1_000_000_000]
    for (a, b) in zip(widths, widths.dropFirst()) {
      #expect(model.cost(at: point, width: a) < model.cost(at: point, width: b))
      #expect(model.memory(width: a) < model.memory(width: b))
    }
  }

  @Test func stepsGrowIntoTheCondensedRegime() {
    let steps = stride(from: -2.0, through: 4, by: 0.125).map {
      model.steps(at: PhasePoint(gamma: $0, gammaPrime: -0.5))
    }
    #expect(zip(steps, steps.dropFirst()).allSatisfy(<))
    #expect(steps.allSatisfy { $0 > model.linearSteps && $0 < model.condensedSteps })
  }

  /// Measured steps, `docs/method.md`: the estimate is within a factor of two.
  @Test(arguments: [(0.5, 0.0, 7.0), (1.25, 0.5, 27), (1.75, 0, 103)])
  func stepsAreNearThoseMeasured(gamma: Double, gammaPrime: Double, measured: Double) {
    let steps = model.steps(at: PhasePoint(gamma: gamma, gammaPrime: gammaPrime))
    #expect(steps > measured / 2 && steps < measured * 2)
  }

  /// Peaks of resident megabytes of processes that integrated a run, the network at (1, 0) and equidistant samples.
  @Test(arguments: [
    (samples: 4, width: 10_000_000, megabytes: 524), (200, 100_000, 26), (200, 1_000_000, 126),
    (200, 10_000_000, 697),
  ])
  func theEstimateOfMemorySuffices(samples: Int, width: Int, megabytes: Int) {
    let estimate = CostModel(samples: samples).memory(width: width)
    #expect(estimate >= megabytes * 1_000_000)
    #expect(estimate < megabytes * 1_600_000, "and is not far too much")
  }
}
