import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore

/// What is kept of runs beside their results.
@Suite struct FlowRecordTests {
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

  /// A record whose numbers are all `mark`.
  private func flowRecord(_ mark: Float, _ what: Observables = [.trajectory, .neurons, .function])
    -> FlowRecord
  {
    let neuron = NeuronSnapshot.Neuron(orientation: mark, amplitude: -mark)
    return FlowRecord(
      trajectory: Trajectory(points: [
        .init(
          time: Double(mark), meanSquaredResidual: 1, rd: 0, outputNorm: 1, sliding: 1, dead: 2,
          orientations: 3)
      ]),
      neurons: .each([.init(before: neuron, after: neuron)]),
      function: FunctionSnapshot(points: [.init(x: mark, before: mark, after: mark)])
    ).restricted(to: what)
  }

  private func record(
    _ outcome: Outcome = .converged, keep: Observables, _ kept: FlowRecord, budget: Budget = .standard,
    steps: Int = 321
  ) -> RunRecord {
    var record = Fixture.record(run, of: sweep, Fixture.result(outcome), budget: budget)
    record.result.steps = steps
    record.keep = keep
    record.kept = kept
    return record
  }

  private func kept(_ store: ResultStore) throws -> Observables? {
    guard case .finished(_, _, let kept) = try store.recordedStates(of: sweep.problem.digest)[identity] else {
      return nil
    }
    return kept
  }

  @Test func whatIsKeptIsReadBack() throws {
    let store = try store()
    let all: Observables = [.trajectory, .neurons, .function]
    try store.record([record(keep: all, flowRecord(1))])
    #expect(try store.flowRecord(of: identity) == flowRecord(1))
    #expect(try kept(store) == all)
    #expect(try store.records(of: sweep).first?.keep == all)
    #expect(try store.flowRecord(of: RunIdentity("unknown")) == FlowRecord())
    var histogram = OrientationHistogram()
    histogram.add(bin: 3, amplitude: -2)
    let wide = FlowRecord(neurons: .histograms(before: histogram, after: histogram))
    let other = Array(sweep.axes.runs)[1]
    var record = Fixture.record(other, of: sweep)
    record.kept = wide
    try store.record([record])
    #expect(try store.flowRecord(of: other.identity(of: sweep.problem.digest)) == wide)
  }

  @Test func aRepeatAddsWhatWasNotKept() throws {
    let store = try store()
    try store.record([record(keep: [], FlowRecord())])
    #expect(try kept(store) == [])
    #expect(try store.record([record(keep: .function, flowRecord(1, .function))]) == 0)
    #expect(try kept(store) == .function)
    #expect(try store.record([record(keep: .trajectory, flowRecord(2, .trajectory))]) == 0)
    #expect(try kept(store) == [.function, .trajectory])
    let all = try store.flowRecord(of: identity)
    #expect(all.function == flowRecord(1).function && all.trajectory == flowRecord(2).trajectory)
    // Asked of a worker that does not know the key: it is not asked again.
    try store.record([record(keep: .neurons, FlowRecord())])
    #expect(try kept(store) == [.function, .trajectory, .neurons])
    #expect(try store.flowRecord(of: identity) == all)
  }

  @Test func aRepeatThatEndedOtherwiseChangesNothing() throws {
    let store = try store()
    try store.record([record(keep: .function, flowRecord(1, .function))])
    for other in [
      record(.budget, keep: .trajectory, flowRecord(2, .trajectory)),
      record(keep: .trajectory, flowRecord(2, .trajectory), steps: 322),
    ] {
      try store.record([other])
      #expect(try kept(store) == .function)
      #expect(try store.flowRecord(of: identity) == flowRecord(1, .function))
    }
  }

  @Test func aResultThatGivesWayTakesWhatWasKeptWithIt() throws {
    let store = try store()
    let small = Budget(steps: 10, wallSeconds: 5)
    try store.record([
      record(.budget, keep: [.trajectory, .neurons], flowRecord(1), budget: small, steps: 10)
    ])
    try store.record([record(keep: .trajectory, flowRecord(2, .trajectory))])
    #expect(try kept(store) == .trajectory)
    #expect(try store.flowRecord(of: identity) == flowRecord(2, .trajectory))
  }

  @Test func simulatedTimeIsRecorded() throws {
    let store = try store()
    let budget = Budget(steps: 10, wallSeconds: 5, time: 1e6)
    try store.record([record(.budget, keep: [], FlowRecord(), budget: budget)])
    #expect(try store.records(of: sweep).first?.budget == budget)
    #expect(
      try store.recordedStates(of: sweep.problem.digest)[identity] == .finished(.budget, budget: budget))
  }

  @Test func progressCountsWhatIsToBeRepeated() throws {
    let store = try store()
    let records = sweep.axes.runs.prefix(4).map { Fixture.record($0, of: sweep) }
    try store.record(records)
    var keeping = sweep
    #expect(try store.progress(of: keeping).lacking == 0)
    keeping.keep = [KeepRule(what: .trajectory, seed: [0])]
    #expect(try store.progress(of: keeping).lacking == 2)
    keeping.budget.steps -= 1
    #expect(try store.progress(of: keeping).lacking == 0)
    #expect(try store.progress(of: keeping).counts.converged == 4)
  }

  /// A database of the second schema, made by its own statements: read as it is, and brought up to date by a writer.
  @Test func theSecondSchemaIsReadAndBroughtUpToDate() throws {
    let old = try DatabaseQueue(path: folder.database)
    try old.write { db in
      for step in Schema.steps.prefix(2) { try db.execute(sql: step) }
      try db.execute(
        sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 2")
      let definition = String(decoding: try JSONEncoder().encode(sweep.problem), as: UTF8.self)
      let digest = sweep.problem.digest.description
      try db.execute(
        sql: "INSERT INTO problem (digest, definition) VALUES (?, ?)", arguments: [digest, definition])
      try db.execute(
        sql: """
          INSERT INTO runs VALUES (?, ?, ?, ?, ?, 0, 'converged', 'because', 0.125, 0.1875, 1e-6, 12.5, 321,
            100000, 600, 0.25, 0.0625, 1, '1')
          """,
        arguments: [identity.description, digest, run.point.gamma, run.point.gammaPrime, run.width])
    }
    try old.close()
    let expected = [Fixture.record(run, of: sweep)]
    let reader = try ResultStore.read(at: folder.database)
    #expect(try reader.records(of: sweep) == expected)
    #expect(try kept(reader) == [])
    #expect(try reader.flowRecord(of: identity) == FlowRecord())
    #expect(try reader.progress(of: sweep).counts.converged == 1)
    try reader.close()
    let store = try store()
    #expect(try store.queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 5)
    #expect(try store.records(of: sweep) == expected)
    try store.record([record(keep: .function, flowRecord(1, .function))])
    #expect(try store.flowRecord(of: identity) == flowRecord(1, .function))
    #expect(try kept(store) == .function)
  }

  @Test func damagedRecordsAreReported() throws {
    let store = try store()
    try store.record([record(keep: .function, flowRecord(1, .function))])
    try store.queue.write { db in
      try db.execute(sql: "UPDATE learned_function SET points = zeroblob(0)")
    }
    guard case .damaged = storeError({ _ = try store.flowRecord(of: identity) }) else {
      Issue.record("read what is damaged")
      return
    }
  }
}
