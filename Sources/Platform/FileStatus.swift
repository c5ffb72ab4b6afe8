#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The status of a file, stat(2); symbolic links are followed. Nil if there is none, or a folder
/// above it may not be searched.
public func fileStatus(_ path: String) -> stat? {
  var found = stat()
  return !path.utf8.contains(0) && stat(path, &found) == 0 ? found : nil
}

extension stat {
  /// Whether it is a folder.
  public var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }

  /// Whether it is an ordinary file: no folder, pipe, device …
  public var isOrdinary: Bool { st_mode & S_IFMT == S_IFREG }

  /// The time of the last modification, since 1970.
  public var modified: timespec {
    #if canImport(Darwin)
      st_mtimespec
    #else
      st_mtim
    #endif
  }
}

/// Whether there is a folder at a path.
public func isFolder(_ path: String) -> Bool { fileStatus(path)?.isFolder ?? false }

/// Whether there is a file of any kind but a folder at a path.
public func isFile(_ path: String) -> Bool { fileStatus(path)?.isFolder == false }

/// Whether this process may run the program at a path.
public func isProgram(_ path: String) -> Bool { accessError(path, X_OK) == nil && !isFolder(path) }

/// Why access(2) to a file is refused; nil if it is granted.
///
/// - Parameter mode: `R_OK`, `W_OK`, `X_OK`, or `F_OK` (existence).
public func accessError(_ path: String, _ mode: CInt) -> SystemError? {
  access(path, mode) == 0 ? nil : .last
}

/// The absolute path without symbolic links, realpath(3); nil if nothing is there.
public func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// The names in a folder, in no order; none if it cannot be read.
public func listFolder(_ path: String) -> [String] {
  (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
}

/// Creates a folder and its parents where they are missing.
public func makeFolder(_ path: String) throws(SystemError) {
  guard !isFolder(path) else { return }
  let trimmed = path.last == "/" ? String(path.dropLast()) : path
  if let slash = trimmed.lastIndex(of: "/"), slash > trimmed.startIndex {
    try makeFolder(String(trimmed[..<slash]))
  }
  if mkdir(path, 0o777) == 0 { return }
  let error = SystemError.last
  guard error.number == EEXIST else { throw error }
  // Another process has just created it, or there is a file.
  guard isFolder(path) else { throw SystemError(ENOTDIR) }
}
