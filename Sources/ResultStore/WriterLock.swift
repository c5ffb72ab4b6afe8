import Foundation
import Platform
import Synchronization

/// The process that writes a database.
public struct LockHolder: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Its process id.
  public var pid: Int32
  /// The name of its machine.
  public var host: String
  /// When it took the lock, in ISO 8601.
  public var since: String

  /// "process 4711 on node7 (since …)".
  public var description: String { "process \(pid) on \(host) (since \(since))" }

  /// This process, now.
  public static var current: LockHolder {
    LockHolder(pid: getpid(), host: hostName ?? "an unknown machine", since: Date().formatted(.iso8601))
  }
}

/// An exclusive lock on a database, held until the value is released.
///
/// It is the lock of a file beside the database, ``Platform/OpenFile/lock(attempts:)``, which dies
/// with its holder; what is in the file is only for the error message. The file is never removed:
/// another process may be about to lock it.
final class WriterLock: Sendable {
  /// What is in the file.
  private struct Content: Codable {
    var pid: Int32
    var host: String
    var since: String
    /// The database as it was when the holder closed it; absent while it is open, and if its holder
    /// died.
    var closed: FileMark?

    var holder: LockHolder { LockHolder(pid: pid, host: host, since: since) }
  }

  /// Whether the database is, to the file system, as it was when the last writer closed it.
  let vouchesForDatabase: Bool
  private let database: String
  private let content: Content
  /// Nil when the lock has been given back.
  private let file: Mutex<OpenFile?>

  /// Locks the database at `path`.
  ///
  /// - Throws: ``StoreError/locked(path:holder:)`` at once if another process has the lock.
  init(database path: String) throws(StoreError) {
    let file = try Self.lock(path)
    let holder = LockHolder.current
    database = path
    vouchesForDatabase = Self.isAsClosed(path)
    content = Content(pid: holder.pid, host: holder.host, since: holder.since)
    Self.write(content, to: file)
    self.file = Mutex(file)
  }

  deinit { release(clean: false) }

  /// Whether it has not been given back.
  var isHeld: Bool { file.withLock { $0 != nil } }

  /// Takes the lock again if its file has been removed or replaced: another process could lock the
  /// new one.
  ///
  /// - Throws: ``StoreError/locked(path:holder:)`` if one has; ``StoreError/replaced(path:)`` if
  ///   there is no database beside the file any more.
  func renew() throws(StoreError) {
    guard let held = file.withLock({ $0 }), FileIdentity(held) != FileIdentity(Self.path(of: database))
    else { return }
    guard fileStatus(database) != nil else { throw .replaced(path: database) }
    let new = try Self.lock(database)
    Self.write(content, to: new)
    file.withLock { $0 = new }
  }

  /// Gives the lock back.
  ///
  /// - Parameter clean: whether the database has been closed and nothing had failed.
  func release(clean: Bool) {
    file.withLock { file in
      if clean, let file {
        var content = content
        content.closed = FileMark(of: database)
        Self.write(content, to: file)
      }
      file = nil
    }
  }

  private static func path(of database: String) -> String { database + ".lock" }

  /// Opens the file and locks it.
  private static func lock(_ database: String) throws(StoreError) -> OpenFile {
    let path = path(of: database)
    let file: OpenFile
    do throws(SystemError) {
      // What it holds is overwritten: it must not be another file by way of a link.
      file = try OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    } catch {
      throw StoreError(system: error, path: database, doing: path)
    }
    let isLocked: Bool
    do throws(SystemError) {
      isLocked = try file.lock(attempts: 5)
    } catch {
      throw StoreError(system: error, path: database, doing: "flock \(path)")
    }
    guard isLocked else { throw .locked(path: database, holder: content(of: path)?.holder) }
    return file
  }

  /// Whether a reader may trust the database at `path`: it is as its last writer left it, or in the
  /// hands of one, which checked it before.
  static func vouches(forDatabase path: String) -> Bool {
    isAsClosed(path) || holder(ofDatabase: path) != nil
  }

  private static func isAsClosed(_ database: String) -> Bool {
    let mark = content(of: path(of: database))?.closed
    return mark != nil && mark == FileMark(of: database) && FileCheck.size(of: database + "-wal") == 0
  }

  /// Who holds the lock on the database at `path` now; nil if no process does.
  static func holder(ofDatabase database: String) -> LockHolder? {
    let path = path(of: database)
    guard let file = try? OpenFile(path, O_RDONLY), file.isLockedElsewhere else { return nil }
    return content(of: path)?.holder ?? LockHolder(pid: 0, host: "unknown", since: "unknown")
  }

  /// A lock without the name of its holder is a lock all the same.
  private static func write(_ content: Content, to file: OpenFile) {
    guard let text = try? JSONEncoder().encode(content) else { return }
    _ = ftruncate(file.descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(file.descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static func content(of path: String) -> Content? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return try? JSONDecoder().decode(Content.self, from: data)
  }
}
