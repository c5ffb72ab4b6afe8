import Foundation

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

  static var current: LockHolder {
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
/// process may be about to lock it.
final class WriterLock: Sendable {
  private let descriptor: Int32

  /// Locks the database at `path`.
  ///
  /// - Throws: ``StoreError/locked(path:holder:)`` at once if another process has the lock.
  init(database path: String) throws(StoreError) {
    let lockPath = path + ".lock"
    // Close-on-exec: a worker must not inherit the lock and outlive its owner with it.
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .notWritable(path: path, cause: "\(lockPath): \(String(cString: strerror(errno)))")
    }
    var code: Int32 = 0
    for attempt in 0..<5 {
      // Somebody may just be asking whether there is a writer, which takes no time.
      if attempt > 0 { usleep(20_000) }
      code = flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno
      guard code == EWOULDBLOCK || code == EINTR else { break }
    }
    guard code == 0 else {
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw .notWritable(path: path, cause: "flock \(lockPath): \(String(cString: strerror(code)))")
      }
      throw .locked(path: path, holder: Self.holder(in: lockPath))
    }
    self.descriptor = descriptor
    if let text = try? JSONEncoder().encode(LockHolder.current) {
      // Failing to say who holds the lock does not make it less of a lock.
      _ = ftruncate(descriptor, 0)
      _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
  }

  deinit { close(descriptor) }

  /// Who holds the lock on the database at `path` now; nil if nobody does.
  static func holder(ofDatabase path: String) -> LockHolder? {
    let lockPath = path + ".lock"
    let descriptor = open(lockPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return holder(in: lockPath) ?? LockHolder(pid: 0, host: "unknown", since: "unknown")
  }

  private static func holder(in path: String) -> LockHolder? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return try? JSONDecoder().decode(LockHolder.self, from: data)
  }
}
