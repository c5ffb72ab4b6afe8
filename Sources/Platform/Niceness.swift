import CPlatform

/// The niceness of processes. On Linux every thread has its own, and a child inherits that of the
/// thread that starts it. In processes of root, the system's libraries change that of their
/// threads.
public enum Niceness {
  /// Sets the niceness of all threads of this process, and so of the children that it starts later.
  ///
  /// - Parameter niceness: from 0 to 19.
  public static func set(_ niceness: Int) {
    let niceness = CInt(niceness)
    _ = platform_set_niceness(0, niceness)
    // On Linux that is the calling thread alone. Threads that are started meanwhile, by those with
    // the old niceness, are found in the next listing. A listing counts only if it is complete; and
    // twice, because other threads may end before they are counted.
    var complete = 0
    for _ in 0..<1000 {
      let threads = threads(of: getpid())
      let hasty = threads.filter { platform_niceness($0) != niceness }
      for thread in hasty { _ = platform_set_niceness(thread, niceness) }
      let isComplete = hasty.isEmpty && threadCount.map { $0 == threads.count } ?? true
      complete = isComplete ? complete + 1 : 0
      if complete == 2 { return }
      usleep(1000)
    }
  }

  /// Raises the niceness of a child that was just started, and of all threads of this process, to
  /// that of the main thread.
  public static func pass(to child: pid_t) {
    for other in threads(of: getpid()) + [child] { raise(other, toThatOf: getpid()) }
  }

  /// Raises the niceness of this process to that of its parent.
  public static func takeFromParent() { raise(getpid(), toThatOf: getppid()) }

  private static func raise(_ process: pid_t, toThatOf model: pid_t) {
    let niceness = platform_niceness(model)
    if platform_niceness(process) < niceness { _ = platform_set_niceness(process, niceness) }
  }

  /// How many threads this process has; nil where that is not known.
  private static var threadCount: Int? {
    let line = systemText("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("Threads:") }
    return line.flatMap { $0.split(whereSeparator: \.isWhitespace).last }.flatMap { Int($0) }
  }
}
