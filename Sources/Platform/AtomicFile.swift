/// A file that appears under its name only when it is complete. Until ``commit(durably:)`` it is a
/// draft under another name in the same folder, and an earlier file stays as it is; a draft that is
/// not committed is removed with the object.
public final class AtomicFile {
  /// The path of the complete file.
  public let path: String
  /// The path of the draft.
  public let draft: String
  private let file: OpenFile
  private var isCommitted = false

  /// Makes an empty draft.
  ///
  /// - Parameters:
  ///   - path: the path of the complete file. A symbolic link there is replaced, not followed.
  ///   - draft: the path of the draft, for a file that only one process at a time writes: a draft
  ///     that remains of a killed process is replaced. Nil: a unique name.
  ///   - mode: the permissions, before the umask is applied.
  public init(_ path: String, draft: String? = nil, mode: mode_t = 0o666) throws(SystemError) {
    self.path = path
    self.draft =
      draft ?? "\(path).\(getpid()).\(String(UInt32.random(in: 0 ... .max), radix: 36)).part"
    // Removed, never opened: it may be a symbolic link.
    unlink(self.draft)
    file = try OpenFile(self.draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
  }

  deinit { if !isCommitted { unlink(draft) } }

  /// Appends bytes to the draft.
  public func write(_ bytes: [UInt8]) throws(SystemError) { try file.write(bytes) }

  /// Renames the draft. To be called once; nothing may be written afterwards.
  ///
  /// - Parameter durably: whether content and name are on the disk when this returns. If not, a
  ///   power failure may leave an incomplete file.
  public func commit(durably: Bool = true) throws(SystemError) {
    if durably { try file.synchronize() }
    guard rename(draft, path) == 0 else { throw .last }
    isCommitted = true
    if durably { try synchronizeFolder() }
  }

  /// Without it a power failure may undo the renaming. Some file systems cannot, and need not.
  private func synchronizeFolder() throws(SystemError) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    do throws(SystemError) {
      try OpenFile(folder, O_RDONLY | O_DIRECTORY).synchronize()
    } catch {
      guard [EACCES, EINVAL, ENOTSUP].contains(error.number) else { throw error }
    }
  }

  /// Writes a whole file; see ``init(_:draft:mode:)`` and ``commit(durably:)``.
  public static func write(
    _ bytes: [UInt8], to path: String, draft: String? = nil, durably: Bool = true
  ) throws(SystemError) {
    let file = try AtomicFile(path, draft: draft)
    try file.write(bytes)
    try file.commit(durably: durably)
  }
}
