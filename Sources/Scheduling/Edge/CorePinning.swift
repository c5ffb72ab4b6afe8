#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Binds workers to the cores that this process may use, each slot to one: workers that live at the
/// same time share a core only if there are more of them than cores. Does nothing where the system
/// has no affinity masks.
struct CorePinning: Sendable {
  /// `int f(pid_t pid, size_t size, cpu_set_t *mask)`: how both functions of Linux are called.
  private typealias MaskFunction = @convention(c) (pid_t, Int, UnsafeMutableRawPointer?) -> CInt

  /// Room for 8192 cores.
  private static let words = 128

  private let cores: [Int]

  init() {
    var mask = [UInt](repeating: 0, count: Self.words)
    let status = Self.call("sched_getaffinity", 0, &mask)
    cores =
      status < 0
      ? []
      : mask.indices.flatMap { word in
        (0..<UInt.bitWidth).filter { mask[word] >> UInt($0) & 1 == 1 }.map { word * UInt.bitWidth + $0 }
      }
  }

  /// Binds a process that has just been started, with all its threads, to the core of its slot.
  /// Threads that they start later are bound with them.
  func pin(_ pid: pid_t, toSlot slot: Int) {
    guard !cores.isEmpty else { return }
    let core = cores[slot % cores.count]
    var mask = [UInt](repeating: 0, count: Self.words)
    mask[core / UInt.bitWidth] = 1 << UInt(core % UInt.bitWidth)
    _ = Self.call("sched_setaffinity", pid, &mask)
    var bound: Set<pid_t> = [pid]
    // Until a look finds none that an unbound thread has started meanwhile.
    for thread in sequence(state: (), next: { _ in Self.threads(of: pid).first { !bound.contains($0) } }) {
      bound.insert(thread)
      _ = Self.call("sched_setaffinity", thread, &mask)
    }
  }

  private static func threads(of pid: pid_t) -> [pid_t] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []).compactMap {
      pid_t($0)
    }
  }

  /// Calls a function that the C library offers only to those who ask for extensions, which Swift
  /// does not.
  private static func call(_ name: String, _ pid: pid_t, _ mask: inout [UInt]) -> CInt {
    guard let symbol = dlsym(nil, name) else { return -1 }
    let function = unsafeBitCast(symbol, to: MaskFunction.self)
    return mask.withUnsafeMutableBytes { function(pid, $0.count, $0.baseAddress) }
  }
}
