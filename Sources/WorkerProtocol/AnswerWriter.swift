import Model
import Platform
import Synchronization

/// Writes messages as whole lines, whichever thread they come from, and no second answer to a run.
final class AnswerWriter: Sendable {
  /// Why a message could not be written.
  enum Failure: Error {
    /// The reading end is closed.
    case readerGone
    /// Any other error.
    case system(SystemError)
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
    do throws(SystemError) {
      try Platform.writeAll(bytes, to: descriptor)
    } catch {
      throw error.number == EPIPE ? .readerGone : .system(error)
    }
  }
}
