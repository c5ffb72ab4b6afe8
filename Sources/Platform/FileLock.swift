// Locks on whole files, flock(2). The kernel drops a lock with the file's last descriptor: a
// process that has died holds none. On NFS it is a lock of the server, valid between machines.
extension OpenFile {
  /// Takes the exclusive lock, and holds it until the object is released. It excludes all other
  /// objects, in the same process too.
  ///
  /// - Parameter attempts: how often to try, 20 ms apart: ``isLockedElsewhere`` holds the lock for
  ///   a moment.
  /// - Returns: false if another object or process holds it.
  /// - Throws: for instance the error of a file system without locks.
  public func lock(attempts: Int = 1) throws(SystemError) -> Bool {
    for attempt in 0..<attempts {
      if attempt > 0 { usleep(20_000) }
      do throws(SystemError) {
        try uninterrupted { Int(flock(descriptor, LOCK_EX | LOCK_NB)) }
        return true
      } catch {
        guard error.number == EWOULDBLOCK else { throw error }
      }
    }
    return false
  }

  /// Whether another object or process holds the exclusive lock. If not, this object holds a shared
  /// lock afterwards, until it is released.
  public var isLockedElsewhere: Bool {
    flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
