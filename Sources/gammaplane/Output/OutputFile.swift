import Foundation

/// A file that a command writes, or standard output.
///
/// The file is written under another name, `FILE.PID.part`, and takes its own when it is whole: whoever looks at it never
/// sees half of it, and an earlier one stays until then. What is no ordinary file, such as a pipe, is written as it is.
struct OutputFile {
  /// Nobody reads standard output any more.
  enum ReaderHasGone: Error { case instance }

  private let descriptor: Int32
  /// Where the file is to be; nil: standard output, or what is written as it is.
  private let path: String?
  /// What messages call it.
  private let name: String
  private var draft: String { (path ?? "") + ".\(getpid()).part" }

  /// Opens a file; standard output without a path.
  init(path: String?) throws {
    guard let path else {
      descriptor = STDOUT_FILENO
      self.path = nil
      name = "standard output"
      return
    }
    name = path
    // A symbolic link stays one.
    let place = realpath(path, nil)
    defer { free(place) }
    let target = place.map { String(cString: $0) } ?? path
    var status = stat()
    let isOrdinary = stat(target, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    self.path = isOrdinary ? target : nil
    descriptor =
      isOrdinary
      ? open("\(target).\(getpid()).part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      : open(target, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(.cannotOpen) }
  }

  /// Writes all of it.
  ///
  /// - Throws: ``ReaderHasGone``, and ``CommandFailure`` if it cannot be written.
  mutating func write(_ bytes: [UInt8]) throws {
    var start = 0
    while start < bytes.count {
      let written = bytes[start...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EPIPE { throw ReaderHasGone.instance }
      if written < 0 && errno != EINTR { throw failure(.inputOutput) }
      start += max(0, written)
    }
  }

  /// Gives the file its name. It is on the disk then.
  mutating func close() throws {
    guard descriptor != STDOUT_FILENO else { return }
    guard let path else {
      if Foundation.close(descriptor) != 0 { throw failure(.inputOutput) }
      return
    }
    guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw failure(.inputOutput) }
    _ = Foundation.close(descriptor)
  }

  /// Removes what has been written.
  mutating func discard() {
    guard descriptor != STDOUT_FILENO else { return }
    if path != nil { unlink(draft) }
    _ = Foundation.close(descriptor)
  }

  private func failure(_ status: CommandStatus) -> CommandFailure {
    let cause = errno
    let remedy =
      switch cause {
      case ENOENT, ENOTDIR: "make the folder first"
      case EACCES, EPERM, EROFS: "check the permissions of the folder"
      default: "make room"
      }
    return CommandFailure(
      status,
      "\(name) cannot be written (\(String(cString: strerror(cause)))); \(remedy), or send it elsewhere")
  }

  /// Writes a whole file and prints its name; `-` is standard output.
  static func write(_ bytes: Data, to file: String) throws {
    var target = try OutputFile(path: file == "-" ? nil : file)
    do {
      try target.write(Array(bytes))
      try target.close()
    } catch is OutputFile.ReaderHasGone {
      target.discard()
    } catch {
      target.discard()
      throw error
    }
    if file != "-" { Console.print(file) }
  }

  /// Fails if what an option names is a folder.
  static func checkName(_ path: String, option: String) throws {
    guard !path.isEmpty else { throw CommandFailure(.usage, "\(option) is empty; name a file") }
    guard !path.hasSuffix("/"), !isFolder(path) else {
      throw CommandFailure(.usage, "\(option): “\(path)” is a folder; name a file")
    }
  }

  /// Fails if a file could not be written: better now than after hours.
  ///
  /// - Parameters:
  ///   - path: where it is to be.
  ///   - option: the option that names it.
  static func check(_ path: String, option: String) throws {
    try checkName(path, option: option)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard access(folder, W_OK) == 0 else {
      throw CommandFailure(
        .cannotOpen,
        "\(option): \(path) could not be written: \(folder): \(String(cString: strerror(errno)))")
    }
  }
}
