import Foundation
import GRDB
import LimitFit
import Model
import Testing

@testable import ResultStore

/// What a failing disk does to a database is seen: nothing is read that was not written.
@Suite struct DamageTests {
  let folder: TemporaryFolder
  let sweep: Sweep

  init() throws {
    folder = try TemporaryFolder()
    sweep = try Fixture.sweep(seeds: Array(0..<40))
  }

  /// Everything that a database holds.
  private struct Content: Equatable {
    var sweeps: [Sweep]
    var records: [RunRecord]
    var failures: [FailureRecord]
    var states: [RunIdentity: KnownState]
    var arrays: RecordedArrays
    var provenances: [RecordedProvenance]
    var map: PhaseMap?

    init(_ store: ResultStore, _ sweep: Sweep) throws {
      sweeps = try store.sweeps()
      records = try store.records(of: sweep)
      failures = try store.failures(of: sweep)
      states = try store.recordedStates(of: sweep.problem.digest)
      arrays = try store.recordedArrays(of: records[0].identity)
      provenances = try store.provenances(of: sweep.problem.digest)
      map = try store.phaseMap(of: sweep)
    }
  }

  /// A closed database with something in every table.
  private func makeDatabase() throws -> Content {
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    let runs = Array(sweep.axes.runs)
    var records = runs.dropLast(20).enumerated().map { index, run in
      Fixture.record(run, of: sweep, Fixture.result(Outcome.allCases[index % 3], rd: 1 / Double(index + 3)))
    }
    records[0].record = ["function"]
    records[0].arrays = ["function": NumericArray((0..<603).map(Double.init), shape: [201, 3])]
    try store.record(records, failures: runs.suffix(10).map { Fixture.failure($0, of: sweep) })
    try store.save(Fixture.phaseMap(of: sweep), of: sweep)
    let content = try Content(store, sweep)
    try store.close()
    return content
  }

  /// Opens a copy of the database that has been changed, for writing and for reading; what is read
  /// must be what was written, or an error.
  ///
  /// - Returns: whether the change was seen by both.
  private func isSeen(_ bytes: Data, _ original: Content, _ what: String) throws -> Bool {
    let path = folder.path("copy-\(UUID().uuidString).sqlite")
    defer { for name in ["", "-wal", "-shm", ".lock"] { unlink(path + name) } }
    try bytes.write(to: URL(fileURLWithPath: path))
    var seen = 0
    for open in [{ try ResultStore.read(at: $0) }, { try ResultStore.open(at: $0) }] {
      do {
        let store = try open(path)
        let content = try Content(store, sweep)
        #expect(content == original, "\(what): read what was not written")
        try store.close()
      } catch {
        seen += 1
        switch error as? StoreError {
        case .damaged(_, let cause):
          #expect(!cause.contains("\n") && !cause.contains("***"), "\(what): \(cause)")
        case .foreign, .newer, .missing, .unknownSweep: break
        default: Issue.record("\(what): \(error)")
        }
        #expect(FileManager.default.contents(atPath: path) == bytes, "\(what): a refused file was changed")
      }
    }
    return seen == 2
  }

  @Test func findingsAreLinesThatSaySomething() {
    let page = "Page 6: never used"
    let index = "wrong # of entries in index i"
    #expect(integrityFindings(["*** in database main ***\n\(page)\n\(page)", index]) == [page, page, index])
  }

  @Test func aFlippedByteIsSeen() throws {
    let original = try makeDatabase()
    let whole = try #require(FileManager.default.contents(atPath: folder.database))
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Generator(seed: seed)
    var seen = 0
    // Everywhere, and once more at the beginning, where the header and the definitions of the
    // tables are.
    for trial in 0..<100 {
      let offset = Int.random(in: 0..<(trial < 60 ? whole.count : min(whole.count, 8192)), using: &random)
      let bit = Int.random(in: 0..<8, using: &random)
      var bytes = whole
      bytes[offset] ^= 1 << bit
      if try isSeen(bytes, original, "bit \(bit) of byte \(offset), random seed \(seed)") { seen += 1 }
    }
    #expect(seen > 20, "random seed \(seed)")
  }

  /// Of which SQLite says that it does not support it.
  @Test func aFormatThatCannotBeIsSeen() throws {
    let original = try makeDatabase()
    var bytes = try #require(FileManager.default.contents(atPath: folder.database))
    bytes[47] ^= 0x80
    #expect(try isSeen(bytes, original, "the format of the schema"))
  }

  /// The name of a run stands in tables and in their indexes, of which SQLite's quick check looks
  /// at the first only.
  @Test func aNameThatIsChangedAnywhereIsSeen() throws {
    let original = try makeDatabase()
    let whole = try #require(FileManager.default.contents(atPath: folder.database))
    let name = Data(original.records[0].identity.description.utf8)
    var offsets: [Int] = []
    var rest = whole[...]
    while let found = rest.range(of: name) {
      offsets.append(found.lowerBound)
      rest = rest[found.upperBound...]
    }
    // The run, and its array with its index.
    #expect(offsets.count >= 3)
    for offset in offsets {
      var bytes = whole
      bytes[offset + 7] ^= 1
      _ = try isSeen(bytes, original, "a name at byte \(offset)")
    }
  }

  /// The number of cells in the header of a page (https://sqlite.org/fileformat.html, section 1.6):
  /// SQLite reads on as if the others had never been.
  @Test func rowsThatAPageNoLongerCountsAreMissed() throws {
    let original = try makeDatabase()
    let whole = try #require(FileManager.default.contents(atPath: folder.database))
    var lost = 0
    // Leaves of trees of indexes and of tables.
    let pages = (1..<whole.count / 4096).filter { [10, 13].contains(whole[4096 * $0]) }
    for page in pages where whole[4096 * page + 4] > 1 {
      var bytes = whole
      bytes[4096 * page + 4] -= 1
      lost += 1
      #expect(try isSeen(bytes, original, "a row less on page \(page + 1)"))
    }
    #expect(lost > 3)
  }

  @Test func aRowThatIsNotWhatWasWrittenIsSeen() throws {
    let original = try makeDatabase()
    var bytes = try #require(FileManager.default.contents(atPath: folder.database))
    // The evidence of one result, which SQLite cannot know.
    let place = try #require(bytes.range(of: Data("because".utf8)))
    bytes[place.lowerBound] = UInt8(ascii: "B")
    #expect(try isSeen(bytes, original, "a text"))
  }

  @Test func aTruncatedOrZeroFilledDatabaseIsSeen() throws {
    let original = try makeDatabase()
    let whole = try #require(FileManager.default.contents(atPath: folder.database))
    for share in [0.1, 0.5, 0.9] {
      let pages = Int(share * Double(whole.count)) / 4096
      #expect(try isSeen(whole.prefix(4096 * pages), original, "\(pages) pages"))
      #expect(try isSeen(whole.prefix(4096 * pages + 100), original, "\(pages) pages and a bit"))
      let zeros = Data(count: whole.count - 4096 * pages)
      #expect(try isSeen(whole.prefix(4096 * pages) + zeros, original, "zeros from page \(pages) on"))
    }
  }

  /// What was committed last is gone with the journal, what was committed before is there or
  /// nothing is read.
  @Test func aMissingJournalLosesWholeTransactionsOnly() throws {
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    let records = sweep.axes.runs.map { Fixture.record($0, of: sweep) }
    let copy = folder.path("copy.sqlite")
    for end in [40, 80, 120, 160] {
      try store.record(Array(records[(end - 40)..<end]))
      if end == 80 {
        try store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
      }
    }
    try FileManager.default.copyItem(atPath: folder.database, toPath: copy)
    let reopened = try ResultStore.open(at: copy)
    #expect(try reopened.records(of: sweep).count == 80)
    #expect(try reopened.record(records) == records.count - 80)
    #expect(try Set(reopened.records(of: sweep)) == Set(records))
  }

  @Test func anUntouchedFileIsNotCheckedAgainAndATouchedOneIs() throws {
    _ = try makeDatabase()
    func vouched() throws -> Bool { try WriterLock(database: folder.database).vouchesForDatabase }
    #expect(try vouched())
    // Taken and not given back by closing: its holder died.
    #expect(try !vouched())
    try ResultStore.open(at: folder.database).close()
    #expect(try vouched())
    try ResultStore.open(at: folder.database).close()
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: folder.database)
    #expect(try !vouched())
  }

  @Test func inspectionSaysWhatCanBeSaved() throws {
    let original = try makeDatabase()
    let sound = ResultStore.inspect(folder.database)
    #expect(sound.isSound && sound.version == 1 && sound.journalMode == "wal")
    #expect(sound.readable == original.records.count && sound.intact == sound.readable)
    #expect(sound.written == sound.readable)
    var bytes = try #require(FileManager.default.contents(atPath: folder.database))
    let place = try #require(bytes.range(of: Data("because".utf8)))
    bytes[place.lowerBound] = UInt8(ascii: "B")
    try bytes.write(to: URL(fileURLWithPath: folder.database))
    let damaged = ResultStore.inspect(folder.database)
    #expect(!damaged.isSound && damaged.readable == sound.readable && damaged.intact == sound.readable - 1)
    try Data("something else, and long enough for it ".utf8).write(to: URL(fileURLWithPath: folder.database))
    #expect(ResultStore.inspect(folder.database).refusal != nil)
  }
}

/// SplitMix64: random numbers that can be had again.
struct Generator: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
