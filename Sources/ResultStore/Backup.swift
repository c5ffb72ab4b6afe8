import GRDB

/// The copy of a database that is made before its tables are changed.
enum Backup {
  /// Where the copy of a database of some schema version is kept: beside it.
  static func path(of database: String, version: Int32) -> String { "\(database).v\(version).bak" }

  /// Copies a database, with what its journal holds; when this returns, the copy is on the disk
  /// under its name. One of the same version that is there already gives way: it was left by a
  /// migration that did not come to its end.
  static func make(of queue: DatabaseQueue, path: String, version: Int32) throws {
    let target = self.path(of: path, version: version)
    try Snapshot.make(of: queue, at: target, draft: target + ".part", passing: .duringBackup)
  }
}
