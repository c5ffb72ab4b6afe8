import Failpoints
import Model
import WorkerProtocol

/// The state of a sweep under way, in the hands of one task: feeds the scheduler with events and does what it says.
struct Conversation {
  let executor: SweepExecutor
  var scheduler: Scheduler
  let sink: any ResultSink
  let observer: @Sendable (SweepProgress, [FinishedRun]) -> Void
  let introduction: [UInt8]
  let problem: String
  private var workers: [WorkerID: any WorkerConnection] = [:]
  /// Workers that have been told the problem.
  private var introduced: Set<WorkerID> = []
  private var timers = TimerTable()
  private var unrecorded: [FinishedRun] = []
  private var isRecording = false
  private var hasCheckpointFolder = false
  private var ending: SweepEnding?
  private var failure: (any Error)?

  init(
    executor: SweepExecutor, scheduler: Scheduler, sink: any ResultSink,
    observer: @escaping @Sendable (SweepProgress, [FinishedRun]) -> Void, introduction: [UInt8],
    problem: String
  ) {
    self.executor = executor
    self.scheduler = scheduler
    self.sink = sink
    self.observer = observer
    self.introduction = introduction
    self.problem = problem
  }

  mutating func hold(in group: inout DiscardingTaskGroup) async -> Result<SweepReport, any Error> {
    group.addTask { [executor] in await executor.spawner.standBy() }
    group.addTask { [executor] in await executor.countTime() }
    defer { executor.mailbox.close() }
    while true {
      let letter = await executor.mailbox.next()
      let before = scheduler.progress
      var recorded: [FinishedRun] = []
      switch letter {
      case .event(let event): take(event, &group)
      case .nap(let nap):
        for timer in timers.advance(by: nap) { take(.timer(timer), &group) }
      case .recorded(let batch):
        isRecording = false
        recorded = batch
        for run in batch {
          // One that was set aside may be tried again, and goes on from there.
          if case .result = run.ending { executor.checkpoints?.remove(run.run.identity) }
          take(.recorded(position: run.position), &group)
        }
      case .recordingFailed(let error):
        isRecording = false
        failure = failure ?? error
        take(.recordingFailed, &group)
      }
      if scheduler.progress != before {
        executor.latest.withLock { $0 = scheduler.progress }
        observer(scheduler.progress, recorded)
      }
      if let ending {
        executor.spawner.standDown()
        // A commit that is under way when nobody waits for it any more, and the clock.
        group.cancelAll()
        if ending == .recordingFailed, let failure { return .failure(failure) }
        return .success(SweepReport(ending: ending, progress: scheduler.progress))
      }
      recordNext(&group)
    }
  }

  private mutating func take(_ event: SchedulerEvent, _ group: inout DiscardingTaskGroup) {
    keepBooks(on: event)
    for action in scheduler.handle(event) {
      switch action {
      case .spawn(let id):
        let worker = executor.spawner.worker(id)
        workers[id] = worker
        executor.roll.add(id, worker, at: executor.clock.now)
        group.addTask { [executor] in
          await worker.run(clock: executor.clock) { await executor.mailbox.send($0, of: id) }
        }
      case .assign(let id, let assignment): assign(assignment, to: id)
      case .checkpoint(let id, let run):
        if let line = try? OrchestratorMessage.checkpoint(run: run).line() { workers[id]?.send(line) }
      case .record(let run): unrecorded.append(run)
      case .stop(let id): workers[id]?.closeInput()
      case .kill(let id): workers[id]?.kill()
      case .setTimer(let timer, let duration): timers.set(timer, duration)
      case .finished(let ending): self.ending = ending
      }
    }
  }

  /// Keeps the books on workers.
  private mutating func keepBooks(on event: SchedulerEvent) {
    switch event {
    case .result(let id, _, _, _):
      Failpoint.resultReceived.pass()
      executor.roll.note(id, holds: nil, at: executor.clock.now)
    case .refusal(let id, _, _), .checkpointed(let id, _), .failure(let id, _, _, _, _):
      executor.roll.note(id, holds: nil, at: executor.clock.now)
    case .progress(let id, let run, let progress): executor.roll.note(id, isAt: progress, of: run)
    case .exited(let id, _, _, _), .spawnFailed(let id, _, _):
      workers[id] = nil
      introduced.remove(id)
      timers.forget(id)
      executor.roll.remove(id)
    default: return
    }
  }

  private mutating func assign(_ assignment: Assignment, to id: WorkerID) {
    Failpoint.beforeAssignment.pass()
    if introduced.insert(id).inserted { workers[id]?.send(introduction) }
    var checkpoint: String?
    if assignment.isResumable, let folder = executor.checkpoints {
      if !hasCheckpointFolder { folder.prepare() }
      hasCheckpointFolder = true
      checkpoint = folder.file(of: assignment.run.identity)
    }
    let order = RunOrder(
      run: assignment.run.identity, problem: problem, attempt: assignment.attempt,
      definition: assignment.run.run, budget: executor.budget, keep: assignment.run.keep,
      memory: assignment.memory, checkpoint: checkpoint, progressSeconds: assignment.progressSeconds)
    do throws(UnwritableMessage) {
      workers[id]?.send(try order.line())
      executor.roll.note(id, holds: assignment, at: executor.clock.now)
    } catch {
      // No worker can be asked for it.
      executor.mailbox.send(.event(.refusal(id, run: order.run, reason: error.description)))
    }
  }

  private mutating func recordNext(_ group: inout DiscardingTaskGroup) {
    guard !isRecording, !unrecorded.isEmpty, failure == nil else { return }
    let batch = unrecorded
    unrecorded = []
    isRecording = true
    group.addTask { [sink, executor] in
      do {
        try await sink.record(batch)
        executor.mailbox.send(.recorded(batch))
      } catch {
        executor.mailbox.send(.recordingFailed(error))
      }
    }
  }
}

extension SweepExecutor {
  /// Tells how time goes by, and looks once a second at the memory of the workers, until cancelled.
  ///
  /// Time is counted in short naps rather than read from a clock: see ``TimerTable``.
  fileprivate func countTime() async {
    let spans = [limits.hello, limits.answer, limits.silence, limits.grace, limits.backoff]
    let shortest = spans.filter { $0 > .zero }.min() ?? .seconds(1)
    let nap = max(.milliseconds(5), min(.milliseconds(250), shortest / 10))
    var sinceLook = Duration.zero
    while (try? await clock.nap(for: nap)) != nil {
      mailbox.send(.nap(nap))
      sinceLook += nap
      guard sinceLook >= .seconds(1) else { continue }
      sinceLook = .zero
      for (worker, order, bytes) in roll.excesses() {
        mailbox.send(.event(.memoryExceeded(worker, order: order, bytes: bytes)))
      }
    }
  }
}
