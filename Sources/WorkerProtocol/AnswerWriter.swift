import Model
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes messages as whole lines, whichever thread they come from, and no second answer to a run.
final class AnswerWriter: Sendable {
  /// Why a message could not be written.
  enum Failure: Error {
    /// The reading end is closed.
    case readerGone
    /// The system's error number.
    case system(CInt)
  }

  let descriptor: CInt
  /// The run that waits for its answer.
  private let unanswered = Mutex<RunIdentity?>(nil)

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  /// A run is under way from now on.
  func begin(_ run: RunIdentity) { unanswered.withLock { $0 = run } }

  /// Writes a line that answers no run.
  func write(_ line: [UInt8]) throws(Failure) {
    try unanswered.withLock { (_) throws(Failure) in try writeAll(line) }
  }

  /// Writes the answer to the run under way.
  func answer(_ line: [UInt8]) throws(Failure) {
    try unanswered.withLock { (run: inout sending RunIdentity?) throws(Failure) in
      try writeAll(line)
      run = nil
    }
  }

  /// Writes the answer to a run unless it has one, and ends the process before anything else is
  /// written.
  func answer(_ run: RunIdentity, _ line: [UInt8], thenExit code: CInt) {
    unanswered.withLock { unanswered in
      guard unanswered == run else { return }
      try? writeAll(line)
      _exit(code)
    }
  }

  private func writeAll(_ bytes: [UInt8]) throws(Failure) {
    switch writeBytes(bytes, to: descriptor) {
    case 0: return
    case EPIPE: throw .readerGone
    case let number: throw .system(number)
    }
  }
}

/// Writes all bytes, in as many pieces as it takes; returns 0 or the error number.
func writeBytes(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
  bytes.withUnsafeBytes { buffer in
    var done = 0
    while done < buffer.count {
      let written = write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      if written < 0 && errno != EINTR { return errno }
      done += max(0, written)
    }
    return 0
  }
}

/// What an error number means.
func describe(_ number: CInt) -> String {
  strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
