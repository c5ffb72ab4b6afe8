import Foundation
import GRDB
import Model
import Platform
import Testing

@testable import ResultStore

/// What happens to the files of a database while it is open, and where they lie.
@Suite struct FileTests {
  let folder: TemporaryFolder
  let sweep: Sweep
  let records: [RunRecord]

  init() throws {
    folder = try TemporaryFolder()
    let sweep = try Fixture.sweep()
    self.sweep = sweep
    records = sweep.axes.runs.map { Fixture.record($0, of: sweep) }
  }

  private func makeStore() throws -> ResultStore {
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    try store.record([records[0]])
    return store
  }

  private var lock: String { folder.database + ".lock" }

  @Test(arguments: ["removed", "replaced", "journal removed", "folder removed"])
  func whatCannotBeFoundAgainIsNotSaidToBeRecorded(what: String) throws {
    let store = try makeStore()
    let manager = FileManager.default
    switch what {
    case "removed": try manager.removeItem(atPath: folder.database)
    case "replaced":
      try manager.copyItem(atPath: folder.database, toPath: folder.path("copy"))
      #expect(rename(folder.path("copy"), folder.database) == 0)
    case "journal removed": try manager.removeItem(atPath: folder.database + "-wal")
    default: try manager.removeItem(atPath: folder.url.path)
    }
    // And nothing is said to be recorded after that.
    for _ in 0..<2 {
      let error = storeError { try store.record([records[1]]) }
      #expect(error == .replaced(path: folder.database))
    }
    #expect(storeError { try store.close() } == .replaced(path: folder.database))
  }

  @Test func closingSeesWhatHappenedAfterTheLastCommit() throws {
    let store = try makeStore()
    try FileManager.default.removeItem(atPath: folder.database)
    #expect(storeError { try store.close() } == .replaced(path: folder.database))
    #expect(storeError { try store.close() } == nil)
  }

  @Test func aFileThatIsCopiedOverItIsTheSameFile() throws {
    let store = try makeStore()
    try store.record([records[1]])
    try store.copy(to: folder.path("copy.sqlite"))
    try store.record([records[2]])
    try store.close()
    #expect(try ResultStore.read(at: folder.database).records(of: sweep).count == 3)
  }

  @Test func aRemovedLockFileIsMadeAndLockedAgain() throws {
    let store = try makeStore()
    try FileManager.default.removeItem(atPath: lock)
    #expect(ResultStore.writer(of: folder.database) == nil)
    try store.record([records[1]])
    #expect(ResultStore.writer(of: folder.database)?.pid == getpid())
    guard case .locked = storeError({ _ = try ResultStore.open(at: folder.database) }) else {
      Issue.record("there are two writers")
      return
    }
    try store.close()
    #expect(try WriterLock(database: folder.database).vouchesForDatabase)
  }

  @Test func ofTwoWritersOneStops() throws {
    let store = try makeStore()
    try FileManager.default.removeItem(atPath: lock)
    let second = try ResultStore.open(at: folder.database)
    for _ in 0..<2 {
      guard case .locked = storeError({ try store.record([records[1]]) }) else {
        Issue.record("there are two writers")
        return
      }
    }
    try second.record([records[2]])
    #expect(try second.records(of: sweep).count == 2)
    try store.close()
    try second.record([records[3]])
  }

  /// SQLite has the journal beside the file itself, and so is the lock.
  @Test func aSymbolicLinkIsFollowed() throws {
    try makeStore().close()
    let target = folder.path("elsewhere.sqlite")
    try FileManager.default.moveItem(atPath: folder.database, toPath: target)
    try FileManager.default.createSymbolicLink(atPath: folder.database, withDestinationPath: target)
    #expect(ResultStore.inspect(folder.database).isSound)
    let store = try ResultStore.open(at: folder.database)
    #expect(ResultStore.writer(of: folder.database)?.pid == getpid())
    guard case .locked = storeError({ _ = try ResultStore.open(at: target) }) else {
      Issue.record("there are two writers")
      return
    }
    try store.record([records[1]])
    #expect(try ResultStore.read(at: folder.database).records(of: sweep).count == 2)
    try store.close()
    let merged = try ResultStore.open(at: folder.path("merged.sqlite"))
    #expect(try merged.merge([folder.database]).added == 2)
  }

  @Test func whatCannotBeReadIsNotSaidToBeMissing() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.database, withDestinationPath: folder.database)
    let error = storeError { _ = try ResultStore.read(at: folder.database) }
    guard case .notReadable(folder.database, let cause) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      error?.description
        == "\(folder.database) cannot be read (\(cause)); check the permissions of the file and its folder, or "
        + "ask its owner")
  }

  /// A killed sweep in a backup that left out the shared memory, on a medium that cannot be
  /// written.
  @Test func aJournalIsReadWhereNothingCanBeWritten() throws {
    let store = try makeStore()
    let path = folder.path("backup.sqlite")
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder.database + suffix, toPath: path + suffix)
    }
    try store.close()
    let copy = try #require(try JournalledCopy.make(of: path))
    #expect(try ResultStore.read(at: copy.path).records(of: sweep) == [records[0]])
    copy.remove()
    #expect(!FileManager.default.fileExists(atPath: copy.path))
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(try ResultStore.read(at: path).records(of: sweep) == [records[0]])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == before)
    // Where there is shared memory, there may be a writer.
    try Data().write(to: URL(fileURLWithPath: path + "-shm"))
    #expect(try JournalledCopy.make(of: path) == nil)
  }

  @Test func readersLeaveNothingBehind() throws {
    try makeStore().close()
    func names() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    }
    let before = try names()
    let reader = try ResultStore.read(at: folder.database)
    #expect(try reader.records(of: sweep) == [records[0]])
    #expect(try names() == before)
    try reader.close()
    #expect(try names() == before)
  }

  /// What is read without locks holds only while the file stays as it is.
  @Test func aFileThatChangesWhileItIsReadIsNotBelieved() throws {
    try makeStore().close()
    let reader = try ResultStore.read(at: folder.database)
    #expect(try reader.records(of: sweep).count == 1)
    let store = try ResultStore.open(at: folder.database)
    try store.record([records[1]])
    // What is in the journal does not concern the reader.
    #expect(try reader.records(of: sweep).count == 1)
    try store.close()
    #expect(storeError { _ = try reader.records(of: sweep) } == .changed(path: folder.database))
    #expect(try ResultStore.read(at: folder.database).records(of: sweep).count == 2)
  }

  /// A writer would have its journal beside one name, and readers look for it beside the other.
  @Test func aDatabaseOfTwoNamesIsReadButNotWritten() throws {
    try makeStore().close()
    let other = folder.path("other.sqlite")
    try FileManager.default.linkItem(atPath: folder.database, toPath: other)
    for path in [folder.database, other] {
      guard case .notWritable(path, let cause) = storeError({ _ = try ResultStore.open(at: path) }) else {
        Issue.record("opened for writing")
        continue
      }
      #expect(cause.contains("hard links"))
      #expect(try ResultStore.read(at: path).records(of: sweep).count == 1)
    }
    try FileManager.default.removeItem(atPath: other)
    try ResultStore.open(at: folder.database).close()
  }

  /// In a folder in which others may write, a link may lead to any file of this user.
  @Test(arguments: [".lock", ".part"])
  func whatIsWrittenFollowsNoLinks(suffix: String) throws {
    let victim = folder.path("victim")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: victim))
    let link = (suffix == ".lock" ? folder.database : folder.path("copy")) + suffix
    try makeStore().close()
    try? FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: victim)
    if suffix == ".lock" {
      guard case .notWritable = storeError({ _ = try ResultStore.open(at: folder.database) }) else {
        Issue.record("opened")
        return
      }
    } else {
      try ResultStore.read(at: folder.database).copy(to: folder.path("copy"))
    }
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "mine")
  }

  /// A database of a group is made for the group.
  @Test func theMaskDecidesWhoMayWrite() throws {
    let mask = umask(0o002)
    defer { umask(mask) }
    let store = try makeStore()
    for suffix in ["", "-wal", "-shm", ".lock"] {
      let mode = try #require(fileStatus(folder.database + suffix)).st_mode & 0o777
      #expect(mode == 0o664, "\(suffix): \(String(mode, radix: 8))")
    }
    try store.close()
    let copy = folder.path("copy")
    try ResultStore.read(at: folder.database).copy(to: copy)
    #expect(try #require(fileStatus(copy)).st_mode & 0o777 == 0o664)
  }

  @Test func theJournalOfAReaderOfAnotherUserIsRemoved() throws {
    try makeStore().close()
    let files = ["-wal", "-shm"].map { folder.database + $0 }
    func there() -> [Bool] { files.map { FileManager.default.fileExists(atPath: $0) } }
    func make(_ journal: String) throws {
      try Data(journal.utf8).write(to: URL(fileURLWithPath: files[0]))
      try Data(count: 32768).write(to: URL(fileURLWithPath: files[1]))
    }
    try make("")
    #expect(StaleJournal(of: folder.database) == nil, "they are our own")
    // One with something in it holds results.
    try make("journal")
    StaleJournal(of: folder.database) { _ in false }?.removeIfUnused()
    #expect(there() == [true, true])
    try make("")
    StaleJournal(of: folder.database) { _ in false }?.removeIfUnused()
    #expect(there() == [false, false])
  }

  /// Another process has the database open: a lock on the shared memory shows it.
  @Test(.enabled(if: DocumentTests.program("python3") != nil))
  func theJournalOfAReaderThatReadsStays() throws {
    try makeStore().close()
    let python = Process()
    let (input, output) = (Pipe(), Pipe())
    python.executableURL = URL(fileURLWithPath: try #require(DocumentTests.program("python3")))
    python.arguments = [
      "-c",
      """
      import sqlite3, sys
      c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM runs').fetchall()
      print('open', flush=True); sys.stdin.read()
      """, folder.database,
    ]
    python.standardInput = input
    python.standardOutput = output
    try python.run()
    #expect(!output.fileHandleForReading.availableData.isEmpty)
    StaleJournal(of: folder.database) { _ in false }?.removeIfUnused()
    #expect(FileManager.default.fileExists(atPath: folder.database + "-shm"))
    try input.fileHandleForWriting.close()
    python.waitUntilExit()
  }
}
