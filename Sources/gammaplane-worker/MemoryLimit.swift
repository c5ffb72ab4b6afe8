import WorkerProtocol

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Keeps the process within the memory that its order allows.
///
/// There are two lines. A thread looks at what is resident twenty times a second; beyond the allowance it answers the run with
/// a failure and ends the process. The system is told not to hand out more than a quarter above it and 64 MiB, for
/// what comes too quickly for that; then an allocation fails, and with it the process.
final class MemoryLimit: Sendable {
  /// The exit code of a process that went beyond its allowance.
  static let exitCode: CInt = 71

  private struct Watched: Sendable {
    var allowance: Int
    var run: RunContext
  }

  /// `malloc_trim`, where the C library has it: else what a large run leaves free would count as used by the next.
  private static let returnFreeMemory: (@convention(c) (Int) -> CInt)? = dlsym(nil, "malloc_trim")
    .map { unsafeBitCast($0, to: (@convention(c) (Int) -> CInt).self) }

  /// More than any machine has.
  private static let mostMemory = 1 << 56

  private let watched = Monitor<Watched?>(nil)
  /// Above this, what a run leaves behind is given back to the system, which costs a millisecond.
  private static let worthReturning = 32 << 20

  /// Also sees to it that a crash does not write the memory to the disk.
  init() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(Self.resource(RLIMIT_CORE), &none)
    guard Self.residentBytes != nil else { return }
    FailedAllocation.watch()
    let watched = watched
    _ = startThread { Self.watch(watched) }
  }

  /// A run begins, with what it may use.
  func begin(_ order: RunOrder, _ run: RunContext) {
    let allowance = order.memory.map { min(max(0, $0), Self.mostMemory) }
    let limit = Self.limitData(allowance.map { $0 + $0 / 4 + (64 << 20) })
    guard let allowance else { return }
    let failure = WorkerMessage.failure(
      run: order.run, .memory,
      detail: "the run could not get more memory, and may use \(Self.mebibytes(allowance)) MiB")
    FailedAllocation.prepare((try? failure.line()) ?? [], above: min(allowance, limit / 4 * 3))
    watched.change { $0 = Watched(allowance: allowance, run: run) }
  }

  /// The run has ended.
  func end() {
    watched.change { $0 = nil }
    FailedAllocation.prepare([], above: 0)
    if let resident = Self.residentBytes, resident > Self.worthReturning { _ = Self.returnFreeMemory?(0) }
  }

  private static func watch(_ watched: Monitor<Watched?>) {
    while true {
      let now = watched.wait { $0 }
      if let resident = residentBytes, resident > now.allowance {
        now.run.giveUp(
          .memory,
          detail: "the run uses \(mebibytes(resident)) MiB, and may use \(mebibytes(now.allowance)) MiB",
          exitCode: exitCode)
      }
      usleep(50_000)
    }
  }

  private static func mebibytes(_ bytes: Int) -> Int { bytes >> 20 }

  /// Bytes of this process that are in memory, as the orchestrator counts them; nil where that cannot be known.
  private static var residentBytes: Int? {
    #if os(Linux)
      let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      let text = String(unsafeUninitializedCapacity: 128) { max(0, read(descriptor, $0.baseAddress, 128)) }
      let pages = text.split(separator: " ").prefix(2).compactMap { Int($0) }
      guard pages.count == 2 else { return nil }
      return pages[1] * sysconf(CInt(_SC_PAGESIZE))
    #else
      return nil
    #endif
  }

  /// Lets the system refuse data beyond a limit; nil: beyond what it allows anyway. Returns the limit that holds now.
  private static func limitData(_ bytes: Int?) -> Int {
    var limit = rlimit()
    guard getrlimit(resource(RLIMIT_DATA), &limit) == 0 else { return .max }
    limit.rlim_cur = min(limit.rlim_max, bytes.map { rlim_t($0) } ?? limit.rlim_max)
    setrlimit(resource(RLIMIT_DATA), &limit)
    return Int(clamping: limit.rlim_cur)
  }

  #if canImport(Glibc)
    private static func resource(_ resource: __rlimit_resource) -> CInt { CInt(resource.rawValue) }
  #else
    private static func resource(_ resource: CInt) -> CInt { resource }
  #endif
}
