import LimitFit
import Model
import ResultStore
import Testing

/// What is recorded of sweeps that are unions of products.
struct UnionTests {
  private let folder: TemporaryFolder
  private let store: ResultStore
  private let sweep: Sweep
  private let runs: [Run]

  init() throws {
    folder = try TemporaryFolder()
    store = try ResultStore.open(at: folder.database)
    var sweep = try Fixture.sweep()
    sweep.include = [
      // A setting of its own, more widths at another, more seeds at a third; the first block is
      // there twice.
      Fixture.axes(gamma: [0.75], prime: [0.25], widths: [1000, 2000], seeds: [0]),
      Fixture.axes(gamma: [0.5], prime: [0], widths: [10_000, 100_000], seeds: [0, .max]),
      Fixture.axes(gamma: [0.5], prime: [-0.5], widths: [1000], seeds: [0, 1, 2]),
      Fixture.axes(gamma: [0.75], prime: [0.25], widths: [2000, 4000], seeds: [0]),
    ]
    self.sweep = sweep
    runs = Array(RunSet(sweep))
    try store.register(sweep)
  }

  /// The states of all runs, counted one by one.
  private func counts(_ sweep: Sweep) throws -> [Double: PointFit.Counts] {
    try store.observations(of: sweep).reduce(into: [:]) { counts, observation in
      let width = observation.run.width
      switch observation.state {
      case .pending: counts[width, default: .init()].pending += 1
      case .failed: counts[width, default: .init()].failed += 1
      case .finished(let outcome, _): counts[width, default: .init()].add(outcome)
      }
    }
  }

  @Test func theSweepIsReadBack() throws {
    #expect(try store.sweep(named: "test") == sweep)
    #expect(try store.register(sweep) == .unchanged)
    var fewer = sweep
    fewer.include.removeLast()
    #expect(try store.register(fewer) == .changed)
  }

  @Test func everyRunIsObservedOnceInOrder() throws {
    let done = runs.indices.filter { $0 % 3 == 0 }
    try store.record(
      done.shuffled().map { Fixture.record(runs[$0], of: sweep) },
      failures: [Fixture.failure(runs[1], of: sweep)])
    // Runs of the problem that are none of the sweep's.
    let stranger = Run(Fixture.setting(0.75, 0.25), width: 1000, seed: .max)
    try store.record([Fixture.record(stranger, of: sweep)])

    let observations = try store.observations(of: sweep)
    #expect(observations.map(\.run) == runs)
    for (index, observation) in observations.enumerated() {
      let expected: Observation.State =
        index % 3 == 0 ? .finished(.converged, value: 0.1875) : index == 1 ? .failed : .pending
      #expect(observation.state == expected)
    }
    #expect(try store.records(of: sweep).map(\.run) == done.map { runs[$0] })
    var indices: [Int] = []
    try store.forEachKnownRun(of: sweep) { index, run, _ in
      #expect(runs[index] == run)
      indices.append(index)
    }
    #expect(indices.sorted() == (done + [1]).sorted())
    for setting in Set(runs.map(\.setting)) {
      let recorded = try store.recorded(RunSet(sweep.restricted(to: setting)), of: sweep.problem.digest)
      #expect(
        recorded.filter { $0.record != nil }.map(\.run)
          == done.map { runs[$0] }.filter { $0.setting == setting })
      let observed = Set(try store.observations(of: sweep)).filter { $0.run.setting == setting }
      #expect(Set(recorded.map { $0.observation(of: "sup_rd") }) == observed)
    }
    #expect(try store.failures(of: sweep).map(\.run) == [runs[1]])
  }

  /// From tallies, and run by run where seeds differ, the counts are those of the observations.
  @Test func progressCountsTheRuns() throws {
    var regular = sweep
    regular.include = [
      Fixture.axes(gamma: [0.75], prime: [0.25], widths: [1000, 2000], seeds: [0, .max]),
      Fixture.axes(gamma: [0.5], prime: [0], widths: [10_000, 100_000], seeds: [0, .max]),
    ]
    for (sweep, outcomes) in [
      (regular, Outcome.allCases), (sweep, [.stationary, .budgetExhausted, .converged]),
    ] {
      let runs = Array(RunSet(sweep))
      let records = runs.indices.filter { $0 % 4 != 0 }.map { index in
        Fixture.record(runs[index], of: sweep, Fixture.result(outcomes[index % 3]))
      }
      try store.record(records, failures: [Fixture.failure(runs[0], of: sweep)])
      let stranger = Run(Fixture.setting(0.75, 0.5), width: 1000, seed: 0)
      try store.record([Fixture.record(stranger, of: sweep)])
      var ended = 0
      let progress = try store.progress(of: sweep) { ended += $0.ended }
      let counts = try counts(sweep)
      #expect(progress.widths.map(\.width) == counts.keys.sorted())
      for width in progress.widths { #expect(width.counts == counts[width.width]) }
      #expect(progress.counts.total == runs.count)
      #expect(ended == runs.count - progress.counts.pending)
    }
  }

  @Test func theFitIsNoLongerCurrentWhenBlocksAreAdded() throws {
    var before = sweep
    before.include = []
    try store.register(before)
    try store.record(runs.map { Fixture.record($0, of: sweep) })
    for (this, other) in [(before, sweep), (sweep, before)] {
      let observations = try store.observations(of: this)
      let map = PhaseMap.fit(
        observations: observations, orderParameter: "sup_rd", plane: Fixture.plane)
      try store.save(map, of: this)
      #expect(try store.currentFit(of: this) == map)
      #expect(map.points.map(\.setting) == RunSet(this).settings)
      #expect(try store.currentFit(of: other) == nil)
    }
  }
}
