import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore

/// What is recorded of runs beside their results.
@Suite struct RecordedArraysTests {
  let folder: TemporaryFolder
  let sweep: Sweep
  let run: Run

  init() throws {
    folder = try TemporaryFolder()
    sweep = try Fixture.sweep()
    run = try #require(Array(sweep.axes.runs).first)
  }

  private var identity: RunIdentity { run.identity(of: sweep.problem.digest) }

  private func store() throws -> ResultStore {
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    return store
  }

  private func record(
    _ names: RecordNames, _ arrays: RecordedArrays, _ outcome: Outcome = .converged,
    budget: Budget = .default, steps: Int = 321
  ) -> RunRecord {
    var record = Fixture.record(run, of: sweep, Fixture.result(outcome), budget: budget)
    record.result.steps = steps
    record.record = names
    record.arrays = arrays
    return record
  }

  private func recorded(_ store: ResultStore) throws -> RecordNames? {
    guard case .finished(_, _, let names) = try store.recordedStates(of: sweep.problem.digest)[identity]
    else {
      return nil
    }
    return names
  }

  @Test func arraysAreReadBack() throws {
    let store = try store()
    let arrays: RecordedArrays = [
      "trajectory": Fixture.array(1),
      "neurons_before": NumericArray([1, 2, 3, 4], shape: [2, 2], scalar: .float32),
      "empty": NumericArray([], shape: [0]),
    ]
    let names: RecordNames = ["trajectory", "neurons", "a \"name\" with spaces"]
    try store.record([record(names, arrays)])
    #expect(try store.recordedArrays(of: identity) == arrays)
    #expect(try recorded(store) == names)
    #expect(try store.records(of: sweep).first?.record == names)
    #expect(try store.recordedArrays(of: RunIdentity("unknown")).isEmpty)
  }

  @Test func aRepeatAddsWhatWasNotRecorded() throws {
    let store = try store()
    try store.record([record([], [:])])
    #expect(try recorded(store) == [])
    #expect(try store.record([record(["function"], ["function": Fixture.array(1)])]) == 0)
    #expect(try recorded(store) == ["function"])
    #expect(try store.record([record(["trajectory"], ["trajectory": Fixture.array(2)])]) == 0)
    #expect(try recorded(store) == ["function", "trajectory"])
    let all: RecordedArrays = ["function": Fixture.array(1), "trajectory": Fixture.array(2)]
    #expect(try store.recordedArrays(of: identity) == all)
    // Asked of a worker that does not know it: it is not asked again.
    try store.record([record(["neurons"], [:])])
    #expect(try recorded(store) == ["function", "trajectory", "neurons"])
    #expect(try store.recordedArrays(of: identity) == all)
  }

  @Test func aRepeatAddsQuantitiesThatWereNotAskedFor() throws {
    let store = try store()
    try store.record([record([], [:])])
    let before = try #require(try store.records(of: sweep).first?.result.quantities)
    var repeated = record(["clusters"], [:])
    repeated.result.quantities = before.setting("clusters", to: 3).setting("rd", to: 0.0625)
    #expect(try store.record([repeated]) == 0)
    // What is there already stays.
    #expect(try store.records(of: sweep).first?.result.quantities == before.setting("clusters", to: 3))
    #expect(try recorded(store) == ["clusters"])
    var other = record(["alignment"], [:], steps: 5)
    other.result.quantities = before.setting("alignment", to: 0.5)
    try store.record([other])
    #expect(try store.records(of: sweep).first?.result.quantities == before.setting("clusters", to: 3))
    #expect(try recorded(store) == ["clusters"])
  }

  @Test func aRepeatThatEndedOtherwiseChangesNothing() throws {
    let store = try store()
    let first: RecordedArrays = ["function": Fixture.array(1)]
    try store.record([record(["function"], first)])
    for other in [
      record(["trajectory"], ["trajectory": Fixture.array(2)], .budgetExhausted),
      record(["trajectory"], ["trajectory": Fixture.array(2)], steps: 322),
    ] {
      try store.record([other])
      #expect(try recorded(store) == ["function"])
      #expect(try store.recordedArrays(of: identity) == first)
    }
  }

  @Test func aResultThatGivesWayTakesItsArraysWithIt() throws {
    let store = try store()
    let small = Budget(steps: 10, wallSeconds: 5)
    try store.record([
      record(
        ["trajectory", "neurons"], ["trajectory": Fixture.array(1), "neurons": Fixture.array(1)],
        .budgetExhausted, budget: small, steps: 10)
    ])
    let second: RecordedArrays = ["trajectory": Fixture.array(2)]
    try store.record([record(["trajectory"], second)])
    #expect(try recorded(store) == ["trajectory"])
    #expect(try store.recordedArrays(of: identity) == second)
  }

  @Test func simulatedTimeIsRecorded() throws {
    let store = try store()
    let budget = Budget(steps: 10, wallSeconds: 5, time: 1e6)
    try store.record([record([], [:], .budgetExhausted, budget: budget)])
    #expect(try store.records(of: sweep).first?.budget == budget)
    #expect(
      try store.recordedStates(of: sweep.problem.digest)[identity]
        == .finished(.budgetExhausted, budget: budget))
  }

  @Test func progressCountsWhatIsToBeRepeated() throws {
    let store = try store()
    let records = sweep.axes.runs.prefix(4).map { Fixture.record($0, of: sweep) }
    try store.record(records)
    var recording = sweep
    #expect(try store.progress(of: recording).lacking == 0)
    recording.record = [RecordRule(what: ["trajectory"], seed: [0])]
    #expect(try store.progress(of: recording).lacking == 2)
    recording.budget.steps -= 1
    #expect(try store.progress(of: recording).lacking == 0)
    #expect(try store.progress(of: recording).counts.converged == 4)
  }

  @Test func damagedArraysAreReported() throws {
    let store = try store()
    try store.record([record(["function"], ["function": Fixture.array(1)])])
    try store.queue.write { try $0.execute(sql: "UPDATE array SET data = zeroblob(0)") }
    guard case .damaged = storeError({ _ = try store.recordedArrays(of: identity) }) else {
      Issue.record("read what is damaged")
      return
    }
  }
}
