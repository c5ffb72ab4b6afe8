import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore

/// Older databases are brought up to date, and network file systems get what works there.
@Suite struct MigrationTests {
  let folder: TemporaryFolder
  let sweep: Sweep

  init() throws {
    folder = try TemporaryFolder()
    sweep = try Fixture.sweep()
  }

  /// The schema after the present one, as it might be.
  private static let next = Schema(
    Schema.current.migrations + [
      Schema.Migration(name: "next") { try $0.execute(sql: "ALTER TABLE sweep ADD COLUMN colour TEXT") }
    ])

  private func openNext() throws -> ResultStore {
    try ResultStore.open(at: folder.database, fileSystem: FileSystem(type: "ext4"), schema: Self.next)
  }

  /// A database of the present schema with a result of every run but the last, which failed.
  private func makeDatabase() throws -> [RunRecord] {
    let runs = Array(sweep.axes.runs)
    let records = runs.dropLast().map { Fixture.record($0, of: sweep) }
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    try store.record(records, failures: runs.suffix(1).map { Fixture.failure($0, of: sweep) })
    try store.close()
    return records
  }

  private func version(_ path: String) throws -> Int? {
    try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
  }

  @Test func anOlderDatabaseIsCopiedAndBroughtUpToDate() throws {
    let records = try makeDatabase()
    let now = Int(Schema.current.version)
    #expect(
      storeError { _ = try ResultStore.read(at: folder.database, checked: true, schema: Self.next) }
        == .older(path: folder.database, version: now, supported: now + 1))
    let store = try openNext()
    #expect(try store.records(of: sweep) == records)
    #expect(try store.failures(of: sweep).count == 1)
    try store.close()
    #expect(try version(folder.database) == now + 1)

    let copy = Backup.path(of: folder.database, version: Schema.current.version)
    #expect(copy.hasSuffix("gammaplane.sqlite.v1.bak"))
    #expect(try version(copy) == now)
    #expect(try ResultStore.read(at: copy).records(of: sweep) == records)
    #expect(!FileManager.default.fileExists(atPath: copy + ".part"))
    // Which is done once.
    try FileManager.default.removeItem(atPath: copy)
    try openNext().close()
    #expect(!FileManager.default.fileExists(atPath: copy))
  }

  @Test func aDatabaseOfTheNextVersionIsRefused() throws {
    try openNext().close()
    let now = Int(Schema.current.version)
    let error = StoreError.newer(path: folder.database, version: now + 1, supported: now)
    #expect(storeError { _ = try ResultStore.open(at: folder.database) } == error)
    #expect(storeError { _ = try ResultStore.read(at: folder.database) } == error)
  }

  @Test func aMigrationThatFailsChangesNothing() throws {
    let records = try makeDatabase()
    let schema = Schema(
      Schema.current.migrations + [
        Schema.Migration(name: "next") {
          try $0.execute(sql: "DELETE FROM runs; ALTER TABLE sweep DROP COLUMN nothing")
        }
      ])
    let error = storeError {
      _ = try ResultStore.open(at: folder.database, fileSystem: FileSystem(type: "ext4"), schema: schema)
    }
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try ResultStore.open(at: folder.database).records(of: sweep) == records)
  }

  /// Of the migrator there is its own list of migrations before the first of them is committed.
  @Test func aDatabaseWhoseWriterDiedBeforeTheFirstMigrationIsNew() throws {
    let unborn = try DatabaseQueue(path: folder.database)
    try unborn.write {
      try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
    }
    try unborn.close()
    #expect(storeError { _ = try ResultStore.read(at: folder.database) } == .missing(path: folder.database))
    try ResultStore.open(at: folder.database).register(sweep)
    #expect(try ResultStore.read(at: folder.database).sweeps() == [sweep])
  }

  @Test func aNewDatabaseNeedsNoCopy() throws {
    try ResultStore.open(at: folder.database).close()
    try ResultStore.open(at: folder.database).close()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(!names.contains { $0.contains("bak") })
  }

  @Test func aTableThatIsNotThatOfItsVersionIsRefused() throws {
    _ = try makeDatabase()
    try DatabaseQueue(path: folder.database).write {
      try $0.execute(sql: "DROP VIEW results; ALTER TABLE runs DROP COLUMN reason")
    }
    for open in [{ try ResultStore.open(at: $0) }, { try ResultStore.read(at: $0) }] {
      guard case .damaged = storeError({ _ = try open(folder.database) }) else {
        Issue.record("a table without a column was taken")
        return
      }
    }
  }

  @Test func aNetworkFileSystemGetsARollbackJournal() throws {
    func settings(_ store: ResultStore) throws -> [String] {
      try store.queue.read { db in
        try ["journal_mode", "synchronous"].map { try String.fetchOne(db, sql: "PRAGMA \($0)") ?? "" }
      }
    }
    let remote = FileSystem(type: "nfs4")
    let records = sweep.axes.runs.map { Fixture.record($0, of: sweep) }
    var store = try ResultStore.open(at: folder.database, fileSystem: remote)
    #expect(try settings(store) == ["truncate", "3"])
    try store.register(sweep)
    try store.record(Array(records.prefix(3)))
    #expect(try ResultStore.read(at: folder.database).records(of: sweep).count == 3)
    try store.close()
    // Moved to a disk of its own, and back while its journal is WAL.
    store = try ResultStore.open(at: folder.database, fileSystem: .init(type: "ext4"))
    #expect(try settings(store) == ["wal", "2"])
    try store.close()
    store = try ResultStore.open(at: folder.database, fileSystem: remote)
    #expect(try settings(store) == ["truncate", "3"])
    #expect(try store.records(of: sweep) == Array(records.prefix(3)))
  }

  @Test func fileSystemsAreKnownByTheirTypes() throws {
    for type in [
      "nfs", "nfs4", "cifs", "lustre", "gpfs", "beegfs", "ceph", "9p", "fuse.sshfs", "fuse", "afs",
    ] {
      #expect(FileSystem(type: type).isRemote, "\(type)")
    }
    for type in ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "unknown"] {
      #expect(!FileSystem(type: type).isRemote, "\(type)")
    }
    // The device of the folder, wherever it is mounted.
    var found = stat()
    #expect(stat(folder.url.path, &found) == 0)
    let device = UInt64(found.st_dev)
    let number = "\((device >> 8) & 0xfff):\(device & 0xff)"
    let mounts = folder.path("mountinfo")
    try Data(
      "25 1 0:99 / / rw - ext4 /dev/x rw\n26 1 \(number) / /data rw shared:1 - nfs4 server:/x rw\n".utf8
    )
    .write(to: URL(fileURLWithPath: mounts))
    #expect(FileSystem(of: folder.path("not/there/yet"), mounts: mounts).type == "nfs4")
    #expect(FileSystem(of: folder.database).type != "unknown")
    #expect(FileSystem(of: folder.database, mounts: folder.path("nothing")).type == "unknown")
  }
}
