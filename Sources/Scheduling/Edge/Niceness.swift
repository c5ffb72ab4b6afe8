import Foundation

/// How nice processes are, which on Linux is a matter of threads: a child is as nice as the thread that starts it. As root, the
/// system's libraries give the threads that they start a niceness of their own.
enum Niceness {
  /// Makes a process that was just started as nice as the main thread of this one, if it is less.
  static func pass(to child: pid_t) {
    let which = __priority_which_t(PRIO_PROCESS.rawValue)
    let own = getpriority(which, id_t(getpid()))
    if getpriority(which, id_t(child)) < own { _ = setpriority(which, id_t(child), own) }
  }
}
