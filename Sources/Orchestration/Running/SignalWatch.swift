import Foundation
import Platform
import Synchronization

/// Where the signal handler writes; a handler may do no more than that. Global, because a C
/// function captures nothing.
private let wakeUpDescriptor = Atomic<Int32>(-1)

/// Calls a function, on a thread of its own, for every signal that asks the process to end.
package enum SignalWatch {
  /// Watches SIGINT, SIGTERM, SIGUSR1 (what batch systems send before time is up) and SIGHUP. A
  /// SIGHUP that is ignored, as under `nohup`, stays so. Handlers, unlike ignored signals, are not
  /// inherited by workers.
  package static func start(_ body: @escaping @Sendable (_ signal: Int32) -> Void) {
    // A full one does not block the handler: one byte in it is as good as many.
    guard let (reading, writing) = try? makePipe() else { return }
    wakeUpDescriptor.store(writing, ordering: .relaxed)
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
