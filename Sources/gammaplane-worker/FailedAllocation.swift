import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Has the last word when an allocation fails.
///
/// Swift ends the process with SIGABRT then, after `Fatal error: failed to allocate … bytes` on standard error. A handler writes an
/// answer that was prepared before, if the process really has taken more than it may; other aborts take their course.
/// The handler only reads and writes memory and files, as POSIX demands.
enum FailedAllocation {
  private struct Answer: ~Copyable {
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    /// 0: there is none. Written after what it says is there, as a handler may run on another thread.
    let length = Atomic(0)
    /// Bytes of data above which it is true.
    let threshold = Atomic(0)
    /// What was done about the signal before; written before there is a handler.
    var before = sigaction()
  }

  private static let capacity = 4096
  /// Unchecked, because no pointer is Sendable, and a handler can do with nothing else: it may take no lock, and it captures
  /// nothing. The pointer is a constant, what is behind it is never deallocated, and ``Answer/length`` says when to read it.
  nonisolated(unsafe) private static let answer = {
    let answer = UnsafeMutablePointer<Answer>.allocate(capacity: 1)
    answer.initialize(to: Answer())
    return answer
  }()

  /// Catches SIGABRT from now on.
  static func watch() {
    var action = sigaction()
    // Not deferred, so that the handler can pass the signal on.
    action.sa_flags = CInt(bitPattern: UInt32(SA_NODEFER))
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { _ in FailedAllocation.lastWord() }
    #else
      action.__sigaction_handler.sa_handler = { _ in FailedAllocation.lastWord() }
    #endif
    sigaction(SIGABRT, &action, &answer.pointee.before)
  }

  /// What to write to standard output if an allocation fails while the process has more data than a number of bytes;
  /// an empty line: nothing.
  static func prepare(_ line: [UInt8], above threshold: Int) {
    answer.pointee.length.store(0, ordering: .sequentiallyConsistent)
    guard line.count <= capacity else { return }
    for (i, byte) in line.enumerated() { answer.pointee.bytes[i] = byte }
    answer.pointee.threshold.store(threshold, ordering: .relaxed)
    answer.pointee.length.store(line.count, ordering: .releasing)
  }

  fileprivate static func lastWord() {
    let length = answer.pointee.length.load(ordering: .acquiring)
    if length > 0, dataBytes > answer.pointee.threshold.load(ordering: .relaxed) {
      _ = write(STDOUT_FILENO, answer.pointee.bytes, length)
      _exit(MemoryLimit.exitCode)
    }
    sigaction(SIGABRT, &answer.pointee.before, nil)
    raise(SIGABRT)
  }

  /// Private memory of this process that can be written, whether it is resident or not: the sixth number.
  private static var dataBytes: Int {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return 0 }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      var field = 0
      var pages = 0
      var i = 0
      while i < count {
        if buffer[i] == UInt8(ascii: " ") {
          field += 1
        } else if field == 5, buffer[i] >= 48, buffer[i] <= 57 {
          pages = pages &* 10 &+ Int(buffer[i] - 48)
        }
        i += 1
      }
      return pages * sysconf(CInt(_SC_PAGESIZE))
    }
  }
}
