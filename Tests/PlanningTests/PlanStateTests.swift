import Model
import Planning
import Testing

/// Which finished runs are repeated.
struct PlanStateTests {
  private let budget = Budget(steps: 100, wallSeconds: 10)

  @Test func onlyALargerBudgetRepeatsWhatASmallerOneCutShort() {
    func state(_ outcome: Outcome, _ steps: Int, _ seconds: Double) -> PlanState {
      PlanState(.finished(outcome, budget: Budget(steps: steps, wallSeconds: seconds)), budget: budget)
    }
    #expect(state(.budgetExhausted, 100, 10) == .done)
    #expect(state(.budgetExhausted, 200, 20) == .done)
    #expect(state(.budgetExhausted, 99, 10) == .toDo)
    #expect(state(.budgetExhausted, 100, 9.5) == .toDo)
    // Larger in one respect and smaller in the other: the run might not get as far.
    #expect(state(.budgetExhausted, 99, 20) == .done)
    #expect(state(.budgetExhausted, 200, 9.5) == .done)
    #expect(state(.converged, 1, 1) == .done)
    #expect(state(.stationary, 1, 1) == .done)
    #expect(PlanState(.failed(attempts: 1), budget: budget) == .failed)
    #expect(PlanState(nil, budget: budget) == .toDo)
  }

  @Test func aFinishedRunIsRepeatedForWhatIsNotRecorded() {
    func state(_ recorded: RecordNames, _ record: RecordNames, spent: Budget, _ outcome: Outcome = .converged)
      -> PlanState
    {
      PlanState(.finished(outcome, budget: spent, recorded: recorded), budget: budget, record: record)
    }
    #expect(state([], [], spent: budget) == .done)
    #expect(state([], ["trajectory"], spent: budget) == .toDo)
    #expect(state(["trajectory"], ["trajectory"], spent: budget) == .done)
    #expect(state(["trajectory", "function"], ["trajectory"], spent: budget) == .done)
    #expect(state(["trajectory"], ["trajectory", "function"], spent: budget) == .toDo)
    // Under a smaller budget it might not get as far.
    #expect(state([], ["trajectory"], spent: Budget(steps: 101, wallSeconds: 10)) == .done)
    #expect(state([], ["trajectory"], spent: Budget(steps: 100, wallSeconds: 10, time: 5)) == .toDo)
    #expect(state([], ["trajectory"], spent: budget, .budgetExhausted) == .toDo)
    #expect(PlanState(.failed(attempts: 3), budget: budget, record: ["trajectory"]) == .failed)
  }

  @Test func simulatedTimeIsABudget() {
    let some = Budget(steps: 1, wallSeconds: 1, time: 2)
    let more = Budget(steps: 1, wallSeconds: 1, time: 3)
    let endless = Budget(steps: 1, wallSeconds: 1)
    #expect(more.exceeds(some) && endless.exceeds(more) && !some.exceeds(more) && !more.exceeds(endless))
    #expect(!some.exceeds(some) && some.covers(some) && !endless.exceeds(endless))
  }
}
