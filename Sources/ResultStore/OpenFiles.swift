import Foundation
import Platform

/// The files of a database that is open for writing. As long as they lie under their names, what
/// was committed is there for the next process that opens it.
struct OpenFiles: Sendable {
  private let files: [(path: String, identity: FileIdentity?)]

  /// Files that have just been opened.
  init(_ paths: [String]) { files = paths.map { ($0, FileIdentity($0)) } }

  /// Whether none has been removed, and no other has taken the place of one.
  var areInPlace: Bool { files.allSatisfy { $0.identity != nil && FileIdentity($0.path) == $0.identity } }
}

/// What distinguishes a file from any other that has been under its name.
struct FileIdentity: Hashable, Sendable {
  private var device: UInt64
  private var inode: UInt64

  private init(_ found: stat) {
    device = UInt64(found.st_dev)
    inode = UInt64(found.st_ino)
  }

  /// The file of a name; nil if there is none.
  init?(_ path: String) {
    guard let found = fileStatus(path) else { return nil }
    self.init(found)
  }

  /// A file that is open; nil if the system does not tell.
  init?(_ file: OpenFile) {
    var found = stat()
    guard fstat(file.descriptor, &found) == 0 else { return nil }
    self.init(found)
  }
}
