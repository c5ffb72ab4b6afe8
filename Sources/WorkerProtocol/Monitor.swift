import Dispatch
import Synchronization

/// A value that threads share; one of them at a time can wait for it to change.
package final class Monitor<Value: Sendable>: Sendable {
  private struct State {
    var value: Value
    /// Whether a thread waits, or is about to, and has not been woken since.
    var isAwaited = false
  }

  private let state: Mutex<State>
  private let changed = DispatchSemaphore(value: 0)

  /// A monitor of a value.
  package init(_ value: Value) { state = Mutex(State(value: value)) }

  /// Reads the value while no other thread has access.
  package func read<Result: Sendable>(_ body: (Value) -> Result) -> Result {
    state.withLock { body($0.value) }
  }

  /// Changes the value while no other thread has access, and wakes the one that waits.
  package func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    state.withLock { state in
      if state.isAwaited { changed.signal() }
      state.isAwaited = false
      return body(&state.value)
    }
  }

  /// Waits until `body` returns something; only then may it change the value.
  package func wait<Result: Sendable>(for body: (inout Value) -> Result?) -> Result {
    while true {
      let result = state.withLock { state in
        let result = body(&state.value)
        state.isAwaited = result == nil
        return result
      }
      if let result { return result }
      changed.wait()
    }
  }
}
