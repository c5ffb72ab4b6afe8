import Foundation
import Orchestration
import Synchronization

/// Whether a signal has asked a run in the foreground to end.
final class FlowInterruption: Sendable {
  private let count = Mutex(0)

  /// A signal has come: the run is suspended after the present step.
  var hasCome: Bool { count.withLock { $0 > 0 } }

  /// From now on signals count here; the second ends the process at once, and the run is lost.
  func watch() {
    SignalWatch.start { [self] _ in
      let signals = count.withLock {
        $0 += 1
        return $0
      }
      if signals > 1 { _exit(ExitStatus.interrupted.rawValue) }
      Console.note("interrupted; finishing the step")
    }
  }
}
