import DequeModule
import Synchronization

/// What happens to a sweep, in the order in which it was sent; only interrupts overtake.
///
/// The queue is bounded: a worker of which ``maxPending`` events are unread waits until some have
/// been read, and then so does its pipe. Ticks of the clock stay in line, so that no timeout is due
/// while the answer is here already.
final class EventQueue: Sendable {
  enum Event: Sendable {
    /// Something for the scheduler.
    case scheduler(SchedulerEvent)
    /// These runs have been committed.
    case recorded([FinishedRun])
    case recordingFailed(any Error)
    /// So much time has gone by.
    case tick(Duration)
  }

  /// How many events of one worker may be unread.
  static let maxPending = 16

  private struct State {
    var urgent: Deque<Event> = []
    var ordinary: Deque<(event: Event, worker: WorkerID?)> = []
    /// How many events of each worker are unread.
    var pending: [WorkerID: Int] = [:]
    /// Workers that wait for room.
    var waiting: [WorkerID: CheckedContinuation<Void, Never>] = [:]
    /// Set while there is nothing to read.
    var reader: CheckedContinuation<Event, Never>?
    var isClosed = false

    func hasRoom(for worker: WorkerID) -> Bool {
      isClosed || pending[worker, default: 0] < EventQueue.maxPending
    }

    /// The next event, and the sender that may go on now that it has been read.
    mutating func take() -> (event: Event, freed: CheckedContinuation<Void, Never>?)? {
      if let event = urgent.popFirst() { return (event, nil) }
      guard let (event, worker) = ordinary.popFirst() else { return nil }
      guard let worker, let count = pending[worker] else { return (event, nil) }
      pending[worker] = count > 1 ? count - 1 : nil
      // Half the room at once, else reader and worker would alternate event by event.
      return (event, count - 1 == EventQueue.maxPending / 2 ? waiting.removeValue(forKey: worker) : nil)
    }
  }

  private let state = Mutex(State())

  /// Sends an event that no worker causes; returns at once. From any thread.
  ///
  /// - Parameter isUrgent: whether it is read before everything that is not.
  func send(_ event: Event, isUrgent: Bool = false) {
    let reader = state.withLock { state in
      let reader = state.reader.take()
      if reader != nil { return reader }
      if isUrgent { state.urgent.append(event) } else { state.ordinary.append((event, nil)) }
      return nil
    }
    reader?.resume(returning: event)
  }

  /// Sends an event of a worker; returns when there is room for more. One task a worker may do so
  /// at a time.
  func send(_ event: SchedulerEvent, of worker: WorkerID) async {
    let (reader, isFull) = state.withLock { state -> (CheckedContinuation<Event, Never>?, Bool) in
      if let reader = state.reader.take() { return (reader, false) }
      state.ordinary.append((.scheduler(event), worker))
      state.pending[worker, default: 0] += 1
      return (nil, !state.hasRoom(for: worker))
    }
    reader?.resume(returning: .scheduler(event))
    guard isFull else { return }
    await withCheckedContinuation { continuation in
      let mayGoOn = state.withLock { state in
        if state.hasRoom(for: worker) { return true }
        state.waiting[worker] = continuation
        return false
      }
      if mayGoOn { continuation.resume() }
    }
  }

  /// Waits for the next event. For one task.
  func next() async -> Event {
    if let event = take() { return event }
    return await withCheckedContinuation { continuation in
      let next = state.withLock { state in
        let next = state.take()
        if next == nil { state.reader = continuation }
        return next
      }
      next?.freed?.resume()
      if let next { continuation.resume(returning: next.event) }
    }
  }

  /// Lets all senders go on: nothing is read any more.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  private func take() -> Event? {
    let next = state.withLock { $0.take() }
    next?.freed?.resume()
    return next?.event
  }
}
