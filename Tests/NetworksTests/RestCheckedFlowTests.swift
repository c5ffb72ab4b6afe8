import Foundation
import Model
import Testing

@testable import Networks

/// A flow of ten steps whose end depends on nothing but its tolerance, as a script says.
private struct ScriptedFlow: Flow {
  /// How a run at a tolerance ends: outcome, reason and value.
  typealias Script = @Sendable (Double) -> (Model.Outcome, String, Double)

  let tolerance: Double
  let script: Script
  var steps = 0
  let record: RecordNames

  static let length = 10

  var state: FlowState {
    FlowState(steps: steps, time: Double(steps), quantities: ["q": Double(steps) * tolerance])
  }

  mutating func step(within budget: Budget) -> FlowEnding? {
    if steps >= budget.steps { return ending(.budgetExhausted, "\(budget.steps) steps", 0) }
    if budget.wallSeconds < 0 { return ending(.budgetExhausted, "wall time", 0) }
    steps += 1
    guard steps == Self.length else { return nil }
    let (outcome, reason, value) = script(tolerance)
    steps -= 1
    return ending(outcome, reason, value)
  }

  private func ending(_ outcome: Model.Outcome, _ reason: String, _ value: Double) -> FlowEnding {
    FlowEnding(
      result: RunResult(
        outcome: outcome, reason: reason, quantities: ["q": value, "time": 1 / tolerance], steps: steps,
        wallSeconds: 1, initialSeconds: 0.25),
      arrays: ["tolerance": NumericArray([tolerance], shape: [1])])
  }

  func save(to writer: inout CheckpointWriter) throws { try writer.write(steps) }
}

/// Runs that come to rest are repeated at finer tolerances.
struct RestCheckedFlowTests {
  private typealias Checked = RestCheckedFlow<ScriptedFlow>

  private static let budget = Budget(steps: 1000, wallSeconds: 60)

  private func problem(_ tolerance: Double = 1e-3) -> Problem {
    Problem(method: "script/1", tolerance: tolerance)
  }

  private func start(_ tolerance: Double = 1e-3, _ script: @escaping ScriptedFlow.Script) throws -> Checked {
    try Checked(of: problem(tolerance), comparing: ["q"], record: ["tolerance"]) {
      ScriptedFlow(tolerance: $0.tolerance, script: script, record: $1)
    }
  }

  private func run(_ tolerance: Double = 1e-3, _ script: @escaping ScriptedFlow.Script) throws -> FlowEnding {
    var flow = try start(tolerance, script)
    return flow.run(within: Self.budget)
  }

  /// That of the run that counts.
  private func tolerance(_ ending: FlowEnding) -> Double {
    ending.arrays["tolerance"]?.values.first ?? .nan
  }

  @Test func whatRestsAlikeIsStationary() throws {
    let ending = try run { (.stationary, "at rest", 2 + $0) }
    #expect(ending.result.outcome == .stationary && ending.result.reason == "at rest; same at tolerance 1e-3")
    // The finer run counts, the cost is that of both.
    #expect(ending.result.quantities["q"] == 2 + 1e-3 / 10 && tolerance(ending) == 1e-3 / 10)
    #expect(ending.result.steps == 18 && ending.result.wallSeconds == 2)
    #expect(ending.result.initialSeconds == 0.5)
  }

  /// Ten tolerances are alike, more are not.
  @Test(arguments: [(9e-3, 2), (1.1e-2, 3)])
  func likenessIsMeasuredInTolerances(difference: Double, runs: Int) throws {
    let ending = try run { (.stationary, "at rest", $0 > 9e-4 ? 1 - difference : 1) }
    #expect(ending.result.outcome == .stationary && ending.result.steps == 9 * runs)
    let others = runs == 2 ? "same at tolerance 1e-3" : "same at tolerance 1e-4, not at 1e-3"
    #expect(ending.result.reason == "at rest; " + others)
  }

  @Test func whatConvergesAtAFinerToleranceHasConverged() throws {
    let ending = try run { $0 > 2e-5 ? (.stationary, "at rest", 1 / $0) : (.converged, "target", 5) }
    #expect(ending.result.outcome == .converged && ending.result.quantities["q"] == 5)
    #expect(ending.result.reason == "target; at rest at tolerance 1e-4" && ending.result.steps == 27)
  }

  /// A run that never rests alike is no limit, and bounds nothing.
  @Test func whatRestsElsewhereEveryTimeIsUndecided() throws {
    let ending = try run { (.stationary, "at rest", 1 / $0) }
    #expect(ending.result.outcome == .budgetExhausted && ending.result.steps == 36)
    #expect(ending.result.reason == "rests elsewhere at every tolerance; tolerances from 1e-3 to 1e-6")
  }

  /// A finer run without a step that is short enough decides nothing; the first run ends as it is.
  @Test func collapsedStepsDecideNothing() throws {
    let collapsed = (Model.Outcome.budgetExhausted, RunResult.stepsCollapsed, 7.0)
    let later = try run { $0 < 9e-4 && $0 > 2e-5 ? collapsed : (.stationary, "at rest", 3) }
    #expect(later.result.outcome == .stationary && later.result.steps == 36)
    #expect(later.result.reason == "at rest; same at tolerance 1e-5, not at 1e-4")
    let first = try run { _ in collapsed }
    #expect(first.result.reason == RunResult.stepsCollapsed && first.result.steps == 9)
    let never = try run { $0 > 9e-4 ? (.stationary, "at rest", 3) : collapsed }
    #expect(never.result.outcome == .budgetExhausted && never.result.steps == 36)
  }

  @Test(arguments: [Model.Outcome.converged, .budgetExhausted])
  func nothingElseIsRepeated(outcome: Model.Outcome) throws {
    let ending = try run { _ in (outcome, "so", 1) }
    #expect(ending.result.outcome == outcome && ending.result.reason == "so" && ending.result.steps == 9)
  }

  /// Where rounding decides, nothing is repeated.
  @Test func theFinestTolerancesAreTakenAsTheyAre() throws {
    let finest = try run(5e-9) { (.stationary, "at rest", 1 / $0) }
    #expect(finest.result.outcome == .stationary && finest.result.reason == "at rest")
    let fine = try run(2e-8) { (.stationary, "at rest", 1 / $0) }
    #expect(fine.result.outcome == .budgetExhausted && fine.result.steps == 18)
  }

  /// A budget of steps is that of all runs; under a larger one the run goes on.
  @Test func aBudgetIsThatOfAllRuns() throws {
    let script: ScriptedFlow.Script = { (.stationary, "at rest", $0 > 9e-4 ? 1 : 2) }
    let whole = try run(1e-3, script)
    for steps in 0..<27 {
      var flow = try start(1e-3, script)
      let cut = flow.run(within: Budget(steps: steps, wallSeconds: 60)).result
      #expect(cut.outcome == .budgetExhausted && cut.steps == steps)
      #expect(flow.run(within: Self.budget) == whole, "\(steps) steps")
    }
    var spent = try start(1e-3) { _ in
      Thread.sleep(forTimeInterval: 0.02)
      return (.stationary, "at rest", 1)
    }
    let late = spent.run(within: Budget(steps: 1000, wallSeconds: 0.01)).result
    #expect(late.outcome == .budgetExhausted && late.reason == "wall time; at rest at tolerance 1e-3")
  }

  /// Suspended after any step, between runs as well, it is the same run; its state tells no less
  /// than before.
  @Test func aRunIsSuspendedAndResumed() throws {
    let script: ScriptedFlow.Script = { (.stationary, "at rest", $0 > 2e-5 ? 1 / $0 : 2) }
    let whole = try run(1e-3, script)
    var flow = try start(1e-3, script)
    var last = flow.state
    while true {
      final class Bytes { var all: [UInt8] = [] }
      let bytes = Bytes()
      var writer = CheckpointWriter { bytes.all += $0 }
      try flow.save(to: &writer)
      try writer.finish()
      var rest = bytes.all[...]
      var reader = CheckpointReader {
        defer { rest = [] }
        return Array(rest)
      }
      let resumed = try Checked(
        resuming: problem(), comparing: ["q"],
        start: { ScriptedFlow(tolerance: $0.tolerance, script: script, record: $1) }, from: &reader
      ) { problem, reader in
        ScriptedFlow(
          tolerance: problem.tolerance, script: script, steps: try reader.int(in: 0...100),
          record: ["tolerance"])
      }
      try reader.finish()
      #expect(resumed.state == flow.state && resumed.record == flow.record)
      #expect(resumed.state.steps >= last.steps && resumed.state.time >= last.time)
      last = resumed.state
      flow = resumed
      guard let ending = flow.step(within: Self.budget) else { continue }
      #expect(ending == whole && ending.result.steps == 36)
      return
    }
  }
}
