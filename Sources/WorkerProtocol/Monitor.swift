import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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

/// Starts a thread that nobody waits for; it ends with the process.
///
/// - Returns: whether the system had a thread left.
package func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let argument = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
  #if canImport(Darwin)
    var thread: pthread_t?
    let status = pthread_create(
      &thread, nil,
      {
        runThread($0)
        return nil
      }, argument)
    if status == 0, let thread { pthread_detach(thread) }
  #else
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      {
        if let argument = $0 { runThread(argument) }
        return nil
      }, argument)
    if status == 0 { pthread_detach(thread) }
  #endif
  if status != 0 { Unmanaged<ThreadBody>.fromOpaque(argument).release() }
  return status == 0
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThread(_ argument: UnsafeMutableRawPointer) {
  Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
}
