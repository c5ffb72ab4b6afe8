import Foundation

/// What can be told of a database file without opening it, before SQLite may touch it: SQLite takes an empty
/// or very short file for a new database, whatever lies beside it, and overwrites it.
///
/// The file is not opened here, because closing it would drop the locks that another connection of this process
/// has on it (POSIX locks belong to the process; https://sqlite.org/howtocorrupt.html, section 2.2).
enum FileCheck {
  /// The least size of an SQLite page, and so of a database.
  private static let leastSize = 512

  /// Refuses a file that cannot be a database. One that does not exist or is empty passes, unless a journal
  /// beside it shows that it was not empty before.
  static func check(_ path: String) throws(StoreError) {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    if attributes?[.type] as? FileAttributeType == .typeDirectory {
      throw .foreign(path: path, cause: "it is a folder")
    }
    let size = attributes?[.size] as? Int ?? 0
    let journal = path + "-wal"
    let hasJournal = Self.size(of: journal) > 0
    guard size > 0 else {
      guard !hasJournal else {
        throw .damaged(path: path, cause: "the file is missing or empty, yet its journal \(journal) is not")
      }
      return
    }
    guard size >= leastSize else {
      throw .foreign(path: path, cause: "with \(size) bytes it is too short to be a database")
    }
    // With a journal, half a page may be what a power failure left, and is restored from there.
    guard hasJournal || size % leastSize == 0 else {
      throw .damaged(path: path, cause: "it ends in the middle of a page")
    }
  }

  /// The size of a file in bytes; 0 if there is none.
  static func size(of path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
  }
}
