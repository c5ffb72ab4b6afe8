import Foundation

/// The first bytes of a database file, looked at before SQLite may touch it: SQLite takes an empty file for a
/// new database, whatever lies beside it, and overwrites it.
enum FileHeader {
  private static let magic = Array("SQLite format 3\0".utf8)

  /// Refuses a file that is no SQLite database. One that does not exist or is empty passes, unless a journal
  /// beside it shows that it was not empty before.
  static func check(_ path: String) throws(StoreError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return try checkNoJournal(of: path)
    }
    guard !isFolder.boolValue else { throw .foreign(path: path, cause: "it is a folder") }
    let header: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      header = try file.read(upToCount: 100) ?? Data()
    } catch {
      throw .inputOutput(path: path, cause: error.localizedDescription)
    }
    if header.isEmpty { return try checkNoJournal(of: path) }
    guard Array(header.prefix(magic.count)) == magic else {
      throw .foreign(path: path, cause: "it is not an SQLite database")
    }
    guard header.count == 100 else { throw .damaged(path: path, cause: "the file is cut off") }
  }

  private static func checkNoJournal(of path: String) throws(StoreError) {
    let journal = path + "-wal"
    let size = (try? FileManager.default.attributesOfItem(atPath: journal)[.size]) as? Int ?? 0
    guard size == 0 else {
      throw .damaged(path: path, cause: "the file is missing or empty, yet its journal \(journal) is not")
    }
  }
}
