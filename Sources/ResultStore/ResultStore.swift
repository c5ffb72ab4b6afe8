import Foundation
import GRDB

/// The results of sweeps in one SQLite file.
///
/// One process writes at a time, over one connection, and holds a lock beside the file while it does; any
/// number of processes read meanwhile. A write that returned has been synchronised to the disk (WAL with
/// `synchronous = FULL`): it survives a killed process and a power failure. Methods block until SQLite is
/// done and may be called from any thread.
public final class ResultStore: Sendable {
  /// The file's name in the folder of a sweep.
  public static let fileName = "phasesweep.sqlite"

  /// The database file.
  public let path: String

  let queue: DatabaseQueue
  private let lock: WriterLock?

  private init(path: String, queue: DatabaseQueue, lock: WriterLock?) {
    self.path = path
    self.queue = queue
    self.lock = lock
  }

  /// Opens the database for writing; creates it and its folder where there is none.
  ///
  /// A file that is damaged, newer or not phasesweep's is refused and left as it is.
  ///
  /// - Throws: ``StoreError``; ``StoreError/locked(path:holder:)`` if another process writes it.
  public static func open(at path: String) throws(StoreError) -> ResultStore {
    try makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent(), for: path)
    let lock = try WriterLock(database: path)
    try FileCheck.check(path)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: false))
      try queue.writeWithoutTransaction { db in
        let version = try Self.version(of: db, path: path)
        if version > 0 { try checkIntegrity(of: db, path: path) }
        // Only now that the file is known to be ours may anything be changed.
        // Where WAL cannot be had, the rollback journal stays, which is as durable.
        try db.execute(sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: "PRAGMA synchronous = FULL")
        if version < Schema.version {
          try db.inTransaction(.immediate) {
            try Schema.migrate(db, from: version)
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
  /// - Throws: ``StoreError``; ``StoreError/missing(path:)`` where there is no database or an empty one.
  public static func read(at path: String) throws(StoreError) -> ResultStore {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    try FileCheck.check(path)
    do {
      let queue = try readingQueue(at: path)
      let version = try queue.read { try Self.version(of: $0, path: path) }
      guard version > 0 else { throw StoreError.missing(path: path) }
      return ResultStore(path: path, queue: queue, lock: nil)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// The process that has the database at `path` open for writing; nil if none has.
  public static func writer(of path: String) -> LockHolder? { WriterLock.holder(ofDatabase: path) }

  /// Closes the database and gives the lock back; without it, that happens when the store is released.
  public func close() throws(StoreError) { try wrapping { try queue.close() } }

  /// Runs `body`, with whatever it throws as a ``StoreError``.
  func wrapping<T>(_ body: () throws -> T) throws(StoreError) -> T {
    do { return try body() } catch { throw StoreError(error, path: path) }
  }

  private static func configuration(readonly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readonly
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(10)
    configuration.label = "phasesweep.results"
    return configuration
  }

  private static func readingQueue(at path: String) throws -> DatabaseQueue {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let journal = FileCheck.size(of: path + "-wal")
    if access(folder, W_OK) != 0, journal == 0, let name = immutableName(of: path) {
      // A reader of a WAL database has to create a file beside it. Where it may not, nobody writes either.
      return try DatabaseQueue(path: name, configuration: configuration(readonly: true))
    }
    return try DatabaseQueue(path: path, configuration: configuration(readonly: true))
  }

  private static func immutableName(of path: String) -> String? {
    URL(fileURLWithPath: path).path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
      .map { "file:\($0)?immutable=1" }
  }

  /// The schema version of a database that is phasesweep's or empty (0).
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
    return version
  }

  private static func checkIntegrity(of db: Database, path: String) throws {
    let finding = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
    if finding != "ok" { throw StoreError.damaged(path: path, cause: finding) }
  }
}

/// Makes a folder and those above it. Foundation's way does not say why it fails.
private func makeFolder(_ url: URL, for database: String) throws(StoreError) {
  var isFolder: ObjCBool = false
  if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue { return }
  if url.pathComponents.count > 1 { try makeFolder(url.deletingLastPathComponent(), for: database) }
  guard mkdir(url.path, 0o755) == 0 || errno == EEXIST else {
    throw .notWritable(path: database, cause: String(cString: strerror(errno)))
  }
}
