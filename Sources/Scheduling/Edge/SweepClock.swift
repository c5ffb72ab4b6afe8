/// The time as the edge of the scheduler knows it; injected, so that tests can let it jump.
public protocol SweepClock: Sendable {
  /// The time since some moment; only differences mean anything, and only to people.
  var now: Duration { get }
  /// Returns after a while.
  ///
  /// - Throws: `CancellationError` if the task is cancelled.
  func sleep(for duration: Duration) async throws
}

/// The time of this machine, as it goes by while the machine is awake.
public struct SystemClock: SweepClock {
  private let start = SuspendingClock.now

  /// A clock that starts now.
  public init() {}

  /// The time since the clock was made.
  public var now: Duration { start.duration(to: .now) }

  /// Sleeps.
  public func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// The timers that are set. Time is the sum of the ticks, not what a clock shows: while this
/// process is stopped, or the machine sleeps, or its clock is set, no timer runs out.
struct TimerTable {
  private var due: [TimerID: Duration] = [:]
  private var elapsed = Duration.zero
  /// No timer runs out before.
  private var earliest = Duration.zero

  /// Sets a timer, in place of the one with the same name.
  mutating func set(_ timer: TimerID, _ duration: Duration) {
    let time = elapsed + duration
    if due.isEmpty || time < earliest { earliest = time }
    due[timer] = time
  }

  /// Removes the timers of a worker that has ended.
  mutating func remove(_ worker: WorkerID) {
    due[.deadline(worker)] = nil
    due[.heartbeat(worker)] = nil
  }

  /// Lets time go by; returns the timers that have run out, earliest first.
  mutating func advance(by tick: Duration) -> [TimerID] {
    elapsed += tick
    guard !due.isEmpty, elapsed >= earliest else { return [] }
    let over = due.filter { $0.value <= elapsed }
    for timer in over.keys { due[timer] = nil }
    earliest = due.values.min() ?? elapsed
    return over.sorted { $0.value < $1.value }.map(\.key)
  }
}
