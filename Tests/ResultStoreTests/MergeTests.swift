import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore

/// Databases brought together.
@Suite struct MergeTests {
  let folder: TemporaryFolder
  let sweep: Sweep
  let runs: [Run]

  init() throws {
    folder = try TemporaryFolder()
    sweep = try Fixture.sweep(widths: [1000, 2000, 3000], seeds: Array(0..<10))
    runs = Array(RunSet(sweep))
  }

  /// A result that is a function of the run alone.
  private func result(_ run: Run, rd: Double? = nil) -> RunResult {
    Fixture.result(rd: rd ?? run.width / 1e4 + Double(run.seed) / 64 + (run.setting["gamma"] ?? 0))
  }

  private func shard(_ name: String, _ body: (ResultStore) throws -> Void) throws -> String {
    let path = folder.path("\(name).sqlite")
    let store = try ResultStore.open(at: path)
    try store.register(sweep)
    try body(store)
    try store.close()
    return path
  }

  /// Every run in one of so many shards, and a few of them in two.
  private func shards(_ count: Int) throws -> [String] {
    try (0..<count).map { number in
      try shard("shard\(number)") { store in
        let own = runs.enumerated().filter { $0.offset % count == number || $0.offset % (7 * count) == 0 }
        try store.record(own.map { Fixture.record($0.element, of: sweep, result($0.element)) })
      }
    }
  }

  /// The logical content: everything but how often it was changed.
  private func content(_ store: ResultStore) throws -> [String] {
    try store.queue.read { db in
      try [
        "runs", "failures", "tally WHERE runs > 0", "recorded_seed", "array", "sweep", "setting",
        "provenance", "origin", "vocabulary",
      ]
      .map { table in
        try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\($0)" }.sorted().joined(separator: "\n")
      }
    }
  }

  private func merged(_ paths: [String], _ name: String = "merged", atOnce: Int = 400) throws -> (
    ResultStore, MergeReport
  ) {
    let store = try ResultStore.open(at: folder.path("\(name).sqlite"))
    try store.register(sweep)
    return (store, try store.merge(paths, atOnce: atOnce))
  }

  @Test func mergedIsWhatOneWriterWouldHaveWritten() throws {
    let whole = try ResultStore.open(at: folder.path("whole.sqlite"))
    try whole.register(sweep)
    try whole.record(runs.map { Fixture.record($0, of: sweep, result($0)) })
    let paths = try shards(5)
    for (number, order) in [paths, paths.reversed(), paths + paths].enumerated() {
      for atOnce in [1, 2, 400] {
        let (store, report) = try merged(order, "merged\(number)-\(atOnce)", atOnce: atOnce)
        #expect(try content(store) == content(whole))
        #expect(report.added == runs.count)
        #expect(report.conflicts.isEmpty && report.issues.isEmpty)
        #expect(report.rowsRead.values.reduce(0, +) > runs.count)
        let again = try store.merge(order)
        #expect(again.added == 0 && again.replaced == 0 && again.failures == 0)
        #expect(try content(store) == content(whole))
        // Every row can be read, and its checksum is right.
        #expect(try store.records(of: sweep).count == runs.count)
      }
    }
  }

  @Test func whatWasMergedBeforeStays() throws {
    let paths = try shards(4)
    let (store, first) = try merged([paths[2]])
    #expect(first.added > 0)
    let second = try store.merge(paths)
    #expect(first.added + second.added == runs.count)
  }

  @Test func aSnapshotIsMergedWhileItIsWritten() throws {
    let path = folder.path("live.sqlite")
    let live = try ResultStore.open(at: path)
    try live.register(sweep)
    try live.record([Fixture.record(runs[0], of: sweep, result(runs[0]))])
    let (store, report) = try merged([path])
    #expect(report.added == 1)
    try live.record([Fixture.record(runs[1], of: sweep, result(runs[1]))])
    #expect(try store.merge([path]).added == 1)
  }

  @Test func contradictionsAreShownAndReplaceNothing() throws {
    let one = try shard("one") { try $0.record([Fixture.record(runs[3], of: sweep, result(runs[3]))]) }
    let other = try shard("other") { store in
      try store.record([
        Fixture.record(runs[3], of: sweep, result(runs[3], rd: 0.875)),
        Fixture.record(runs[4], of: sweep, result(runs[4])),
      ])
    }
    // Nothing is recorded of either, and all else is.
    let (store, report) = try merged([one, other])
    #expect(report.conflictCount == 1 && report.added == 1)
    let conflict = try #require(report.conflicts.first)
    #expect(Set([conflict.first.path, conflict.second.path]) == [one, other])
    #expect(conflict.run == runs[3])
    #expect("\(conflict)".contains("0.875") && "\(conflict)".contains(one) && "\(conflict)".contains(other))
    #expect(try store.records(of: sweep).map(\.run) == [runs[4]])
    // What is recorded stays, in both orders.
    for (first, second) in [(one, other), (other, one)] {
      let (store, _) = try merged([first], "first-\(first == one)")
      let before = try store.records(of: sweep)
      let report = try store.merge([second])
      #expect(report.conflictCount == 1)
      #expect(
        try store.records(of: sweep).filter { $0.run == runs[3] } == before.filter { $0.run == runs[3] })
    }
  }

  @Test func aResultThatGoesFartherReplacesOneThatWasCutShort() throws {
    let small = Budget(steps: 100, wallSeconds: 600)
    let short = Fixture.record(runs[0], of: sweep, Fixture.result(.budgetExhausted, rd: 0.25), budget: small)
    let long = Fixture.record(runs[0], of: sweep, Fixture.result(.converged, rd: 0.5))
    let one = try shard("short") { try $0.record([short]) }
    let two = try shard("long") { try $0.record([long]) }
    for order in [[one, two], [two, one]] {
      let (together, _) = try merged(order, "together\(order == [one, two])")
      #expect(try together.records(of: sweep).map(\.result.outcome) == [.converged])
      let (store, _) = try merged([order[0]], "apart\(order == [one, two])")
      let report = try store.merge([order[1]])
      #expect(report.replaced == (order[0] == one ? 1 : 0))
      #expect(try store.records(of: sweep).map(\.result.outcome) == [.converged])
    }
  }

  /// For want of seconds a run may end anywhere; the order of merging does not matter all the same.
  @Test func ofRunsThatEndedForWantOfSecondsTheFartherCounts() throws {
    var near = Fixture.result(.budgetExhausted, rd: 0.25)
    near.steps = 10
    var far = Fixture.result(.budgetExhausted, rd: 0.5)
    far.steps = 20
    let one = try shard("near") { try $0.record([Fixture.record(runs[0], of: sweep, near)]) }
    let two = try shard("far") { try $0.record([Fixture.record(runs[0], of: sweep, far)]) }
    for order in [[one, two], [two, one]] {
      let (store, _) = try merged([order[0]], "apart\(order == [one, two])")
      let report = try store.merge([order[1]])
      #expect(report.conflictCount == 0)
      #expect(try store.records(of: sweep).map(\.result.steps) == [20])
    }
  }

  @Test func failuresAreMergedAndGiveWayToResults() throws {
    let one = try shard("one") { store in
      try store.record(
        [], failures: [Fixture.failure(runs[0], of: sweep), Fixture.failure(runs[1], of: sweep)])
    }
    let two = try shard("two") { try $0.record([Fixture.record(runs[0], of: sweep, result(runs[0]))]) }
    for order in [[one, two], [two, one]] {
      let (store, _) = try merged([order[0]], "apart\(order == [one, two])")
      try store.merge([order[1]])
      #expect(try store.failures(of: sweep).map(\.run) == [runs[1]])
      try store.merge(order)
      #expect(try store.failures(of: sweep).map(\.run) == [runs[1]])
      #expect(try store.records(of: sweep).map(\.run) == [runs[0]])
    }
  }

  @Test func arraysComeAlong() throws {
    let with = recording(runs[0], result(runs[0]))
    let without = Fixture.record(runs[0], of: sweep, result(runs[0]))
    let one = try shard("with") { try $0.record([with]) }
    let two = try shard("without") { try $0.record([without]) }
    for order in [[one, two], [two, one]] {
      for together in [true, false] {
        let name = "\(order == [one, two])\(together)"
        let (store, _) = try merged(together ? order : [order[0]], name)
        if !together { try store.merge([order[1]]) }
        #expect(try store.recordedArrays(of: with.identity) == with.arrays, "\(name)")
        #expect(try store.records(of: sweep).map(\.record) == [["trajectory"]], "\(name)")
      }
    }
  }

  /// Shards may have asked for different quantities of one run.
  @Test func quantitiesComeAlong() throws {
    func record(_ name: String, _ value: Double, rd: Double? = nil) -> RunRecord {
      var record = Fixture.record(runs[0], of: sweep, result(runs[0], rd: rd))
      record.record = [name]
      record.result.quantities = record.result.quantities.setting(name, to: value)
      return record
    }
    let one = try shard("one") { try $0.record([record("clusters(0.9, 0.99)", 3)]) }
    let two = try shard("two") { try $0.record([record("alignment", 0.5)]) }
    let all = result(runs[0]).quantities.setting("clusters(0.9, 0.99)", to: 3).setting("alignment", to: 0.5)
    for order in [[one, two], [two, one]] {
      for together in [true, false] {
        let (store, report) = try merged(together ? order : [order[0]], "\(order == [one, two])\(together)")
        if !together { try store.merge([order[1]]) }
        #expect(report.conflicts.isEmpty)
        #expect(try store.records(of: sweep).map(\.result.quantities) == [all])
        #expect(try store.records(of: sweep).map(\.record) == [["alignment", "clusters(0.9, 0.99)"]])
      }
    }
    let other = try shard("other") { try $0.record([record("sharpness", 1, rd: 7)]) }
    #expect(try merged([one, other], "conflict").1.conflicts.count == 1)
  }

  private func recording(_ run: Run, _ result: RunResult) -> RunRecord {
    var record = Fixture.record(run, of: sweep, result)
    record.record = ["trajectory"]
    record.arrays = ["trajectory": Fixture.array(1)]
    return record
  }

  /// The run's result is taken, and does not claim to have what it has not: the run is done again
  /// for its trajectory.
  @Test(arguments: ["row", "page"])
  func damagedArraysAreNotRecorded(damage: String) throws {
    let records = runs.prefix(3).map { recording($0, result($0)) }
    let path = try shard("with") { try $0.record(records) }
    let queue = try DatabaseQueue(path: path)
    let page = try queue.write { db in
      if damage == "row" {
        try db.execute(
          sql: "UPDATE array SET data = zeroblob(56) WHERE run = ?",
          arguments: [records[0].identity.description])
      }
      return try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'array'")
    }
    try queue.close()
    if damage == "page" {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let start = (try #require(page) - 1) * 4096
      bytes.replaceSubrange(start..<start + 64, with: Data(repeating: 0xff, count: 64))
      try bytes.write(to: URL(fileURLWithPath: path))
    }
    let (store, report) = try merged([path], damage)
    #expect(report.added == 3)
    #expect(report.issues.map(\.path) == [path] && report.issues[0].rows == (damage == "row" ? 1 : 3))
    for record in try store.records(of: sweep) {
      let isDamaged = damage == "page" || record.identity == records[0].identity
      #expect(record.record == (isDamaged ? [] : ["trajectory"]))
    }
    // From another shard it comes after all.
    let whole = try shard("whole") { try $0.record(records) }
    try store.merge([path, whole])
    #expect(try store.records(of: sweep).allSatisfy { $0.record == ["trajectory"] })
    for record in records {
      #expect(try store.recordedArrays(of: record.identity) == record.arrays)
    }
  }

  @Test func arraysOfARunThatWasCutShortDoNotCountForTheWholeOne() throws {
    let whole = Fixture.record(runs[0], of: sweep, result(runs[0]))
    var short = result(runs[0])
    short.outcome = .budgetExhausted
    short.steps = 1
    let cut = recording(runs[0], short)
    let one = try shard("whole") { try $0.record([whole]) }
    let two = try shard("cut") { try $0.record([cut]) }
    let (store, _) = try merged([one])
    try store.merge([one, two])
    #expect(try store.records(of: sweep).map(\.record) == [[]])
    #expect(try store.recordedArrays(of: whole.identity).isEmpty)
  }

  @Test func damagedSourcesAreNamedAndTheOthersTaken() throws {
    let paths = try shards(3)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: paths[1]))
    // Cut off within a page, and at the end of one; nothing; zeros; another program's.
    for (number, damaged) in [
      bytes.prefix(5000), bytes.prefix(8192), Data(), Data(repeating: 0, count: 8192), Data("hello\n".utf8),
    ].enumerated() {
      try damaged.write(to: URL(fileURLWithPath: paths[1]))
      let (store, report) = try merged(paths + [folder.path("missing.sqlite")], "merged\(number)")
      #expect(Set(report.issues.map(\.path)) == [paths[1], folder.path("missing.sqlite")], "\(number)")
      #expect(report.issues.map(\.hasVanished).contains(true))
      // What only the damaged one has is missing.
      #expect(report.added >= runs.count * 2 / 3 && report.added < runs.count, "\(number)")
      #expect(try store.records(of: sweep).count == report.added)
    }
  }

  @Test func rowsThatAreNotWhatWasWrittenAreNotTaken() throws {
    let path = try shards(1)[0]
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in
      try db.execute(
        sql: "UPDATE runs SET steps = steps + 1 WHERE run = ?",
        arguments: [runs[5].identity(of: sweep.problem.digest).description])
    }
    try queue.close()
    let (store, report) = try merged([path])
    #expect(report.added == runs.count - 1)
    #expect(report.issues.map(\.rows) == [1])
    #expect(try !store.records(of: sweep).map(\.run).contains(runs[5]))
  }

  /// Of a setting that is lost the runs cannot be told; if another source has it, they can.
  @Test func runsWithoutTheirSettingAreNotTaken() throws {
    let paths = try shards(1)
    let queue = try DatabaseQueue(path: paths[0])
    let setting = SettingRow(runs[0].setting)
    try queue.write {
      try $0.execute(sql: "UPDATE setting SET definition = '{}' WHERE id = ?", arguments: [setting.id])
    }
    try queue.close()
    let (store, report) = try merged(paths)
    let lost = runs.count { $0.setting == runs[0].setting }
    #expect(report.added == runs.count - lost)
    #expect(report.issues.map(\.path) == [paths[0], paths[0]] && report.issues.map(\.rows) == [1, lost])
    #expect(try store.records(of: sweep).allSatisfy { $0.run.setting != runs[0].setting })
    let other = try shard("other") { store in
      let run = try #require(runs.first { $0.setting == runs[0].setting })
      try store.record([Fixture.record(run, of: sweep, result(run))])
    }
    #expect(try store.merge([other] + paths).added == lost)
    #expect(try store.records(of: sweep).count == runs.count)
  }

  /// A worker of one's own may count neither steps nor time: what its runs were cut short at is no
  /// contradiction.
  @Test func ofRunsThatDoNotTellHowFarTheyCameTheLongerCounts() throws {
    func result(_ loss: Double, _ seconds: Double) -> RunResult {
      RunResult(
        outcome: .budgetExhausted, reason: "", quantities: ["loss": loss], steps: 0, wallSeconds: seconds)
    }
    let one = try shard("one") { try $0.record([Fixture.record(runs[0], of: sweep, result(1, 5))]) }
    let two = try shard("two") { try $0.record([Fixture.record(runs[0], of: sweep, result(2, 6))]) }
    for order in [[one, two], [two, one]] {
      let (store, report) = try merged(order, "merged\(order == [one, two])")
      #expect(report.conflictCount == 0)
      #expect(try store.records(of: sweep).map(\.result.quantities) == [["loss": 2]])
    }
  }

  @Test func newNamesOfASourceGetColumns() throws {
    let path = try shard("other") { store in
      var other = result(runs[0])
      other.quantities = ["loss": 1]
      try store.record([Fixture.record(runs[0], of: sweep, other)])
    }
    let (store, _) = try merged([path])
    #expect(try store.queue.read { try Double.fetchAll($0, sql: "SELECT loss FROM results") } == [1])
  }

  @Test func aFitIsNoLongerCurrentAfterwards() throws {
    let paths = try shards(2)
    let (store, _) = try merged([paths[0]])
    try store.save(Fixture.phaseMap(of: sweep), of: sweep)
    #expect(try store.currentFit(of: sweep) != nil)
    try store.merge([paths[0]])
    #expect(try store.currentFit(of: sweep) != nil)
    try store.merge([paths[1]])
    #expect(try store.currentFit(of: sweep) == nil)
  }

  @Test func aCopyIsWholeAndOneFile() throws {
    let path = folder.path("live.sqlite")
    let live = try ResultStore.open(at: path)
    try live.register(sweep)
    try live.record(runs.map { Fixture.record($0, of: sweep, result($0)) })
    let copy = folder.path("copy.sqlite")
    try live.copy(to: copy)
    try live.copy(to: copy)
    #expect(try ResultStore.read(at: copy).records(of: sweep) == live.records(of: sweep))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
    #expect(try live.totals() == (runs.count, 0))
  }

  @Test func aCopyThatCannotBeMadeSaysWhere() throws {
    let live = try ResultStore.open(at: folder.path("live.sqlite"))
    let error = storeError { try live.copy(to: folder.path("nowhere/copy.sqlite")) }
    #expect("\(String(describing: error))".contains("nowhere/copy.sqlite"))
  }
}
