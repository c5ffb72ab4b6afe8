import Platform

/// How many files a process may have open at once.
package enum Descriptors {
  /// What the orchestrator itself needs: database, journal, lock, figures, what the system's
  /// libraries keep open.
  private static let own = 40
  /// What a worker needs: three pipes, of which both ends are open while it is started, its log,
  /// its process descriptor.
  private static let each = 8

  /// What a command needs that only reads: the grid file, a database with what belongs to it, a
  /// figure.
  private static let minimum = 12

  /// Raises the limit of this process as far as allowed; returns for how many workers that is
  /// enough.
  package static func workersPossible() -> Int {
    guard let limit = raised() else { return .max }
    return (limit - own) / each
  }

  /// Raises the limit of this process as far as allowed, and checks that as many files can be
  /// opened as any command needs: a file that cannot be opened later would look like another error.
  ///
  /// - Throws: ``Failure`` if they cannot.
  package static func check() throws {
    _ = raised()
    if let shortage = OpenFile.shortage(of: minimum) {
      throw Failure(
        .cannotOpen,
        "too few files may be open at once (\(shortage)); raise the limit (`ulimit -n 1024`)")
    }
  }

  /// The limit of this process, raised as far as allowed; nil if it is not known.
  private static func raised() -> Int? { ResourceLimit.openFiles.raise(to: 1 << 16) }
}
