import Model
import WorkerProtocol

/// The scheduler as a pure state machine: events in, actions out. It has no clock, does no IO and
/// knows no process, and an event takes O(log n) time and, where a run is given out or ends, O(cost
/// classes); only the first and the last event of a sweep take O(n).
///
/// It keeps, whatever happens:
/// - At most one result per run is recorded.
/// - There are never more workers than the limits allow, and what the runs under way may use never
///   adds up to more memory: a run counts with its estimate at the first attempt and with its whole
///   allowance at later ones, from the moment it is given out until it has been answered for or its
///   worker is dead. No run is allowed more than the sweep. What workers really use is bounded by
///   their allowances, which they and the edge enforce.
/// - Every run ends recorded, failed with the reasons, or untouched when the sweep stops early; a
///   worker that fails costs one attempt of the run it held. A run that was out of memory is tried
///   again only with twice the allowance.
/// - An interrupt ends: after the grace period everything is killed.
///
/// The run that is expected to take longest is given out first, by its estimate and by what similar
/// runs took (``LearnedCosts``). One that does not fit into the memory left is passed over until it
/// does.
///
/// Runs that were under way when an earlier session was killed come last, since one of them may
/// have been the cause: everything else is done by then. From the second time on a kill counts as a
/// failed attempt, and the run is under way alone.
public struct Scheduler: Sendable {
  struct Worker {
    var state = State.starting
    /// What it has told of itself; nil while it starts.
    var hello: WorkerHello?
    /// How many runs it has been given.
    var orders = 0
    /// The largest memory that it has been allowed so far, in bytes: what it may still have from
    /// earlier runs.
    var maxAllowance = 0
    /// Set when it has been asked to suspend its run.
    var isSuspending = false
    /// Set once the worker is to end; it counts as living until it has.
    var terminationReason: TerminationReason?

    var isIdle: Bool { if case .idle = state { true } else { false } }
    var isStarting: Bool { if case .starting = state { true } else { false } }
    var abilities: WorkerAbilities { hello?.abilities ?? [] }
  }

  enum State {
    case starting
    case idle
    case running(Int)
  }

  enum TerminationReason {
    /// It did something wrong.
    case failure(WorkerFailure)
    /// There is no run left for it, or its run is given to another though neither is to blame.
    case surplus
    /// The whole sweep ends.
    case sweepEnds
  }

  enum Phase {
    case new
    case working
    /// No more runs are given out; those under way may finish or be suspended during the grace
    /// period.
    case draining(SweepEnding)
    /// Workers die. Whether results are still worth waiting for.
    case ending(SweepEnding, recordsMatter: Bool)
    case finished
  }

  /// The exit code, EX_TEMPFAIL, of a worker that cannot begin for want of something that may come
  /// back, such as threads.
  static let temporaryFailure = 75

  let limits: SchedulerLimits
  let requirements: SweepRequirements
  let isResumable: Bool
  let runs: [PlannedRun]
  var phase = Phase.new
  var queue: RunQueue
  /// Runs that failed and are not to be tried again yet.
  var delayed: Set<Int> = []
  /// Runs that wait for all others, as a session was killed while they were under way.
  var postponed: [Int] = []
  var failures: [Int: [FailedAttempt]] = [:]
  var initialFailures: InitialFailures
  /// What runs may use that have failed before, in bytes; all others what their estimates suggest.
  var allowances: [Int: Int] = [:]
  /// Finished runs on their way to the disk, and whether they have a result.
  var unrecorded: [Int: Bool] = [:]

  /// Of every run the number of its cost class.
  let classes: [Int]
  var costs: LearnedCosts
  /// Of every class the estimates of all its runs and of those that have not ended, and how many
  /// those are.
  var estimates: [(total: Double, left: Double, count: Int)]
  var costsHaveChanged = false

  var workers: [WorkerID: Worker] = [:]
  var workersStarted = 0
  // Stacks of workers that were starting or idle when they were pushed; stale entries are dropped
  // when met.
  var idle: [WorkerID] = []
  var starting: [WorkerID] = []
  /// How many workers that are not to end are starting or idle.
  var available = 0
  var memoryInUse = 0
  /// How many workers in a row ended without a run in hand, and what the last of them did.
  var fruitlessStarts = 0
  var lastFruitlessStart = (failure: WorkerFailure.exited(.unknown), stderrTail: "")
  var shortage = Shortage()
  var actions: [SchedulerAction] = []

  /// Where the sweep stands.
  public internal(set) var progress: SweepProgress

  /// A scheduler for the runs of a plan.
  ///
  /// - Parameters:
  ///   - runs: in the order in which to give them out where they are expected to take equally long.
  ///     Of runs with equal identity the first counts.
  ///   - method: what workers must know (``Model/Problem/method``).
  ///   - orderParameter: the quantity that every result must have; nil: the first that its worker
  ///     lists.
  ///   - limits: what to keep to.
  ///   - isResumable: whether there is a folder to suspend runs to.
  ///   - kills: how many earlier sessions were killed while a run was under way.
  public init(
    _ runs: [PlannedRun], method: String, orderParameter: String? = nil, limits: SchedulerLimits,
    isResumable: Bool = false, kills: [RunIdentity: Int] = [:]
  ) {
    let runs = Self.unique(runs)
    self.runs = runs
    self.limits = limits
    self.isResumable = isResumable
    requirements = SweepRequirements(method: method, orderParameter: orderParameter, runs: runs)
    initialFailures = InitialFailures(limit: limits.maxInitialFailures)
    var numbers: [CostClass: Int] = [:]
    classes = runs.map { run in
      if let known = numbers[run.costClass] { return known }
      numbers[run.costClass] = numbers.count
      return numbers.count - 1
    }
    costs = LearnedCosts(classes: numbers.count)
    estimates = Array(repeating: (0, 0, 0), count: numbers.count)
    for (run, index) in zip(runs, classes) {
      estimates[index].total += run.cost
      estimates[index].left += run.cost
      estimates[index].count += 1
    }
    if !kills.isEmpty {
      for (position, run) in runs.enumerated() {
        guard let count = kills[run.identity], count > 0 else { continue }
        postponed.append(position)
        let attempts = (1..<count).map {
          FailedAttempt(attempt: $0, failure: .killedWithOrchestrator, exit: nil, stderrTail: "")
        }
        if !attempts.isEmpty { failures[position] = attempts }
      }
    }
    let counts = failures.mapValues(\.count)
    postponed.sort { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) }
    let isPostponed = Set(postponed)
    queue = RunQueue(cost: runs.map(\.cost), classes: classes, classCount: numbers.count) { run in
      guard !isPostponed.contains(run) else { return nil }
      guard let budget = limits.memory else { return 0 }
      let estimate = limits.runMemory ?? max(0, runs[run].memory)
      return estimate <= budget ? estimate : nil
    }
    let cost = estimates.reduce(0) { $0 + $1.total }
    progress = SweepProgress(
      total: runs.count, waiting: queue.count + postponed.count, remainingCost: cost, totalCost: cost)
  }

  private static func unique(_ runs: [PlannedRun]) -> [PlannedRun] {
    var seen = Set<RunIdentity>(minimumCapacity: runs.count)
    for run in runs { seen.insert(run.identity) }
    // Without a copy, which is large, where there is nothing to leave out.
    guard seen.count < runs.count else { return runs }
    return runs.filter { seen.remove($0.identity) != nil }
  }

  /// Handles one event and returns what to do, in this order. Events that come too late are
  /// ignored.
  public mutating func handle(_ event: SchedulerEvent) -> [SchedulerAction] {
    actions = []
    switch event {
    case .begin: begin()
    case .hello(let worker, let hello): onHello(hello, from: worker)
    case .result(let worker, let run, let result, let arrays):
      onResult(result, arrays, of: run, from: worker)
    case .refusal(let worker, let run, let reason): onRefusal(of: run, from: worker, because: reason)
    case .progress(let worker, let run, _): onProgress(of: run, from: worker)
    case .checkpointed(let worker, let run): onCheckpointed(run, from: worker)
    case .failure(let worker, let run, let cause, let detail, let tail):
      onFailure(of: run, from: worker, cause, detail, tail)
    case .malformedLine(let worker, let explanation): fail(worker, .malformedLine(explanation))
    case .outputClosed(let worker): fail(worker, .outputClosed)
    case .memoryExceeded(let worker, let order, let bytes): onMemoryExceeded(worker, order, bytes)
    case .exited(let worker, .code(Self.temporaryFailure), let tail, _) where isUndisturbedStart(of: worker):
      startMissed(by: worker, because: tail.isEmpty ? "the worker lacked something for its start" : tail)
    case .exited(let worker, let status, let tail, let outOfMemory):
      workerExited(
        worker, status, tail, blame: outOfMemory ? .outOfMemory("killed by the system") : .exited(status))
    case .spawnFailed(let worker, let reason, true): startMissed(by: worker, because: reason)
    case .spawnFailed(let worker, let reason, false):
      workerExited(worker, .unknown, "", blame: .notStarted(reason))
    case .timer(let timer): onTimer(timer)
    case .recorded(let position): onRecorded(position)
    case .recordingFailed: end(.recordingFailed, recordsMatter: false)
    case .interrupt: drain(.interrupted)
    case .killAll: end(.interrupted, recordsMatter: false)
    }
    settle()
    defer { actions = [] }
    return actions
  }
}

// MARK: - Beginning and ending

extension Scheduler {
  private mutating func begin() {
    guard case .new = phase else { return }
    phase = .working
    if let budget = limits.memory {
      for position in runs.indices where estimate(of: position) > budget {
        let reason = FailureReason.memory(needed: estimate(of: position), allowed: budget)
        failures[position] = nil
        finish(position, .failed(reason, attempts: []), by: nil)
      }
    }
    postponed.removeAll { unrecorded[$0] != nil }
    for position in postponed where failures[position]?.count ?? 0 >= limits.attempts {
      failRun(at: position, .attempts, by: nil)
    }
    postponed.removeAll { unrecorded[$0] != nil }
  }

  private mutating func onTimer(_ timer: TimerID) {
    switch timer {
    case .deadline(let worker): onDeadline(of: worker)
    case .heartbeat(let worker):
      if case .running = workers[worker]?.state {
        fail(worker, .noHeartbeat(within: limits.heartbeatTimeout))
      }
    case .retry(let position):
      if delayed.remove(position) != nil { queue.putBack(position, memory: reservation(of: position)) }
    case .spawn: shortage.isPausing = false
    case .shutdown:
      if case .draining(let reason) = phase { end(reason, recordsMatter: true) }
    }
  }

  /// Begins nothing more, and lets what is under way finish or be suspended during the grace
  /// period.
  mutating func drain(_ reason: SweepEnding) {
    switch phase {
    case .new, .working: break
    case .draining, .ending, .finished: return
    }
    phase = .draining(reason)
    for id in workers.keys.sorted(by: { $0.number < $1.number }) {
      guard let worker = workers[id], worker.terminationReason == nil else { continue }
      switch worker.state {
      case .starting:
        terminate(id, .sweepEnds)
        actions.append(.kill(id))
      case .idle: continue
      case .running(let position):
        guard isResumable, worker.abilities.contains(.checkpoint) else { continue }
        workers[id]?.isSuspending = true
        actions.append(.checkpoint(id, run: runs[position].identity))
      }
    }
    if !workers.isEmpty { actions.append(.setTimer(.shutdown, limits.shutdownGracePeriod)) }
  }

  private mutating func end(_ ending: SweepEnding, recordsMatter: Bool) {
    switch phase {
    case .new, .working, .draining: break
    case .ending(_, recordsMatter: true) where !recordsMatter: break
    case .ending(let reason, _) where reason != .recordingFailed && ending == .recordingFailed:
      // That results were lost is worth more than why the sweep was to end.
      phase = .ending(ending, recordsMatter: false)
      return
    case .ending, .finished: return
    }
    phase = .ending(ending, recordsMatter: recordsMatter)
    for id in workers.keys.sorted(by: { $0.number < $1.number }) {
      terminate(id, .sweepEnds)
      actions.append(.kill(id))
    }
  }

  /// Gives out runs, starts and stops workers, and ends the sweep when there is nothing left to
  /// wait for.
  private mutating func settle() {
    switch phase {
    case .working:
      if queue.isEmpty, delayed.isEmpty { queuePostponed() }
      assign()
      adjustWorkers()
    case .draining: dismissIdle()
    case .new, .ending, .finished: break
    }
    progress.waiting = waiting
    progress.workers = workers.count
    updateCosts()
    if workers.isEmpty { finishIfDone() }
  }

  /// Lets runs that wait for all others take their turn: together if they were under way at one
  /// kill only, else each alone, so that no kill counts for a run that is not to blame.
  private mutating func queuePostponed() {
    var next = postponed.filter { failures[$0] == nil }
    if next.isEmpty, progress.running == 0 { next = Array(postponed.prefix(1)) }
    for position in next { queue.putBack(position, memory: reservation(of: position)) }
    postponed.removeAll(where: next.contains)
  }

  /// How many runs wait, for a worker or for their time.
  var waiting: Int { queue.count + delayed.count + postponed.count }

  private mutating func finishIfDone() {
    let ending: SweepEnding
    switch phase {
    case .working where !unrecorded.isEmpty: return
    case .working where waiting == 0: ending = .completed
    case .working where shortage.lonely >= limits.maxShortages:
      ending = .workersUnusable(.notStarted(shortage.reason), stderrTail: "")
    case .working where shortage.isPausing: return
    case .working:
      ending = .workersUnusable(lastFruitlessStart.failure, stderrTail: lastFruitlessStart.stderrTail)
    case .draining(let reason):
      guard unrecorded.isEmpty else { return }
      ending = isComplete ? .completed : reason
    case .ending(let reason, let recordsMatter):
      guard !recordsMatter || unrecorded.isEmpty else { return }
      // Too late to interrupt anything.
      ending = reason != .recordingFailed && isComplete ? .completed : reason
    case .new, .finished: return
    }
    phase = .finished
    actions.append(.finished(ending))
  }

  private var isComplete: Bool { progress.recorded + progress.failed == progress.total }

  private func isUndisturbedStart(of id: WorkerID) -> Bool {
    workers[id].map { $0.isStarting && $0.terminationReason == nil } ?? false
  }

  var isDraining: Bool { if case .draining = phase { true } else { false } }

  /// Whether answers of workers still count.
  var recordsMatter: Bool {
    switch phase {
    case .working, .draining: true
    case .ending(_, let recordsMatter): recordsMatter
    case .new, .finished: false
    }
  }
}
