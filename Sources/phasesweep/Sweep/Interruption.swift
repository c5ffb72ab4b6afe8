import Foundation
import Scheduling
import Synchronization

/// What a signal does, according to where the command is.
final class Interruption: Sendable {
  private struct State {
    var executor: SweepExecutor?
    var say: (@Sendable (String) -> Void)?
    var count = 0
  }

  private let state = Mutex(State())

  /// From now on, signals go to the executor; `say` shows messages.
  func attach(_ executor: SweepExecutor, say: @escaping @Sendable (String) -> Void) {
    state.withLock { state in
      state.executor = executor
      state.say = say
    }
  }

  /// The executor has ended.
  func detach() {
    state.withLock { state in
      state.executor = nil
      state.say = nil
    }
  }

  /// A signal has come. The first ends the sweep after recording what has been received, the second at once,
  /// the third ends this process without waiting for its workers, who notice. Where no sweep is under way,
  /// the first ends the process: whatever it was writing is either written or not.
  func signalled() {
    let (executor, say, count) = state.withLock { state in
      state.count += 1
      return (state.executor, state.say, state.count)
    }
    guard let executor, count < 3 else {
      Console.complain("interrupted; run the same command again to resume")
      _exit(CommandStatus.interrupted.rawValue)
    }
    executor.interrupt()
    say?(count == 1 ? "stopping; once more to stop at once" : "stopping at once")
  }
}
