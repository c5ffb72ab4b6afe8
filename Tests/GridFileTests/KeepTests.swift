import Model
import Testing

@testable import Grid

/// The key `keep`, and the runs that are repeated for it.
struct KeepTests {
  private func grid(_ keep: String) -> GridText {
    var grid = GridText()
    grid.gamma = "[0.5, 1, 1.5]"
    grid.width = "[1000, 2000]"
    grid.seed = "{ count: 3 }"
    grid.rest = "keep: \(keep)"
    return grid
  }

  private func text(_ keep: String) -> String {
    do {
      _ = try grid(keep).sweep()
      return "no error"
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    ("trajectory", [KeepRule(what: .trajectory)]),
    ("[function, trajectory]", [KeepRule(what: [.trajectory, .function])]),
    ("[]", []),
    ("{ what: neurons, seed: 0 }", [KeepRule(what: .neurons, seed: [0])]),
    (
      "[trajectory, { what: [neurons, function], gamma: [1.5, 0.5], gamma_prime: 0, width: 2000, seed: { count: 2 } }]",
      [
        KeepRule(what: .trajectory),
        KeepRule(
          what: [.neurons, .function], gamma: [0.5, 1.5], gammaPrime: [0], width: [2000], seed: [0, 1]),
      ]
    ),
    (
      "[{ what: function, gamma: { from: 0.5, to: 1.5, step: 0.5 } }]",
      [KeepRule(what: .function, gamma: [0.5, 1, 1.5])]
    ),
  ])
  func forms(_ keep: String, _ rules: [KeepRule]) throws {
    #expect(try grid(keep).sweep().keep == rules)
  }

  @Test func rulesAddUp() throws {
    let sweep = try grid("[trajectory, { what: neurons, seed: 0 }, { what: function, width: 2000, seed: 0 }]")
      .sweep()
    func observables(_ width: Int, _ seed: UInt64) -> Observables {
      sweep.observables(of: Run(point: PhasePoint(gamma: 1, gammaPrime: 0), width: width, seed: seed))
    }
    #expect(observables(1000, 1) == .trajectory)
    #expect(observables(1000, 0) == [.trajectory, .neurons])
    #expect(observables(2000, 0) == [.trajectory, .neurons, .function])
    #expect(observables(2000, 2) == .trajectory)
    let plan = Plan(sweep: sweep)
    #expect(plan.runs.allSatisfy { $0.keep == sweep.observables(of: $0.run) })
  }

  @Test func whatIsKeptIsNotPartOfTheIdentity() throws {
    let plain = Plan(sweep: try grid("[]").sweep())
    let keeping = Plan(sweep: try grid("trajectory").sweep())
    #expect(plain.runs.map(\.identity) == keeping.runs.map(\.identity))
  }

  @Test func unknownNamesAreErrors() {
    #expect(
      text("[trajectories]") == """
        grid.yaml:9:8: error: keep must be trajectory, neurons or function, found trajectories
        keep: [trajectories]
               ^
        hint: did you mean "trajectory"?
        """)
    #expect(
      text("{ what: [neurons, weights] }") == """
        grid.yaml:9:25: error: keep.what must be trajectory, neurons or function, found weights
        keep: { what: [neurons, weights] }
                                ^
        hint: write trajectory, neurons or function
        """)
    #expect(
      text("{ what: neurons, widht: 1000 }") == """
        grid.yaml:9:24: error: unknown key "widht" in keep, expected what, gamma, gamma_prime, width or seed
        keep: { what: neurons, widht: 1000 }
                               ^
        hint: did you mean "width"?
        """)
    #expect(
      text("{ seed: 0 }") == """
        grid.yaml:9:7: error: keep lacks the key "what"
        keep: { seed: 0 }
              ^
        hint: add it, for example: what: [trajectory]
        """)
  }

  @Test func valuesMustBeOnTheAxis() {
    #expect(
      text("{ what: neurons, gamma: [0.5, 0.7] }") == """
        grid.yaml:9:37: error: keep.gamma holds 0.7, which is not on the axis gamma
        keep: { what: neurons, gamma: [0.5, 0.7] }
                                            ^
        hint: the nearest value there is 0.5; leave the key out for all values
        """)
    #expect(text("{ what: neurons, width: 1500 }").contains("keep.width holds 1500"))
    #expect(text("{ what: neurons, seed: { count: 4 } }").contains("keep.seed holds 3"))
    #expect(
      text("{ what: neurons, seed: { count: 1e12 } }").contains("more than the axis seed"))
    #expect(text("{ what: neurons, seed: -1 }").contains("keep.seed must be a whole number"))
    #expect(text("[trajectory, trajectory]").contains("keep holds trajectory twice"))
    #expect(text("{ what: [] }").contains("keep.what is an empty list"))
    #expect(text("").contains("keep must be trajectory, neurons or function, found nothing"))
  }

  @Test func aFinishedRunIsRepeatedForWhatIsNotKept() {
    let budget = Budget(steps: 100, wallSeconds: 10)
    func state(_ kept: Observables, _ keep: Observables, spent: Budget, _ outcome: Outcome = .converged)
      -> PlanState
    {
      PlanState(.finished(outcome, budget: spent, kept: kept), budget: budget, keep: keep)
    }
    #expect(state([], [], spent: budget) == .done)
    #expect(state([], .trajectory, spent: budget) == .toDo)
    #expect(state(.trajectory, .trajectory, spent: budget) == .done)
    #expect(state([.trajectory, .function], .trajectory, spent: budget) == .done)
    #expect(state(.trajectory, [.trajectory, .function], spent: budget) == .toDo)
    // Under a smaller budget it might not get as far.
    #expect(state([], .trajectory, spent: Budget(steps: 101, wallSeconds: 10)) == .done)
    #expect(state([], .trajectory, spent: Budget(steps: 100, wallSeconds: 10, time: 5)) == .toDo)
    #expect(state([], .trajectory, spent: budget, .budget) == .toDo)
    #expect(PlanState(.failed(attempts: 3), budget: budget, keep: .trajectory) == .failed)
  }

  @Test func simulatedTimeIsABudget() throws {
    var grid = GridText()
    #expect(try grid.sweep().budget.time == nil)
    grid.rest = "stop: { time: 1e6 }"
    #expect(try grid.sweep().budget == Budget(steps: 100_000, wallSeconds: 600, time: 1e6))
    grid.rest = "stop: { time: 0 }"
    #expect(throws: GridError.self) { try grid.sweep() }
    let some = Budget(steps: 1, wallSeconds: 1, time: 2)
    let more = Budget(steps: 1, wallSeconds: 1, time: 3)
    let endless = Budget(steps: 1, wallSeconds: 1)
    #expect(more.exceeds(some) && endless.exceeds(more) && !some.exceeds(more) && !more.exceeds(endless))
    #expect(!some.exceeds(some) && some.covers(some) && !endless.exceeds(endless))
  }
}
