import Model
import Testing

@testable import Scheduling

/// What the scheduler does in particular situations.
@Suite struct SchedulerTests {
  private let one = WorkerID(1)
  private let two = WorkerID(2)

  private func hello(_ id: WorkerID) -> SchedulerEvent {
    .hello(id, protocolVersion: 1, methods: [sweepMethod])
  }

  private func scheduler(_ runs: [PlannedRun], workers: Int, memory: Int? = nil) -> Scheduler {
    Scheduler(runs, method: sweepMethod, limits: SchedulerLimits(workers: workers, memory: memory))
  }

  private func death(_ id: WorkerID) -> SchedulerEvent { .exited(id, .code(1), stderrTail: "why") }

  @Test func aFailedRunKeepsItsPlace() {
    let runs = plan(memory: [1, 1, 1])
    var scheduler = scheduler(runs, workers: 2)
    #expect(scheduler.handle(.begin) == [.spawn(one), .spawn(two)])
    #expect(scheduler.handle(hello(one)) == [.assign(one, runs[0], attempt: 1)])
    #expect(scheduler.handle(death(one)) == [.spawn(WorkerID(3))])
    #expect(scheduler.handle(hello(two)) == [.assign(two, runs[0], attempt: 2)])
    #expect(scheduler.handle(hello(WorkerID(3))) == [.assign(WorkerID(3), runs[1], attempt: 1)])
  }

  @Test func theLastRunsStopTheWorkersThatAreNotNeeded() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs, workers: 8)
    #expect(scheduler.handle(.begin) == [.spawn(one), .spawn(two)])
    _ = scheduler.handle(hello(one))
    let answer = scheduler.handle(.result(one, run: runs[0].identity, plausibleResult()))
    // The one that is still starting is not worth waiting for.
    #expect(answer.dropFirst() == [.assign(one, runs[1], attempt: 1), .stop(two)])
    #expect(scheduler.handle(hello(two)) == [])
    #expect(scheduler.handle(.exited(two, .code(0), stderrTail: "")) == [])
    #expect(scheduler.handle(.result(one, run: runs[1].identity, plausibleResult())).last == .stop(one))
    #expect(scheduler.handle(.recorded(position: 1)) == [])
    #expect(scheduler.handle(.exited(one, .code(0), stderrTail: "")) == [])
    #expect(scheduler.handle(.recorded(position: 0)) == [.finished(.completed)])
  }

  @Test func aRunWaitsForMemoryAndSmallerOnesPassIt() {
    let runs = plan(memory: [6, 5, 4, 11])
    var scheduler = scheduler(runs, workers: 3, memory: 10)
    let begun = scheduler.handle(.begin)
    let reason = SetAsideReason.memory(needed: 11, allowed: 10)
    #expect(
      begun.first
        == .record(
          FinishedRun(
            run: runs[3], position: 3, attempts: 0, worker: nil, ending: .setAside(reason, attempts: []))))
    #expect(
      reason.description
        == "needs about 11 bytes of memory and the sweep may use 10; raise limits.memory")
    #expect(scheduler.handle(hello(one)) == [.assign(one, runs[0], attempt: 1)])
    #expect(scheduler.handle(hello(two)) == [.assign(two, runs[2], attempt: 1)])
    #expect(scheduler.handle(hello(WorkerID(3))) == [])
    // A worker that is being killed uses its memory until it is dead.
    #expect(scheduler.handle(.malformedLine(one, explanation: "x")) == [.kill(one)])
    #expect(scheduler.handle(death(one)).first == .assign(WorkerID(3), runs[0], attempt: 2))
    let next = scheduler.handle(.result(two, run: runs[2].identity, plausibleResult()))
    #expect(!next.contains(.assign(two, runs[1], attempt: 1)))
  }

  @Test func aRunThatKillsWorkersIsSetAsideWithTheReasons() {
    let runs = plan(memory: [1])
    var scheduler = scheduler(runs, workers: 1)
    _ = scheduler.handle(.begin)
    var actions: [SchedulerAction] = []
    for number in 1...3 {
      _ = scheduler.handle(hello(WorkerID(number)))
      actions = scheduler.handle(.exited(WorkerID(number), .signal(11), stderrTail: "tail \(number)"))
    }
    let attempts = (1...3).map {
      FailedAttempt(
        attempt: $0, failure: .exited(.signal(11)), exit: .signal(11), stderrTail: "tail \($0)")
    }
    #expect(
      actions == [
        .record(
          FinishedRun(
            run: runs[0], position: 0, attempts: 3, worker: WorkerID(3),
            ending: .setAside(.attempts, attempts: attempts)))
      ])
    #expect(scheduler.handle(.recorded(position: 0)) == [.finished(.completed)])
    #expect(scheduler.progress.setAside == 1)
  }

  @Test func aWorkerThatKeepsSilentIsKilledAndAStaleDeadlineIgnored() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs, workers: 1)
    _ = scheduler.handle(.begin)
    #expect(scheduler.handle(.deadline(one, orders: 0)) == [.kill(one)])
    #expect(scheduler.handle(.exited(one, .signal(9), stderrTail: "")) == [.spawn(two)])
    _ = scheduler.handle(hello(two))
    #expect(scheduler.handle(.deadline(two, orders: 0)) == [])
    _ = scheduler.handle(.result(two, run: runs[0].identity, plausibleResult()))
    #expect(scheduler.handle(.deadline(two, orders: 1)) == [])
    #expect(scheduler.handle(.deadline(two, orders: 2)) == [.kill(two)])
    #expect(scheduler.handle(.exited(two, .signal(9), stderrTail: "")) == [.spawn(WorkerID(3))])
    #expect(scheduler.handle(hello(WorkerID(3))) == [.assign(WorkerID(3), runs[1], attempt: 2)])
  }

  @Test func theAnswerIsWaitedForTwiceTheBudget() {
    #expect(SchedulerLimits.answer(within: Budget(steps: 1, wallSeconds: 600)) == .seconds(1230))
    #expect(SchedulerLimits.answer(within: Budget(steps: 1, wallSeconds: 1e300)) == .seconds(1e9))
    #expect(WorkerFailure.noAnswer(within: .seconds(1230)).description == "gave no answer within 1230 s")
    #expect(WorkerFailure.noHello(within: .seconds(0.5)).description == "did not say hello within 0.5 s")
  }

  /// Workers at work are not thrown away because new ones cannot be started.
  @Test func unusableWorkersEndTheSweepOnlyWhenNobodyWorks() {
    let runs = plan(memory: [1, 1, 1, 1])
    var scheduler = scheduler(runs, workers: 2)
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    #expect(scheduler.handle(death(two)) == [.spawn(WorkerID(3))])
    #expect(scheduler.handle(death(WorkerID(3))) == [.spawn(WorkerID(4))])
    #expect(scheduler.handle(.spawnFailed(WorkerID(4), reason: "no more processes")) == [])
    // An answer shows that workers can work.
    let actions = scheduler.handle(.result(one, run: runs[0].identity, plausibleResult()))
    #expect(actions.dropFirst() == [.assign(one, runs[1], attempt: 1), .spawn(WorkerID(5))])
    _ = scheduler.handle(.recorded(position: 0))
    _ = scheduler.handle(death(WorkerID(5)))
    _ = scheduler.handle(death(WorkerID(6)))
    _ = scheduler.handle(death(WorkerID(7)))
    #expect(
      scheduler.handle(death(one)) == [.finished(.workersUnusable(.exited(.code(1)), stderrTail: "why"))])
  }

  @Test func equalRunsAreCarriedOutOnce() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs + runs, workers: 9)
    #expect(scheduler.progress.total == 2)
    #expect(scheduler.handle(.begin) == [.spawn(one), .spawn(two)])
  }

  /// An event must not cost a pass over the plan: then this would take minutes.
  @Test(.timeLimit(.minutes(1))) func manyRunsAndWorkersAreNoProblem() {
    let runs = plan(memory: (0..<20_000).map { 1 + $0 % 7 })
    var scheduler = scheduler(runs, workers: 256, memory: 600)
    var pending = scheduler.handle(.begin)
    var recorded = 0
    while let action = pending.popLast() {
      switch action {
      case .spawn(let id): pending += scheduler.handle(hello(id))
      case .assign(let id, let run, _):
        pending += scheduler.handle(.result(id, run: run.identity, plausibleResult()))
      case .record(let run):
        recorded += 1
        pending += scheduler.handle(.recorded(position: run.position))
      case .stop(let id), .kill(let id):
        pending += scheduler.handle(.exited(id, .code(0), stderrTail: ""))
      case .finished(let ending): #expect(ending == .completed)
      }
    }
    #expect(recorded == runs.count)
  }
}
