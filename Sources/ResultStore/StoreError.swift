import Foundation
import GRDB
import Model
import Platform

/// Why results cannot be kept or read. Every description names the file, the cause, and what to do
/// next.
public enum StoreError: Error, Hashable, Sendable {
  /// Another process writes the database.
  case locked(path: String, holder: LockHolder?)
  /// There is no database at the path, or an empty one.
  case missing(path: String)
  /// The file belongs to something else.
  case foreign(path: String, cause: String)
  /// The file was written by a newer gammaplane.
  case newer(path: String, version: Int, supported: Int)
  /// The file was written by an older gammaplane, and is open for reading only.
  case older(path: String, version: Int, supported: Int)
  /// The content is damaged.
  case damaged(path: String, cause: String)
  /// The file is no longer the one that was opened: it, or its journal, was removed or replaced.
  case replaced(path: String)
  /// The file cannot be read.
  case notReadable(path: String, cause: String)
  /// The file or its folder cannot be created or written.
  case notWritable(path: String, cause: String)
  /// The disk, or a quota, is full.
  case full(path: String)
  /// Reading or writing the disk failed.
  case inputOutput(path: String, cause: String)
  /// This process, or the system, may have no more files open.
  case noDescriptors(path: String)
  /// Another process wrote the file while it was read.
  case changed(path: String)
  /// Another process held the database longer than the busy timeout.
  case busy(path: String)
  /// The database holds no sweep of that name.
  case unknownSweep(path: String, name: String)
  /// A result that no run can have (``RunResult/flaw``).
  case implausible(run: RunIdentity, flaw: String)
  /// Anything else that SQLite reports.
  case sqlite(path: String, cause: String)
  /// What was not thought of: a bug.
  case unexpected(path: String, cause: String)

  /// What SQLite reported, as an error about the database at `path`.
  ///
  /// - Parameter free: how many bytes may still be written where a file lies; nil if that is not
  ///   known.
  init(_ error: any Error, path: String, free: (String) -> Int? = freeSpace) {
    switch error {
    case let error as StoreError: self = error
    case let error as DatabaseError: self.init(error, path: path, free: free)
    // A row that does not hold what its columns are for.
    case is RowDecodingError, is DecodingError: self = .damaged(path: path, cause: "\(error)".onOneLine)
    case is Unreadable:
      self = .damaged(path: path, cause: "a row holds something else than its columns are for")
    default: self = .unexpected(path: path, cause: "\(error)")
    }
  }

  private init(_ error: DatabaseError, path: String, free: (String) -> Int?) {
    let cause = (error.message ?? "\(error.resultCode)").onOneLine
    switch error.resultCode {
    case .SQLITE_CORRUPT: self = .damaged(path: path, cause: cause)
    // SQLite's words for a header whose number of the schema's format cannot be.
    case .SQLITE_ERROR where cause.contains("unsupported file format"):
      self = .damaged(path: path, cause: cause)
    case .SQLITE_NOTADB:
      let wasDatabase = FileCheck.wasDatabase(path)
      self = wasDatabase ? .damaged(path: path, cause: cause) : .foreign(path: path, cause: cause)
    case .SQLITE_FULL: self = .full(path: path)
    case .SQLITE_IOERR:
      // What SQLite calls by this name where the memory that it shares (-shm) finds no room.
      let isFull = Self.needingRoom.contains(error.extendedResultCode) && free(path) ?? .max < Self.minRoom
      self = isFull ? .full(path: path) : .inputOutput(path: path, cause: cause)
    // SQLite does not tell why it could not open a file, and has closed the others by now.
    case .SQLITE_CANTOPEN where OpenFile.shortage(of: 6) != nil: self = .noDescriptors(path: path)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      let isForeign = StaleJournal(of: path) != nil
      self = .notWritable(
        path: path, cause: isForeign ? "\(path)-wal or -shm belongs to another user" : cause)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
    default: self = .sqlite(path: path, cause: cause)
    }
  }

  /// Why a call of the system failed, as an error about the database at `path`.
  ///
  /// - Parameters:
  ///   - error: why.
  ///   - what: what was being done, if that is not clear.
  init(system error: SystemError, path: String, doing what: String = "") {
    switch error.number {
    case ENOSPC, EDQUOT: self = .full(path: path)
    case EMFILE, ENFILE: self = .noDescriptors(path: path)
    default:
      self = .notWritable(path: path, cause: (what.isEmpty ? "" : what + ": ") + error.description)
    }
  }

  /// Why the database at `path` cannot be read.
  init(reading path: String, _ error: SystemError) {
    switch error.number {
    case ENOENT, ENOTDIR: self = .missing(path: path)
    default: self = .notReadable(path: path, cause: error.description)
    }
  }

  /// Errors of writing. Those of synchronising are none of them: after one of these the disk is not
  /// to be trusted, full or not.
  private static let needingRoom: [ResultCode] = [
    .SQLITE_IOERR_WRITE, .SQLITE_IOERR_TRUNCATE, .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMSIZE,
    .SQLITE_IOERR_SHMMAP,
  ]
  /// With less room than the shared memory and a page need, a disk is full, in bytes.
  private static let minRoom = 64 << 10
}

/// How many bytes may still be written where a file lies; nil if that is not known.
private func freeSpace(_ path: String) -> Int? {
  var found = statvfs()
  guard statvfs(path, &found) == 0 else { return nil }
  return Int(clamping: UInt64(found.f_bavail) * UInt64(found.f_frsize))
}

extension StoreError: CustomStringConvertible {
  /// What was wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .locked(let path, let holder):
      "\(path) is being written by \(holder.map { "\($0)" } ?? "another process"); "
        + "wait until it has finished, or stop it and run the command again"
    case .missing(let path):
      "\(path) holds no results yet; start the sweep with `gammaplane run GRID`"
    case .foreign(let path, let cause):
      "\(path) is not a results database of gammaplane (\(cause)); it is left as it is: move it away, or "
        + "choose another folder with --results"
    case .newer(let path, let version, let supported):
      "\(path) was written by a newer gammaplane (schema version \(version), this one knows "
        + "\(supported)); use that version, or choose another folder with --results"
    case .older(let path, let version, let supported):
      "\(path) was written by an older gammaplane (schema version \(version), this one reads \(supported)); "
        + "`gammaplane fit` or `run` brings it up to date, and keeps a copy of it"
    case .damaged(let path, let cause):
      "\(path) is damaged (\(cause)); it is left as it is: restore a copy, or move it away and run the sweep "
        + "again (`sqlite3 FILE .recover` may save rows)"
    case .replaced(let path):
      "\(path) was removed or replaced while it was being written; results recorded since then are not in "
        + "it: restore it if it can be had, then run the command again"
    case .notReadable(let path, let cause):
      "\(path) cannot be read (\(cause)); check the permissions of the file and its folder, or ask its owner"
    case .notWritable(let path, let cause):
      "\(path) cannot be opened for writing (\(cause)); check the permissions of the folder and the file, or "
        + "choose another folder with --results"
    case .full(let path):
      "the disk that holds \(path) is full; make room and run the command again, what was recorded is kept"
    case .inputOutput(let path, let cause):
      "reading or writing \(path) failed (\(cause)); check the disk, then run the command again, what was "
        + "recorded is kept"
    case .noDescriptors(let path):
      "\(path) cannot be opened, because too few files may be open at once; raise the limit (`ulimit -n 1024`)"
    case .changed(let path):
      "\(path) was written while it was being read; run the command again"
    case .busy(let path):
      "another program holds a lock on \(path); close programs that have it open and run the command again"
    case .unknownSweep(let path, let name):
      "\(path) holds no sweep named “\(name)”; start it with `gammaplane run GRID`"
    case .implausible(let run, let flaw):
      "the result of run \(run) cannot be one (\(flaw)); it was not recorded: check the worker"
    case .sqlite(let path, let cause):
      "SQLite reports for \(path): \(cause)"
    case .unexpected(let path, let cause):
      "something unexpected happened to \(path): \(cause); what was recorded is kept; please report this"
    }
  }
}

extension String {
  /// The same without line breaks and other control characters, which what is damaged may be full
  /// of.
  var onOneLine: String {
    String(
      String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}
