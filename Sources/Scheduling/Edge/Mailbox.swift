import DequeModule
import Synchronization

/// What the task hears that holds the state of a sweep: one letter after another, in the order in which they were sent;
/// only interrupts overtake.
///
/// It is bounded: a worker of which ``room`` letters are unread waits until some have been read, and then so does its pipe.
/// Naps stay in line, so that nobody's time runs out whose answer is here already.
final class Mailbox: Sendable {
  enum Letter: Sendable {
    /// Something for the scheduler.
    case event(SchedulerEvent)
    /// These runs have been committed.
    case recorded([FinishedRun])
    case recordingFailed(any Error)
    /// So much time has gone by.
    case nap(Duration)
  }

  /// How many letters of one worker may be unread.
  static let room = 16

  private struct State {
    var urgent: Deque<Letter> = []
    var ordinary: Deque<(letter: Letter, worker: WorkerID?)> = []
    /// How many letters of each worker are unread.
    var unread: [WorkerID: Int] = [:]
    /// Workers that wait for room.
    var waiting: [WorkerID: CheckedContinuation<Void, Never>] = [:]
    /// Set while there is nothing to read.
    var reader: CheckedContinuation<Letter, Never>?
    var isClosed = false

    func hasRoom(for worker: WorkerID) -> Bool {
      isClosed || unread[worker, default: 0] < Mailbox.room
    }

    /// The next letter, and who may go on now that it has been read.
    mutating func take() -> (letter: Letter, freed: CheckedContinuation<Void, Never>?)? {
      if let letter = urgent.popFirst() { return (letter, nil) }
      guard let (letter, worker) = ordinary.popFirst() else { return nil }
      guard let worker, let count = unread[worker] else { return (letter, nil) }
      unread[worker] = count > 1 ? count - 1 : nil
      // Half the room at once, else reader and worker would take turns letter by letter.
      return (letter, count - 1 == Mailbox.room / 2 ? waiting.removeValue(forKey: worker) : nil)
    }
  }

  private let state = Mutex(State())

  /// Sends what no worker says; returns at once. From any thread.
  ///
  /// - Parameter isUrgent: whether it is read before everything that is not.
  func send(_ letter: Letter, isUrgent: Bool = false) {
    let reader = state.withLock { state in
      let reader = state.reader.take()
      if reader != nil { return reader }
      if isUrgent { state.urgent.append(letter) } else { state.ordinary.append((letter, nil)) }
      return nil
    }
    reader?.resume(returning: letter)
  }

  /// Sends what a worker says; returns when there is room for more of it. One task a worker may do so at a time.
  func send(_ event: SchedulerEvent, of worker: WorkerID) async {
    let (reader, isFull) = state.withLock { state -> (CheckedContinuation<Letter, Never>?, Bool) in
      if let reader = state.reader.take() { return (reader, false) }
      state.ordinary.append((.event(event), worker))
      state.unread[worker, default: 0] += 1
      return (nil, !state.hasRoom(for: worker))
    }
    reader?.resume(returning: .event(event))
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

  /// Waits for the next letter. For one task.
  func next() async -> Letter {
    if let letter = take() { return letter }
    return await withCheckedContinuation { continuation in
      let next = state.withLock { state in
        let next = state.take()
        if next == nil { state.reader = continuation }
        return next
      }
      next?.freed?.resume()
      if let next { continuation.resume(returning: next.letter) }
    }
  }

  /// Nobody reads any more, so nobody has to wait.
  func close() {
    let waiting = state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  private func take() -> Letter? {
    let next = state.withLock { $0.take() }
    next?.freed?.resume()
    return next?.letter
  }
}
