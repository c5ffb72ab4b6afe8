import Foundation
import GridFile
import Planning
import Scheduling
import Synchronization

/// Keeps ``SessionFile`` up to date while a sweep is under way.
package final class SessionView: Sendable {
  private struct State {
    var progress: SweepProgress?
    var isStopping = false
    /// How many results were recorded at times of the last half minute.
    var marks: [(seconds: Double, recorded: Int)] = []
  }

  private let plan: Plan.Counts
  private let workers: Int
  private let path: String?
  private let observer: (@Sendable (SessionFile) -> Void)?
  private let executor: SweepExecutor
  private let started = Date()
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let state = Mutex(State())
  /// Whether the sweep is over; held while the file is written or removed.
  private let isOver = Mutex(false)

  /// The rate is that of so many seconds.
  private static let window = 30.0

  /// - Parameters:
  ///   - plan: the runs of the sweep at the beginning.
  ///   - workers: how many there may be at once.
  ///   - file: the path of the file; nil: none is written.
  ///   - observer: gets the same.
  ///   - executor: knows what its workers do.
  package init(
    plan: Plan.Counts, workers: Int, file: String?, observer: (@Sendable (SessionFile) -> Void)? = nil,
    executor: SweepExecutor
  ) {
    self.plan = plan
    self.workers = workers
    path = file
    self.observer = observer
    self.executor = executor
    start = clock.now
  }

  /// Whether a signal has asked the sweep to end.
  package var isStopping: Bool {
    get { state.withLock { $0.isStopping } }
    set { state.withLock { $0.isStopping = newValue } }
  }

  /// Notes the state of the sweep.
  package func update(_ progress: SweepProgress) { state.withLock { $0.progress = progress } }

  /// Writes the file, unless it has been removed; to be called about once a second.
  package func write() {
    let now = (clock.now - start) / .seconds(1)
    let (progress, isStopping, rate) = state.withLock { state in
      let recorded = state.progress?.recorded ?? 0
      state.marks.append((now, recorded))
      state.marks.removeAll { $0.seconds < now - Self.window }
      let (from, before) = state.marks.first ?? (now, recorded)
      return (state.progress, state.isStopping, now > from ? Double(recorded - before) / (now - from) : 0)
    }
    let recorded = progress?.recorded ?? 0
    let failed = progress?.failed ?? 0
    let file = SessionFile(
      started: started, workers: workers,
      runs: SessionFile.Runs(
        done: plan.done + recorded, failed: plan.failed + failed, total: plan.total),
      recorded: recorded, rate: rate, remaining: executor.remainingTime(), stopping: isStopping,
      active: executor.workers().compactMap(SessionFile.Active.init))
    observer?(file)
    isOver.withLock { if !$0, let path { file.write(to: path) } }
  }

  /// Removes the file for good: the sweep is over. A state that is just being gathered is not
  /// written.
  package func remove() {
    isOver.withLock { isOver in
      isOver = true
      if let path { unlink(path) }
    }
  }
}

extension SessionFile.Active {
  /// What a worker does; nil if it holds no run.
  fileprivate init?(_ activity: WorkerActivity) {
    guard let run = activity.run, let pid = activity.pid else { return nil }
    self.init(
      worker: activity.worker.number, pid: pid, run: run.run, attempt: activity.attempt,
      seconds: activity.seconds, steps: activity.progress?.steps, time: activity.progress?.time,
      quantities: activity.progress?.quantities ?? .none)
  }
}
