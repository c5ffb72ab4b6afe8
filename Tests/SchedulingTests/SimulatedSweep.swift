import Model
import Testing

@testable import Scheduling

let sweepMethod = Problem.impulseMethod

func plausibleResult(rd: Double = 0.5) -> RunResult {
  RunResult(
    outcome: .converged, reason: "target reached", rd: rd, supRD: rd, meanSquaredResidual: 1e-6, time: 3,
    steps: 7, wallSeconds: 0.01, initialSeconds: 0.001)
}

func implausibleResult() -> RunResult {
  var result = plausibleResult()
  result.supRD = result.rd / 2
  return result
}

func plan(memory: [Int]) -> [PlannedRun] {
  memory.enumerated().map { index, memory in
    PlannedRun(
      run: Run(point: PhasePoint(gamma: 1, gammaPrime: 0), width: 1000, seed: UInt64(index)),
      identity: RunIdentity("run-\(index)"), cost: Double(memory + 1), memory: memory)
  }
}

/// A scheduler among processes and a disk that do everything they can do, and the invariants, checked after
/// every event.
struct SimulatedSweep {
  struct Process {
    var said = false
    var held: PlannedRun?
    var orders = 0
    var stopped = false
    var killed = false
    /// It did something for which its run must be charged.
    var guilty = false
    var saidSomethingLate = false
  }

  /// One thing that can happen next.
  struct Move {
    var event: SchedulerEvent
    /// How likely, relative to the others.
    var weight: Int
  }

  let runs: [PlannedRun]
  let limits: SchedulerLimits
  var scheduler: Scheduler
  var processes: [WorkerID: Process] = [:]
  var everSpawned: Set<WorkerID> = []
  var concluded: [RunIdentity: FinishedRun] = [:]
  /// On their way to the disk, in order.
  var unrecorded: [FinishedRun] = []
  var recorded: Set<RunIdentity> = []
  var charges: [RunIdentity: Int] = [:]
  var interruptions = 0
  var diskFailed = false
  var ending: SweepEnding?
  /// How many processes in a row ended without a run in hand, since the last answer.
  var barren = 0
  var faults: [String] = []

  init(_ runs: [PlannedRun], limits: SchedulerLimits) {
    self.runs = runs
    self.limits = limits
    scheduler = Scheduler(runs, method: sweepMethod, limits: limits)
  }

  private mutating func check(_ condition: Bool, _ message: String) {
    if !condition { faults.append(message) }
  }

  private var isEnding: Bool { interruptions > 0 || diskFailed }

  /// Everything that can happen next.
  var moves: [Move] {
    var moves: [Move] = []
    for (id, process) in processes.sorted(by: { $0.key.number < $1.key.number }) {
      moves.append(
        Move(
          event: .exited(id, .signal(9), stderrTail: "tail of \(id)"),
          weight: process.killed || process.stopped ? 20 : 1))
      let result = plausibleResult()
      if process.killed || process.stopped {
        if process.saidSomethingLate { continue }
        if let held = process.held {
          moves.append(Move(event: .result(id, run: held.identity, result), weight: 5))
        }
        moves.append(Move(event: .hello(id, protocolVersion: 1, methods: [sweepMethod]), weight: 1))
        moves.append(Move(event: .malformedLine(id, explanation: "late"), weight: 1))
        continue
      }
      moves.append(
        Move(
          event: .hello(id, protocolVersion: 1, methods: ["other", sweepMethod]),
          weight: process.said ? 1 : 20))
      moves.append(Move(event: .malformedLine(id, explanation: "garbage"), weight: 1))
      for orders in Set([process.orders, 0]).sorted() {
        moves.append(Move(event: .deadline(id, orders: orders), weight: 1))
      }
      moves.append(Move(event: .result(id, run: RunIdentity("run-0"), result), weight: 1))
      if !process.said {
        moves.append(Move(event: .hello(id, protocolVersion: 2, methods: [sweepMethod]), weight: 1))
        moves.append(Move(event: .hello(id, protocolVersion: 1, methods: ["other"]), weight: 1))
        moves.append(Move(event: .spawnFailed(id, reason: "no processes left"), weight: 1))
      } else if let held = process.held {
        moves.append(Move(event: .result(id, run: held.identity, result), weight: 30))
        moves.append(Move(event: .result(id, run: held.identity, implausibleResult()), weight: 1))
        moves.append(Move(event: .refusal(id, run: held.identity, reason: "no"), weight: 2))
      }
    }
    if let first = unrecorded.first {
      moves.append(Move(event: .recorded(position: first.position), weight: 20))
    }
    return moves
  }

  /// Things the user and the disk do, seldom.
  var disturbances: [Move] {
    [
      Move(event: .interrupt, weight: 2), Move(event: .killAll, weight: 1),
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
    checkBounds()
  }

  /// The run that the event answers properly.
  private func answeredRun(_ event: SchedulerEvent) -> RunIdentity? {
    let worker: WorkerID
    let run: RunIdentity
    switch event {
    case .result(let id, let identity, let result, _) where result.isPlausible: (worker, run) = (id, identity)
    case .refusal(let id, let identity, _): (worker, run) = (id, identity)
    default: return nil
    }
    guard let process = processes[worker], !process.guilty, process.held?.identity == run else { return nil }
    return interruptions < 2 && !diskFailed ? run : nil
  }

  /// What the event means for the processes, by the rules of the protocol alone.
  private mutating func foresee(_ event: SchedulerEvent) {
    switch event {
    case .begin, .recordingFailed, .interrupt, .killAll: break
    case .recorded(let position):
      unrecorded.removeAll { $0.position == position }
      recorded.insert(runs[position].identity)
    case .hello(let id, let version, let methods):
      let fine = processes[id]?.said == false && version == 1 && methods.contains(sweepMethod)
      note(id, guilty: !fine)
      processes[id]?.said = true
    case .malformedLine(let id, _): note(id, guilty: true)
    case .result(let id, let run, let result, _):
      note(id, guilty: processes[id]?.held?.identity != run || !result.isPlausible)
    case .refusal(let id, let run, _): note(id, guilty: processes[id]?.held?.identity != run)
    case .deadline(let id, let orders):
      guard let process = processes[id], orders == process.orders else { return }
      if !process.said || process.held != nil { note(id, guilty: true) }
    case .exited(let id, _, _), .spawnFailed(let id, _):
      guard let process = processes.removeValue(forKey: id) else { return }
      guard process.guilty || !(process.killed || process.stopped) else { return }
      if let held = process.held {
        if interruptions < 2, !diskFailed { charges[held.identity, default: 0] += 1 }
      } else {
        barren += 1
      }
    }
    if case .interrupt = event { interruptions = max(interruptions, 1) }
    if case .killAll = event { interruptions = 2 }
    if case .recordingFailed = event { diskFailed = true }
  }

  private mutating func note(_ id: WorkerID, guilty: Bool) {
    guard let process = processes[id] else { return }
    if process.killed || process.stopped {
      processes[id]?.saidSomethingLate = true
    } else if guilty {
      processes[id]?.guilty = true
    }
  }

  private mutating func perform(_ action: SchedulerAction) {
    check(ending == nil, "acted after the end")
    switch action {
    case .spawn(let id):
      check(everSpawned.insert(id).inserted, "\(id) was used twice")
      check(!isEnding, "spawned while ending")
      check(barren < limits.barrenWorkers, "spawned though workers are unusable")
      processes[id] = Process()
    case .assign(let id, let run, let attempt):
      guard let process = processes[id] else { return check(false, "gave a run to a dead worker") }
      check(
        process.said && process.held == nil && !process.killed && !process.stopped && !isEnding,
        "gave a run to a worker that cannot take it")
      check(!processes.values.contains { $0.held?.identity == run.identity }, "gave \(run.identity) twice")
      check(concluded[run.identity] == nil, "gave out \(run.identity), which is finished")
      check(attempt == charges[run.identity, default: 0] + 1, "miscounted the attempts of \(run.identity)")
      check(attempt <= limits.attempts, "tried \(run.identity) too often")
      processes[id]?.held = run
      processes[id]?.orders += 1
    case .record(let run):
      check(concluded.updateValue(run, forKey: run.run.identity) == nil, "recorded \(run.run.identity) twice")
      conclude(run)
      unrecorded.append(run)
    case .stop(let id):
      check(processes[id]?.held == nil, "stopped a worker that holds a run")
      processes[id]?.stopped = true
    case .kill(let id): processes[id]?.killed = true
    case .finished(let ending):
      self.ending = ending
      checkEnd(ending)
    }
  }

  private mutating func conclude(_ finished: FinishedRun) {
    let failed = charges[finished.run.identity, default: 0]
    switch finished.ending {
    case .result(let result):
      check(result.isPlausible, "recorded nonsense")
      check(finished.worker.flatMap { processes[$0] }?.guilty == false, "believed a worker that failed")
      check(finished.attempts == failed + 1, "miscounted the attempts of a result")
    case .setAside(.attempts, let attempts):
      check(attempts.count == limits.attempts && failed == limits.attempts, "gave up too early or too late")
      check(attempts.map(\.attempt) == Array(1...limits.attempts), "lost an attempt")
    case .setAside(.refused, let attempts):
      check(attempts.count == failed && finished.attempts == failed + 1, "miscounted before a refusal")
    case .setAside(.memory, _):
      check(finished.attempts == 0 && finished.run.memory > limits.memory ?? .max, "wrongly called too big")
    }
    switch finished.ending {
    case .result, .setAside(.refused, _): barren = 0
    case .setAside: break
    }
    for id in processes.keys where processes[id]?.held?.identity == finished.run.identity {
      processes[id]?.held = nil
    }
  }

  private mutating func checkBounds() {
    check(processes.count <= limits.workers, "\(processes.count) workers live")
    let memory = processes.values.reduce(0) { $0 + ($1.held?.memory ?? 0) }
    check(memory <= limits.memory ?? .max, "running runs need \(memory) bytes")
    let atWork = processes.values.count { !$0.killed && !$0.stopped }
    check(atWork <= runs.count - concluded.count, "more workers than runs left")
    check(processes.values.allSatisfy { $0.killed || !$0.guilty }, "let a worker live that failed")
    let isIdle = processes.values.contains { $0.said && $0.held == nil && !$0.killed && !$0.stopped }
    if isIdle && !isEnding {
      let held = Set(processes.values.compactMap(\.held?.identity))
      let left = (limits.memory ?? .max) - memory
      check(
        !runs.contains { $0.memory <= left && concluded[$0.identity] == nil && !held.contains($0.identity) },
        "a worker is idle though a run fits")
    }
    let progress = scheduler.progress
    check(progress.workers == processes.count, "progress miscounts the workers")
    check(progress.running == processes.values.count { $0.held != nil }, "progress miscounts what runs")
    let ended = progress.recorded + progress.setAside
    check(
      ended + unrecorded.count + progress.running + progress.waiting == runs.count || ending != nil
        || isEnding || concluded.count == 0, "progress loses runs")
    check(
      ending != nil || !processes.isEmpty || !unrecorded.isEmpty || diskFailed, "waits for nothing")
  }

  private mutating func checkEnd(_ ending: SweepEnding) {
    check(processes.isEmpty, "ended with living workers")
    switch ending {
    case .completed:
      check(recorded.count == runs.count, "completed without all runs")
    case .interrupted:
      check(interruptions > 0 && recorded.count < runs.count, "interrupted for no reason")
      check(interruptions == 2 || unrecorded.isEmpty, "lost a result")
    case .workersUnusable:
      check(unrecorded.isEmpty && recorded.count < runs.count, "gave up with work done")
      check(barren >= limits.barrenWorkers, "gave up for no reason")
    case .recordingFailed: check(diskFailed, "blamed the disk")
    }
    check(scheduler.progress.recorded + scheduler.progress.setAside == recorded.count, "miscounted the end")
  }
}
