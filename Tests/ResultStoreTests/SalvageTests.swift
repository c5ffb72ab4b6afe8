import Foundation
import GRDB
import Model
import Platform
import Testing

@testable import ResultStore

/// What is said of a database that cannot be used, and what can still be read of it.
@Suite struct SalvageTests {
  let folder: TemporaryFolder
  let whole: Data
  let count: Int

  init() throws {
    folder = try TemporaryFolder()
    let sweep = try Fixture.sweep(seeds: Array(0..<100))
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    let records = sweep.axes.runs.map { Fixture.record($0, of: sweep) }
    count = records.count
    try store.record(records)
    try store.close()
    whole = try Data(contentsOf: URL(fileURLWithPath: folder.database))
  }

  /// What is found in a database of the given bytes, which must not be changed by looking.
  private func inspect(_ bytes: Data) throws -> DatabaseInspection {
    try bytes.write(to: URL(fileURLWithPath: folder.database))
    let inspection = ResultStore.inspect(folder.database)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == bytes)
    #expect(inspection.intact <= inspection.readable && inspection.readable <= count)
    return inspection
  }

  /// Whether an error says that the database is damaged.
  private func isDamage(_ error: StoreError?) -> Bool {
    if case .damaged = error { return true }
    return false
  }

  @Test func whatIsLeftOfATruncatedDatabaseIsCounted() throws {
    let cut = try inspect(whole.dropLast(100))
    #expect(isDamage(cut.refusal) && cut.readable > count / 2, "\(cut)")
    #expect(cut.written == count)
    // Which rows hang on a lost page is chance, but never more with fewer pages.
    var previous = cut.readable
    for share in [0.95, 0.9, 0.7, 0.5] {
      let some = try inspect(whole.prefix(Int(share * Double(whole.count)) / 4096 * 4096))
      #expect(
        isDamage(some.refusal) && some.readable <= previous && some.readable < count, "\(share): \(some)")
      #expect(share < 0.9 || some.readable > 0, "\(share): \(some)")
      previous = some.readable
    }
  }

  /// Many pages, one at a time. Only those lose everything on which all others hang.
  @Test func aLostPageCostsTheRowsThatWereOnIt() throws {
    var losses: [Int] = []
    for page in (0..<8) + Array(stride(from: 8, to: whole.count / 4096, by: 5)) {
      var bytes = whole
      bytes.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(count: 4096))
      let inspection = try inspect(bytes)
      #expect(!inspection.isSound, "page \(page)")
      losses.append(count - inspection.intact)
    }
    let most = losses.filter { $0 > 0 && $0 < 40 }
    #expect(most.count > losses.count / 5, "\(losses)")
    #expect(losses.count { $0 == count } <= 5, "\(losses)")
    #expect(try inspect(whole).isSound)
  }

  @Test func aZeroFilledDatabaseIsDamagedAndATextIsNot() throws {
    for size in [100, 4096, whole.count] {
      try Data(count: size).write(to: URL(fileURLWithPath: folder.database))
      #expect(isDamage(storeError { _ = try ResultStore.read(at: folder.database) }), "\(size) zeros")
      #expect(isDamage(storeError { _ = try ResultStore.open(at: folder.database) }), "\(size) zeros")
    }
    // The first half of the header is lost.
    try (Data(count: 50) + whole.dropFirst(50)).write(to: URL(fileURLWithPath: folder.database))
    #expect(isDamage(storeError { _ = try ResultStore.read(at: folder.database) }))
    try Data(repeating: UInt8(ascii: "x"), count: 4096).write(to: URL(fileURLWithPath: folder.database))
    guard case .foreign = storeError({ _ = try ResultStore.open(at: folder.database) }) else {
      Issue.record("a text is taken for a database")
      return
    }
  }

  @Test func aDiskWithoutRoomIsFullWhateverSQLiteCallsIt() {
    func meaning(_ code: ResultCode, free: Int?) -> StoreError {
      StoreError(DatabaseError(resultCode: code, message: "disk I/O error"), path: "p") { _ in free }
    }
    #expect(meaning(.SQLITE_IOERR_SHMSIZE, free: 4096) == .full(path: "p"))
    #expect(meaning(.SQLITE_IOERR_WRITE, free: 0) == .full(path: "p"))
    let failed = StoreError.inputOutput(path: "p", cause: "disk I/O error")
    #expect(meaning(.SQLITE_IOERR_SHMSIZE, free: 1 << 30) == failed)
    #expect(meaning(.SQLITE_IOERR_SHMSIZE, free: nil) == failed)
    #expect(meaning(.SQLITE_IOERR_FSYNC, free: 0) == failed, "a disk that fails is not to be trusted")
    #expect(StoreError(system: SystemError(ENOSPC), path: "p") == .full(path: "p"))
    #expect(StoreError(system: SystemError(EMFILE), path: "p") == .noDescriptors(path: "p"))
    #expect(
      StoreError(system: SystemError(EACCES), path: "p")
        == .notWritable(path: "p", cause: "Permission denied"))
  }

  @Test func onlyWhatSpeaksOfDamageIsDamage() {
    guard case .unexpected = StoreError(CancellationError(), path: "p") else {
      Issue.record("any error is taken for damage")
      return
    }
    let unreadable = DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no JSON"))
    #expect(isDamage(StoreError(unreadable, path: "p")))
  }
}
