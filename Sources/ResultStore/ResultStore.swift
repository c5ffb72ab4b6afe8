import Failpoints
import Foundation
import GRDB
import Platform
import Synchronization

/// The results of sweeps in one SQLite file.
///
/// One process writes at a time, over one connection, and holds a lock beside the file while it does; any
/// number of processes read meanwhile. A write that returned has been synchronised to the disk (WAL with
/// `synchronous = FULL`, or a rollback journal on file systems of other machines): it survives a killed process and a
/// power failure. Methods block until SQLite is done and may be called from any thread.
public final class ResultStore: Sendable {
  /// The file's name in the folder of a sweep.
  public static let fileName = "gammaplane.sqlite"

  /// The database file.
  public let path: String

  let queue: DatabaseQueue
  private let lock: WriterLock?
  /// Why nothing is written any more: the disk failed, and what it holds of the last transaction is not known.
  private let broken = Mutex<StoreError?>(nil)

  private init(path: String, queue: DatabaseQueue, lock: WriterLock?) {
    self.path = path
    self.queue = queue
    self.lock = lock
  }

  deinit { try? close() }

  /// Opens the database for writing; creates it and its folder where there is none.
  ///
  /// A file that is damaged, newer or not gammaplane's is refused and left as it is. One of an older schema is copied
  /// (`gammaplane.sqlite.v3.bak`) and then brought up to date.
  ///
  /// - Throws: ``StoreError``; ``StoreError/locked(path:holder:)`` if another process writes it.
  public static func open(at path: String) throws(StoreError) -> ResultStore {
    try open(at: path, fileSystem: FileSystem(of: path))
  }

  /// Opens the database for writing as on the given file system.
  static func open(at path: String, fileSystem: FileSystem) throws(StoreError) -> ResultStore {
    do throws(SystemError) {
      try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    } catch {
      throw StoreError(system: error, path: path)
    }
    let lock = try WriterLock(database: path)
    try FileCheck.check(path)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: false))
      let version = try queue.writeWithoutTransaction { db in
        let version = try Self.version(of: db, path: path)
        // The file system vouches for one that nobody has touched since it was closed; the rows are checked one by one
        // as they are read.
        if version > 0 && !lock.vouchesForDatabase { try checkIntegrity(of: db, path: path) }
        return version
      }
      if version > 0 && version < Schema.version {
        try Backup.make(of: queue, path: path, version: version)
      }
      try queue.writeWithoutTransaction { db in
        // Only now that the file is known to be ours may anything be changed.
        for setting in fileSystem.settings { try db.execute(sql: setting) }
        if version < Schema.version {
          try db.inTransaction(.immediate) {
            do {
              try Schema.migrate(db, from: version)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
              throw StoreError.damaged(
                path: path,
                cause: "its tables are not those of schema version \(version): \(error.message ?? "")")
            }
            Failpoint.duringMigration.pass()
            return .commit
          }
        }
      }
      return ResultStore(path: path, queue: queue, lock: lock)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Opens the database for reading, without a lock, also while another process writes it.
  ///
  /// Unless the file is as its last writer left it, or somebody is writing it, who looked before, all its pages are looked
  /// at, which takes a second or two for a million runs. What is lost of a page is seen in no other way.
  ///
  /// - Parameter checked: whether to look.
  /// - Throws: ``StoreError``; ``StoreError/missing(path:)`` where there is no database or an empty one.
  public static func read(at path: String, checked: Bool = true) throws(StoreError) -> ResultStore {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    try FileCheck.check(path)
    do {
      let queue = try readingQueue(at: path)
      let version = try queue.read { db in
        let version = try Self.version(of: db, path: path)
        if checked && version > 0 && !WriterLock.vouches(forDatabase: path) {
          try checkIntegrity(of: db, path: path)
        }
        return version
      }
      guard version > 0 else { throw StoreError.missing(path: path) }
      return ResultStore(path: path, queue: queue, lock: nil)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Opens what can be opened of a damaged database, to see what is left: SQLite passes over damage to the tables' own
  /// definitions then, and pages that are missing at the end. Nil if nothing can be read of it, or looking could do harm.
  static func salvage(at path: String) -> ResultStore? {
    // SQLite takes what is shorter for a new database.
    guard FileCheck.size(of: path) >= FileCheck.leastSize else { return nil }
    let name = FileCheck.size(of: path + "-wal") == 0 ? immutableName(of: path) ?? path : path
    var configuration = configuration(readonly: true)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
    guard let queue = try? DatabaseQueue(path: name, configuration: configuration) else { return nil }
    return ResultStore(path: path, queue: queue, lock: nil)
  }

  /// The process that has the database at `path` open for writing; nil if none has.
  public static func writer(of path: String) -> LockHolder? { WriterLock.holder(ofDatabase: path) }

  /// Closes the database and gives the lock back; without it, that happens when the store is released.
  public func close() throws(StoreError) {
    try wrapping {
      try queue.close()
      lock?.release(clean: broken.withLock { $0 == nil })
    }
  }

  /// Runs `body`, with whatever it throws as a ``StoreError``.
  func wrapping<T>(_ body: () throws -> T) throws(StoreError) -> T {
    do { return try body() } catch { throw StoreError(error, path: path) }
  }

  /// Runs `body` in a transaction; when this returns, it is on the disk.
  ///
  /// If the disk fails meanwhile, this and every later call throws: once `fsync` has failed, the system may have dropped
  /// what was to be written and still report success the next time. What was committed before is not touched, and is
  /// there when the database is opened again.
  func writing<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    if let error = broken.withLock({ $0 }) { throw error }
    do {
      return try wrapping { try queue.write(body) }
    } catch {
      if case .inputOutput = error { broken.withLock { $0 = error } }
      throw error
    }
  }

  private static func configuration(readonly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readonly
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(10)
    configuration.label = "gammaplane.results"
    configuration.prepareDatabase { $0.add(function: Checksum.function) }
    return configuration
  }

  private static func readingQueue(at path: String) throws -> DatabaseQueue {
    try DatabaseQueue(path: nameWithoutWriting(path) ?? path, configuration: configuration(readonly: true))
  }

  /// The name by which to open a database to read it where no file can be made beside it, as a reader of a WAL database has to; nil where
  /// that can be, or there is something that only such a reader finds.
  static func nameWithoutWriting(_ path: String) -> String? {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard access(folder, W_OK) != 0, FileCheck.size(of: path + "-wal") == 0 else { return nil }
    return immutableName(of: path)
  }

  private static func immutableName(of path: String) -> String? {
    URL(fileURLWithPath: path).path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
      .map { "file:\($0)?immutable=1" }
  }

  /// The schema version of a database that is gammaplane's or empty (0).
  private static func version(of db: Database, path: String) throws -> Int32 {
    let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    if objects == 0 && application == 0 && version == 0 { return 0 }
    guard application == Schema.applicationID else {
      throw StoreError.foreign(path: path, cause: "its application id is \(application)")
    }
    guard version <= Schema.version else {
      throw StoreError.newer(path: path, version: Int(version), supported: Int(Schema.version))
    }
    guard version > 0, objects > 0 else {
      throw StoreError.damaged(path: path, cause: "the tables are missing")
    }
    // One of an older version is changed by a migration only, which fails if it is not what it says.
    if version == Schema.version, !(try Schema.isWhole(db)) {
      throw StoreError.damaged(path: path, cause: "its tables are not those of schema version \(version)")
    }
    return version
  }

  private static func checkIntegrity(of db: Database, path: String) throws {
    var checks = ["quick_check(1)"]
    // What was kept of a run is looked up by its name: indexes and names must be right, too, or it would count as never
    // kept. The tables of runs are read from the first row to the last, and every row has a checksum.
    for table in Database.flowRecordTables where try db.tableExists(table) {
      checks.append("integrity_check(\(table))")
    }
    for check in checks {
      let finding = try String.fetchOne(db, sql: "PRAGMA \(check)") ?? "no answer"
      if finding != "ok" {
        throw StoreError.damaged(path: path, cause: integrityFindings([finding]).joined(separator: "; "))
      }
    }
    for table in Database.flowRecordTables where try db.tableExists(table) {
      if try Row.fetchOne(db, sql: "PRAGMA foreign_key_check(\(table))") != nil {
        throw StoreError.damaged(
          path: path, cause: "in \(table), something was kept of a run that is missing")
      }
    }
  }
}
