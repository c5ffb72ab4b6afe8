import Foundation
import GRDB
import LimitFit
import Model
import Testing

@testable import ResultStore

/// What goes in comes out, and a run keeps the result it has.
@Suite struct RecordingTests {
  let folder: TemporaryFolder
  let store: ResultStore
  let sweep: Sweep
  let runs: [Run]

  init() throws {
    folder = try TemporaryFolder()
    store = try ResultStore.open(at: folder.database)
    sweep = try Fixture.sweep()
    runs = Array(sweep.axes.runs)
    try store.register(sweep)
  }

  private func state(of run: Run) throws -> Observation.State? {
    try store.observations(of: sweep).first { $0.run == run }?.state
  }

  @Test func everyRunIsObservedInTheOrderOfTheAxes() throws {
    let converged = Fixture.result(.converged, rd: 1 / 3.0)
    try store.record(
      [
        Fixture.record(runs[1], of: sweep, converged),
        Fixture.record(runs[15], of: sweep, Fixture.result(.stationary, rd: 0)),
      ],
      failures: [Fixture.failure(runs[6], of: sweep)])
    let observations = try store.observations(of: sweep)
    #expect(observations.map(\.run) == runs)
    for (index, observation) in observations.enumerated() {
      switch index {
      case 1: #expect(observation.state == .finished(.converged, value: converged.quantities["sup_rd"]))
      case 15: #expect(observation.state == .finished(.stationary, value: 0))
      case 6: #expect(observation.state == .failed)
      default: #expect(observation.state == .pending)
      }
    }
  }

  @Test func plannerLearnsOutcomeAndBudgetByIdentity() throws {
    let budget = Budget(steps: 7, wallSeconds: 0.1)
    try store.record(
      [Fixture.record(runs[0], of: sweep, Fixture.result(.budgetExhausted), budget: budget)],
      failures: [Fixture.failure(runs[3], of: sweep)])
    let digest = sweep.problem.digest
    #expect(
      try store.recordedStates(of: digest) == [
        runs[0].identity(of: digest): .finished(.budgetExhausted, budget: budget),
        runs[3].identity(of: digest): .failed(attempts: 3),
      ])
    #expect(try store.recordedStates(of: Fixture.problem(target: 1).digest).isEmpty)
  }

  @Test func everyColumnOfARunIsWritten() throws {
    var record = Fixture.record(runs[15], of: sweep)
    record.attempts = 2
    record.record = ["neurons", "trajectory"]
    try store.record([record])
    let row = try store.queue.read { db in
      try String.fetchOne(
        db,
        sql: """
          SELECT run || ' ' || digest || ' ' || setting.definition || ' ' || width || ' ' || seed
            || ' ' || outcome || ' ' || reason || ' ' || quantities || ' ' || steps
            || ' ' || budget_steps || ' ' || budget_wall_seconds || ' ' || ifnull(budget_time, '-')
            || ' ' || wall_seconds || ' ' || initial_seconds || ' ' || attempts || ' ' || record
            || ' ' || host || ' ' || finished_at
          FROM runs JOIN problem ON problem.id = problem JOIN setting ON setting.id = setting
            JOIN provenance ON provenance.id = provenance
          """)
    }
    #expect(
      row == #"""
        \#(record.identity) \#(sweep.problem.digest) {"gamma":0.5,"gamma_prime":0} 10000.0 -1 converged \#
        because {"mean_squared_residual":1e-06,"rd":0.125,"sup_rd":0.1875,"time":12.5} 321 100000 600.0 - \#
        0.25 0.0625 2 ["neurons","trajectory"] node7 2026-11-30T15:54:19Z
        """#)
  }

  @Test func recordsComeBackAsTheyWentInByTheOrderOfTheAxes() throws {
    let records = runs.map {
      Fixture.record($0, of: sweep, Fixture.result(.stationary, rd: $0.width / 3))
    }
    try store.record(records.shuffled())
    #expect(try store.records(of: sweep) == records)
    let narrow = try Fixture.sweep(widths: [1000])
    #expect(try store.records(of: narrow) == records.filter { $0.run.width == 1000 })
  }

  /// Every pair of a kept and a new result: what is kept afterwards.
  @Test(arguments: Outcome.allCases, Outcome.allCases)
  func aRunKeepsItsResult(first: Outcome, second: Outcome) throws {
    let old = Fixture.result(first, rd: 1)
    let new = Fixture.result(second, rd: 2)
    let budgets = [
      (Budget(steps: 10, wallSeconds: 5, time: 7), false), (Budget(steps: 9, wallSeconds: 5, time: 7), false),
      (Budget(steps: 11, wallSeconds: 5, time: 7), true), (Budget(steps: 10, wallSeconds: 6, time: 7), true),
      (Budget(steps: 9, wallSeconds: 6, time: 7), false), (Budget(steps: 10, wallSeconds: 5, time: 8), true),
      (Budget(steps: 10, wallSeconds: 5), true), (Budget(steps: 11, wallSeconds: 5, time: 6), false),
    ]
    for (run, (budget, larger)) in zip(runs, budgets) {
      let kept = Fixture.record(run, of: sweep, old, budget: Budget(steps: 10, wallSeconds: 5, time: 7))
      #expect(try store.record([kept]) == 1)
      let replaces = first == .budgetExhausted && (second != .budgetExhausted || larger)
      #expect(try store.record([Fixture.record(run, of: sweep, new, budget: budget)]) == (replaces ? 1 : 0))
      let (outcome, result) = replaces ? (second, new) : (first, old)
      #expect(
        try state(of: run)
          == .finished(outcome, value: outcome == .diverged ? nil : result.quantities["sup_rd"]))
    }
  }

  @Test func aResultRemovesTheFailureOfItsRun() throws {
    try store.record(
      [], failures: [Fixture.failure(runs[0], of: sweep), Fixture.failure(runs[1], of: sweep)])
    try store.record([Fixture.record(runs[0], of: sweep)])
    #expect(try store.failures(of: sweep) == [Fixture.failure(runs[1], of: sweep)])
    #expect(try state(of: runs[0]) == .finished(.converged, value: 0.1875))
  }

  @Test func aFailureCountsAfterAResultOnlyIfThatWasForWantOfBudget() throws {
    try store.record([
      Fixture.record(runs[0], of: sweep),
      Fixture.record(runs[1], of: sweep, Fixture.result(.budgetExhausted)),
    ])
    try store.record(
      [], failures: [Fixture.failure(runs[0], of: sweep), Fixture.failure(runs[1], of: sweep)])
    #expect(try state(of: runs[0]) == .finished(.converged, value: 0.1875))
    #expect(try state(of: runs[1]) == .failed)
  }

  @Test func forgottenFailuresArePendingAgain() throws {
    try store.record(
      [], failures: [Fixture.failure(runs[0], of: sweep), Fixture.failure(runs[1], of: sweep)])
    #expect(try store.forgetFailures(of: Fixture.problem(target: 1).digest) == 0)
    #expect(try store.forgetFailures(of: sweep.problem.digest) == 2)
    #expect(try state(of: runs[0]) == .pending)
  }

  @Test func implausibleResultsAreRefusedAndNothingOfTheirBatchIsKept() throws {
    var wrong = Fixture.result()
    wrong.quantities = wrong.quantities.setting("rd", to: .nan)
    let bad = Fixture.record(runs[1], of: sweep, wrong)
    let error = storeError { try store.record([Fixture.record(runs[0], of: sweep), bad]) }
    #expect(error == .implausible(run: bad.identity, flaw: "rd is NaN"))
    #expect(
      error?.description
        == "the result of run \(bad.identity) cannot be one (rd is NaN); it was not recorded: check the worker"
    )
    #expect(try store.recordedStates(of: sweep.problem.digest).isEmpty)
  }

  @Test func progressCountsByWidth() throws {
    try store.record(
      [
        Fixture.record(runs[0], of: sweep),
        Fixture.record(runs[1], of: sweep, Fixture.result(.budgetExhausted)),
        Fixture.record(runs[2], of: sweep, Fixture.result(.stationary)),
      ],
      failures: [Fixture.failure(runs[1], of: sweep)])
    let progress = try store.progress(of: sweep)
    #expect(progress.widths.map(\.width) == [1000, 10_000])
    var narrow = PointFit.Counts()
    (narrow.converged, narrow.failed, narrow.pending) = (1, 1, 6)
    var wide = PointFit.Counts()
    (wide.stationary, wide.pending) = (1, 7)
    #expect(progress.widths.map(\.counts) == [narrow, wide])
    #expect(progress.widths.map(\.wallSeconds) == [0.5, 0.25])
    #expect(progress.counts.total == runs.count)
    #expect(progress.counts.pending == 13)
  }

  @Test func anotherProblemOrAxisDoesNotCount() throws {
    let other = try Fixture.sweep(name: "other", target: 1e-3)
    try store.register(other)
    try store.record([Fixture.record(runs[0], of: other)], failures: [Fixture.failure(runs[1], of: other)])
    try store.record([Fixture.record(runs[2], of: sweep)])
    let narrow = try Fixture.sweep(widths: [1000])
    #expect(try store.progress(of: sweep).counts.pending == 15)
    #expect(try store.progress(of: narrow).counts.pending == narrow.axes.runCount)
    #expect(try store.failures(of: sweep).isEmpty)
  }

  @Test func sweepsAreRegisteredOnceAndFollowTheirDefinition() throws {
    #expect(try store.register(sweep) == .unchanged)
    let wider = try Fixture.sweep(widths: [1000, 10_000, 100_000])
    #expect(try store.register(wider) == .changed)
    #expect(try store.register(try Fixture.sweep(name: "a")) == .added)
    #expect(try store.sweeps().map(\.name) == ["a", "test"])
    #expect(try store.sweep(named: "test") == wider)
    let error = storeError { _ = try store.sweep(named: "nil") }
    #expect(error == .unknownSweep(path: folder.database, name: "nil"))
    #expect(
      error?.description
        == "\(folder.database) holds no sweep named “nil”; start it with `gammaplane run GRID`")
  }

  @Test func thePhaseMapIsKeptAndWrittenOnlyWhenItChanges() throws {
    var map = Fixture.phaseMap(of: sweep)
    #expect(try store.phaseMap(of: sweep) == nil)
    #expect(try store.save(map, of: sweep))
    #expect(try store.phaseMap(of: sweep) == map)
    #expect(try !store.save(map, of: sweep))
    map.boundary.removeFirst()
    map.points.removeLast()
    #expect(try store.save(map, of: sweep))
    #expect(try store.phaseMap(of: sweep) == map)
    #expect(try store.phaseMap(of: Fixture.sweep(target: 1e-3)) == nil)
  }

  @Test func manyRunsAreQuick() throws {
    let large = try Fixture.sweep(
      name: "large", gamma: (0..<50).map { Double($0) / 64 }, widths: (1...100).map(Double.init),
      seeds: [1, 2])
    try store.register(large)
    let all = Array(large.axes.runs)
    #expect(all.count == 20_000)
    let digest = large.problem.digest
    // Identities are made up here: hashing is the planner's time, not the store's.
    let records = all.enumerated().map { index, run in
      RunRecord(
        identity: RunIdentity(String(format: "%032x", index &* 2_654_435_761 & 0xffff_ffff)), run: run,
        problem: digest, result: Fixture.result(), budget: .default, attempts: 1,
        provenance: Fixture.provenance, finishedAt: Date())
    }
    let recording = try processorTime {
      for start in stride(from: 0, to: records.count, by: 1000) {
        try store.record(Array(records[start..<start + 1000]))
      }
    }
    var counts: [Int] = []
    let reading = try processorTime {
      counts = [
        try store.recordedStates(of: digest).count, try store.progress(of: large).counts.converged,
      ]
    }
    #expect(counts == [20_000, 20_000])
    // Many times what it takes, but far less than a statement prepared for every row would.
    // Processor time of this thread, on which SQLite works: others may keep the machine busy.
    #expect(recording < .seconds(10), "recording took \(recording)")
    #expect(reading < .seconds(2), "reading took \(reading)")
  }

  @Test func failuresAreGroupedByReasonTheMostFrequentFirst() throws {
    let failures = [(6, "b"), (0, "a"), (2, "b"), (10, "c"), (8, "a"), (12, "b")].map { index, reason in
      var failure = Fixture.failure(runs[index], of: sweep, reason: reason)
      failure.detail = "line \(index)"
      return failure
    }
    try store.record([], failures: failures)
    let groups = try store.failureGroups(of: sweep)
    #expect(groups.map(\.example.reason) == ["b", "a", "c"])
    #expect(groups.map(\.runs) == [3, 2, 1])
    #expect(groups.map(\.example.detail) == ["line 2", "line 0", "line 10"])
  }

  /// Both ways to count give the same, and every run that is not pending is visited once.
  @Test func countingAgreesWithLooking() throws {
    var results = [1, 2, 5].map { Fixture.record(runs[$0], of: sweep) }
    results.append(Fixture.record(runs[6], of: sweep, Fixture.result(.budgetExhausted)))
    results.append(Fixture.record(runs[7], of: sweep, Fixture.result(.budgetExhausted)))
    try store.record(results, failures: [6, 8].map { Fixture.failure(runs[$0], of: sweep) })
    let states = try store.observations(of: sweep)
    let ended = Dictionary(grouping: states.filter { $0.state != .pending }, by: \.run.cell).mapValues(
      \.count)
    // From the tallies, and run by run because something is to be recorded.
    var recording = sweep
    recording.record = [RecordRule(what: ["trajectory"], seed: [77])]
    for sweep in [sweep, recording] {
      var visited: [Run: Int] = [:]
      let progress = try store.progress(of: sweep) {
        visited[Run($0.setting, width: $0.width, seed: 0), default: 0] += $0.ended
      }
      let counts = progress.counts
      #expect(counts.pending == states.count { $0.state == .pending })
      #expect(counts.failed == 2 && counts.budgetExhausted == 1 && counts.converged == 3)
      #expect(visited == ended)
      #expect(progress.widths.reduce(0) { $0 + $1.wallSeconds } == 5 * 0.25)
    }
    // A sweep that has not all seeds that are recorded.
    var fewer = sweep
    fewer.axes.seed = [0]
    let here = states.filter { $0.run.seed == 0 }
    #expect(try store.progress(of: fewer).counts.pending == here.count { $0.state == .pending })
    #expect(try store.progress(of: fewer).counts.total == here.count)
  }

  @Test func aFitIsCurrentUntilItsRunsChange() throws {
    try store.record([Fixture.record(runs[0], of: sweep)])
    #expect(try store.currentFit(of: sweep) == nil)
    let map = Fixture.phaseMap(of: sweep)
    try store.save(map, of: sweep)
    #expect(try store.currentFit(of: sweep) == map)
    // Recording again what is known changes nothing.
    try store.record([Fixture.record(runs[0], of: sweep)])
    #expect(try store.currentFit(of: sweep) == map)
    for change in [
      { try store.record([Fixture.record(runs[1], of: sweep)]) },
      { try store.record([], failures: [Fixture.failure(runs[2], of: sweep)]) },
      { try store.forgetFailures(of: sweep.problem.digest) },
    ] as [() throws -> Int] {
      _ = try change()
      #expect(try store.currentFit(of: sweep) == nil)
      #expect(try !store.save(map, of: sweep))
      #expect(try store.currentFit(of: sweep) == map)
    }
    var wider = sweep
    wider.axes.width.append(100_000)
    #expect(try store.currentFit(of: wider) == nil)
    #expect(
      try store.currentPhaseMap(of: sweep, orderParameter: "rd", plane: Fixture.plane) == nil,
      "of another quantity")
    #expect(
      try store.currentPhaseMap(of: sweep, orderParameter: "sup_rd", plane: Plane(x: "gamma")) == nil,
      "in another plane")
    for damage in [
      "UPDATE phase_map SET trend = 'bounded'", "UPDATE phase_map SET local_slopes = 'x'",
      "DELETE FROM boundary WHERE vertex = 1", "UPDATE fit SET order_parameter = 'rd'",
    ] {
      try store.save(map, of: sweep)
      #expect(try store.phaseMap(of: sweep) == map)
      try store.queue.write { try $0.execute(sql: damage) }
      #expect(try store.currentFit(of: sweep) == nil)
      guard case .damaged = storeError({ _ = try store.phaseMap(of: sweep) }) else {
        Issue.record("a fit that was not stored was read")
        return
      }
    }
  }

  @Test func failuresAreForgottenByReason() throws {
    func put() throws {
      var refused = Fixture.failure(runs[0], of: sweep, reason: "Refused by the worker")
      refused.cause = "refused"
      try store.record(
        [], failures: [refused, Fixture.failure(runs[1], of: sweep, reason: "died with signal 9")])
    }
    let digest = sweep.problem.digest
    for (reason, left) in [("refused", 1), ("SIGNAL", 1), ("100%", 2), ("_", 2), ("attempts", 1), (nil, 0)] {
      try put()
      #expect(try store.forgetFailures(of: digest, reason: reason) == 2 - left)
      #expect(try store.failures(of: sweep).count == left)
    }
  }

  /// Ids are hashes: if two things ever had the same one, neither may be taken for the other.
  @Test func anIdThatStandsForSomethingElseIsRefused() throws {
    try store.record([Fixture.record(runs[0], of: sweep)])
    try store.close()
    let other = SettingRow(["gamma": 7, "gamma_prime": 8])
    let database = try DatabaseQueue(path: folder.database)
    try database.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF")
      for (table, id, column) in [
        ("setting", other.id, "definition"),
        ("problem", try Fixture.problem(target: 1).digest.contentID, "digest"),
      ] {
        try db.execute(sql: "UPDATE \(table) SET id = ?, \(column) = \(column) || ' '", arguments: [id])
      }
    }
    try database.close()
    let store = try ResultStore.open(at: folder.database)
    let run = Run(["gamma": 7, "gamma_prime": 8], width: 1, seed: 1)
    for body in [
      { try store.record([Fixture.record(run, of: sweep)]) },
      { _ = try store.register(try Fixture.sweep(target: 1)) },
    ] as [() throws -> Void] {
      guard case .damaged = storeError(body) else {
        Issue.record("one thing was taken for another")
        return
      }
    }
  }

  @Test func aRunOfAnUnregisteredProblemIsRefused() throws {
    let other = try Fixture.sweep(target: 1)
    #expect(storeError { try store.record([Fixture.record(runs[0], of: other)]) } != nil)
    // What was remembered of the batch is forgotten with it.
    try store.record([Fixture.record(runs[0], of: sweep)])
    #expect(try store.records(of: sweep).map(\.run) == [runs[0]])
  }

  /// A quantity that a result does not have has no value.
  @Test func anyQuantityCanBeObserved() throws {
    var other = Fixture.result()
    other.quantities = ["loss": 3]
    try store.record([Fixture.record(runs[0], of: sweep), Fixture.record(runs[1], of: sweep, other)])
    func values(_ quantity: String) throws -> [Observation.State] {
      try store.observations(of: sweep, quantity: quantity).prefix(2).map(\.state)
    }
    #expect(try values("rd") == [.finished(.converged, value: 0.125), .finished(.converged, value: nil)])
    #expect(try values("loss") == [.finished(.converged, value: nil), .finished(.converged, value: 3)])
  }

  @Test func aTextWithNullsIsKept() throws {
    var failure = Fixture.failure(runs[0], of: sweep)
    failure.stderrTail = "a\0b"
    try store.record([], failures: [failure])
    #expect(try store.failures(of: sweep).map(\.stderrTail) == ["a␀b"])
  }
}

extension Run {
  /// Setting and width alone.
  fileprivate var cell: Run { Run(setting, width: width, seed: 0) }
}

/// The processor time that this thread takes for something.
private func processorTime(_ body: () throws -> Void) rethrows -> Duration {
  func now() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
  let start = now()
  try body()
  return now() - start
}
