import Platform
import Synchronization

/// How many processes of this process's control group the system has killed for want of memory.
final class OutOfMemoryCount: Sendable {
  private let file: String?
  private let seen: Mutex<Int>

  /// Begins to count now.
  init() {
    file = Self.locate()
    seen = Mutex(file.flatMap { Self.count(in: $0) } ?? 0)
  }

  /// Whether one more was killed than has been asked for; then it counts as asked for.
  func claim() -> Bool {
    guard let file, let count = Self.count(in: file) else { return false }
    return seen.withLock { seen in
      guard count > seen else { return false }
      seen += 1
      return true
    }
  }

  /// `memory.events` of the group in version 2, `memory.oom_control` in version 1.
  private static func locate() -> String? {
    for line in (systemText("/proc/self/cgroup") ?? "").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let candidates =
        parts[0] == "0"
        ? ["/sys/fs/cgroup\(parts[2])/memory.events", "/sys/fs/cgroup/memory.events"]
        : parts[1].split(separator: ",").contains("memory")
          ? [
            "/sys/fs/cgroup/memory\(parts[2])/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control",
          ] : []
      if let found = candidates.first(where: { count(in: $0) != nil }) { return found }
    }
    return nil
  }

  private static func count(in file: String) -> Int? {
    for line in (systemText(file) ?? "").split(separator: "\n") where line.hasPrefix("oom_kill ") {
      return Int(line.dropFirst("oom_kill ".count))
    }
    return nil
  }
}
