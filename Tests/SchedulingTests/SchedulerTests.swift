import Model
import Testing
import WorkerProtocol

@testable import Scheduling

let one = WorkerID(1)
let two = WorkerID(2)
let three = WorkerID(3)

func hello(_ id: WorkerID, _ abilities: WorkerAbilities = []) -> SchedulerEvent {
  var hello = testHello
  hello.abilities = abilities
  return .hello(id, hello)
}

func death(_ id: WorkerID, _ exit: WorkerExit = .code(1)) -> SchedulerEvent {
  .exited(id, exit, stderrTail: "why")
}

/// What the scheduler does in particular situations.
@Suite struct SchedulerTests {
  private func scheduler(_ runs: [PlannedRun], workers: Int, memory: Int? = nil) -> Scheduler {
    Scheduler(
      runs, method: sweepMethod,
      limits: SchedulerLimits(workers: workers, memory: memory, backoff: .zero))
  }

  @Test func aFailedRunKeepsItsPosition() {
    var scheduler = scheduler(plan(memory: [1, 1, 1]), workers: 2)
    #expect(scheduler.tell(.begin) == ["spawn 1", "spawn 2"])
    #expect(scheduler.tell(hello(one)) == ["1 gets run-0, attempt 1"])
    #expect(scheduler.tell(death(one)) == ["spawn 3"])
    #expect(scheduler.tell(hello(two)) == ["2 gets run-0, attempt 2"])
    #expect(scheduler.tell(hello(three)) == ["3 gets run-1, attempt 1"])
  }

  @Test func theLastRunsStopTheWorkersThatAreNotNeeded() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs, workers: 8)
    #expect(scheduler.tell(.begin) == ["spawn 1", "spawn 2"])
    _ = scheduler.handle(hello(one))
    // The one that is still starting is not worth waiting for.
    #expect(
      scheduler.tell(.result(one, run: runs[0].identity, plausibleResult()))
        == ["record run-0: result", "1 gets run-1, attempt 1", "stop 2"])
    #expect(scheduler.tell(hello(two)) == [])
    #expect(scheduler.tell(.exited(two, .code(0), stderrTail: "")) == [])
    #expect(scheduler.tell(.result(one, run: runs[1].identity, plausibleResult())).last == "stop 1")
    #expect(scheduler.tell(.recorded(position: 1)) == [])
    #expect(scheduler.tell(.exited(one, .code(0), stderrTail: "")) == [])
    #expect(scheduler.tell(.recorded(position: 0)) == ["completed"])
  }

  @Test func aRunWaitsForMemoryAndSmallerOnesPassIt() {
    let runs = plan(memory: [6, 5, 4, 11])
    var scheduler = scheduler(runs, workers: 3, memory: 10)
    let begun = scheduler.handle(.begin)
    let reason = FailureReason.memory(needed: 11, allowed: 10)
    #expect(
      begun.first
        == .record(
          FinishedRun(
            run: runs[3], position: 3, attempts: 0, worker: nil, ending: .failed(reason, attempts: []))))
    #expect(
      reason.description
        == "needs about 11 bytes of memory and the sweep may use 10; raise limits.memory")
    #expect(scheduler.tell(hello(one)) == ["1 gets run-0, attempt 1"])
    #expect(scheduler.tell(hello(two)) == ["2 gets run-2, attempt 1"])
    #expect(scheduler.tell(hello(three)) == [])
    // A worker that is being killed uses its memory until it is dead.
    #expect(scheduler.tell(.malformedLine(one, explanation: "x")) == ["kill 1"])
    // Once a run has failed it counts with all that it may use, here everything, and so it must
    // wait.
    #expect(scheduler.tell(death(one)) == ["3 gets run-1, attempt 1", "spawn 4"])
    #expect(scheduler.tell(.result(two, run: runs[2].identity, plausibleResult())).first?.first == "r")
    let last = scheduler.tell(.result(three, run: runs[1].identity, plausibleResult()))
    #expect(last.contains { $0.hasSuffix("gets run-0, attempt 2") })
  }

  @Test func aRunThatKillsWorkersFailsWithTheReasons() {
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
            run: runs[0], position: 0, attempts: 3, worker: testHello,
            ending: .failed(.attempts, attempts: attempts)))
      ])
    #expect(scheduler.tell(.recorded(position: 0)) == ["completed"])
    #expect(scheduler.progress.failed == 1)
  }

  @Test func aWorkerThatTakesTooLongIsKilled() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs, workers: 1)
    #expect(scheduler.timers(after: .begin) == ["deadline of 1: 60.0"])
    #expect(scheduler.tell(.timer(.deadline(one))) == ["kill 1"])
    #expect(scheduler.tell(.exited(one, .signal(9), stderrTail: "")) == ["spawn 2"])
    #expect(scheduler.timers(after: hello(two)) == ["deadline of 2: 1230.0"])
    #expect(
      scheduler.timers(after: .result(two, run: runs[0].identity, plausibleResult()))
        == ["deadline of 2: 1230.0"])
    #expect(scheduler.tell(.timer(.heartbeat(one))) == [])
    #expect(scheduler.tell(.timer(.deadline(two))) == ["kill 2"])
    #expect(scheduler.tell(.exited(two, .signal(9), stderrTail: "")) == ["spawn 3"])
    #expect(scheduler.tell(hello(three)) == ["3 gets run-1, attempt 2"])
  }

  @Test func theAnswerIsWaitedForTwiceTheBudget() {
    #expect(SchedulerLimits.answerTimeout(for: Budget(steps: 1, wallSeconds: 600)) == .seconds(1230))
    #expect(SchedulerLimits.answerTimeout(for: Budget(steps: 1, wallSeconds: 1e300)) == .seconds(1e9))
    #expect(WorkerFailure.noAnswer(within: .seconds(1230)).description == "did not answer within 1230 s")
    #expect(WorkerFailure.noHello(within: .seconds(0.5)).description == "sent no hello within 0.5 s")
  }

  /// Workers at work are not lost because new ones cannot be started.
  @Test func unusableWorkersEndTheSweepOnlyWhenNoneIsAtWork() {
    let runs = plan(memory: [1, 1, 1, 1])
    var scheduler = scheduler(runs, workers: 2)
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    #expect(scheduler.tell(death(two)) == ["spawn 3"])
    #expect(scheduler.tell(death(three)) == ["spawn 4"])
    #expect(scheduler.tell(.spawnFailed(WorkerID(4), reason: "no such file")) == [])
    // An answer shows that workers can work.
    let actions = scheduler.tell(.result(one, run: runs[0].identity, plausibleResult()))
    #expect(actions.dropFirst() == ["1 gets run-1, attempt 1", "spawn 5"])
    _ = scheduler.handle(.recorded(position: 0))
    _ = scheduler.handle(death(WorkerID(5)))
    _ = scheduler.handle(death(WorkerID(6)))
    _ = scheduler.handle(death(WorkerID(7)))
    #expect(
      scheduler.handle(death(one)) == [.finished(.workersUnusable(.exited(.code(1)), stderrTail: "why"))])
  }

  @Test func equalRunsAreMadeOnce() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs + runs, workers: 9)
    #expect(scheduler.progress.total == 2)
    #expect(scheduler.tell(.begin) == ["spawn 1", "spawn 2"])
  }

  /// An event must not cost a pass over the plan: then this would take minutes.
  @Test(.timeLimit(.minutes(20))) func manyRunsAndWorkersAreNoProblem() {
    let runs = plan(memory: (0..<20_000).map { 1 + $0 % 7 })
    var scheduler = scheduler(runs, workers: 256, memory: 600)
    var pending = scheduler.handle(.begin)
    var recorded = 0
    while let action = pending.popLast() {
      switch action {
      case .spawn(let id): pending += scheduler.handle(hello(id))
      case .assign(let id, let given):
        pending += scheduler.handle(.result(id, run: given.run.identity, plausibleResult()))
      case .record(let run):
        recorded += 1
        pending += scheduler.handle(.recorded(position: run.position))
      case .stop(let id), .kill(let id):
        pending += scheduler.handle(.exited(id, .code(0), stderrTail: ""))
      case .finished(let ending): #expect(ending == .completed)
      case .checkpoint, .setTimer: continue
      }
    }
    #expect(recorded == runs.count)
  }
}
