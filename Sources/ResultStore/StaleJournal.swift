import Foundation
import Platform

/// What a reader of another user leaves beside a database: SQLite makes a journal and shared memory
/// for it, which a connection that only reads cannot remove, and the owner of the database cannot
/// write.
struct StaleJournal {
  private let files: [String]

  /// The files that are in the way of writing a database; nil if none is.
  ///
  /// - Parameter isWritable: whether this process may write a file that exists.
  init?(of database: String, isWritable: (String) -> Bool = { accessError($0, W_OK)?.number != EACCES }) {
    files = ["-wal", "-shm"].map { database + $0 }.filter { fileStatus($0) != nil }
    if files.allSatisfy(isWritable) { return nil }
  }

  /// Removes them, if the journal is empty and no other process has the database open.
  func removeIfUnused() {
    for file in files {
      if file.hasSuffix("-wal"), FileCheck.size(of: file) > 0 { return }
      if file.hasSuffix("-shm"), Self.isInUse(file) { return }
    }
    for file in files { unlink(file) }
  }

  /// Whether another process has a lock on the shared memory, as all have that use it
  /// (https://sqlite.org/walformat.html, section 2.3: bytes 120 to 127; 128 is that of its users).
  private static func isInUse(_ path: String) -> Bool {
    guard let file = try? OpenFile(path, O_RDONLY) else { return true }
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = 120
    lock.l_len = 9
    return fcntl(file.descriptor, F_GETLK, &lock) != 0 || lock.l_type != Int16(F_UNLCK)
  }
}
