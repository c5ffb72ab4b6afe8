import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore

/// What is opened, what is refused, and that a refused file stays as it is.
@Suite struct OpeningTests {
  let folder: TemporaryFolder
  let sweep: Sweep

  init() throws {
    folder = try TemporaryFolder()
    sweep = try Fixture.sweep()
  }

  private func makeStore(runs: Int = 1) throws -> ResultStore {
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    try store.record(sweep.axes.runs.prefix(runs).map { Fixture.record($0, of: sweep) })
    return store
  }

  private func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

  /// The error of opening for writing and for reading, after checking that the file is untouched.
  private func refusals(_ path: String) -> [StoreError?] {
    let before = bytes(path)
    let errors = [
      storeError { _ = try ResultStore.open(at: path) }, storeError { _ = try ResultStore.read(at: path) },
    ]
    #expect(bytes(path) == before)
    return errors
  }

  @Test func resultsAreThereAfterClosingAndOpening() throws {
    try makeStore(runs: 3).close()
    for store in [try ResultStore.read(at: folder.database), try ResultStore.open(at: folder.database)] {
      #expect(try store.progress(of: sweep).counts.converged == 3)
      #expect(try store.sweeps() == [sweep])
    }
  }

  @Test func durabilityIsAskedOfSQLite() throws {
    let store = try makeStore()
    let settings = try store.queue.read { db in
      try ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map {
        try String.fetchOne(db, sql: "PRAGMA \($0)") ?? ""
      }
    }
    #expect(settings == ["wal", "2", "1", "10000"])
    try store.close()
    #expect(bytes(folder.database)?.subdata(in: 68..<72) == Data("gmpl".utf8))
  }

  @Test func aKilledWriterLeavesItsCommittedRuns() throws {
    let store = try makeStore(runs: 2)
    // What a process leaves behind that is killed now: the database and its journal, unmerged.
    let copy = folder.path("copy.sqlite")
    try FileManager.default.copyItem(atPath: folder.database, toPath: copy)
    try FileManager.default.copyItem(atPath: folder.database + "-wal", toPath: copy + "-wal")
    let reopened = try ResultStore.open(at: copy)
    #expect(try reopened.progress(of: sweep).counts.converged == 2)
    try store.close()
  }

  @Test func readersSeeWhatAWriterCommitsMeanwhile() throws {
    let writer = try makeStore(runs: 1)
    let reader = try ResultStore.read(at: folder.database)
    #expect(try reader.progress(of: sweep).counts.converged == 1)
    try writer.record(sweep.axes.runs.map { Fixture.record($0, of: sweep) })
    #expect(try reader.progress(of: sweep).counts.converged == sweep.axes.runCount)
    let error = storeError { try reader.record(sweep.axes.runs.map { Fixture.record($0, of: sweep) }) }
    guard case .notWritable = error else {
      Issue.record("a reader wrote: \(String(describing: error))")
      return
    }
  }

  @Test func aSecondWriterIsRefusedAndToldWhoWrites() throws {
    let writer = try makeStore()
    let error = storeError { _ = try ResultStore.open(at: folder.database) }
    guard case .locked(let path, let holder?) = error else {
      Issue.record("not refused: \(String(describing: error))")
      return
    }
    #expect(path == folder.database)
    #expect(holder.pid == getpid())
    #expect(!holder.host.isEmpty)
    #expect(
      error?.description
        == "\(folder.database) is being written by process \(getpid()) on "
        + "\(holder.host) (since \(holder.since)); wait until it has finished, or stop "
        + "it and run the command again")
    try writer.close()
  }

  @Test func theLockOfADeadHolderIsFree() throws {
    let dead = LockHolder(pid: 1, host: "elsewhere", since: "1970-01-01T00:00:00Z")
    try JSONEncoder().encode(dead).write(to: URL(fileURLWithPath: folder.database + ".lock"))
    _ = try makeStore()
    _ = try makeStore()
  }

  @Test func aNewerSchemaIsRefused() throws {
    try makeStore().close()
    let newer = try DatabaseQueue(path: folder.database)
    try newer.write { try $0.execute(sql: "PRAGMA user_version = 99") }
    try newer.close()
    for error in refusals(folder.database) {
      #expect(error == .newer(path: folder.database, version: 99, supported: 1))
      #expect(
        error?.description
          == "\(folder.database) was written by a newer gammaplane (schema version 99, this one knows 1); "
          + "use that version, or choose another folder with --results")
    }
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    let contents = [
      ("x", "with 1 bytes it is too short to be a database"),
      (String(repeating: "All work and no play ... ", count: 1024), "file is not a database"),
    ]
    for (content, cause) in contents {
      try Data(content.utf8).write(to: URL(fileURLWithPath: folder.database))
      for error in refusals(folder.database) {
        #expect(error == .foreign(path: folder.database, cause: cause))
        #expect(
          error?.description
            == "\(folder.database) is not a results database of gammaplane (\(cause)); it is left as it is: move "
            + "it away, or choose another folder with --results")
      }
    }
  }

  @Test func aFolderInPlaceOfTheDatabaseIsRefused() {
    for error in [
      storeError { _ = try ResultStore.open(at: folder.url.path) },
      storeError { _ = try ResultStore.read(at: folder.url.path) },
    ] {
      #expect(error == .foreign(path: folder.url.path, cause: "it is a folder"))
    }
  }

  @Test func aWriterWaitsForReadersOfANewDatabase() throws {
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let reader = try DatabaseQueue(path: folder.database, configuration: configuration)
    try reader.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA user_version = 0; VACUUM; BEGIN; SELECT * FROM sqlite_master")
    }
    Thread.detachNewThread {
      usleep(100_000)
      try? reader.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    }
    let store = try makeStore()
    #expect(try store.progress(of: sweep).counts.converged == 1)
  }

  @Test func anotherProgramsDatabaseIsRefused() throws {
    let foreign = try DatabaseQueue(path: folder.database)
    try foreign.write { try $0.execute(sql: "CREATE TABLE bookmark (url TEXT)") }
    try foreign.close()
    for error in refusals(folder.database) {
      #expect(error == .foreign(path: folder.database, cause: "its application id is 0"))
    }
  }

  @Test func damagedFilesAreRefused() throws {
    try makeStore(runs: sweep.axes.runCount).close()
    let whole = try #require(bytes(folder.database))
    let url = URL(fileURLWithPath: folder.database)

    for size in [1, 99, 511, 512, 1000, 4095, 4096, whole.count / 2, whole.count - 1] {
      try whole.prefix(size).write(to: url)
      let error = refusals(folder.database)[0]
      if case .foreign = error, size < 512 { continue }
      guard case .damaged(_, let cause) = error else {
        Issue.record("\(size) bytes were taken: \(String(describing: error))")
        continue
      }
      #expect(
        error?.description
          == "\(folder.database) is damaged (\(cause)); it is left as it is: restore a copy, or move it away and "
          + "run the sweep again (`sqlite3 FILE .recover` may save rows)")
    }

    // All pages but the first filled with zeros: a reader may open it, a writer must not.
    try (whole.prefix(4096) + Data(count: whole.count - 4096)).write(to: url)
    guard case .damaged = refusals(folder.database)[0] else {
      Issue.record("a file of zeros was taken")
      return
    }
  }

  @Test func anEmptyFileIsANewDatabaseUnlessItsJournalSaysOtherwise() throws {
    try Data().write(to: URL(fileURLWithPath: folder.database))
    #expect(
      storeError { _ = try ResultStore.read(at: folder.database) } == .missing(path: folder.database))
    try makeStore().close()
    #expect(try ResultStore.read(at: folder.database).progress(of: sweep).counts.converged == 1)

    let emptied = folder.path("emptied.sqlite")
    try Data().write(to: URL(fileURLWithPath: emptied))
    try Data("journal".utf8).write(to: URL(fileURLWithPath: emptied + "-wal"))
    for error in refusals(emptied) {
      #expect(
        error
          == .damaged(
            path: emptied, cause: "the file is missing or empty, yet its journal \(emptied)-wal is not"))
    }
    #expect(bytes(emptied + "-wal") == Data("journal".utf8))
  }

  @Test func aMissingDatabaseIsSaidToBeMissing() {
    let error = storeError { _ = try ResultStore.read(at: folder.database) }
    #expect(error == .missing(path: folder.database))
    #expect(
      error?.description
        == "\(folder.database) holds no results yet; start the sweep with `gammaplane run GRID`")
    #expect(!FileManager.default.fileExists(atPath: folder.database))
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    // A folder below a file cannot be made, not even by the administrator.
    try Data("in the way".utf8).write(to: URL(fileURLWithPath: folder.path("file")))
    let path = folder.path("file/sub/\(ResultStore.fileName)")
    let error = storeError { _ = try ResultStore.open(at: path) }
    #expect(error == .notWritable(path: path, cause: "Not a directory"))
    #expect(
      error?.description
        == "\(path) cannot be opened for writing (Not a directory); check the permissions of the folder and "
        + "the file, or choose another folder with --results")
  }

  @Test func aDatabaseInAReadOnlyFolderCanBeReadButNotWritten() throws {
    try makeStore(runs: 2).close()
    try FileManager.default.removeItem(atPath: folder.database + ".lock")
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.url.path)
    defer {
      try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.url.path)
    }
    #expect(try ResultStore.read(at: folder.database).progress(of: sweep).counts.converged == 2)
    // The administrator may write everywhere.
    guard access(folder.url.path, W_OK) != 0 else { return }
    guard case .notWritable = storeError({ _ = try ResultStore.open(at: folder.database) }) else {
      Issue.record("opened for writing")
      return
    }
  }

  @Test func aFullDatabaseIsSaidToBeFull() throws {
    let store = try makeStore()
    try store.queue.writeWithoutTransaction { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages)")
    }
    let many = try Fixture.sweep(seeds: Array(0..<500))
    let records = many.axes.runs.map { Fixture.record($0, of: many) }
    let error = storeError { try store.record(records) }
    #expect(error == .full(path: folder.database))
    #expect(
      error?.description
        == "the disk that holds \(folder.database) is full; make room and run the command again, what was "
        + "recorded is kept")
    // Nothing of the batch is there, and the store works again once there is room.
    #expect(try store.progress(of: many).counts.converged == 1)
    try store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
    #expect(try store.record(records) == records.count - 1)
  }
}
