import Foundation
import Platform

/// What can be found out about a database file without opening it, before SQLite may touch it:
/// SQLite takes an empty or very short file for a new database, whatever lies beside it, and
/// overwrites it.
///
/// The file is not opened here, because closing it would drop the locks that another connection of
/// this process has on it (POSIX locks belong to the process; https://sqlite.org/howtocorrupt.html,
/// section 2.2).
enum FileCheck {
  /// The least size of an SQLite page, and so of a database.
  static let minSize = 512

  /// Refuses a file that cannot be a database. One that does not exist or is empty passes, unless a
  /// journal beside it shows that it was not empty before.
  static func check(_ path: String) throws(StoreError) {
    guard !isFolder(path) else { throw .foreign(path: path, cause: "it is a folder") }
    let size = size(of: path)
    let journal = path + "-wal"
    let hasJournal = Self.size(of: journal) > 0
    guard size > 0 else {
      guard !hasJournal else {
        throw .damaged(path: path, cause: "the file is missing or empty, yet its journal \(journal) is not")
      }
      return
    }
    guard size >= minSize else {
      let cause = "with \(size) bytes it is too short to be a database"
      throw wasDatabase(path) ? .damaged(path: path, cause: cause) : .foreign(path: path, cause: cause)
    }
    // With a journal, half a page may be what a power failure left, and is restored from there.
    guard hasJournal || size % minSize == 0 else {
      throw .damaged(path: path, cause: "it ends in the middle of a page")
    }
  }

  /// Refuses to write a file that has a second name: SQLite has its journal beside the name by
  /// which it was opened, so that two writers, or a reader, would not see each other's
  /// (https://sqlite.org/howtocorrupt.html, section 2.5).
  static func refuseLinks(_ path: String) throws(StoreError) {
    let links = fileStatus(path).map { Int($0.st_nlink) } ?? 1
    guard links > 1 else { return }
    throw .notWritable(
      path: path,
      cause: "it has \(links) names, which are hard links: make a file of its own of it, with "
        + "`cp FILE FILE.copy && mv FILE.copy FILE`")
  }

  /// Whether a file that is no database now has been one: it begins with zeros, as after a crash of
  /// the file system, or part of a header is left. Opens the file, so it is for those only that
  /// SQLite cannot use, and has no lock on.
  static func wasDatabase(_ path: String) -> Bool {
    // The magic string and the application id (https://sqlite.org/fileformat.html, section 1.3).
    guard let header = try? readFile(path, atMost: 100), !header.isEmpty else { return false }
    let identity = withUnsafeBytes(of: Schema.applicationID.bigEndian, Array.init)
    return header.allSatisfy { $0 == 0 } || header.starts(with: Array("SQLite format 3\0".utf8))
      || header.dropFirst(68).prefix(4).elementsEqual(identity)
  }

  /// Whether the header of a database says that its journal is a WAL
  /// (https://sqlite.org/fileformat.html, section 1.3.3); nil if it cannot be read. Opens the file,
  /// so it is for a process that does not write it.
  static func isWAL(_ path: String) -> Bool? {
    guard let header = try? readFile(path, atMost: 20), header.count == 20 else { return nil }
    return header[18] == 2
  }

  /// The size of a file in bytes; 0 if there is none.
  static func size(of path: String) -> Int { fileStatus(path).map { Int($0.st_size) } ?? 0 }

  /// Where a database lies that is reached through a symbolic link: SQLite has its journal beside
  /// the file itself, and so is its lock.
  static func target(of path: String) -> String {
    var found = stat()
    guard lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFLNK else { return path }
    return resolvedPath(path) ?? path
  }
}

/// By what a file system tells that a file has not been changed.
struct FileMark: Hashable, Codable {
  private var inode: UInt64
  private var size: Int64
  private var seconds: Int
  private var nanoseconds: Int

  /// nil if there is no such file.
  init?(of path: String) {
    guard let found = fileStatus(path) else { return nil }
    inode = UInt64(found.st_ino)
    size = Int64(found.st_size)
    seconds = found.modified.tv_sec
    nanoseconds = found.modified.tv_nsec
  }
}
