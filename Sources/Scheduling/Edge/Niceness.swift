import Foundation

/// How nice processes are, which on Linux is a matter of threads: a child is as nice as the thread
/// that starts it. As root, the system's libraries give the threads that they start a niceness of
/// their own.
enum Niceness {
  /// Makes a process that was just started, and the threads of this one, as nice as the main thread
  /// of this one, if they are less.
  static func pass(to child: pid_t) {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    for other in threads.compactMap({ pid_t($0) }) + [child] { raise(other, toThatOf: getpid()) }
  }

  /// Makes this process as nice as the one that started it.
  static func takeFromParent() { raise(getpid(), toThatOf: getppid()) }

  private static func raise(_ process: pid_t, toThatOf model: pid_t) {
    let which = __priority_which_t(PRIO_PROCESS.rawValue)
    let niceness = getpriority(which, id_t(model))
    if getpriority(which, id_t(process)) < niceness { _ = setpriority(which, id_t(process), niceness) }
  }
}
