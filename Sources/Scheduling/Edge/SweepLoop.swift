import Failpoints
import Model
import WorkerProtocol

/// The state of a sweep under way, owned by one task: feeds the scheduler with events and does what
/// it wants done.
struct SweepLoop {
  let executor: SweepExecutor
  var scheduler: Scheduler
  let sink: any ResultSink
  let observer: @Sendable (SweepProgress, [FinishedRun]) -> Void
  /// The line that tells a worker the problem, and the problem's id.
  let problem: (line: [UInt8], id: String)
  private var workers: [WorkerID: any WorkerConnection] = [:]
  /// Workers that know the problem.
  private var introduced: Set<WorkerID> = []
  private var timers = TimerTable()
  private var unrecorded: [FinishedRun] = []
  private var isRecording = false
  private var hasCheckpointFolder = false
  private var ending: SweepEnding?
  private var failure: (any Error)?

  init(
    executor: SweepExecutor, scheduler: Scheduler, sink: any ResultSink,
    observer: @escaping @Sendable (SweepProgress, [FinishedRun]) -> Void,
    problem: (line: [UInt8], id: String)
  ) {
    self.executor = executor
    self.scheduler = scheduler
    self.sink = sink
    self.observer = observer
    self.problem = problem
  }

  mutating func run(in group: inout DiscardingTaskGroup) async -> Result<SweepReport, any Error> {
    group.addTask { [executor] in await executor.spawner.supervise() }
    group.addTask { [executor] in await executor.tick() }
    defer { executor.events.close() }
    while true {
      let event = await executor.events.next()
      let before = scheduler.progress
      var recorded: [FinishedRun] = []
      switch event {
      case .scheduler(let event): handle(event, &group)
      case .tick(let duration):
        for timer in timers.advance(by: duration) { handle(.timer(timer), &group) }
      case .recorded(let batch):
        isRecording = false
        recorded = batch
        for run in batch {
          // A failed run may be retried, and is resumed then.
          if case .result = run.ending { executor.checkpoints?.remove(run.run.identity) }
          executor.attempts?.forget(run.run.identity)
          handle(.recorded(position: run.position), &group)
        }
      case .recordingFailed(let error):
        isRecording = false
        failure = failure ?? error
        handle(.recordingFailed, &group)
      }
      if scheduler.progress != before {
        executor.latest.withLock { $0 = scheduler.progress }
        observer(scheduler.progress, recorded)
      }
      if let ending {
        executor.spawner.endSupervision()
        // The clock, and a commit under way that is not to be waited for.
        group.cancelAll()
        if ending == .recordingFailed, let failure { return .failure(failure) }
        return .success(SweepReport(ending: ending, progress: scheduler.progress))
      }
      recordNext(&group)
    }
  }

  private mutating func handle(_ event: SchedulerEvent, _ group: inout DiscardingTaskGroup) {
    register(event)
    for action in scheduler.handle(event) {
      switch action {
      case .spawn(let id):
        let worker = executor.spawner.worker(id)
        workers[id] = worker
        executor.registry.add(id, worker, at: executor.clock.now)
        group.addTask { [executor] in
          await worker.run(clock: executor.clock) { await executor.events.send($0, of: id) }
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

  /// Notes what workers do, before the scheduler decides.
  private mutating func register(_ event: SchedulerEvent) {
    switch event {
    case .result(let id, _, _, _):
      Failpoint.resultReceived.pass()
      noteEnd(of: id)
    case .refusal(let id, _, _), .checkpointed(let id, _), .failure(let id, _, _, _, _):
      noteEnd(of: id)
    case .progress(let id, let run, let progress):
      executor.registry.note(id, isAt: progress, of: run, at: executor.clock.now)
    case .hello(let id, _): executor.registry.noteHello(of: id, at: executor.clock.now)
    case .exited(let id, _, _, _), .spawnFailed(let id, _, _):
      noteEnd(of: id)
      workers[id] = nil
      introduced.remove(id)
      timers.remove(id)
      executor.registry.remove(id)
    default: return
    }
  }

  /// Notes that a worker holds no run any more.
  private func noteEnd(of id: WorkerID) {
    if let run = executor.registry.note(id, holds: nil, at: executor.clock.now) {
      executor.attempts?.suspend(run.identity)
    }
  }

  private mutating func assign(_ assignment: Assignment, to id: WorkerID) {
    Failpoint.beforeAssignment.pass()
    if introduced.insert(id).inserted { workers[id]?.send(problem.line) }
    var checkpoint: String?
    if assignment.isResumable, let folder = executor.checkpoints {
      if !hasCheckpointFolder { folder.prepare() }
      hasCheckpointFolder = true
      checkpoint = folder.file(of: assignment.run.identity)
    }
    let order = RunOrder(
      run: assignment.run.identity, problem: problem.id, attempt: assignment.attempt,
      definition: assignment.run.run, budget: executor.budget, record: assignment.run.record,
      memory: assignment.memory, checkpoint: checkpoint, progressSeconds: assignment.progressSeconds)
    do throws(UnwritableMessage) {
      let line = try order.line()
      // Before the worker can do any harm.
      executor.attempts?.begin(order.run)
      workers[id]?.send(line)
      executor.registry.note(id, holds: assignment, at: executor.clock.now)
    } catch {
      // No worker can be asked for it.
      executor.events.send(.scheduler(.refusal(id, run: order.run, reason: error.description)))
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
        executor.events.send(.recorded(batch))
      } catch {
        executor.events.send(.recordingFailed(error))
      }
    }
  }
}

extension SweepExecutor {
  /// Counts time, and observes once a second the memory of the workers, until cancelled.
  ///
  /// Time is counted in short ticks rather than read from a clock: see ``TimerTable``.
  fileprivate func tick() async {
    let spans = [
      limits.helloTimeout, limits.answerTimeout, limits.heartbeatTimeout, limits.shutdownGracePeriod,
      limits.backoff,
    ]
    let shortest = spans.filter { $0 > .zero }.min() ?? .seconds(1)
    let tick = max(.milliseconds(5), min(.milliseconds(250), shortest / 10))
    var sinceObservation = Duration.zero
    while (try? await clock.sleep(for: tick)) != nil {
      events.send(.tick(tick))
      sinceObservation += tick
      guard sinceObservation >= .seconds(1) else { continue }
      sinceObservation = .zero
      for (worker, order, bytes) in registry.excesses() {
        events.send(.scheduler(.memoryExceeded(worker, order: order, bytes: bytes)))
      }
    }
  }
}
