import Foundation
import GRDB
import Platform

/// A copy of a database with what its journal holds, in a temporary folder.
///
/// SQLite reads a journal through a file of shared memory beside it. Where that is missing (backups
/// leave it out), it would make one: it cannot on a read-only medium, and elsewhere the file would
/// stay, in the way of the owner of the database.
struct JournalledCopy {
  private let folder: String
  /// The copy.
  let path: String

  /// Copies a database; nil where it can be read as it is.
  static func make(of database: String) throws -> JournalledCopy? {
    let journal = database + "-wal"
    // With shared memory there may be a writer, and a copy made meanwhile would be neither old nor
    // new.
    guard FileCheck.size(of: journal) > 0, fileStatus(database + "-shm") == nil,
      WriterLock.holder(ofDatabase: database) == nil
    else { return nil }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("gammaplane-\(UUID().uuidString)")
    let copy = JournalledCopy(
      folder: folder.path, path: folder.appendingPathComponent(ResultStore.fileName).path)
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try FileManager.default.copyItem(atPath: database, toPath: copy.path)
      try FileManager.default.copyItem(atPath: journal, toPath: copy.path + "-wal")
      let queue = try DatabaseQueue(path: copy.path)
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
      try queue.close()
      return copy
    } catch let error as DatabaseError {
      copy.remove()
      throw error
    } catch {
      copy.remove()
      throw StoreError.notReadable(
        path: database,
        cause: "its journal cannot be read where it is, and \(folder.path) has no room for a copy of both")
    }
  }

  /// Removes the copy.
  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
