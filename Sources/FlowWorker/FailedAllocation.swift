import Platform
import Synchronization

/// Answers the run when an allocation fails.
///
/// Swift ends the process with SIGABRT then, after `Fatal error: failed to allocate … bytes` on
/// standard error. A handler writes an answer that was prepared before, if the process really has
/// taken more than it may; other aborts take their course. The handler only reads and writes memory
/// and files, as POSIX demands.
enum FailedAllocation {
  private struct Answer: ~Copyable {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    /// 0: there is none. Written after the bytes, as the handler may run on another thread.
    let length = Atomic(0)
    /// The answer is true if the process has more bytes of data.
    let threshold = Atomic(0)
    /// The earlier action of the signal; written before there is a handler.
    var before = sigaction()
  }

  private static let capacity = 4096
  /// Unchecked, because no pointer is Sendable, and a handler can use nothing else: it may take no
  /// lock, and it captures nothing. The pointer is a constant, its memory is never deallocated, and
  /// ``Answer/length`` tells when to read it.
  nonisolated(unsafe) private static let answer = {
    let answer = UnsafeMutablePointer<Answer>.allocate(capacity: 1)
    answer.initialize(to: Answer())
    return answer
  }()

  /// Catches SIGABRT from now on.
  static func watch() {
    // Also while it runs, so that the handler can pass the signal on.
    catchSignal(SIGABRT, before: &answer.pointee.before) { _ in FailedAllocation.answerRun() }
  }

  /// What to write to standard output if an allocation fails while the process has more data than a
  /// number of bytes; an empty line: nothing.
  static func prepare(_ line: [UInt8], above threshold: Int) {
    answer.pointee.length.store(0, ordering: .sequentiallyConsistent)
    guard line.count <= capacity else { return }
    for (i, byte) in line.enumerated() { answer.pointee.bytes[i] = byte }
    answer.pointee.threshold.store(threshold, ordering: .relaxed)
    answer.pointee.length.store(line.count, ordering: .releasing)
  }

  fileprivate static func answerRun() {
    let length = answer.pointee.length.load(ordering: .acquiring)
    if length > 0, ProcessMemory.data ?? 0 > answer.pointee.threshold.load(ordering: .relaxed) {
      _ = write(STDOUT_FILENO, answer.pointee.bytes, length)
      _exit(MemoryLimit.exitCode)
    }
    sigaction(SIGABRT, &answer.pointee.before, nil)
    raise(SIGABRT)
  }
}
