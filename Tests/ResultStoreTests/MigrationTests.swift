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

  /// A database of the third schema, made by its own statements, with a result of every run but the last, which failed.
  private func makeThird() throws -> [RunRecord] {
    let records = sweep.axes.runs.dropLast().map { Fixture.record($0, of: sweep) }
    let failed = try #require(Array(sweep.axes.runs).last)
    let old = try DatabaseQueue(path: folder.database)
    try old.write { db in
      for step in Schema.steps.prefix(3) { try db.execute(sql: step) }
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 3")
      let digest = sweep.problem.digest.description
      try db.execute(
        sql: "INSERT INTO problem VALUES (?, ?)", arguments: [digest, try canonicalJSON(sweep.problem)])
      try db.execute(
        sql: "INSERT INTO sweep VALUES (?, ?, ?)", arguments: [sweep.name, digest, try canonicalJSON(sweep)])
      for record in records {
        try db.execute(
          sql: """
            INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, 'converged', 'because', 0.125, 0.1875, 1e-6, 12.5, 321,
              100000, 600, 0.25, 0.0625, 1, '1', NULL, '')
            """,
          arguments: [
            record.identity.description, digest, record.run.point.gamma, record.run.point.gammaPrime,
            record.run.width, Int64(bitPattern: record.run.seed),
          ])
      }
      try db.execute(
        sql: "INSERT INTO failures VALUES (?, ?, ?, ?, ?, ?, 3, 'refused by the worker', 'oh', 'too wide')",
        arguments: [
          failed.identity(of: sweep.problem.digest).description, digest, failed.point.gamma,
          failed.point.gammaPrime,
          failed.width, Int64(bitPattern: failed.seed),
        ])
    }
    try old.close()
    return records
  }

  private func version(_ path: String) throws -> Int? {
    try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
  }

  @Test func theThirdSchemaIsReadCopiedAndBroughtUpToDate() throws {
    let records = try makeThird()
    let reader = try ResultStore.read(at: folder.database)
    #expect(try reader.records(of: sweep) == records)
    #expect(try reader.failures(of: sweep).count == 1)
    #expect(try reader.progress(of: sweep).counts.converged == records.count)
    try reader.close()
    let store = try ResultStore.open(at: folder.database)
    #expect(try store.records(of: sweep) == records)
    #expect(try store.progress(of: sweep).counts.converged == records.count)
    #expect(try store.progress(of: sweep).counts.failed == 1)
    #expect(try store.failures(of: sweep).map(\.cause) == ["refused"])
    try store.close()
    #expect(try version(folder.database) == 5)
    #expect(ResultStore.inspect(folder.database).isSound)

    let copy = Backup.path(of: folder.database, version: 3)
    #expect(copy.hasSuffix("gammaplane.sqlite.v3.bak"))
    #expect(try version(copy) == 3)
    #expect(try ResultStore.read(at: copy).records(of: sweep) == records)
    #expect(!FileManager.default.fileExists(atPath: copy + ".part"))
  }

  @Test func aNewDatabaseNeedsNoCopy() throws {
    try ResultStore.open(at: folder.database).close()
    try ResultStore.open(at: folder.database).close()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(!names.contains { $0.contains("bak") })
  }

  @Test func aTableThatIsNotThatOfItsVersionIsRefused() throws {
    _ = try makeThird()
    try DatabaseQueue(path: folder.database).write {
      try $0.execute(sql: "ALTER TABLE runs DROP COLUMN worker")
    }
    let before = FileManager.default.contents(atPath: folder.database)
    guard case .damaged = storeError({ _ = try ResultStore.open(at: folder.database) }) else {
      Issue.record("a table without a column was taken")
      return
    }
    #expect(try version(folder.database) == 3)
    #expect(before != nil)
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
