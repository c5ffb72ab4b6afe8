import Synchronization

/// Has a last word when an allocation fails.
///
/// Swift ends the process with SIGABRT then, after `Fatal error: failed to allocate … bytes` on
/// standard error. A handler writes an answer that was prepared before, and ends the process, if it
/// really has taken much memory; other aborts take their course. The handler only reads and writes
/// memory and files, as POSIX demands.
public enum FailedAllocation {
  private struct Answer: ~Copyable {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    /// 0: there is none. Written after the bytes, as the handler may run on another thread.
    let length = Atomic(0)
    /// The answer is true if the process has more bytes of data.
    let threshold = Atomic(0)
    /// Where to write it, and the exit code then.
    let descriptor = Atomic<CInt>(STDOUT_FILENO)
    let exitCode = Atomic<CInt>(0)
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
  public static func watch() {
    // Also while it runs, so that the handler can pass the signal on.
    catchSignal(SIGABRT, before: &answer.pointee.before) { _ in FailedAllocation.answerRun() }
  }

  /// What to do if an allocation fails.
  ///
  /// - Parameters:
  ///   - line: what to write, of at most 4096 bytes; empty: nothing is done.
  ///   - threshold: only if the process has more bytes of data than this.
  ///   - descriptor: where to write it.
  ///   - exitCode: with what the process ends then.
  public static func prepare(
    _ line: [UInt8], above threshold: Int, to descriptor: CInt = STDOUT_FILENO, exitCode: CInt
  ) {
    answer.pointee.length.store(0, ordering: .sequentiallyConsistent)
    guard line.count <= capacity else { return }
    for (i, byte) in line.enumerated() { answer.pointee.bytes[i] = byte }
    answer.pointee.threshold.store(threshold, ordering: .relaxed)
    answer.pointee.descriptor.store(descriptor, ordering: .relaxed)
    answer.pointee.exitCode.store(exitCode, ordering: .relaxed)
    answer.pointee.length.store(line.count, ordering: .releasing)
  }

  fileprivate static func answerRun() {
    let length = answer.pointee.length.load(ordering: .acquiring)
    if length > 0, ProcessMemory.data ?? 0 > answer.pointee.threshold.load(ordering: .relaxed) {
      _ = write(answer.pointee.descriptor.load(ordering: .relaxed), answer.pointee.bytes, length)
      _exit(answer.pointee.exitCode.load(ordering: .relaxed))
    }
    sigaction(SIGABRT, &answer.pointee.before, nil)
    raise(SIGABRT)
  }
}
