import Model
import Subprocess
import Synchronization
import WorkerProtocol

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a sweep has come to, and where it stood then.
public struct SweepReport: Hashable, Sendable {
  /// How it ended; never ``SweepEnding/recordingFailed``, which is thrown as the error of the sink.
  public var ending: SweepEnding
  /// The counts at the end.
  public var progress: SweepProgress
}

/// Carries out one sweep with worker processes: the ``Scheduler`` with processes, pipes and a sink around it.
///
/// When ``execute(_:sink:observer:)`` returns or throws, every worker process has ended. While it runs, SIGPIPE is
/// ignored in the whole process, and stays so: a worker may die while it is written to.
public final class SweepExecutor: Sendable {
  private enum News {
    case scheduler(SchedulerEvent)
    case recorded([FinishedRun])
    case recordingFailed(any Error)
  }

  private let worker: WorkerCommand
  private let problem: Problem
  private let budget: Budget
  private let limits: SchedulerLimits
  private let grace: Duration
  private let news: AsyncStream<News>
  private let mailbox: AsyncStream<News>.Continuation
  private let interrupts = Mutex(0)

  /// An executor for one sweep.
  ///
  /// - Parameters:
  ///   - worker: the executable to start as often as the limits say.
  ///   - problem: what all runs have in common.
  ///   - budget: what one run may spend.
  ///   - limits: what to keep to.
  ///   - grace: how long a worker may live on after its input has been closed.
  public init(
    worker: WorkerCommand, problem: Problem, budget: Budget, limits: SchedulerLimits,
    grace: Duration = .seconds(2)
  ) {
    self.worker = worker
    self.problem = problem
    self.budget = budget
    self.limits = limits
    self.grace = grace
    (news, mailbox) = AsyncStream.makeStream()
  }

  /// Asks the sweep to end; from any thread, at any time, also before it begins. The first time, what has been
  /// received is still recorded; the second time, not even that is waited for. Then `execute` returns.
  public func interrupt() {
    let count = interrupts.withLock { count in
      count += 1
      return count
    }
    mailbox.yield(.scheduler(count == 1 ? .interrupt : .killAll))
  }

  /// Carries out runs until none is left, the sweep is interrupted, or it cannot go on. To be called once.
  ///
  /// - Parameters:
  ///   - runs: what to do, in the order in which to begin.
  ///   - sink: keeps the finished runs.
  ///   - observer: is told after every change where the sweep stands, and which runs have been recorded since it
  ///     was told last. The sweep waits for it, so it should be quick.
  /// - Throws: the error of the sink; ``WorkerProtocol/UnwritableMessage`` if the problem cannot be said;
  ///   `CancellationError` if the task was cancelled, which ends the sweep as a second interrupt does.
  public func execute(
    _ runs: [PlannedRun], sink: any ResultSink,
    observer: @escaping @Sendable (SweepProgress, _ recorded: [FinishedRun]) -> Void = { _, _ in }
  ) async throws -> SweepReport {
    signal(SIGPIPE, SIG_IGN)
    let id = problem.digest.description
    let introduction = try OrchestratorMessage.problem(id: id, problem).line()
    mailbox.yield(.scheduler(.begin))
    let report = try await withTaskCancellationHandler {
      // A task of its own: cancelled tasks cannot wait, and the workers must be waited for.
      try await Task {
        var conversation = Conversation(
          scheduler: Scheduler(runs, method: problem.method, limits: limits), sink: sink,
          observer: observer, introduction: introduction, problem: id)
        return try await withDiscardingTaskGroup { group in
          await conversation.hold(self, in: &group)
        }.get()
      }.value
    } onCancel: {
      mailbox.yield(.scheduler(.killAll))
    }
    if report.ending == .interrupted { try Task.checkCancellation() }
    return report
  }
}

extension SweepExecutor {
  /// The state of a sweep under way, in the hands of one task.
  private struct Conversation {
    var scheduler: Scheduler
    let sink: any ResultSink
    let observer: @Sendable (SweepProgress, [FinishedRun]) -> Void
    let introduction: [UInt8]
    let problem: String
    var workers: [WorkerID: WorkerProcess] = [:]
    /// Workers that have been told the problem.
    var introduced: Set<WorkerID> = []
    var unrecorded: [FinishedRun] = []
    var isRecording = false
    var ending: SweepEnding?
    var failure: (any Error)?

    mutating func hold(
      _ executor: SweepExecutor, in group: inout DiscardingTaskGroup
    ) async -> Result<SweepReport, any Error> {
      for await news in executor.news {
        let before = scheduler.progress
        var recorded: [FinishedRun] = []
        switch news {
        case .scheduler(let event):
          if case .exited(let id, _, _) = event { forget(id) }
          if case .spawnFailed(let id, _) = event { forget(id) }
          take(event, executor, &group)
        case .recorded(let batch):
          isRecording = false
          recorded = batch
          for run in batch { take(.recorded(position: run.position), executor, &group) }
        case .recordingFailed(let error):
          isRecording = false
          failure = failure ?? error
          take(.recordingFailed, executor, &group)
        }
        if scheduler.progress != before { observer(scheduler.progress, recorded) }
        if let ending {
          // A commit that is under way when nobody waits for it any more.
          group.cancelAll()
          if ending == .recordingFailed, let failure { return .failure(failure) }
          return .success(SweepReport(ending: ending, progress: scheduler.progress))
        }
        recordNext(executor, &group)
      }
      return .failure(CancellationError())
    }

    private mutating func forget(_ id: WorkerID) {
      workers[id] = nil
      introduced.remove(id)
    }

    private mutating func take(
      _ event: SchedulerEvent, _ executor: SweepExecutor,
      _ group: inout DiscardingTaskGroup
    ) {
      for action in scheduler.handle(event) {
        switch action {
        case .spawn(let id):
          let process = WorkerProcess(id)
          workers[id] = process
          group.addTask {
            await process.run(executor.worker, grace: executor.grace, limits: executor.limits) {
              executor.mailbox.yield(.scheduler($0))
            }
          }
        case .assign(let id, let run, let attempt): assign(run, attempt, to: id, executor)
        case .record(let run): unrecorded.append(run)
        case .stop(let id): workers[id]?.closeInput()
        case .kill(let id): workers[id]?.kill()
        case .finished(let ending): self.ending = ending
        }
      }
    }

    private mutating func assign(
      _ run: PlannedRun, _ attempt: Int, to id: WorkerID, _ executor: SweepExecutor
    ) {
      if introduced.insert(id).inserted { workers[id]?.send(introduction) }
      let order = RunOrder(
        run: run.identity, problem: problem, attempt: attempt, definition: run.run, budget: executor.budget,
        keep: run.keep)
      do throws(UnwritableMessage) {
        workers[id]?.give(try OrchestratorMessage.run(order).line())
      } catch {
        // No worker can be asked for it.
        executor.mailbox.yield(
          .scheduler(.refusal(id, run: run.identity, reason: error.description)))
      }
    }

    private mutating func recordNext(
      _ executor: SweepExecutor, _ group: inout DiscardingTaskGroup
    ) {
      guard !isRecording, !unrecorded.isEmpty, failure == nil else { return }
      let batch = unrecorded
      unrecorded = []
      isRecording = true
      group.addTask { [sink] in
        do {
          try await sink.record(batch)
          executor.mailbox.yield(.recorded(batch))
        } catch {
          executor.mailbox.yield(.recordingFailed(error))
        }
      }
    }
  }
}
