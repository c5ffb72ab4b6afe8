import Failpoints
import Foundation
import GRDB
import Platform

/// A copy of a database as one file, put in its place when it is whole.
enum Snapshot {
  /// Copies a database, with what its journal holds; when this returns, the copy is on the disk
  /// under its name, and what was there before has given way.
  ///
  /// - Parameters:
  ///   - target: where the copy is to be.
  ///   - draft: what it is called until it is whole, in the same folder.
  ///   - passing: the place at which a test may have the process killed, when the draft is there.
  static func make(of queue: DatabaseQueue, at target: String, draft: String, passing: Failpoint) throws {
    let file: AtomicFile
    do throws(SystemError) {
      // SQLite takes an empty file for a new database.
      file = try AtomicFile(target, draft: draft)
    } catch {
      throw StoreError(system: error, path: target, doing: draft)
    }
    var configuration = Configuration()
    configuration.label = "gammaplane.copy"
    let copy = try DatabaseQueue(path: draft, configuration: configuration)
    try queue.backup(to: copy)
    // The copy has the journal mode of the original in it, and is to be one file.
    try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    try copy.close()
    passing.pass()
    do throws(SystemError) {
      try file.commit()
    } catch {
      throw StoreError.inputOutput(path: target, cause: error.description)
    }
  }
}

extension ResultStore {
  /// Copies the database to another place, for instance from the disk of a node to a file system
  /// that all nodes see. The copy is one file, whole under its name or not there; when this
  /// returns, it is on the disk. Commits wait meanwhile.
  ///
  /// - Throws: ``StoreError`` about the copy.
  public func copy(to target: String) throws(StoreError) {
    do {
      try Snapshot.make(of: queue, at: target, draft: target + ".part", passing: .duringCopy)
    } catch {
      throw StoreError(error, path: target)
    }
  }

  /// How many runs have a result, and how many failed, whatever sweep they belong to.
  public func totals() throws(StoreError) -> (results: Int, failures: Int) {
    try wrapping {
      try queue.read { db in
        (
          try Int.fetchOne(db, sql: "SELECT coalesce(sum(runs), 0) FROM tally") ?? 0,
          try Int.fetchOne(db, sql: "SELECT count(*) FROM failures") ?? 0
        )
      }
    }
  }
}
