import Model
import Testing
import WorkerProtocol

@testable import Scheduling

/// A sweep of which the first attempts all fail alike stops.
@Suite struct InitialFailuresTests {
  private func isEnough(_ failures: [WorkerFailure], of limit: Int) -> Bool {
    var watch = InitialFailures(limit: limit)
    return failures.map { watch.add($0) }.contains(true)
  }

  @Test func onlyFailuresThatAreAlikeCount() {
    let crash = WorkerFailure.exited(.code(1))
    let malformed = [WorkerFailure.malformedLine("a"), .malformedLine("b"), .malformedLine("c")]
    #expect(isEnough([crash, crash, crash], of: 3))
    #expect(!isEnough([crash, crash], of: 3))
    #expect(isEnough(malformed, of: 3))
    #expect(!isEnough([crash, .exited(.code(2)), crash, crash, crash], of: 3))
    #expect(isEnough([.reportedFailure("a"), .reportedFailure("a")], of: 2))
    #expect(!isEnough([.reportedFailure("a"), .reportedFailure("b")], of: 2))
    // The largest runs come first: what they are too large for, others need not be.
    for failure: WorkerFailure in [
      .outOfMemory("x"), .noAnswer(within: .seconds(1)), .noHeartbeat(within: .seconds(1)),
      .exited(.signal(9)), .exited(.code(137)),
    ] {
      #expect(!isEnough([failure, failure, failure], of: 2), "\(failure)")
    }
    var watch = InitialFailures(limit: 2)
    watch.end()
    #expect(!watch.add(crash) && !watch.add(crash))
  }

  private func scheduler(_ runs: [PlannedRun], workers: Int) -> Scheduler {
    Scheduler(
      runs, method: sweepMethod,
      limits: SchedulerLimits(workers: workers, attempts: 3, maxInitialFailures: 4, backoff: .zero),
      isResumable: true)
  }

  /// Another worker may suspend its run, and keeps the sweep from ending until it has.
  @Test func theSweepStopsAndKeepsWhatIsUnderWay() {
    let runs = plan(memory: [1, 2, 3, 4])
    var scheduler = scheduler(runs, workers: 2)
    _ = scheduler.handle(.begin)
    #expect(scheduler.tell(hello(two, .checkpoint)) == ["2 gets run-3, attempt 1"])
    var id = one
    for number in 3...5 {
      _ = scheduler.handle(hello(id))
      #expect(scheduler.tell(death(id)).last == "spawn \(number)")
      id = WorkerID(number)
    }
    _ = scheduler.handle(hello(id))
    let stop = scheduler.handle(death(id))
    #expect(stop.compactMap(\.brief) == ["2 is to suspend run-3"])
    #expect(stop.compactMap(\.timer) == ["shutdown: 10.0"])
    #expect(scheduler.tell(.checkpointed(two, run: runs[3].identity)) == ["stop 2"])
    // One run has failed for good, and that is recorded first.
    #expect(scheduler.tell(death(two, .code(0))) == [])
    #expect(
      scheduler.handle(.recorded(position: 2))
        == [.finished(.allAttemptsFailed(.exited(.code(1)), attempts: 4, stderrTail: "why"))])
    #expect(scheduler.progress.failed == 1 && scheduler.progress.waiting == 3)
  }

  @Test(arguments: [true, false]) func oneAnswerIsEnough(isResult: Bool) {
    let runs = plan(memory: [1, 2, 3, 4])
    var scheduler = scheduler(runs, workers: 1)
    _ = scheduler.handle(.begin)
    _ = scheduler.handle(hello(one))
    let run = runs[3].identity
    _ = scheduler.handle(
      isResult ? .result(one, run: run, plausibleResult()) : .refusal(one, run: run, reason: "odd"))
    var id = one
    for number in 2...10 {
      #expect(scheduler.handle(death(id)).contains { $0.brief?.hasPrefix("spawn") == true } == (number <= 9))
      id = WorkerID(number)
      _ = scheduler.handle(hello(id))
    }
    for position in 0..<4 { _ = scheduler.handle(.recorded(position: position)) }
    #expect(scheduler.progress.failed == (isResult ? 3 : 4))
  }
}
