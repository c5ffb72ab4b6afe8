import Platform
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a worker writes to its standard error: the last bytes in memory, and all of it in a file if
/// there is one.
///
/// The file may hold what earlier workers wrote: each begins with a line that names it, once it
/// writes something. A file that has reached half a mebibyte is renamed to `….old`, in place of the
/// one before, and a new one is begun: the latest output is always there, and both together hold at
/// most 1 MiB.
final class StandardErrorLog: Sendable {
  private static let fileLimit = 1 << 19
  private let limit: Int
  private let file: String?
  private let bytes = Mutex<[UInt8]>([])
  /// The line that names the worker, and whether it is in the file.
  private let heading = Mutex((text: "", isWritten: true))

  /// - Parameters:
  ///   - limit: how many bytes to keep in memory.
  ///   - file: where to append all of them; made when there are some. An error there is ignored: a
  ///     full disk is noticed where results are stored.
  init(limit: Int, file: String?) {
    self.limit = limit
    self.file = file
  }

  /// From now on this worker writes.
  func begin(_ worker: WorkerID, process: pid_t) {
    guard file != nil else { return }
    let text = "--- \(worker), process \(process), started \(Date.now.formatted(.iso8601)) ---\n"
    heading.withLock { $0 = (text, false) }
  }

  /// Adds what was read.
  func append(_ new: UnsafeRawBufferPointer) {
    bytes.withLock { bytes in
      bytes.append(contentsOf: new.suffix(limit))
      if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
    }
    guard let file else { return }
    // A piece that would not fit by itself: its end counts.
    write(UnsafeRawBufferPointer(rebasing: new.suffix(Self.fileLimit - 256)), to: file)
  }

  private func write(_ new: UnsafeRawBufferPointer, to file: String) {
    let isFull = fileStatus(file).map { Int($0.st_size) + new.count + 256 > Self.fileLimit } ?? false
    if isFull { rename(file, file + ".old") }
    let heading = heading.withLock { heading in
      defer { heading.isWritten = true }
      return isFull || !heading.isWritten ? heading.text : ""
    }
    // Opened anew each time: workers seldom complain, and descriptors are scarce.
    guard let log = try? OpenFile(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW),
      (try? log.write(Array(heading.utf8))) != nil
    else { return }
    try? log.write(new)
  }

  /// What was read last, with invalid UTF-8 replaced; starts with a whole character.
  var text: String {
    bytes.withLock { bytes in
      // Continuation bytes at the start belong to a character that was cut.
      let cut = bytes.count < limit ? 0 : bytes.prefix(3).prefix { $0 & 0xc0 == 0x80 }.count
      return String(decoding: bytes.dropFirst(cut), as: UTF8.self)
    }
  }
}
