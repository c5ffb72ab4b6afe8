import Platform
import WorkerProtocol

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

  /// More than any machine has.
  private static let mostMemory = 1 << 56

  private let watched = Monitor<Watched?>(nil)
  /// Above this, what a run leaves free is returned to the system, which costs a millisecond: it would
  /// count as used by the next.
  private static let worthReturning = 32 << 20

  /// Also sees to it that a crash does not write the memory to the disk.
  init() {
    ResourceLimit.coreFile.forbid()
    guard ProcessMemory.resident != nil else { return }
    FailedAllocation.watch()
    let watched = watched
    _ = startThread { Self.watch(watched) }
  }

  /// A run begins, with what it may use.
  func begin(_ order: RunOrder, _ run: RunContext) {
    let allowance = order.memory.map { min(max(0, $0), Self.mostMemory) }
    let limit = ResourceLimit.data.set(allowance.map { $0 + $0 / 4 + (64 << 20) }) ?? .max
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
    if let resident = ProcessMemory.resident, resident > Self.worthReturning {
      ProcessMemory.returnFree()
    }
  }

  private static func watch(_ watched: Monitor<Watched?>) {
    while true {
      let now = watched.wait { $0 }
      if let resident = ProcessMemory.resident, resident > now.allowance {
        now.run.giveUp(
          .memory,
          detail: "the run uses \(mebibytes(resident)) MiB, and may use \(mebibytes(now.allowance)) MiB",
          exitCode: exitCode)
      }
      usleep(50_000)
    }
  }

  private static func mebibytes(_ bytes: Int) -> Int { bytes >> 20 }

}
