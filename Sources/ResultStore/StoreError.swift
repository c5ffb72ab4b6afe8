import GRDB
import Model

/// Why results cannot be kept or read. Every description names the file, the cause, and what to do next.
public enum StoreError: Error, Hashable, Sendable {
  /// Another process writes the database.
  case locked(path: String, holder: LockHolder?)
  /// There is no database at the path, or an empty one.
  case missing(path: String)
  /// The file belongs to something else.
  case foreign(path: String, cause: String)
  /// The file was written by a newer phasesweep.
  case newer(path: String, version: Int, supported: Int)
  /// The content is damaged.
  case damaged(path: String, cause: String)
  /// The file or its folder cannot be created or written.
  case notWritable(path: String, cause: String)
  /// The disk, or a quota, is full.
  case full(path: String)
  /// Reading or writing the disk failed.
  case inputOutput(path: String, cause: String)
  /// Another process held the database longer than the busy timeout.
  case busy(path: String)
  /// The database holds no sweep of that name.
  case unknownSweep(path: String, name: String)
  /// A result that no run can have: a number is negative or not finite, or sup RD is below RD.
  case implausible(run: RunIdentity)
  /// Anything else that SQLite reports.
  case sqlite(path: String, cause: String)

  /// What SQLite reported, as an error about the database at `path`.
  init(_ error: any Error, path: String) {
    if let error = error as? StoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self = .damaged(path: path, cause: "\(error)")
      return
    }
    let cause = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_CORRUPT: self = .damaged(path: path, cause: cause)
    case .SQLITE_NOTADB: self = .foreign(path: path, cause: cause)
    case .SQLITE_FULL: self = .full(path: path)
    case .SQLITE_IOERR: self = .inputOutput(path: path, cause: cause)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      self = .notWritable(path: path, cause: cause)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
    default: self = .sqlite(path: path, cause: cause)
    }
  }
}

extension StoreError: CustomStringConvertible {
  /// What was wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .locked(let path, let holder):
      "\(path) is being written by \(holder.map { "\($0)" } ?? "another process"); "
        + "wait until it has finished, or stop it and run the command again"
    case .missing(let path):
      "\(path) holds no results yet; start the sweep with `phasesweep run GRID`"
    case .foreign(let path, let cause):
      "\(path) is not a results database of phasesweep (\(cause)); it is left as it is: move it away, or "
        + "choose another folder with --results"
    case .newer(let path, let version, let supported):
      "\(path) was written by a newer phasesweep (schema version \(version), this one knows "
        + "\(supported)); use that version, or choose another folder with --results"
    case .damaged(let path, let cause):
      "\(path) is damaged (\(cause)); it is left as it is: restore a copy, or move it away and run the sweep "
        + "again (`sqlite3 FILE .recover` may save rows)"
    case .notWritable(let path, let cause):
      "\(path) cannot be opened for writing (\(cause)); check the permissions of the folder and the file, or "
        + "choose another folder with --results"
    case .full(let path):
      "the disk that holds \(path) is full; make room and run the command again, what was recorded is kept"
    case .inputOutput(let path, let cause):
      "reading or writing \(path) failed (\(cause)); check the disk, then run the command again, what was "
        + "recorded is kept"
    case .busy(let path):
      "another program holds a lock on \(path); close programs that have it open and run the command again"
    case .unknownSweep(let path, let name):
      "\(path) holds no sweep named “\(name)”; start it with `phasesweep run GRID`"
    case .implausible(let run):
      "the result of run \(run) holds a number that is negative or not finite, or its sup RD is below its "
        + "RD; it was not recorded: check the worker"
    case .sqlite(let path, let cause):
      "SQLite reports for \(path): \(cause)"
    }
  }
}
