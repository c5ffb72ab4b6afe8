import Model
import WorkerProtocol

/// The scheduler as a pure state machine: events in, actions out. It has no clock, does no IO and knows no
/// process, and an event takes O(log n) time (but `begin` and the end of a sweep).
///
/// It keeps, whatever happens: at most one result per run is recorded; there are never more workers, and running
/// runs never use more memory, than the limits say; every run ends recorded, set aside with the reasons, or
/// untouched when the sweep is interrupted; a worker that fails costs one attempt of the run it held.
///
/// Runs are given out in the order of the plan. One that does not fit into the memory left is passed over until
/// it does; in a plan that begins with the largest it is first in turn whenever one of its size ends.
public struct Scheduler: Sendable {
  private struct Worker {
    var state: State
    /// How many runs it has been given.
    var orders = 0
    /// Set once the worker has been told to end; it counts as living until it has.
    var doom: Doom?
  }

  private enum State {
    case starting
    case idle
    case running(Int)
  }

  private enum Doom {
    /// It did something wrong.
    case failure(WorkerFailure)
    /// There is no run left for it.
    case surplus
    /// The whole sweep ends.
    case ending
  }

  private enum Phase {
    case new
    case working
    /// No more runs are given out and workers die. Whether results are still worth waiting for.
    case ending(SweepEnding, recordsMatter: Bool)
    case finished
  }

  private let limits: SchedulerLimits
  private let method: String
  private let runs: [PlannedRun]
  private var phase = Phase.new
  private var queue: RunQueue
  private var failures: [Int: [FailedAttempt]] = [:]
  /// Finished runs on their way to the disk, and whether they have a result.
  private var unrecorded: [Int: Bool] = [:]

  private var workers: [WorkerID: Worker] = [:]
  private var workersStarted = 0
  // Stacks of workers that were starting or idle when they were pushed; stale entries are dropped when met.
  private var idle: [WorkerID] = []
  private var starting: [WorkerID] = []
  /// How many workers that are not doomed are starting or idle.
  private var available = 0
  private var memoryInUse = 0
  /// How many workers in a row ended without a run in hand, and what the last of them did.
  private var barren = 0
  private var lastBarren = (failure: WorkerFailure.exited(.unknown), stderrTail: "")
  private var actions: [SchedulerAction] = []

  /// Where the sweep stands.
  public private(set) var progress: SweepProgress

  /// A scheduler for the runs of a plan.
  ///
  /// - Parameters:
  ///   - runs: in the order in which to give them out. Of runs with equal identity the first counts.
  ///   - method: what workers must be able to carry out (``Model/Problem/method``).
  ///   - limits: what to keep to.
  public init(_ runs: [PlannedRun], method: String, limits: SchedulerLimits) {
    var seen = Set<RunIdentity>(minimumCapacity: runs.count)
    let runs = runs.filter { seen.insert($0.identity).inserted }
    self.runs = runs
    self.method = method
    self.limits = limits
    if let allowed = limits.memory {
      queue = RunQueue(memory: runs.map { max(0, $0.memory) }) { runs[$0].memory <= allowed }
    } else {
      queue = RunQueue(memory: runs.map { _ in 0 })
    }
    let cost = runs.reduce(0) { $0 + $1.cost }
    progress = SweepProgress(
      total: runs.count, waiting: queue.count, remainingCost: cost, totalCost: cost)
  }

  /// Takes in one event and says what to do, in this order. Events that come too late are ignored.
  public mutating func handle(_ event: SchedulerEvent) -> [SchedulerAction] {
    actions = []
    switch event {
    case .begin: begin()
    case .hello(let worker, let version, let methods): greet(worker, version, methods)
    case .result(let worker, let run, let result, let record): accept(result, record, of: run, from: worker)
    case .refusal(let worker, let run, let reason): drop(run, from: worker, because: reason)
    case .malformedLine(let worker, let explanation): fail(worker, .malformedLine(explanation))
    case .exited(let worker, let status, let tail): bury(worker, status, tail, blame: .exited(status))
    case .spawnFailed(let worker, let reason): bury(worker, .unknown, "", blame: .notStarted(reason))
    case .deadline(let worker, let orders): lose(patience: orders, with: worker)
    case .recorded(let position): acknowledge(position)
    case .recordingFailed: end(.recordingFailed, recordsMatter: false)
    case .interrupt: end(.interrupted, recordsMatter: true)
    case .killAll: end(.interrupted, recordsMatter: false)
    }
    settle()
    return actions
  }
}

// MARK: - Beginning and ending

extension Scheduler {
  private mutating func begin() {
    guard case .new = phase else { return }
    phase = .working
    guard let allowed = limits.memory else { return }
    for (position, run) in runs.enumerated() where run.memory > allowed {
      conclude(position, .setAside(.memory(needed: run.memory, allowed: allowed), attempts: []), by: nil)
    }
  }

  private mutating func end(_ ending: SweepEnding, recordsMatter: Bool) {
    switch phase {
    case .new, .working: break
    case .ending(_, recordsMatter: true) where !recordsMatter: break
    case .ending, .finished: return
    }
    phase = .ending(ending, recordsMatter: recordsMatter)
    for id in workers.keys.sorted(by: { $0.number < $1.number }) {
      doom(id, .ending)
      actions.append(.kill(id))
    }
  }

  /// Gives out runs, starts and stops workers, and ends the sweep when there is nothing left to wait for.
  private mutating func settle() {
    if case .working = phase {
      assign()
      adjustWorkers()
    }
    progress.waiting = queue.count
    progress.workers = workers.count
    if workers.isEmpty { finishIfDone() }
  }

  private mutating func finishIfDone() {
    let ending: SweepEnding
    switch phase {
    case .working where !unrecorded.isEmpty: return
    case .working where queue.isEmpty: ending = .completed
    case .working: ending = .workersUnusable(lastBarren.failure, stderrTail: lastBarren.stderrTail)
    case .ending(let reason, let recordsMatter):
      guard !recordsMatter || unrecorded.isEmpty else { return }
      // Too late to interrupt anything.
      let isComplete = progress.recorded + progress.setAside == progress.total
      ending = reason == .interrupted && isComplete ? .completed : reason
    case .new, .finished: return
    }
    phase = .finished
    actions.append(.finished(ending))
  }

  /// Whether what workers say still counts.
  private var recordsMatter: Bool {
    switch phase {
    case .working: true
    case .ending(_, let recordsMatter): recordsMatter
    case .new, .finished: false
    }
  }
}

// MARK: - Workers

extension Scheduler {
  private mutating func assign() {
    while let id = top(of: &idle, where: { if case .idle = $0 { true } else { false } }) {
      let left = limits.memory.map { $0 - memoryInUse } ?? Int.max
      guard let position = queue.take(fitting: left) else { return }
      idle.removeLast()
      available -= 1
      workers[id]?.state = .running(position)
      workers[id]?.orders += 1
      memoryInUse += memory(of: position)
      progress.running += 1
      actions.append(.assign(id, runs[position], attempt: attempt(at: position)))
    }
  }

  /// Never more workers than runs left: stops the surplus, starts what is missing.
  private mutating func adjustWorkers() {
    while available > queue.count {
      let surplus =
        top(of: &idle, where: { if case .idle = $0 { true } else { false } })
        ?? top(of: &starting, where: { if case .starting = $0 { true } else { false } })
      guard let surplus else { return }
      doom(surplus, .surplus)
      actions.append(.stop(surplus))
    }
    while workers.count < limits.workers, available < queue.count, barren < limits.barrenWorkers {
      workersStarted += 1
      let id = WorkerID(workersStarted)
      workers[id] = Worker(state: .starting)
      starting.append(id)
      available += 1
      actions.append(.spawn(id))
    }
  }

  /// The worker on top of a stack, after the stale entries above it are gone.
  private func top(of stack: inout [WorkerID], where isCurrent: (State) -> Bool) -> WorkerID? {
    while let id = stack.last {
      if let worker = workers[id], worker.doom == nil, isCurrent(worker.state) { return id }
      stack.removeLast()
    }
    return nil
  }

  private mutating func greet(_ id: WorkerID, _ version: Int, _ methods: [String]) {
    guard let worker = workers[id], worker.doom == nil else { return }
    guard case .starting = worker.state else { return fail(id, .untimely("hello")) }
    guard version == workerProtocolVersion else { return fail(id, .protocolVersion(version)) }
    guard methods.contains(method) else { return fail(id, .methodMissing(method, offered: methods)) }
    workers[id]?.state = .idle
    idle.append(id)
  }

  private mutating func lose(patience orders: Int, with id: WorkerID) {
    guard let worker = workers[id], worker.orders == orders else { return }
    switch worker.state {
    case .starting: fail(id, .noHello(within: limits.hello))
    case .running: fail(id, .noAnswer(within: limits.answer))
    case .idle: return
    }
  }

  /// Kills a worker that did something wrong. Its run is charged when it is dead: until then it uses memory.
  private mutating func fail(_ id: WorkerID, _ failure: WorkerFailure) {
    guard let worker = workers[id], worker.doom == nil else { return }
    doom(id, .failure(failure))
    actions.append(.kill(id))
  }

  private mutating func doom(_ id: WorkerID, _ doom: Doom) {
    guard let worker = workers[id] else { return }
    if case .running = worker.state {} else if worker.doom == nil { available -= 1 }
    // A failure that came first is still to blame when the sweep ends.
    if case .failure = worker.doom { return }
    workers[id]?.doom = doom
  }

  /// Takes a dead worker off the books; unless it was told to end, `failure` is to blame.
  private mutating func bury(
    _ id: WorkerID, _ status: WorkerExit, _ tail: String, blame failure: WorkerFailure
  ) {
    guard let worker = workers[id] else { return }
    let blame: WorkerFailure?
    switch worker.doom {
    case nil: blame = failure
    case .failure(let failure): blame = failure
    case .surplus, .ending: blame = nil
    }
    doom(id, .ending)
    workers[id] = nil
    guard case .running(let position) = worker.state else {
      if let blame {
        barren += 1
        lastBarren = (blame, tail)
      }
      return
    }
    release(position)
    guard let blame, recordsMatter else { return queue.putBack(position) }
    let number = attempt(at: position)
    failures[position, default: []].append(
      FailedAttempt(attempt: number, failure: blame, exit: status, stderrTail: tail))
    if number < limits.attempts {
      queue.putBack(position)
    } else {
      conclude(position, .setAside(.attempts, attempts: failures[position] ?? []), by: id)
    }
  }
}

// MARK: - Runs

extension Scheduler {
  private mutating func accept(
    _ result: RunResult, _ record: FlowRecord, of run: RunIdentity, from id: WorkerID
  ) {
    guard let position = position(of: run, heldBy: id) else { return }
    if let flaw = result.flaw ?? record.flaw(width: runs[position].run.width) {
      return fail(id, .implausibleResult(flaw))
    }
    let attempts = attempt(at: position)
    free(id, of: position)
    conclude(position, .result(result), by: id, attempts: attempts, record: record)
  }

  private mutating func drop(_ run: RunIdentity, from id: WorkerID, because reason: String) {
    guard let position = position(of: run, heldBy: id) else { return }
    let attempts = attempt(at: position)
    free(id, of: position)
    conclude(
      position, .setAside(.refused(reason), attempts: failures[position] ?? []), by: id, attempts: attempts)
  }

  /// The place of the run that a worker answers for, if the answer counts; the worker is killed if it does
  /// not hold that run.
  private mutating func position(of run: RunIdentity, heldBy id: WorkerID) -> Int? {
    guard let worker = workers[id], recordsMatter else { return nil }
    switch worker.doom {
    case .failure, .surplus: return nil
    case nil, .ending: break
    }
    switch worker.state {
    case .running(let position) where runs[position].identity == run: return position
    case .running, .idle: fail(id, .answeredForAnotherRun(run))
    case .starting: fail(id, .untimely("an answer"))
    }
    return nil
  }

  /// The worker has answered for its run.
  private mutating func free(_ id: WorkerID, of position: Int) {
    release(position)
    barren = 0
    workers[id]?.state = .idle
    if workers[id]?.doom == nil {
      idle.append(id)
      available += 1
    }
  }

  /// The run is in nobody's hands any more.
  private mutating func release(_ position: Int) {
    memoryInUse -= memory(of: position)
    progress.running -= 1
  }

  private mutating func conclude(
    _ position: Int, _ ending: RunEnding, by id: WorkerID?, attempts: Int? = nil,
    record: FlowRecord = FlowRecord()
  ) {
    let failed = failures.removeValue(forKey: position)?.count ?? 0
    if case .result = ending { unrecorded[position] = true } else { unrecorded[position] = false }
    progress.remainingCost = max(0, progress.remainingCost - runs[position].cost)
    actions.append(
      .record(
        FinishedRun(
          run: runs[position], position: position, attempts: attempts ?? failed, worker: id,
          ending: ending, record: record.restricted(to: runs[position].keep))))
  }

  private mutating func acknowledge(_ position: Int) {
    guard let hasResult = unrecorded.removeValue(forKey: position) else { return }
    if hasResult { progress.recorded += 1 } else { progress.setAside += 1 }
    if progress.recorded + progress.setAside == progress.total { progress.remainingCost = 0 }
  }

  private func attempt(at position: Int) -> Int { (failures[position]?.count ?? 0) + 1 }

  private func memory(of position: Int) -> Int { limits.memory == nil ? 0 : max(0, runs[position].memory) }
}
