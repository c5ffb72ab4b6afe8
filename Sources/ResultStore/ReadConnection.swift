import Foundation
import GRDB
import Platform

/// A connection that reads a database and leaves nothing beside it.
///
/// A reader of a WAL database usually makes a journal and shared memory where there are none, and
/// cannot remove them: they would belong to the last reader, and keep the owner of the database
/// from writing it (https://sqlite.org/wal.html, section 5).
struct ReadConnection {
  /// The connection.
  let queue: DatabaseQueue
  /// The file as it was before, if it is read without locks: what is read holds only as long as the
  /// file stays so.
  let unlocked: FileMark?

  /// Opens a database that exists.
  init(_ path: String, _ configuration: Configuration) throws {
    if let copy = try JournalledCopy.make(of: path) {
      defer { copy.remove() }
      // Once SQLite has opened it, the file needs no name any more.
      queue = try DatabaseQueue(path: copy.path, configuration: configuration)
      unlocked = nil
    } else if let name = Self.nameWithoutLocks(path) {
      unlocked = FileMark(of: path)
      queue = try DatabaseQueue(path: name, configuration: configuration)
    } else {
      unlocked = nil
      queue = try DatabaseQueue(path: path, configuration: configuration)
    }
  }

  /// The name by which SQLite reads a database without locks and makes no files; nil where it must
  /// not: part of the content is in the journal, or a process may be writing the file itself.
  ///
  /// A writer of a WAL database writes the file only when it moves into it what is in the journal.
  static func nameWithoutLocks(_ path: String) -> String? {
    guard FileCheck.size(of: path + "-wal") == 0 else { return nil }
    let hasWriter = WriterLock.holder(ofDatabase: path) != nil
    guard !hasWriter || (!FileSystem(of: path).isRemote && fileStatus(path + "-wal") != nil) else {
      return nil
    }
    return immutableName(of: path)
  }

  /// A URL that tells SQLite that the file does not change.
  static func immutableName(of path: String) -> String? {
    URL(fileURLWithPath: path).path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
      .map { "file:\($0)?immutable=1" }
  }
}
