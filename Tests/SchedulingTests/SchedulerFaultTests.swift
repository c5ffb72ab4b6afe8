import Model
import Testing
import WorkerProtocol

@testable import Scheduling

/// What the scheduler does about interrupts, missing heartbeats, want of memory, and want of
/// processes.
@Suite struct SchedulerFaultTests {
  private let mebibyte = 1 << 20

  private func scheduler(_ runs: [PlannedRun], _ limits: SchedulerLimits, isResumable: Bool = true)
    -> Scheduler
  {
    Scheduler(runs, method: sweepMethod, limits: limits, isResumable: isResumable)
  }

  // MARK: Interrupts

  @Test func anInterruptSuspendsRunsAndLetsOthersFinish() {
    let runs = plan(memory: [1, 1, 1, 1])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 4))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one, .checkpoint))
    _ = scheduler.handle(hello(two))
    _ = scheduler.handle(hello(three))
    let actions = scheduler.handle(.interrupt)
    #expect(actions.compactMap(\.brief) == ["1 is to suspend run-0", "kill 4"])
    #expect(actions.compactMap(\.timer) == ["shutdown: 10.0"])
    #expect(scheduler.tell(.interrupt) == [])
    #expect(scheduler.tell(.checkpointed(one, run: runs[0].identity)) == ["stop 1"])
    #expect(
      scheduler.tell(.result(two, run: runs[1].identity, plausibleResult())) == [
        "record run-1: result", "stop 2",
      ])
    // The third does not finish in time.
    #expect(scheduler.tell(death(one, .code(0))) == [])
    #expect(scheduler.tell(death(two, .code(0))) == [])
    #expect(scheduler.tell(.timer(.shutdown)) == ["kill 3", "kill 4"])
    _ = scheduler.handle(death(WorkerID(4), .signal(9)))
    #expect(scheduler.tell(death(three, .signal(9))) == [])
    #expect(scheduler.tell(.recorded(position: 1)) == ["interrupted"])
    #expect(scheduler.progress.recorded == 1 && scheduler.progress.waiting == 3)
  }

  @Test func withoutAFolderForCheckpointsNoneIsAskedFor() {
    var scheduler = scheduler(plan(memory: [1]), SchedulerLimits(workers: 1), isResumable: false)
    _ = scheduler.handle(.begin)
    let given = scheduler.handle(hello(one, .checkpoint)).compactMap(\.assignment)
    #expect(given.map(\.isResumable) == [false])
    #expect(scheduler.tell(.interrupt) == [])
    #expect(scheduler.tell(.killAll) == ["kill 1"])
    #expect(scheduler.tell(death(one, .signal(9))) == ["interrupted"])
  }

  @Test func aCheckpointThatWasNotAskedForIsAFault() {
    let runs = plan(memory: [1])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 1))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one, .checkpoint))
    #expect(scheduler.tell(.checkpointed(one, run: runs[0].identity)) == ["kill 1"])
  }

  @Test func anInterruptAfterTheLastResultCompletes() {
    let runs = plan(memory: [1])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 1))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    _ = scheduler.handle(.interrupt)
    #expect(
      scheduler.tell(.result(one, run: runs[0].identity, plausibleResult())) == [
        "record run-0: result", "stop 1",
      ])
    #expect(scheduler.tell(.recorded(position: 0)) == [])
    #expect(scheduler.tell(death(one, .code(0))) == ["completed"])
  }

  /// A batch system sends its signals to all processes of a job; workers that do not ignore them
  /// end.
  @Test func aSignalToEverythingIsNoFault() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 2, attempts: 1))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    _ = scheduler.handle(hello(two))
    _ = scheduler.handle(.interrupt)
    #expect(scheduler.tell(death(one, .signal(15))) == [])
    // Another signal is one.
    #expect(scheduler.tell(death(two, .signal(11))) == ["record run-1: attempts after 1"])
    #expect(scheduler.tell(.recorded(position: 1)) == ["interrupted"])
    #expect(scheduler.progress.waiting == 1)

    var undisturbed = self.scheduler(plan(memory: [1]), SchedulerLimits(workers: 1, attempts: 1))
    _ = undisturbed.handle(.begin)
    _ = undisturbed.handle(hello(one))
    #expect(undisturbed.tell(death(one, .signal(15))) == ["record run-0: attempts after 1"])
  }

  /// That results could not be recorded is reported, also when the sweep was to end anyway.
  @Test(arguments: [1, 2, 3]) func aFullDiskCountsForMoreThanAnInterrupt(interrupts: Int) {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 1))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    _ = scheduler.handle(.result(one, run: runs[0].identity, plausibleResult()))
    _ = scheduler.handle(.interrupt)
    if interrupts == 2 { _ = scheduler.handle(.killAll) }
    if interrupts == 3 { _ = scheduler.handle(.timer(.shutdown)) }
    let expected = interrupts == 2 ? [] : ["kill 1"]
    #expect(scheduler.tell(.recordingFailed) == expected)
    #expect(scheduler.tell(.killAll) == [])
    #expect(scheduler.handle(death(one, .signal(9))) == [.finished(.recordingFailed)])
  }

  // MARK: Heartbeats

  @Test func aWorkerThatCanReportProgressMust() {
    let runs = plan(memory: [1, 1])
    var scheduler = scheduler(
      runs, SchedulerLimits(workers: 2, heartbeatTimeout: .seconds(2), backoff: .zero))
    _ = scheduler.handle(.begin)
    let reporting = scheduler.handle(hello(one, .progress))
    #expect(reporting.compactMap(\.timer) == ["deadline of 1: 1230.0", "heartbeat of 1: 2.0"])
    #expect(reporting.compactMap(\.assignment).map(\.progressSeconds) == [0.5])
    let quiet = scheduler.handle(hello(two))
    #expect(quiet.compactMap(\.timer) == ["deadline of 2: 1230.0"])
    #expect(quiet.compactMap(\.assignment).map(\.progressSeconds) == [nil])
    let step = RunProgress(steps: 1, time: 1)
    #expect(scheduler.timers(after: .progress(one, run: runs[0].identity, step)) == ["heartbeat of 1: 2.0"])
    #expect(scheduler.timers(after: .progress(one, run: runs[1].identity, step)) == [])
    #expect(scheduler.tell(.timer(.heartbeat(one))) == ["kill 1"])
    let failed = scheduler.tell(death(one, .signal(9)))
    #expect(failed == ["spawn 3"])
    #expect(scheduler.tell(hello(three)) == ["3 gets run-0, attempt 2"])
  }

  // MARK: Memory

  /// Twice the allowance as long as that fits, then the run fails; by whomever the want is noticed.
  @Test func outOfMemoryIsTriedAgainOnlyWithTwiceAsMuch() {
    let runs = plan(memory: [100 * mebibyte])
    let budget = 1500 * mebibyte
    var scheduler = scheduler(
      runs, SchedulerLimits(workers: 1, attempts: 9, memory: budget, backoff: .zero))
    _ = scheduler.handle(.begin)
    var given = scheduler.handle(hello(one)).compactMap(\.assignment)
    #expect(given.map(\.memory) == [356 * mebibyte])
    // It reports that itself, and keeps what it has until it is dead.
    let complaint = SchedulerEvent.failure(one, run: runs[0].identity, .memory, detail: "no room")
    #expect(scheduler.tell(complaint) == ["stop 1"])
    #expect(scheduler.tell(death(one, .code(0))) == ["spawn 2"])
    given = scheduler.handle(hello(two)).compactMap(\.assignment)
    #expect(given.map(\.memory) == [712 * mebibyte] && given.map(\.attempt) == [2])
    // It is observed to use too much; what was observed of an earlier order does not count.
    #expect(scheduler.tell(.memoryExceeded(two, order: 0, bytes: budget)) == [])
    #expect(scheduler.tell(.memoryExceeded(two, order: 1, bytes: 713 * mebibyte)) == ["kill 2"])
    _ = scheduler.handle(death(two, .signal(9)))
    given = scheduler.handle(hello(three)).compactMap(\.assignment)
    #expect(given.map(\.memory) == [1424 * mebibyte])
    // The system kills it, and twice as much is more than there is.
    let end = scheduler.handle(.exited(three, .signal(9), stderrTail: "", outOfMemory: true))
    guard case .record(let finished)? = end.first, case .failed(let reason, let attempts) = finished.ending
    else {
      Issue.record("\(end)")
      return
    }
    #expect(reason == .memory(needed: 2848 * mebibyte, allowed: budget))
    #expect(
      attempts.map(\.failure) == [
        .outOfMemory("no room"),
        .outOfMemory("it used \(713 * mebibyte) bytes and was allowed \(712 * mebibyte)"),
        .outOfMemory("killed by the system"),
      ])
    #expect(finished.ending.cause?.hasSuffix("; the last worker ran out of memory") == true)
    #expect(finished.ending.failureReason?.name == "memory")
  }

  /// What an earlier, larger run left behind is not the fault of a smaller one.
  @Test func memoryThatWasNotGivenBackCostsNoAttempt() {
    let runs = plan(memory: [600 * mebibyte, mebibyte])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 1, memory: 2048 * mebibyte))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    _ = scheduler.handle(.result(one, run: runs[0].identity, plausibleResult()))
    #expect(scheduler.tell(.memoryExceeded(one, order: 2, bytes: 300 * mebibyte)) == ["kill 1"])
    #expect(scheduler.tell(death(one, .signal(9))) == ["spawn 2"])
    #expect(scheduler.tell(hello(two)) == ["2 gets run-1, attempt 1"])
    #expect(scheduler.tell(.memoryExceeded(two, order: 1, bytes: 300 * mebibyte)) == ["kill 2"])
    #expect(scheduler.timers(after: death(two, .signal(9))).contains("retry 1: 1.0"))
  }

  @Test func allowancesFollowTheLimits() {
    let gibibyte = 1 << 30
    let limits = SchedulerLimits(workers: 1, memory: 4 * gibibyte)
    #expect(limits.allowance(estimate: 0) == 256 * mebibyte)
    #expect(limits.allowance(estimate: gibibyte) == 2 * gibibyte)
    #expect(limits.allowance(estimate: 3 * gibibyte) == 4 * gibibyte)
    #expect(SchedulerLimits(workers: 1).allowance(estimate: .max - 1) == .max)
    let fixed = SchedulerLimits(workers: 1, memory: 4 * gibibyte, runMemory: 7)
    #expect(fixed.allowance(estimate: gibibyte) == 7)
  }

  @Test func aLimitForEachRunStandsForItsEstimate() {
    var scheduler = scheduler(
      plan(memory: [1, 1, 1]), SchedulerLimits(workers: 3, memory: 10, runMemory: 5))
    _ = scheduler.handle(.begin)
    #expect(scheduler.handle(hello(one)).compactMap(\.assignment).map(\.memory) == [5])
    #expect(scheduler.handle(hello(two)).compactMap(\.assignment).map(\.memory) == [5])
    #expect(scheduler.tell(hello(three)) == [])
    var tooLarge = self.scheduler(plan(memory: [1]), SchedulerLimits(workers: 3, memory: 10, runMemory: 11))
    #expect(tooLarge.tell(.begin) == ["record run-0: memory after 0"])
  }

  @Test func withoutLimitsOrdersHaveNoMemory() {
    var scheduler = scheduler(plan(memory: [5]), SchedulerLimits(workers: 1))
    _ = scheduler.handle(.begin)
    #expect(scheduler.handle(hello(one)).compactMap(\.assignment).map(\.memory) == [nil])
  }

  // MARK: Waiting

  @Test func aFailedRunWaitsLongerEachTimeAndOthersGoOn() {
    let runs = plan(memory: [9, 1])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 1, attempts: 3))
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    let failed = SchedulerEvent.failure(one, run: runs[0].identity, .error, detail: "no", stderrTail: "x")
    var actions = scheduler.handle(failed)
    #expect(actions.compactMap(\.timer) == ["retry 0: 1.0", "deadline of 1: 1230.0"])
    #expect(actions.compactMap(\.brief) == ["1 gets run-1, attempt 1"])
    #expect(scheduler.progress.waiting == 1)
    #expect(scheduler.tell(.timer(.retry(position: 0))) == [])
    #expect(scheduler.tell(.timer(.retry(position: 0))) == [])
    actions = scheduler.handle(.result(one, run: runs[1].identity, plausibleResult()))
    #expect(actions.compactMap(\.brief) == ["record run-1: result", "1 gets run-0, attempt 2"])
    #expect(scheduler.timers(after: failed) == ["retry 0: 2.0"])
    // The worker is kept for it.
    #expect(scheduler.tell(.timer(.retry(position: 0))) == ["1 gets run-0, attempt 3"])
    actions = scheduler.handle(failed)
    guard case .record(let finished)? = actions.first,
      case .failed(.attempts, let attempts) = finished.ending
    else {
      Issue.record("\(actions)")
      return
    }
    #expect(attempts.map(\.exit) == [nil, nil, nil] && attempts.map(\.stderrTail) == ["x", "x", "x"])
    #expect(attempts.last?.failure.description == "reported a failure: no")
    #expect(SchedulerLimits(workers: 1).backoff(after: 3) == .seconds(4))
    #expect(SchedulerLimits(workers: 1).backoff(after: 99) == .seconds(60))
  }

  @Test func aShortageOfProcessesIsWaitedFor() {
    let runs = plan(memory: [1, 1, 1])
    var scheduler = scheduler(runs, SchedulerLimits(workers: 3))
    func missing(_ number: Int) -> SchedulerEvent {
      .spawnFailed(WorkerID(number), reason: "no more processes", isShortage: true)
    }
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    #expect(scheduler.timers(after: missing(2)) == ["spawn: 1.0"])
    #expect(scheduler.handle(missing(3)) == [])
    // From now on they are started one by one.
    #expect(scheduler.tell(.timer(.spawn)) == ["spawn 4"])
    #expect(scheduler.timers(after: missing(4)) == ["spawn: 2.0"])
    #expect(scheduler.tell(.timer(.spawn)) == ["spawn 5"])
    #expect(scheduler.tell(hello(WorkerID(5))) == ["5 gets run-1, attempt 1", "spawn 6"])
    #expect(scheduler.timers(after: missing(6)) == ["spawn: 1.0"])
  }

  /// A worker that notices by itself, as it can start no thread, tells by its exit code, before its
  /// hello.
  @Test func aShortageInsideAWorkerIsWaitedForToo() {
    var scheduler = scheduler(
      plan(memory: [1, 1]), SchedulerLimits(workers: 2, attempts: 1, maxFruitlessStarts: 1))
    _ = scheduler.handle(.begin)
    #expect(scheduler.timers(after: death(one, .code(75))) == ["spawn: 1.0"])
    #expect(scheduler.tell(hello(two)) == ["2 gets run-0, attempt 1"])
    #expect(scheduler.tell(.timer(.spawn)) == ["spawn 3"])
    // Afterwards it is a failure like any other.
    #expect(scheduler.tell(death(two, .code(75))) == ["record run-0: attempts after 1"])
    #expect(scheduler.tell(death(three, .code(74))) == [])
    let end = scheduler.handle(.recorded(position: 0))
    #expect(end == [.finished(.workersUnusable(.exited(.code(74)), stderrTail: "why"))])
  }

  @Test func aShortageThatLeavesNoWorkerAliveEndsTheSweepAtLast() {
    var scheduler = scheduler(plan(memory: [1]), SchedulerLimits(workers: 1, maxShortages: 3))
    _ = scheduler.handle(.begin)
    for number in 1...2 {
      #expect(
        scheduler.tell(.spawnFailed(WorkerID(number), reason: "no more processes", isShortage: true)) == [])
      #expect(scheduler.tell(.timer(.spawn)) == ["spawn \(number + 1)"])
    }
    let end = scheduler.handle(.spawnFailed(three, reason: "no more processes", isShortage: true))
    #expect(end == [.finished(.workersUnusable(.notStarted("no more processes"), stderrTail: ""))])
  }
}
