import Model

@testable import Scheduling

extension SchedulerAction {
  /// The action in a few words; nil for a timer.
  var brief: String? {
    switch self {
    case .spawn(let id): "spawn \(id.number)"
    case .assign(let id, let given): "\(id.number) gets \(given.run.identity), attempt \(given.attempt)"
    case .checkpoint(let id, let run): "\(id.number) is to suspend \(run)"
    case .record(let finished): "record \(finished.run.identity): \(finished.ending.brief)"
    case .stop(let id): "stop \(id.number)"
    case .kill(let id): "kill \(id.number)"
    case .setTimer: nil
    case .finished(let ending): "\(ending)"
    }
  }

  /// The timer that it sets, in words.
  var timer: String? {
    guard case .setTimer(let id, let duration) = self else { return nil }
    let seconds = duration / .seconds(1)
    return switch id {
    case .deadline(let worker): "deadline of \(worker.number): \(seconds)"
    case .heartbeat(let worker): "heartbeat of \(worker.number): \(seconds)"
    case .retry(let position): "retry \(position): \(seconds)"
    case .spawn: "spawn: \(seconds)"
    case .shutdown: "shutdown: \(seconds)"
    }
  }

  /// What a worker is given.
  var assignment: Assignment? {
    guard case .assign(_, let assignment) = self else { return nil }
    return assignment
  }
}

extension RunEnding {
  /// How a run ended, in a word.
  var brief: String {
    switch self {
    case .result: "result"
    case .failed(let reason, let attempts): "\(reason.name) after \(attempts.count)"
    }
  }
}

extension Scheduler {
  /// Handles an event; what it does in answer, in a few words each, but for timers.
  mutating func tell(_ event: SchedulerEvent) -> [String] { handle(event).compactMap(\.brief) }

  /// Handles an event; the timers that it sets, in words.
  mutating func timers(after event: SchedulerEvent) -> [String] { handle(event).compactMap(\.timer) }
}
