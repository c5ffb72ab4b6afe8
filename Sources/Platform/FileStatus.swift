#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the system knows of a file, stat(2), at the end of all symbolic links; nil if there is
/// none, or none that can be seen.
public func fileStatus(_ path: String) -> stat? {
  var found = stat()
  return !path.utf8.contains(0) && stat(path, &found) == 0 ? found : nil
}

extension stat {
  /// Whether it is a folder.
  public var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }

  /// Whether it is an ordinary file: no folder, pipe, device …
  public var isOrdinary: Bool { st_mode & S_IFMT == S_IFREG }

  /// When it was written last, since 1970.
  public var modified: timespec {
    #if canImport(Darwin)
      st_mtimespec
    #else
      st_mtim
    #endif
  }
}

/// Whether there is a folder of that name.
public func isFolder(_ path: String) -> Bool { fileStatus(path)?.isFolder ?? false }

/// Whether there is something else than a folder of that name.
public func isFile(_ path: String) -> Bool { fileStatus(path)?.isFolder == false }

/// Whether this process may run the program at a path.
public func isProgram(_ path: String) -> Bool { accessError(path, X_OK) == nil && !isFolder(path) }

/// Why this process may not use a file in some way; nil if it may.
///
/// - Parameter mode: `R_OK`, `W_OK`, `X_OK`, or `F_OK` for whether it is there.
public func accessError(_ path: String, _ mode: CInt) -> SystemError? {
  access(path, mode) == 0 ? nil : .last
}

/// A path without symbolic links, from the root on; nil if nothing is there.
public func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// The names of what is in a folder, in no order; none if it cannot be read.
public func listFolder(_ path: String) -> [String] {
  (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
}

/// Makes a folder and those above it, unless they are there.
public func makeFolder(_ path: String) throws(SystemError) {
  guard !isFolder(path) else { return }
  let trimmed = path.last == "/" ? String(path.dropLast()) : path
  if let slash = trimmed.lastIndex(of: "/"), slash > trimmed.startIndex {
    try makeFolder(String(trimmed[..<slash]))
  }
  if mkdir(path, 0o777) == 0 { return }
  let error = SystemError.last
  guard error.number == EEXIST else { throw error }
  // Somebody else has just made it, or it is a file.
  guard isFolder(path) else { throw SystemError(ENOTDIR) }
}
