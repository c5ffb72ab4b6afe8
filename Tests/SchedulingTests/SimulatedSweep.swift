import Model
import Testing
import WorkerProtocol

@testable import Scheduling

let sweepMethod = "test/1"
let testProblem = Problem(method: sweepMethod, network: ["layers": .number(2)])
let testHello = WorkerHello(
  worker: "test 1", description: FamilyDescription(title: "test 1", methods: ["other/1", sweepMethod]))

func plausibleResult(rd: Double = 0.5) -> RunResult {
  RunResult(
    outcome: .converged, reason: "target reached", quantities: ["rd": rd, "sup_rd": rd, "time": 3], steps: 7,
    wallSeconds: 0.01, initialSeconds: 0.001)
}

func implausibleResult() -> RunResult {
  var result = plausibleResult()
  result.quantities = ["rd": 0.5, "sup_rd": 0.25]
  return result
}

func plan(memory: [Int]) -> [PlannedRun] {
  memory.enumerated().map { index, memory in
    PlannedRun(
      run: Run(["alpha": 1, "beta": 0], width: 1000, seed: UInt64(index)),
      identity: RunIdentity("run-\(index)"), cost: Double(memory + 1), memory: memory)
  }
}

/// A scheduler among processes, timers and a disk that do everything they can do, and the
/// invariants, checked after every event.
struct SimulatedSweep {
  enum Guilt {
    case memory
    /// It may have kept the memory that an earlier run was allowed: that costs its run nothing.
    case retention
    /// Every process of its program would do the same.
    case program
    case other
  }

  struct Process {
    var hasSaidHello = false
    var abilities: WorkerAbilities = []
    var held: PlannedRun?
    var orders = 0
    var maxAllowance = 0
    var asked = false
    var stopped = false
    var killed = false
    /// It did something that costs its run an attempt.
    var guilt: Guilt?
    /// It sent something after it was to end.
    var wasLate = false

    var isTold: Bool { killed || stopped }
  }

  /// One thing that can happen next.
  struct Move {
    var event: SchedulerEvent
    /// How likely, relative to the others.
    var weight: Int
  }

  let runs: [PlannedRun]
  let limits: SchedulerLimits
  let isResumable: Bool
  var scheduler: Scheduler
  var processes: [WorkerID: Process] = [:]
  var timers: [TimerID: Duration] = [:]
  var everSpawned: Set<WorkerID> = []
  var concluded: [RunIdentity: FinishedRun] = [:]
  /// The sweep drains because the first attempts have all failed alike.
  var hasStoppedEarly = false
  /// A worker has given a result or a refusal.
  var hasSucceeded = false
  /// On their way to the disk, in order.
  var unrecorded: [FinishedRun] = []
  var recorded: Set<RunIdentity> = []
  var charges: [RunIdentity: Int] = [:]
  /// How often a run ran out of memory.
  var doublings: [RunIdentity: Int] = [:]
  /// Runs that wait before they are tried again.
  var delayed: Set<RunIdentity> = []
  var interruptions = 0
  var gracePeriodIsOver = false
  var diskFailed = false
  var ending: SweepEnding?
  /// How many processes in a row ended without a run in hand, since the last answer.
  var fruitlessStarts = 0
  /// How many shortages in a row left no worker alive.
  var lonely = 0
  var faults: [String] = []

  init(_ runs: [PlannedRun], limits: SchedulerLimits, isResumable: Bool = true) {
    self.runs = runs
    self.limits = limits
    self.isResumable = isResumable
    scheduler = Scheduler(runs, method: sweepMethod, limits: limits, isResumable: isResumable)
  }

  private mutating func check(_ condition: Bool, _ message: String) {
    if !condition { faults.append(message) }
  }

  private var isEnding: Bool { interruptions > 0 || diskFailed || hasStoppedEarly }

  private var answersMatter: Bool { interruptions < 2 && !diskFailed }

  private func estimate(_ run: PlannedRun) -> Int { limits.runMemory ?? run.memory }

  private func allowance(_ run: PlannedRun) -> Int {
    limits.allowance(estimate: estimate(run)) << doublings[run.identity, default: 0]
  }

  /// What a run counts with.
  private func weight(_ run: PlannedRun) -> Int {
    charges[run.identity] == nil ? estimate(run) : allowance(run)
  }

  /// Everything that can happen next.
  var moves: [Move] {
    var moves: [Move] = []
    for (id, process) in processes.sorted(by: { $0.key.number < $1.key.number }) {
      moves.append(
        Move(event: .exited(id, .signal(9), stderrTail: "tail of \(id)"), weight: process.isTold ? 20 : 1))
      moves += process.isTold ? lateMoves(of: id, process) : self.moves(of: id, process)
    }
    for timer in timers.keys.sorted(by: { "\($0)" < "\($1)" }) {
      let weight =
        switch timer {
        case .deadline, .heartbeat, .shutdown: 1
        case .retry, .spawn: 10
        }
      moves.append(Move(event: .timer(timer), weight: weight))
    }
    if let first = unrecorded.first {
      moves.append(Move(event: .recorded(position: first.position), weight: 20))
    }
    return moves
  }

  private let step = RunProgress(steps: 1, time: 1)

  private func hello(
    _ id: WorkerID, _ version: Int = 1, methods: [String] = [sweepMethod], _ abilities: WorkerAbilities = []
  ) -> SchedulerEvent {
    let description = FamilyDescription(title: "test", methods: methods)
    return .hello(
      id,
      WorkerHello(
        worker: "\(id)", protocolVersion: version, abilities: abilities, description: description))
  }

  private func lateMoves(of id: WorkerID, _ process: Process) -> [Move] {
    if process.wasLate { return [] }
    var moves = [
      Move(event: hello(id), weight: 1),
      Move(event: .malformedLine(id, explanation: "late"), weight: 1),
      Move(event: .memoryExceeded(id, order: process.orders, bytes: 1 << 40), weight: 1),
    ]
    if let held = process.held?.identity {
      moves += [
        Move(event: .result(id, run: held, plausibleResult()), weight: 5),
        Move(event: .failure(id, run: held, .error, detail: "late"), weight: 1),
        Move(event: .failure(id, run: held, .memory, detail: "late"), weight: 1),
      ]
      if process.asked { moves.append(Move(event: .checkpointed(id, run: held), weight: 5)) }
    }
    return moves
  }

  private func moves(of id: WorkerID, _ process: Process) -> [Move] {
    func move(_ event: SchedulerEvent, _ weight: Int = 1) -> Move { Move(event: event, weight: weight) }
    let able: WorkerAbilities = id.number % 2 == 0 ? [.progress, .checkpoint] : []
    var moves = [
      move(hello(id, methods: ["other", sweepMethod], able), process.hasSaidHello ? 1 : 20),
      move(.malformedLine(id, explanation: "garbage")),
      move(.outputClosed(id)),
      move(.exited(id, .signal(15), stderrTail: "")),
      move(.exited(id, .code(75), stderrTail: "")),
      move(.result(id, run: RunIdentity("run-0"), plausibleResult())),
      move(.exited(id, .signal(9), stderrTail: "", outOfMemory: true)),
      move(.memoryExceeded(id, order: process.orders, bytes: 1 << 40)),
      move(.memoryExceeded(id, order: 0, bytes: 1 << 40)),
      move(.progress(id, run: RunIdentity("run-0"), step)),
    ]
    if !process.hasSaidHello {
      moves += [
        move(hello(id, 2)),
        move(hello(id, methods: ["other"])),
        move(.spawnFailed(id, reason: "no such file")),
        move(.spawnFailed(id, reason: "no processes left", isShortage: true), 2),
      ]
    } else if let held = process.held?.identity {
      moves += [
        move(.result(id, run: held, plausibleResult()), 30),
        move(.result(id, run: held, implausibleResult())),
        move(.refusal(id, run: held, reason: "no"), 2),
        move(.progress(id, run: held, step), 2),
        move(.checkpointed(id, run: held), process.asked ? 20 : 1),
        move(.failure(id, run: held, .error, detail: "cannot"), 2),
        move(.failure(id, run: held, .memory, detail: "no room"), 2),
      ]
    }
    return moves
  }

  /// Things the user and the disk do, seldom.
  var disturbances: [Move] {
    [
      Move(event: .interrupt, weight: 3), Move(event: .killAll, weight: 1),
      Move(event: .recordingFailed, weight: 1),
    ]
  }

  /// Lets something happen and checks everything.
  mutating func feed(_ event: SchedulerEvent) {
    let over = ending != nil
    let answered = over ? nil : answeredRun(event)
    if !over { foresee(event) }
    let actions = scheduler.handle(event)
    check(!over || actions.isEmpty, "acted after the end")
    for action in actions { perform(action) }
    if let answered { check(concluded[answered] != nil, "lost an answer") }
    if case .timer(.shutdown) = event, interruptions > 0 || hasStoppedEarly {
      gracePeriodIsOver = true
      check(processes.values.allSatisfy(\.killed), "let a worker live after the grace period")
    }
    checkBounds()
  }

  /// The run that the event answers properly.
  private func answeredRun(_ event: SchedulerEvent) -> RunIdentity? {
    let worker: WorkerID
    let run: RunIdentity
    switch event {
    case .result(let id, let identity, let result, _) where result.flaw == nil: (worker, run) = (id, identity)
    case .refusal(let id, let identity, _): (worker, run) = (id, identity)
    default: return nil
    }
    guard let process = processes[worker], process.guilt == nil, process.held?.identity == run else {
      return nil
    }
    return answersMatter ? run : nil
  }

  /// What the event means for the processes, by the rules of the protocol alone.
  private mutating func foresee(_ event: SchedulerEvent) {
    switch event {
    case .begin: break
    case .recordingFailed: diskFailed = true
    case .interrupt: interruptions = max(interruptions, 1)
    case .killAll: interruptions = 2
    case .recorded(let position):
      unrecorded.removeAll { $0.position == position }
      recorded.insert(runs[position].identity)
    case .hello(let id, let hello):
      let isFirst = processes[id]?.hasSaidHello == false
      let isUseful = hello.protocolVersion == 1 && hello.description.methods.contains(sweepMethod)
      note(id, isFirst && isUseful ? nil : isFirst ? .program : .other)
      if isFirst, isUseful, processes[id]?.isTold == false {
        processes[id]?.abilities = hello.abilities
        lonely = 0
      }
      processes[id]?.hasSaidHello = true
    case .malformedLine(let id, _), .outputClosed(let id): note(id, .other)
    case .result(let id, let run, let result, _):
      note(id, processes[id]?.held?.identity == run && result.flaw == nil ? nil : .other)
    case .refusal(let id, let run, _): note(id, processes[id]?.held?.identity == run ? nil : .other)
    case .progress(let id, _, _): note(id, processes[id]?.hasSaidHello == true ? nil : .other)
    case .checkpointed(let id, let run):
      let fine = processes[id]?.held?.identity == run && processes[id]?.asked == true
      note(id, fine ? nil : .other)
      if fine, processes[id]?.guilt == nil, answersMatter { letGo(id) }
    case .failure(let id, let run, let cause, _, _): foresee(failure: cause, of: run, by: id)
    case .memoryExceeded(let id, let order, _):
      if processes[id]?.held != nil, processes[id]?.orders == order {
        note(id, wantOfMemory(of: id))
      }
    case .timer(let timer): foresee(timer)
    case .exited(let id, .code(75), _, _) where processes[id]?.hasSaidHello == false && isInnocent(id):
      miss(id)
    case .exited(let id, .signal(15), _, _)
    where isInnocent(id) && isEnding && !gracePeriodIsOver && answersMatter:
      // The signal was for all.
      forgetTimers(of: id)
      processes[id] = nil
    case .exited(let id, _, _, let outOfMemory): remove(id, outOfMemory ? .memory : .other)
    case .spawnFailed(let id, _, false): remove(id, .other)
    case .spawnFailed(let id, _, true): miss(id)
    }
  }

  private func isInnocent(_ id: WorkerID) -> Bool {
    processes[id].map { $0.guilt == nil && !$0.isTold } ?? false
  }

  /// A worker could not begin, for want of something.
  private mutating func miss(_ id: WorkerID) {
    forgetTimers(of: id)
    if processes.removeValue(forKey: id) != nil, processes.isEmpty { lonely += 1 }
  }

  private mutating func foresee(failure cause: FailureCause, of run: RunIdentity, by id: WorkerID) {
    guard let process = processes[id], let held = process.held, held.identity == run else {
      return note(id, .other)
    }
    if process.isTold { processes[id]?.wasLate = true }
    guard process.guilt == nil, answersMatter else { return }
    switch cause {
    case .memory:
      let guilt = wantOfMemory(of: id)
      if !process.isTold { processes[id]?.guilt = guilt }
    case .error:
      charges[run, default: 0] += 1
      letGo(id)
    }
  }

  private func wantOfMemory(of id: WorkerID) -> Guilt {
    guard let process = processes[id], let held = process.held else { return .other }
    return process.maxAllowance > allowance(held) ? .retention : .memory
  }

  private mutating func foresee(_ timer: TimerID) {
    timers[timer] = nil
    switch timer {
    case .deadline(let id):
      guard let process = processes[id] else { return }
      if !process.hasSaidHello || process.held != nil { note(id, .other) }
    case .heartbeat(let id): if processes[id]?.held != nil { note(id, .other) }
    case .retry(let position): delayed.remove(runs[position].identity)
    case .spawn, .shutdown: break
    }
  }

  /// A worker has answered for its run, and that was no result.
  private mutating func letGo(_ id: WorkerID) {
    processes[id]?.held = nil
    fruitlessStarts = 0
  }

  private mutating func remove(_ id: WorkerID, _ cause: Guilt) {
    forgetTimers(of: id)
    guard let process = processes.removeValue(forKey: id) else { return }
    guard process.guilt != nil || !process.isTold, process.guilt != .retention else { return }
    if let held = process.held {
      guard answersMatter else { return }
      charges[held.identity, default: 0] += 1
      if process.guilt ?? cause == .memory { doublings[held.identity, default: 0] += 1 }
    } else {
      fruitlessStarts = process.guilt == .program ? limits.maxFruitlessStarts : fruitlessStarts + 1
    }
  }

  private mutating func forgetTimers(of id: WorkerID) {
    timers[.deadline(id)] = nil
    timers[.heartbeat(id)] = nil
  }

  private mutating func note(_ id: WorkerID, _ guilt: Guilt?) {
    guard let process = processes[id] else { return }
    if process.isTold {
      processes[id]?.wasLate = true
    } else if process.guilt == nil {
      processes[id]?.guilt = guilt
    }
  }

  private mutating func perform(_ action: SchedulerAction) {
    check(ending == nil, "acted after the end")
    switch action {
    case .spawn(let id):
      check(everSpawned.insert(id).inserted, "\(id) was used twice")
      check(!isEnding, "spawned while ending")
      check(fruitlessStarts < limits.maxFruitlessStarts, "spawned though workers are unusable")
      check(timers[.spawn] == nil, "spawned before the pause was over")
      processes[id] = Process()
    case .assign(let id, let given): perform(given, by: id)
    case .checkpoint(let id, let run):
      check(processes[id]?.held?.identity == run, "asked for a checkpoint of another run")
      check(processes[id]?.abilities.contains(.checkpoint) == true && isResumable, "asked the wrong worker")
      check(isEnding, "asked for a checkpoint though the sweep goes on")
      processes[id]?.asked = true
    case .record(let run):
      check(concluded.updateValue(run, forKey: run.run.identity) == nil, "recorded \(run.run.identity) twice")
      conclude(run)
      unrecorded.append(run)
    case .stop(let id):
      check(
        processes[id]?.held == nil || isShortOfMemory(id), "stopped a worker that holds a run")
      processes[id]?.stopped = true
    case .kill(let id): processes[id]?.killed = true
    case .setTimer(let timer, let duration):
      check(duration >= .zero, "a timer in the past")
      if timer == .shutdown, interruptions == 0 { noteEarlyStop() }
      timers[timer] = duration
      if case .retry(let position) = timer {
        let run = runs[position].identity
        check(duration == limits.backoff(after: charges[run, default: 0]), "waits for the wrong time")
        delayed.insert(run)
      }
    case .finished(let ending):
      self.ending = ending
      checkEnd(ending)
    }
  }

  private mutating func noteEarlyStop() {
    hasStoppedEarly = true
    check(!hasSucceeded, "stopped early though a run had been answered for")
    check(
      charges.values.reduce(0, +) >= limits.maxInitialFailures, "stopped early after too few failed attempts")
  }

  private func isShortOfMemory(_ id: WorkerID) -> Bool {
    processes[id]?.guilt == .memory || processes[id]?.guilt == .retention
  }

  private mutating func perform(_ given: Assignment, by id: WorkerID) {
    let run = given.run
    guard let process = processes[id] else { return check(false, "gave a run to a dead worker") }
    check(
      process.hasSaidHello && process.held == nil && !process.isTold && !isEnding,
      "gave a run to a worker that cannot take it")
    check(!processes.values.contains { $0.held?.identity == run.identity }, "gave \(run.identity) twice")
    check(concluded[run.identity] == nil, "gave out \(run.identity), which is finished")
    check(unrecorded.count < limits.maxUnrecorded, "gave out a run though the disk does not keep up")
    check(!delayed.contains(run.identity), "gave out \(run.identity) too early")
    check(
      given.attempt == charges[run.identity, default: 0] + 1, "miscounted the attempts of \(run.identity)")
    check(given.attempt <= limits.attempts, "tried \(run.identity) too often")
    check(given.order == process.orders + 1, "miscounted the orders of \(id)")
    let isLimited = limits.memory != nil || limits.runMemory != nil
    check(given.memory == (isLimited ? allowance(run) : nil), "allows the wrong memory")
    check((given.progressSeconds != nil) == process.abilities.contains(.progress), "wrong progress")
    check(given.isResumable == (isResumable && process.abilities.contains(.checkpoint)), "wrong checkpoint")
    processes[id]?.held = run
    processes[id]?.orders += 1
    let allowance = allowance(run)
    processes[id]?.maxAllowance = max(process.maxAllowance, allowance)
  }

  private mutating func conclude(_ finished: FinishedRun) {
    let failed = charges[finished.run.identity, default: 0]
    switch finished.ending {
    case .result(let result):
      check(result.flaw == nil, "recorded nonsense")
      let holder = processes.first { $1.held?.identity == finished.run.identity }
      check(holder?.value.guilt == .none, "believed a worker that failed")
      check(finished.worker?.worker == holder.map { "\($0.key)" }, "attributed a result to another worker")
      check(finished.attempts == failed + 1, "miscounted the attempts of a result")
    case .failed(.attempts, let attempts):
      check(attempts.count == limits.attempts && failed == limits.attempts, "gave up too early or too late")
      check(attempts.map(\.attempt) == Array(1...limits.attempts), "lost an attempt")
    case .failed(.refused, let attempts):
      check(attempts.count == failed && finished.attempts == failed + 1, "miscounted before a refusal")
    case .failed(.memory(let needed, let allowed), let attempts):
      check(allowed == limits.memory && needed > allowed, "wrongly called too big")
      check(attempts.count == failed && finished.attempts == failed, "miscounted before want of memory")
      check(needed == (failed == 0 ? estimate(finished.run) : allowance(finished.run)), "misjudged the need")
    }
    switch finished.ending {
    case .result, .failed(.refused, _):
      fruitlessStarts = 0
      hasSucceeded = true
    case .failed: break
    }
    for id in processes.keys where processes[id]?.held?.identity == finished.run.identity {
      processes[id]?.held = nil
    }
  }

  private mutating func checkBounds() {
    check(processes.count <= limits.workers, "\(processes.count) workers live")
    let memory = processes.values.reduce(0) { $0 + ($1.held.map(weight) ?? 0) }
    check(memory <= limits.memory ?? .max, "running runs need \(memory) bytes")
    let atWork = processes.values.count { !$0.isTold }
    check(isEnding || atWork <= runs.count - concluded.count, "more workers than runs left")
    check(
      processes.allSatisfy { $1.killed || $1.guilt == nil || ($1.stopped && isShortOfMemory($0)) },
      "let a worker live that failed")
    checkIdleness(left: (limits.memory ?? .max) - memory)
    let progress = scheduler.progress
    check(progress.workers == processes.count, "progress miscounts the workers")
    check(progress.running == processes.values.count { $0.held != nil }, "progress miscounts what runs")
    check(progress.remainingCost <= progress.totalCost * 1.000001, "more cost is left than there was")
    let ended = progress.recorded + progress.failed
    check(
      ended + unrecorded.count + progress.running + progress.waiting == runs.count || ending != nil
        || concluded.count + everSpawned.count == 0, "progress loses runs")
    let waits = timers.keys.contains { if case .retry = $0 { true } else { $0 == .spawn } }
    check(
      ending != nil || !processes.isEmpty || !unrecorded.isEmpty || diskFailed || waits, "waits for nothing")
    check(
      !isEnding || interruptions == 2 || gracePeriodIsOver || diskFailed || processes.isEmpty
        || timers[.shutdown] != nil, "an interruption without end")
  }

  private mutating func checkIdleness(left: Int) {
    guard !isEnding, unrecorded.count < limits.maxUnrecorded,
      processes.values.contains(where: { $0.hasSaidHello && $0.held == nil && !$0.isTold })
    else {
      return
    }
    let held = Set(processes.values.compactMap(\.held?.identity))
    check(
      !runs.contains {
        weight($0) <= left && concluded[$0.identity] == nil && !held.contains($0.identity)
          && !delayed.contains($0.identity)
      }, "a worker is idle though a run fits")
  }

  private mutating func checkEnd(_ ending: SweepEnding) {
    check(processes.isEmpty, "ended with living workers")
    switch ending {
    case .completed:
      check(recorded.count == runs.count, "completed without all runs")
    case .interrupted:
      check(interruptions > 0 && recorded.count < runs.count, "interrupted for no reason")
      check(!diskFailed, "lost results and did not tell")
      check(interruptions == 2 || unrecorded.isEmpty, "lost a result")
    case .workersUnusable:
      check(unrecorded.isEmpty && recorded.count < runs.count, "gave up with work done")
      check(
        fruitlessStarts >= limits.maxFruitlessStarts || lonely >= limits.maxShortages, "gave up for no reason"
      )
    case .allAttemptsFailed(_, let attempts, _):
      if !hasStoppedEarly { noteEarlyStop() }
      check(attempts == limits.maxInitialFailures, "miscounted the failures")
      check(unrecorded.isEmpty && recorded.count < runs.count && !diskFailed, "stopped early with work done")
    case .recordingFailed: check(diskFailed, "blamed the disk")
    }
    check(scheduler.progress.recorded + scheduler.progress.failed == recorded.count, "miscounted the end")
  }
}
