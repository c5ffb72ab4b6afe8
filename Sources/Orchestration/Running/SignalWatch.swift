import Foundation
import Synchronization

/// Where the signal handler writes; a handler may do no more than that. Global, because a C function captures nothing.
private let wakeUpDescriptor = Atomic<Int32>(-1)

/// Calls a function, on a thread of its own, for every signal that asks the process to end.
enum SignalWatch {
  /// Watches SIGINT, SIGTERM, SIGUSR1 (what batch systems send before time is up) and SIGHUP. A SIGHUP that
  /// is ignored, as under `nohup`, stays so. Handlers, unlike ignored signals, are not inherited by workers.
  static func start(_ body: @escaping @Sendable (_ signal: Int32) -> Void) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let reading = ends[0]
    wakeUpDescriptor.store(ends[1], ordering: .relaxed)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // A full pipe must not block the handler: one byte in it is as good as many.
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    let thread = Thread {
      var byte: UInt8 = 0
      while true {
        let count = read(reading, &byte, 1)
        if count == 1 { body(Int32(byte)) } else if count == 0 || errno != EINTR { return }
      }
    }
    thread.name = "signals"
    thread.start()
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGHUP] {
      let previous = signal(number) { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(wakeUpDescriptor.load(ordering: .relaxed), &byte, 1)
        errno = saved
      }
      if number == SIGHUP, unsafeBitCast(previous, to: Int.self) == 1 { signal(SIGHUP, SIG_IGN) }
    }
  }
}
