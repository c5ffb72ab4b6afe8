/// A file that is open until the object is released. Child processes do not inherit it.
public final class OpenFile: Sendable {
  /// The file descriptor.
  public let descriptor: CInt

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: its path; one with a NUL in it counts as missing.
  ///   - flags: those of open(2), such as `O_RDONLY`; `O_CLOEXEC` is added.
  ///   - mode: the permissions of a file that `O_CREAT` creates, before the umask is applied.
  public init(_ path: String, _ flags: CInt, mode: mode_t = 0o666) throws(SystemError) {
    guard !path.utf8.contains(0) else { throw SystemError(ENOENT) }
    descriptor = CInt(try uninterrupted { Int(open(path, flags | O_CLOEXEC, mode)) })
  }

  deinit { close(descriptor) }

  /// Writes all bytes; see ``writeAll(_:to:)``.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    try writeAll(bytes, to: descriptor)
  }

  /// Writes all bytes; see ``writeAll(_:to:)``.
  public func write(_ bytes: [UInt8]) throws(SystemError) { try writeAll(bytes, to: descriptor) }

  /// Reads some bytes; see ``readBytes(from:atMost:)``.
  public func read(atMost capacity: Int) throws(SystemError) -> [UInt8] {
    try readBytes(from: descriptor, atMost: capacity)
  }

  /// Waits until everything written is on the disk, fsync(2).
  public func synchronize() throws(SystemError) { try uninterrupted { Int(fsync(descriptor)) } }

  /// The error that prevents opening some more files at the same time, `EMFILE` or `ENFILE`; nil if
  /// they can be opened, or fail for another reason.
  public static func shortage(of count: Int) -> SystemError? {
    var opened: [OpenFile] = []
    do throws(SystemError) {
      while opened.count < count { opened.append(try OpenFile("/dev/null", O_RDONLY)) }
      return nil
    } catch {
      return [EMFILE, ENFILE].contains(error.number) ? error : nil
    }
  }
}
