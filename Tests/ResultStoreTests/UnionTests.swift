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
    sweep.also = [
      // A point of its own, more widths at another, more seeds at a third; the first block is there twice.
      Axes(gamma: [0.75], gammaPrime: [0.25], width: [1000, 2000], seed: [0]),
      Axes(gamma: [0.5], gammaPrime: [0], width: [10_000, 100_000], seed: [0, .max]),
      Axes(gamma: [0.5], gammaPrime: [-0.5], width: [1000], seed: [0, 1, 2]),
      Axes(gamma: [0.75], gammaPrime: [0.25], width: [2000, 4000], seed: [0]),
    ]
    self.sweep = sweep
    runs = Array(RunSet(sweep))
    try store.register(sweep)
  }

  /// The states of all runs, counted one by one.
  private func counts(_ sweep: Sweep) throws -> [Int: PointFit.Counts] {
    try store.observations(of: sweep).reduce(into: [:]) { counts, observation in
      let width = observation.run.width
      switch observation.state {
      case .pending: counts[width, default: .init()].pending += 1
      case .failed: counts[width, default: .init()].failed += 1
      case .finished(.converged, _): counts[width, default: .init()].converged += 1
      case .finished(.stalled, _): counts[width, default: .init()].stalled += 1
      case .finished(.budget, _): counts[width, default: .init()].budget += 1
      }
    }
  }

  @Test func theSweepIsReadBack() throws {
    #expect(try store.sweep(named: "test") == sweep)
    #expect(try store.register(sweep) == .unchanged)
    var fewer = sweep
    fewer.also.removeLast()
    #expect(try store.register(fewer) == .changed)
  }

  @Test func everyRunIsObservedOnceInOrder() throws {
    let done = runs.indices.filter { $0 % 3 == 0 }
    try store.record(
      done.shuffled().map { Fixture.record(runs[$0], of: sweep) },
      failures: [Fixture.failure(runs[1], of: sweep)])
    // Runs of the problem that are none of the sweep's.
    let stranger = Run(point: PhasePoint(gamma: 0.75, gammaPrime: 0.25), width: 1000, seed: .max)
    try store.record([Fixture.record(stranger, of: sweep)])

    let observations = try store.observations(of: sweep)
    #expect(observations.map(\.run) == runs)
    for (place, observation) in observations.enumerated() {
      let expected: Observation.State =
        place % 3 == 0 ? .finished(.converged, supRD: 0.1875) : place == 1 ? .failed : .pending
      #expect(observation.state == expected)
    }
    #expect(try store.records(of: sweep).map(\.run) == done.map { runs[$0] })
    var places: [Int] = []
    try store.forEachKnownRun(of: sweep) { place, run, _ in
      #expect(runs[place] == run)
      places.append(place)
    }
    #expect(places.sorted() == (done + [1]).sorted())
    for point in Set(runs.map(\.point)) {
      let recorded = try store.recorded(RunSet(sweep.restricted(to: point)), of: sweep.problem.digest)
      #expect(
        recorded.filter { $0.record != nil }.map(\.run)
          == done.map { runs[$0] }.filter { $0.point == point })
      let observed = Set(try store.observations(of: sweep)).filter { $0.run.point == point }
      #expect(Set(recorded.map(\.observation)) == observed)
    }
    #expect(try store.failures(of: sweep).map(\.run) == [runs[1]])
  }

  /// From tallies, and run by run where seeds differ, the counts are those of the observations.
  @Test func progressCountsTheRuns() throws {
    var regular = sweep
    regular.also = [
      Axes(gamma: [0.75], gammaPrime: [0.25], width: [1000, 2000], seed: [0, .max]),
      Axes(gamma: [0.5], gammaPrime: [0], width: [10_000, 100_000], seed: [0, .max]),
    ]
    for (sweep, outcomes) in [(regular, Outcome.allCases), (sweep, [.stalled, .budget, .converged])] {
      let runs = Array(RunSet(sweep))
      let records = runs.indices.filter { $0 % 4 != 0 }.map { place in
        Fixture.record(runs[place], of: sweep, Fixture.result(outcomes[place % 3]))
      }
      try store.record(records, failures: [Fixture.failure(runs[0], of: sweep)])
      let stranger = Run(point: PhasePoint(gamma: 0.75, gammaPrime: 0.5), width: 1000, seed: 0)
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
    before.also = []
    try store.register(before)
    try store.record(runs.map { Fixture.record($0, of: sweep) })
    for (this, other) in [(before, sweep), (sweep, before)] {
      let observations = try store.observations(of: this)
      let map = PhaseMap.fit(observations: observations, antisymmetric: false)
      try store.save(map, of: this)
      #expect(try store.currentPhaseMap(of: this) == map)
      #expect(map.points.map(\.point) == RunSet(this).points)
      #expect(try store.currentPhaseMap(of: other) == nil)
    }
  }
}
