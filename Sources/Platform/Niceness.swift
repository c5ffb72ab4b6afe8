import CPlatform

/// How nice processes are, which on Linux is a matter of threads: a child is as nice as the thread
/// that starts it. As root, the system's libraries give the threads that they start a niceness of
/// their own.
public enum Niceness {
  /// Makes this process as nice as told, with all its threads, and so the children that it starts
  /// later.
  ///
  /// - Parameter niceness: from 0 to 19.
  public static func set(_ niceness: Int) {
    let niceness = CInt(niceness)
    _ = platform_set_niceness(0, niceness)
    // On Linux that is the calling thread alone. Threads that are started meanwhile, by those not
    // seen to yet, are found at the next look. A list counts only if it is as long as it should be;
    // and twice, because others may end before they are counted.
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

  /// Makes a process that was just started, and the threads of this one, as nice as the main thread
  /// of this one, if they are less.
  public static func pass(to child: pid_t) {
    for other in threads(of: getpid()) + [child] { raise(other, toThatOf: getpid()) }
  }

  /// Makes this process as nice as the one that started it, if it is less.
  public static func takeFromParent() { raise(getpid(), toThatOf: getppid()) }

  private static func raise(_ process: pid_t, toThatOf model: pid_t) {
    let niceness = platform_niceness(model)
    if platform_niceness(process) < niceness { _ = platform_set_niceness(process, niceness) }
  }

  /// How many threads this process has; nil where the system does not say.
  private static var threadCount: Int? {
    let line = systemText("/proc/self/status")?.split(separator: "\n").first { $0.hasPrefix("Threads:") }
    return line.flatMap { $0.split(whereSeparator: \.isWhitespace).last }.flatMap { Int($0) }
  }
}
