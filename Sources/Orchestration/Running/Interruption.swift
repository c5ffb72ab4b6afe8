import Foundation
import Scheduling
import Synchronization

/// What a signal does, according to where the command is.
package final class Interruption: Sendable {
  private struct State {
    var executor: SweepExecutor?
    var show: (@Sendable (String) -> Void)?
    var count = 0
    var first: Int32?
    var isFinishing = false
  }

  private let state = Mutex(State())
  private let log: any MessageLog

  /// - Parameter log: takes messages while no sweep is running.
  package init(_ log: any MessageLog) { self.log = log }

  /// The first signal that came; nil if none has.
  package var firstSignal: Int32? { state.withLock { $0.first } }

  /// From now on, where no sweep is under way, signals do not end the process: it has to save
  /// results, and ends when that is done.
  package func beginFinishing() { state.withLock { $0.isFinishing = true } }

  /// From now on, signals go to the executor.
  ///
  /// - Parameter show: shows a message.
  package func attach(_ executor: SweepExecutor, show: @escaping @Sendable (String) -> Void) {
    let hasCome = state.withLock { state in
      state.executor = executor
      state.show = show
      return state.count > 0
    }
    // A signal that came while results were being merged did not end the process.
    if hasCome { executor.interrupt() }
  }

  /// The executor has ended.
  package func detach() {
    state.withLock { state in
      state.executor = nil
      state.show = nil
    }
  }

  /// A signal has come. The first ends the sweep after recording what has been received, the second
  /// at once, the third ends this process without waiting for its workers, which then end by
  /// themselves. Where no sweep is under way, the first ends the process: a transaction is then
  /// either committed or not.
  package func signalled(_ signal: Int32) {
    let (executor, show, count, isFinishing) = state.withLock { state in
      state.count += 1
      if state.first == nil { state.first = signal }
      return (state.executor, state.show, state.count, state.isFinishing)
    }
    if executor == nil, isFinishing {
      log.note("interrupted; results are being saved")
      return
    }
    guard let executor, count < 3 else {
      executor?.abandon()
      log.note("gammaplane: error: interrupted; run the same command again to resume")
      _exit(ExitStatus.interrupted.rawValue)
    }
    executor.interrupt()
    show?(count == 1 ? "stopping; once more to stop at once" : "stopping at once")
  }
}
