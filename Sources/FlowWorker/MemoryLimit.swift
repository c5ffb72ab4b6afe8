import Platform
import WorkerProtocol

/// Keeps the process within the memory that its order allows.
///
/// There are two lines of defence. A thread observes the resident memory twenty times a second;
/// beyond the allowance it answers the run with a failure and ends the process. For what comes too
/// quickly for that, the system is told not to hand out more than a quarter above the allowance and
/// 64 MiB; then an allocation fails, and with it the process.
final class MemoryLimit: Sendable {
  /// The exit code of a process that went beyond its allowance.
  static let exitCode: CInt = 71

  private struct Watched: Sendable {
    var allowance: Int
    var run: RunContext
  }

  /// More than any machine has.
  private static let maxMemory = 1 << 56

  private let watched = Monitor<Watched?>(nil)
  /// Above this, what a run leaves free is returned to the system, which costs a millisecond: it
  /// would count as used by the next.
  private static let worthReturning = 32 << 20

  /// Starts the thread; and a crash does not write the memory to the disk from now on.
  init() {
    ResourceLimit.coreFile.forbid()
    guard ProcessMemory.resident != nil else { return }
    FailedAllocation.watch()
    let watched = watched
    _ = startThread { Self.watch(watched) }
  }

  /// A run begins, with what it may use.
  func begin(_ order: RunOrder, _ run: RunContext) {
    let allowance = order.memory.map { min(max(0, $0), Self.maxMemory) }
    let limit = ResourceLimit.data.set(allowance.map { $0 + $0 / 4 + (64 << 20) }) ?? .max
    guard let allowance else { return }
    // What earlier runs have left free must not count against a small allowance.
    if let resident = ProcessMemory.resident, resident > allowance / 2 { ProcessMemory.returnFree() }
    let failure = WorkerMessage.failure(
      run: order.run, .memory,
      detail: "the run could not get more memory, and may use \(Self.mebibytes(allowance)) MiB")
    FailedAllocation.prepare(
      (try? failure.line()) ?? [], above: min(allowance, limit / 4 * 3),
      exitCode: Self.exitCode)
    watched.change { $0 = Watched(allowance: allowance, run: run) }
  }

  /// The run has ended.
  func end() {
    watched.change { $0 = nil }
    FailedAllocation.prepare([], above: 0, exitCode: Self.exitCode)
    if let resident = ProcessMemory.resident, resident > Self.worthReturning {
      ProcessMemory.returnFree()
    }
  }

  private static func watch(_ watched: Monitor<Watched?>) {
    while true {
      let now = watched.wait { $0 }
      if let resident = ProcessMemory.resident, resident > now.allowance {
        now.run.failRun(
          .memory,
          detail: "the run uses \(mebibytes(resident)) MiB, and may use \(mebibytes(now.allowance)) MiB",
          exitCode: exitCode)
      }
      usleep(50_000)
    }
  }

  private static func mebibytes(_ bytes: Int) -> Int { bytes >> 20 }
}
