import Failpoints
import Foundation
import GRDB

/// The copy of a database that is made before its tables are changed.
enum Backup {
  /// Where the copy of a database of some schema version is kept: beside it.
  static func path(of database: String, version: Int32) -> String { "\(database).v\(version).bak" }

  /// Copies a database, with what its journal holds; when this returns, the copy is on the disk under its name. One of
  /// the same version that is there already gives way: it was left by a migration that did not come to its end.
  static func make(of queue: DatabaseQueue, path: String, version: Int32) throws {
    let target = self.path(of: path, version: version)
    let draft = target + ".part"
    unlink(draft)
    do {
      var configuration = Configuration()
      configuration.label = "phasesweep.backup"
      let copy = try DatabaseQueue(path: draft, configuration: configuration)
      try queue.backup(to: copy)
      // The copy has the journal mode of the original in it, and is to be one file.
      try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      try copy.close()
      try synchronise(draft)
      Failpoint.duringBackup.pass()
      guard rename(draft, target) == 0 else { throw failure(of: target) }
      try synchronise(URL(fileURLWithPath: target).deletingLastPathComponent().path)
    } catch {
      unlink(draft)
      throw error
    }
  }

  private static func synchronise(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(of: path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure(of: path) }
  }

  private static func failure(of path: String) -> StoreError {
    .inputOutput(path: path, cause: String(cString: strerror(errno)))
  }
}
