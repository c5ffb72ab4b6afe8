import Foundation
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
    LockHolder(pid: getpid(), host: hostName, since: Date().formatted(.iso8601))
  }

  /// As the machine calls itself; Foundation would ask the network.
  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "an unknown machine" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// An exclusive lock on a database, held until the value is released.
///
/// `flock` on a file beside the database: the kernel drops it with its holder, so a dead one needs no
/// unlocking, and what the file says is only for the error message. The file is never removed: another
/// process may be about to lock it. On NFS the kernel makes it a lock of the server (flock(2)), which
/// holds between machines too.
final class WriterLock: Sendable {
  /// What the file says.
  private struct Content: Codable {
    var pid: Int32
    var host: String
    var since: String
    /// The database as it was when the holder closed it; absent while it is open, and if its holder died.
    var closed: FileMark?

    var holder: LockHolder { LockHolder(pid: pid, host: host, since: since) }
  }

  /// Whether the database is, to the file system, as it was when the last writer closed it.
  let vouchesForDatabase: Bool
  private let database: String
  private let content: Content
  /// −1 when the lock has been given back.
  private let descriptor: Mutex<Int32>

  /// Locks the database at `path`.
  ///
  /// - Throws: ``StoreError/locked(path:holder:)`` at once if another process has the lock.
  init(database path: String) throws(StoreError) {
    let descriptor = try Self.lock(path)
    let holder = LockHolder.current
    database = path
    vouchesForDatabase = Self.isAsClosed(path)
    content = Content(pid: holder.pid, host: holder.host, since: holder.since)
    Self.write(content, to: descriptor)
    self.descriptor = Mutex(descriptor)
  }

  deinit { release(clean: false) }

  /// Whether it has not been given back.
  var isHeld: Bool { descriptor.withLock { $0 >= 0 } }

  /// Takes the lock again if its file has been removed or replaced: another process could lock the new one.
  ///
  /// - Throws: ``StoreError/locked(path:holder:)`` if one has.
  func renew() throws(StoreError) {
    let old = descriptor.withLock { $0 }
    guard old >= 0, FileIdentity(descriptor: old) != FileIdentity(Self.path(of: database)) else { return }
    let new = try Self.lock(database)
    Self.write(content, to: new)
    descriptor.withLock { $0 = new }
    close(old)
  }

  /// Gives the lock back.
  ///
  /// - Parameter clean: whether the database has been closed and nothing had failed.
  func release(clean: Bool) {
    descriptor.withLock { descriptor in
      guard descriptor >= 0 else { return }
      if clean {
        var content = content
        content.closed = FileMark(of: database)
        Self.write(content, to: descriptor)
      }
      close(descriptor)
      descriptor = -1
    }
  }

  private static func path(of database: String) -> String { database + ".lock" }

  /// Opens the file and locks it.
  private static func lock(_ database: String) throws(StoreError) -> Int32 {
    let path = path(of: database)
    // Close-on-exec: a worker must not inherit the lock and outlive its owner with it.
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError(system: errno, path: database, doing: path) }
    var code: Int32 = 0
    for attempt in 0..<5 {
      // A process that asks whether there is a writer holds it for no time at all.
      if attempt > 0 { usleep(20_000) }
      code = flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno
      guard code == EWOULDBLOCK || code == EINTR else { break }
    }
    guard code == 0 else {
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw StoreError(system: code, path: database, doing: "flock \(path)")
      }
      throw .locked(path: database, holder: content(of: path)?.holder)
    }
    return descriptor
  }

  /// Whether a reader may trust the database at `path`: it is as its last writer left it, or in the hands
  /// of one, which checked it before.
  static func vouches(forDatabase path: String) -> Bool {
    isAsClosed(path) || holder(ofDatabase: path) != nil
  }

  private static func isAsClosed(_ database: String) -> Bool {
    let mark = content(of: path(of: database))?.closed
    return mark != nil && mark == FileMark(of: database) && FileCheck.size(of: database + "-wal") == 0
  }

  /// Who holds the lock on the database at `path` now; nil if nobody does.
  static func holder(ofDatabase database: String) -> LockHolder? {
    let path = path(of: database)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return content(of: path)?.holder ?? LockHolder(pid: 0, host: "unknown", since: "unknown")
  }

  /// Failing to say who holds the lock does not make it less of a lock.
  private static func write(_ content: Content, to descriptor: Int32) {
    guard let text = try? JSONEncoder().encode(content) else { return }
    _ = ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static func content(of path: String) -> Content? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return try? JSONDecoder().decode(Content.self, from: data)
  }
}
