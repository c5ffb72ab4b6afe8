import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore

/// Where results come from.
@Suite struct ProvenanceTests {
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

  private func provenance(_ host: String, _ command: [String]? = nil, title: String = "") -> SharedProvenance
  {
    var value = Fixture.provenance.value
    value.host = host
    value.command = command
    value.description.title = title
    return SharedProvenance(value)
  }

  private func record(_ index: Int, _ provenance: SharedProvenance?, at second: Double) -> RunRecord {
    let record = Fixture.record(runs[index], of: sweep)
    return RunRecord(
      identity: record.identity, run: record.run, problem: record.problem, result: record.result,
      budget: record.budget, attempts: 1, provenance: provenance,
      finishedAt: Date(timeIntervalSince1970: second))
  }

  @Test func provenancesAreCountedAndDated() throws {
    let (a, b) = (provenance("a"), provenance("b", ["python3", "my worker.py"], title: "mine"))
    let digest = sweep.problem.digest
    #expect(try store.provenances(of: digest).isEmpty)
    #expect(try store.description(of: digest) == nil)
    let records = [
      record(0, b, at: 5.9), record(1, a, at: 3), record(2, a, at: 9), record(3, b, at: 20),
      record(4, nil, at: 30),
    ]
    try store.record(records)
    func date(_ seconds: Double) -> Date { Date(timeIntervalSince1970: seconds) }
    let expected = [
      RecordedProvenance(provenance: a.value, runs: 2, first: date(3), last: date(9)),
      RecordedProvenance(provenance: b.value, runs: 2, first: date(5), last: date(20)),
    ]
    #expect(try store.provenances(of: digest) == expected)
    #expect(try store.commands(of: digest) == [nil, ["python3", "my worker.py"]])
    #expect(try store.description(of: digest) == b.value.description)
    #expect(try store.records(of: sweep) == records)
    #expect(try store.provenances(of: Fixture.problem(target: 1).digest).isEmpty)
    // A third one has the command of the first.
    try store.record([record(5, provenance("c"), at: 40)])
    #expect(try store.commands(of: digest) == [["python3", "my worker.py"], nil])
  }

  @Test func aResultThatIsReplacedTakesItsProvenanceWithIt() throws {
    var short = record(0, provenance("a"), at: 1)
    short.result.outcome = .budgetExhausted
    try store.record([short])
    try store.record([record(0, provenance("b"), at: 2)])
    #expect(try store.provenances(of: sweep.problem.digest).map(\.provenance.host) == ["b"])
    // One that is not accepted leaves no trace.
    try store.record([record(0, provenance("c"), at: 3)])
    #expect(try store.records(of: sweep).map(\.provenance?.host) == ["b"])
  }

  /// Provenance and time are no part of what two results can contradict each other in.
  @Test func mergingKeepsProvenances() throws {
    let other = folder.path("other.sqlite")
    let source = try ResultStore.open(at: other)
    try source.register(sweep)
    try source.record([record(0, provenance("b", ["x"]), at: 2), record(1, provenance("b", ["x"]), at: 7)])
    try source.close()
    try store.record([record(0, provenance("a"), at: 1)])
    let report = try store.merge([other])
    #expect(report.added == 1 && report.known == 1 && report.conflictCount == 0)
    #expect(try store.records(of: sweep).map(\.provenance?.host) == ["a", "b"])
    #expect(try store.commands(of: sweep.problem.digest) == [nil, ["x"]])
  }

  /// A result counts, whatever became of the note where it came from.
  @Test func aDamagedProvenanceCostsNoResult() throws {
    let other = folder.path("other.sqlite")
    let source = try ResultStore.open(at: other)
    try source.register(sweep)
    try source.record([record(0, provenance("b"), at: 2)])
    try source.queue.write { try $0.execute(sql: "UPDATE provenance SET host = 'x'") }
    try source.close()
    let report = try store.merge([other])
    #expect(report.added == 1 && report.issues.map(\.rows) == [1])
    let merged = try store.records(of: sweep)
    #expect(merged.count == 1 && merged[0].provenance == nil)
    #expect(merged[0].result == Fixture.result())
  }

  @Test func provenancesAreWhatWasWritten() throws {
    try store.record([record(0, provenance("a"), at: 1)])
    try store.queue.write { try $0.execute(sql: "UPDATE provenance SET worker = 'another'") }
    for read in [
      { _ = try store.records(of: sweep) }, { _ = try store.description(of: sweep.problem.digest) },
    ] {
      guard case .damaged = storeError(read) else {
        Issue.record("read what was not written")
        return
      }
    }
  }
}
