import Model
import Platform
import Synchronization
import WorkerProtocol

/// What a sweep has come to, and where it stood then.
public struct SweepReport: Hashable, Sendable {
  /// How it ended; never ``SweepEnding/recordingFailed``, which is thrown as the error of the sink.
  public var ending: SweepEnding
  /// The counts at the end.
  public var progress: SweepProgress
}

/// Runs one sweep with workers: the ``Scheduler`` with processes, pipes, timers and a sink around
/// it.
///
/// When ``execute(_:sink:observer:)`` returns or throws, every worker process has ended. It makes
/// the whole process ignore SIGPIPE, for good: a worker may die while it is written to.
public final class SweepExecutor: Sendable {
  let spawner: any WorkerSpawner
  let problem: Problem
  let orderParameter: String?
  let budget: Budget
  let limits: SchedulerLimits
  let checkpoints: CheckpointFolder?
  let attempts: AttemptLog?
  let clock: any SweepClock
  let events = EventQueue()
  let registry = WorkerRegistry()
  /// Where the sweep stands; nil before the first run has been given out.
  let latest = Mutex<SweepProgress?>(nil)
  /// When the sweep began, by the clock.
  private let began = Mutex<Duration?>(nil)
  /// Whether what runs are estimated to take means anything before one has been measured.
  private let trustsEstimates: Bool
  private let history = Mutex(EstimateHistory())
  private let interrupts = Mutex(0)

  /// An executor for one sweep.
  ///
  /// - Parameters:
  ///   - spawner: starts workers, as many as the limits say.
  ///   - problem: what all runs have in common.
  ///   - orderParameter: the quantity that every result must have; nil: the first that its worker
  ///     lists.
  ///   - budget: what one run may spend.
  ///   - limits: what to keep to.
  ///   - checkpoints: the folder to which runs are suspended, made when it is needed; nil: they are
  ///     not.
  ///   - attempts: notes which runs are under way; nil: nothing does.
  ///   - trustsEstimates: whether what runs are estimated to take means anything before one has
  ///     been measured.
  ///   - clock: measures time.
  public init(
    spawner: any WorkerSpawner, problem: Problem, orderParameter: String? = nil, budget: Budget,
    limits: SchedulerLimits, checkpoints: String? = nil, attempts: AttemptLog? = nil,
    trustsEstimates: Bool = true, clock: any SweepClock = SystemClock()
  ) {
    self.spawner = spawner
    self.problem = problem
    self.orderParameter = orderParameter
    self.budget = budget
    self.limits = limits
    self.checkpoints = checkpoints.map { CheckpointFolder(path: $0) }
    self.attempts = attempts
    self.trustsEstimates = trustsEstimates
    self.clock = clock
  }

  /// An executor for one sweep with worker processes.
  ///
  /// - Parameters:
  ///   - worker: the executable to start as often as the limits say.
  ///   - problem: what all runs have in common.
  ///   - orderParameter: the quantity that every result must have; nil: the first that its worker
  ///     lists.
  ///   - budget: what one run may spend.
  ///   - limits: what to keep to.
  ///   - processes: how the processes are kept.
  ///   - checkpoints: the folder to which runs are suspended, made when it is needed; nil: they are
  ///     not.
  ///   - attempts: notes which runs are under way; nil: nothing does.
  ///   - trustsEstimates: whether what runs are estimated to take means anything before one has
  ///     been measured.
  public convenience init(
    worker: WorkerCommand, problem: Problem, orderParameter: String? = nil, budget: Budget,
    limits: SchedulerLimits, processes: ProcessOptions = ProcessOptions(), checkpoints: String? = nil,
    attempts: AttemptLog? = nil, trustsEstimates: Bool = true
  ) {
    self.init(
      spawner: ProcessSpawner(worker, options: processes), problem: problem, orderParameter: orderParameter,
      budget: budget, limits: limits, checkpoints: checkpoints, attempts: attempts,
      trustsEstimates: trustsEstimates)
  }

  /// Asks the sweep to end; from any thread, at any time, also before it begins. The first time,
  /// runs under way are suspended or may finish within ``SchedulerLimits/shutdownGracePeriod``, and
  /// what is received is recorded; the second time, all workers are killed at once and not even
  /// what has been received is waited for. Then `execute` returns.
  public func interrupt() {
    let count = interrupts.withLock { count in
      count += 1
      return count
    }
    events.send(.scheduler(count == 1 ? .interrupt : .killAll), isUrgent: true)
  }

  /// Notes that this process ends at once and by its own will, so that no run is taken for the
  /// cause; from any thread.
  public func abandon() { attempts?.suspendAll() }

  /// What every living worker does, by its number; from any thread, at any time.
  public func workers() -> [WorkerActivity] { registry.activities(at: clock.now) }

  /// How long the sweep will still take, by what runs have taken so far; from any thread, at any
  /// time. Nil while that is not known.
  public func remainingTime() -> RemainingTime? {
    let now = clock.now
    guard let progress = latest.withLock({ $0 }), trustsEstimates || progress.recorded > 0 else { return nil }
    let elapsed = began.withLock { $0.map { (now - $0) / .seconds(1) } } ?? 0
    let seconds = progress.estimatedSecondsLeft(
      workers: limits.workers, running: registry.running(at: now), elapsed: elapsed)
    return history.withLock { $0.add(seconds, at: elapsed) }
  }

  /// What nothing is heard of; nil if something is. From any thread, at any time.
  public func awaitedMessage() -> AwaitedMessage? {
    let workers = registry.activities(at: clock.now)
    guard let first = workers.first else { return nil }
    if workers.allSatisfy({ !$0.hasBegun }) {
      let seconds = workers.map(\.secondsWithoutMessage).max() ?? first.secondsWithoutMessage
      return AwaitedMessage(
        workers: workers.count, seconds: seconds, limit: limits.helloTimeout, isStart: true)
    }
    let busy = workers.filter { $0.run != nil }
    guard let seconds = busy.map(\.secondsWithoutMessage).min() else { return nil }
    return AwaitedMessage(workers: busy.count, seconds: seconds, limit: limits.answerTimeout, isStart: false)
  }

  /// Makes runs until none is left, the sweep is interrupted, or it cannot go on. To be called
  /// once.
  ///
  /// - Parameters:
  ///   - runs: what to do; see ``Scheduler/init(_:method:orderParameter:limits:isResumable:)``.
  ///   - sink: stores the finished runs.
  ///   - observer: called after every change with where the sweep stands, and the runs that have
  ///     been recorded since the last call. The sweep waits for it, so it should be quick.
  /// - Throws: the error of the sink; ``WorkerProtocol/UnwritableMessage`` if the problem does not
  ///   fit into a message; `CancellationError` if the task was cancelled, which ends the sweep as a
  ///   second interrupt does.
  public func execute(
    _ runs: [PlannedRun], sink: any ResultSink,
    observer: @escaping @Sendable (SweepProgress, _ recorded: [FinishedRun]) -> Void = { _, _ in }
  ) async throws -> SweepReport {
    signal(SIGPIPE, SIG_IGN)
    // Four descriptors a worker are more than many systems allow unasked.
    ResourceLimit.openFiles.raise(to: 64 + 8 * limits.workers)
    let id = problem.digest.description
    let line = try OrchestratorMessage.problem(id: id, problem).line()
    defer {
      checkpoints?.removeDrafts()
      attempts?.close()
    }
    began.withLock { $0 = clock.now }
    events.send(.scheduler(.begin))
    let report = try await withTaskCancellationHandler {
      // A task of its own: cancelled tasks cannot wait, and the workers must be waited for.
      try await Task {
        var loop = SweepLoop(
          executor: self,
          scheduler: Scheduler(
            runs, method: problem.method, orderParameter: orderParameter, limits: limits,
            isResumable: checkpoints != nil, kills: attempts?.kills(checkpoints: checkpoints) ?? [:]),
          sink: sink, observer: observer, problem: (line, id))
        return try await withDiscardingTaskGroup { group in
          await loop.run(in: &group)
        }.get()
      }.value
    } onCancel: {
      events.send(.scheduler(.killAll), isUrgent: true)
    }
    if report.ending == .interrupted { try Task.checkCancellation() }
    return report
  }

}
