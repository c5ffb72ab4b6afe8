import Foundation
import GRDB
import Model
import Platform
import Synchronization

/// The results of sweeps in one SQLite file.
///
/// One process writes at a time, over one connection, and holds a lock beside the file while it
/// does; any number of processes read meanwhile. A write that returned has been synchronised to the
/// disk (WAL with `synchronous = FULL`, or a rollback journal on file systems of other machines):
/// it survives a killed process and a power failure. Methods block until SQLite is done and may be
/// called from any thread.
public final class ResultStore: Sendable {
  /// The file's name in the folder of a sweep.
  public static let fileName = "gammaplane.sqlite"

  /// The database file.
  public let path: String

  let queue: DatabaseQueue
  /// Settings that have been read, by id.
  let settings = Mutex<[Int64: Setting]>([:])
  /// What a writer knows to be in the database.
  let written = Mutex(WrittenNames())
  /// What a writer holds; nil for a reader.
  private let writer: Writer?
  /// The file as it was when it was opened without locks; nil if it was opened with them.
  private let unlocked: FileMark?
  /// Why nothing is written any more: what the disk holds of the last transaction is not known, or
  /// it is not the file that is open.
  private let broken = Mutex<StoreError?>(nil)

  /// What a writer holds.
  private struct Writer: Sendable {
    var lock: WriterLock
    var files: OpenFiles
  }

  private init(
    path: String, queue: DatabaseQueue, writer: Writer? = nil, unlocked: FileMark? = nil
  ) {
    self.path = path
    self.queue = queue
    self.writer = writer
    self.unlocked = unlocked
  }

  deinit { try? close() }

  /// Opens the database for writing; creates it and its folder where there is none.
  ///
  /// A file that is damaged, newer or not gammaplane's is refused and left as it is. One of an
  /// older schema is copied (`gammaplane.sqlite.v1.bak`) and then brought up to date.
  ///
  /// - Throws: ``StoreError``; ``StoreError/locked(path:holder:)`` if another process writes it.
  public static func open(at path: String) throws(StoreError) -> ResultStore {
    try open(at: path, fileSystem: FileSystem(of: path))
  }

  /// Opens the database for writing as on the given file system.
  static func open(
    at path: String, fileSystem: FileSystem, schema: Schema = .current
  ) throws(StoreError) -> ResultStore {
    let path = FileCheck.target(of: path)
    do throws(SystemError) {
      try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    } catch {
      throw StoreError(system: error, path: path)
    }
    let lock = try WriterLock(database: path)
    try FileCheck.check(path)
    try FileCheck.refuseLinks(path)
    StaleJournal(of: path)?.removeIfUnused()
    // SQLite would make one that only its owner may write, whatever the umask. Closed before it has
    // any lock.
    _ = try? OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o666)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: false))
      let version = try queue.writeWithoutTransaction { db in
        let version = try Self.version(of: db, path: path, schema)
        // The file system vouches for one that has not been touched since it was closed; the rows
        // are checked one by one as they are read.
        if version > 0 && !lock.vouchesForDatabase { try checkIntegrity(of: db, path: path) }
        return version
      }
      if version > 0 && version < schema.version {
        try Backup.make(of: queue, path: path, version: version)
      }
      try queue.writeWithoutTransaction { db in
        // Only now that the file is known to be ours may anything be changed.
        for setting in fileSystem.settings { try db.execute(sql: setting) }
      }
      if version < schema.version {
        do {
          try schema.migrate(queue)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
          throw StoreError.damaged(
            path: path, cause: "its tables are not those of schema version \(version): \(error.message ?? "")"
          )
        }
      }
      let mode = try queue.read { db in
        // The journal is there from the first transaction on.
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
        return try String.fetchOne(db, sql: "PRAGMA journal_mode")
      }
      let files = OpenFiles(mode == "wal" ? [path, path + "-wal"] : [path])
      return ResultStore(path: path, queue: queue, writer: Writer(lock: lock, files: files))
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Opens the database for reading, without a lock, also while another process writes it.
  ///
  /// Unless the file is as its last writer left it, or is being written by a process that checked
  /// it before, all its pages are checked, which takes a second or two for a million runs. What is
  /// lost of a page is seen in no other way.
  ///
  /// - Parameter checked: whether to check the pages.
  /// - Throws: ``StoreError``; ``StoreError/missing(path:)`` where there is no database or an empty
  ///   one.
  public static func read(at path: String, checked: Bool = true) throws(StoreError) -> ResultStore {
    try read(at: path, checked: checked, schema: .current)
  }

  /// Opens the database for reading as of a schema.
  static func read(at path: String, checked: Bool, schema: Schema) throws(StoreError) -> ResultStore {
    let path = FileCheck.target(of: path)
    if let error = accessError(path, R_OK) { throw StoreError(reading: path, error) }
    try FileCheck.check(path)
    let connection: ReadConnection
    do {
      connection = try ReadConnection(path, configuration(readonly: true))
    } catch {
      throw StoreError(error, path: path)
    }
    let store = ResultStore(path: path, queue: connection.queue, unlocked: connection.unlocked)
    let version = try store.wrapping {
      try connection.queue.read { db in
        let version = try Self.version(of: db, path: path, schema)
        if checked && version > 0 && !WriterLock.vouches(forDatabase: path) {
          try checkIntegrity(of: db, path: path)
        }
        return version
      }
    }
    guard version > 0 else { throw StoreError.missing(path: path) }
    guard version == schema.version else {
      throw StoreError.older(path: path, version: Int(version), supported: Int(schema.version))
    }
    return store
  }

  /// Opens what can be opened of a damaged database, to see what is left: SQLite passes over damage
  /// to the tables' own definitions then, and pages that are missing at the end. Nil if nothing can
  /// be read of it, or reading could do harm.
  static func salvage(at path: String) -> ResultStore? {
    let path = FileCheck.target(of: path)
    // SQLite takes what is shorter for a new database.
    guard FileCheck.size(of: path) >= FileCheck.minSize else { return nil }
    let name =
      FileCheck.size(of: path + "-wal") == 0 ? ReadConnection.immutableName(of: path) ?? path : path
    var configuration = configuration(readonly: true)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
    guard let queue = try? DatabaseQueue(path: name, configuration: configuration) else { return nil }
    return ResultStore(path: path, queue: queue)
  }

  /// The process that has the database at `path` open for writing; nil if none has.
  public static func writer(of path: String) -> LockHolder? {
    WriterLock.holder(ofDatabase: FileCheck.target(of: path))
  }

  /// Closes the database and gives the lock back; without it, that happens when the store is
  /// released.
  ///
  /// - Throws: ``StoreError/replaced(path:)`` if the file is no longer the one that was written.
  public func close() throws(StoreError) {
    let isLost = writer.map { $0.lock.isHeld && !$0.files.areInPlace } ?? false
    try wrapping {
      try queue.close()
      writer?.lock.release(clean: !isLost && broken.withLock { $0 == nil })
    }
    if isLost { throw .replaced(path: path) }
  }

  /// Runs `body`, with whatever it throws as a ``StoreError``.
  func wrapping<T>(_ body: () throws -> T) throws(StoreError) -> T {
    let result = Result { try body() }
    try refuseChanged()
    do { return try result.get() } catch { throw StoreError(error, path: path) }
  }

  /// What was read of a file that changed meanwhile is worth nothing, sound or not.
  func refuseChanged() throws(StoreError) {
    if let unlocked, FileMark(of: path) != unlocked { throw .changed(path: path) }
  }

  /// Runs `body` in a transaction; when this returns, it is on the disk, in the file under the path
  /// of the store.
  ///
  /// If the disk fails meanwhile, this and every later call throws: once `fsync` has failed, the
  /// system may have dropped what was to be written and still report success the next time. What
  /// was committed before is not touched, and is there when the database is opened again. The same
  /// if the file has been removed or replaced, or another process has taken the lock because its
  /// file was removed.
  func writing<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    if let error = broken.withLock({ $0 }) { throw error }
    do throws(StoreError) {
      try writer?.lock.renew()
      let result = try wrapping { try queue.write(body) }
      if let writer, !writer.files.areInPlace { throw StoreError.replaced(path: path) }
      return result
    } catch {
      // The transaction may have been undone, and with it what is remembered of it.
      written.withLock { $0 = WrittenNames() }
      switch error {
      case .inputOutput, .replaced, .locked: broken.withLock { $0 = error }
      default: break
      }
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

  /// The schema version of a database that is gammaplane's or new (0).
  private static func version(of db: Database, path: String, _ schema: Schema) throws -> Int32 {
    let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let objects = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master")
    if application == 0 && version == 0, try objects.isEmpty || isUnborn(db, objects) { return 0 }
    guard application == Schema.applicationID else {
      throw StoreError.foreign(path: path, cause: "its application id is \(application)")
    }
    guard version <= schema.version else {
      throw StoreError.newer(path: path, version: Int(version), supported: Int(schema.version))
    }
    guard version > 0, !objects.isEmpty else {
      throw StoreError.damaged(path: path, cause: "the tables are missing")
    }
    // One of an older version is changed by a migration only, which fails if it is not what it
    // should be.
    if version == schema.version, !(try schema.isWhole(db)) {
      throw StoreError.damaged(path: path, cause: "its tables are not those of schema version \(version)")
    }
    return version
  }

  /// Whether a database was left by a process that died before the first migration was committed:
  /// it holds nothing but the empty list of migrations.
  private static func isUnborn(_ db: Database, _ objects: [String]) throws -> Bool {
    let list = "grdb_migrations"
    guard objects.contains(list), objects.allSatisfy({ $0 == list || $0.hasPrefix("sqlite_autoindex_") })
    else { return false }
    return try Int.fetchOne(db, sql: "SELECT count(*) FROM \(list)") == 0
  }

  private static func checkIntegrity(of db: Database, path: String) throws {
    // What was recorded of a run is looked up by its name: indexes and names must be right, too, or
    // it would count as never recorded. The tables of runs are read from the first row to the last,
    // and every row has a checksum.
    let arrays = ArrayRow.table.name
    for check in ["quick_check(1)"] + (try db.tableExists(arrays) ? ["integrity_check(\(arrays))"] : []) {
      let finding = try String.fetchOne(db, sql: "PRAGMA \(check)") ?? "no answer"
      if finding != "ok" {
        throw StoreError.damaged(path: path, cause: integrityFindings([finding]).joined(separator: "; "))
      }
    }
    if try db.tableExists(arrays), try Row.fetchOne(db, sql: "PRAGMA foreign_key_check(\(arrays))") != nil {
      throw StoreError.damaged(path: path, cause: "an array was recorded of a run that is missing")
    }
  }
}
