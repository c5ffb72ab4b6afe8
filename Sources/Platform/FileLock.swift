// Locks on whole files, flock(2). The kernel drops a lock with the file's last descriptor, so that
// a holder that has died needs no unlocking, and no program that is started inherits one. On NFS it is
// a lock of the server, which holds between machines too.
extension OpenFile {
  /// Takes the lock, and keeps it until the object is released. Locks are of the open file: another
  /// object has another one, in the same process too.
  ///
  /// - Parameter attempts: how often to try, 20 ms apart: who asks ``isLockedElsewhere`` holds the
  ///   lock for a moment.
  /// - Returns: false if somebody else has it.
  /// - Throws: the error of a file system without locks.
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

  /// Whether somebody else has the lock. If nobody has, this object shares it with all who ask the
  /// same until it is released.
  public var isLockedElsewhere: Bool {
    flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
