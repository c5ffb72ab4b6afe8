/// A file that takes its name when it is whole. It is written under another name in the same
/// folder, its draft's: nobody sees half of it, and what had its name before stays until then. A
/// draft that is not committed is removed with the object.
public final class AtomicFile {
  /// Where the file is to be.
  public let path: String
  /// What it is called until then.
  public let draft: String
  private let file: OpenFile
  private var isCommitted = false

  /// Makes an empty draft.
  ///
  /// - Parameters:
  ///   - path: where the file is to be. A symbolic link there is replaced, not followed.
  ///   - draft: what to call the draft, where only one process at a time writes the file: then the
  ///     draft that another has left, which died, gives way to this one. Nil: a name that nobody
  ///     else can have chosen.
  ///   - mode: the permissions, before the umask is applied.
  public init(_ path: String, draft: String? = nil, mode: mode_t = 0o666) throws(SystemError) {
    self.path = path
    self.draft =
      draft ?? "\(path).\(getpid()).\(String(UInt32.random(in: 0 ... .max), radix: 36)).part"
    // Never opened: it may be a link that leads somewhere else.
    unlink(self.draft)
    file = try OpenFile(self.draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
  }

  deinit { if !isCommitted { unlink(draft) } }

  /// Appends bytes to the draft.
  public func write(_ bytes: [UInt8]) throws(SystemError) { try file.write(bytes) }

  /// Gives the draft the file's name. To be called once; nothing may be written afterwards.
  ///
  /// - Parameter durably: whether content and name are on the disk when this returns. Else what a
  ///   loss of power leaves may be neither the old file nor the new one.
  public func commit(durably: Bool = true) throws(SystemError) {
    if durably { try file.synchronize() }
    guard rename(draft, path) == 0 else { throw .last }
    isCommitted = true
    if durably { try synchronizeFolder() }
  }

  /// The new name survives a loss of power only then. Some file systems cannot, and need not.
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
