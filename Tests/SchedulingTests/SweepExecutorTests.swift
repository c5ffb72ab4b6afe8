import Foundation
import Model
import Synchronization
import Testing

@testable import Scheduling

/// The executor with real processes, one named fault a test.
@Suite(.serialized, .timeLimit(.minutes(20))) struct SweepExecutorTests {
  private func executor(
    _ command: WorkerCommand, workers: Int = 2, attempts: Int = 3, gracePeriod: Duration = .milliseconds(300),
    helloTimeout: Duration = .seconds(60), answerTimeout: Duration = .seconds(60)
  ) throws -> SweepExecutor {
    SweepExecutor(
      worker: command, problem: testProblem, budget: .default,
      limits: SchedulerLimits(
        workers: workers, attempts: attempts, helloTimeout: helloTimeout, answerTimeout: answerTimeout,
        shutdownGracePeriod: gracePeriod, backoff: .zero),
      processes: ProcessOptions(terminationGracePeriod: gracePeriod))
  }

  private func runs(_ count: Int) -> [PlannedRun] { plan(memory: Array(repeating: 1, count: count)) }

  private func failedAttempts(_ run: FinishedRun?) -> [FailedAttempt]? {
    guard case .failed(_, let attempts) = run?.ending else { return nil }
    return attempts
  }

  @Test func makesEveryRunOnce() async throws {
    let worker = try ShellWorker()
    let sink = MemorySink(delay: .milliseconds(20))
    let maxWorkers = Mutex(0)
    let observed = Mutex<[FinishedRun]>([])
    let report = try await executor(worker.command, workers: 3).execute(runs(60), sink: sink) {
      let workers = $0.workers
      let new = $1
      maxWorkers.withLock { $0 = max($0, workers) }
      observed.withLock { $0 += new }
    }
    #expect(report.ending == .completed)
    #expect(report.progress.recorded == 60 && report.progress.remainingCost == 0)
    let recorded = await sink.recorded
    #expect(recorded.map(\.position).sorted() == Array(0..<60))
    #expect(recorded.allSatisfy { $0.ending == .result(Self.answer) && $0.attempts == 1 })
    #expect(observed.withLock { $0 } == recorded)
    #expect(maxWorkers.withLock { $0 } == 3)
    #expect(worker.pids.count == 3)
    #expect(await !sink.overlapped)
    #expect(await sink.batches.count < 60, "no group commit")
    #expect(try await worker.survivors() == 0)
  }

  private static let answer = RunResult(
    outcome: .converged, reason: "ok", quantities: ["rd": 0.5, "sup_rd": 0.5], steps: 1, wallSeconds: 0)

  @Test func nothingToDoStartsNothing() async throws {
    let worker = try ShellWorker()
    let report = try await executor(worker.command).execute([], sink: MemorySink())
    #expect(report.ending == .completed)
    #expect(worker.pids.isEmpty)
  }

  @Test func aDeathCostsOneAttemptOfOneRun() async throws {
    let worker = try ShellWorker(
      onRun: "[ $seed = 2 ] && [ $attempt -lt 3 ] && { echo dying $attempt >&2; kill -9 $$; }; answer $id")
    let sink = MemorySink()
    let report = try await executor(worker.command).execute(runs(6), sink: sink)
    #expect(report.progress.recorded == 6)
    for run in await sink.recorded { #expect(run.attempts == (run.position == 2 ? 3 : 1)) }
    #expect(worker.pids.count <= 4)
    #expect(try await worker.survivors() == 0)
  }

  /// What a hostile worker does with run 1, how it is called, and how the process ends.
  @Test(arguments: [
    ("exit 3", "ended by itself: exit code 3", WorkerExit.code(3)),
    ("exit 0", "ended by itself: exit code 0", .code(0)),
    ("kill -SEGV $$", "ended by itself: signal 11", .signal(11)),
    ("printf '{\"type\":\"result\",\"run\":\"'; exit 4", "ended by itself: exit code 4", .code(4)),
    ("exec >&-; sleep 60", "closed its standard output", .signal(9)),
    (
      "echo oops; sleep 60", "wrote something that is no message: the line is not readable JSON: oops",
      .signal(9)
    ),
    (
      "printf '\\377\\n'; sleep 60", "wrote something that is no message: the line is not UTF-8: \\xff",
      .signal(9)
    ),
    (
      "echo '{\"type\":\"done\"}'; sleep 60",
      "wrote something that is no message: the line has the unknown type \"done\": {\"type\":\"done\"}",
      .signal(9)
    ),
    ("answer other; sleep 60", "answered for a run that it did not hold: other", .signal(9)),
    ("hello; sleep 60", "sent hello at the wrong time", .signal(9)),
    (
      "answer $id | sed 's/\"sup_rd\":0.5/\"sup_rd\":0.25/'; sleep 60",
      "gave a result that cannot be: sup_rd is less than rd", .signal(9)
    ),
  ])
  func aHostileAnswerCostsOneAttempt(deed: String, failure: String, exit: WorkerExit) async throws {
    let worker = try ShellWorker(onRun: "[ $seed = 1 ] && { echo a hint >&2; \(deed); }; answer $id")
    let sink = MemorySink()
    let report = try await executor(worker.command, attempts: 2).execute(runs(4), sink: sink)
    #expect(report.ending == .completed)
    #expect(report.progress.recorded == 3 && report.progress.failed == 1)
    let attempts = failedAttempts(await sink.recorded.first { $0.position == 1 })
    #expect(attempts?.map(\.attempt) == [1, 2])
    for attempt in attempts ?? [] {
      #expect(attempt.failure.description == failure)
      #expect(attempt.exit == exit)
      #expect(attempt.stderrTail == "a hint\n")
    }
    #expect(try await worker.survivors() == 0)
  }

  /// A worker that hangs, and one that is stopped.
  @Test(arguments: ["sleep 60", "kill -STOP $$"])
  func aWorkerThatDoesNotAnswerCostsOneAttempt(deed: String) async throws {
    let worker = try ShellWorker(onRun: "[ $seed = 1 ] && { \(deed); }; answer $id")
    let sink = MemorySink()
    let report = try await executor(worker.command, attempts: 2, answerTimeout: .seconds(2))
      .execute(runs(4), sink: sink)
    #expect(report.progress.recorded == 3 && report.progress.failed == 1)
    let attempts = failedAttempts(await sink.recorded.first { $0.position == 1 })
    #expect(attempts?.map(\.failure) == Array(repeating: .noAnswer(within: .seconds(2)), count: 2))
    #expect(try await worker.survivors() == 0)
  }

  @Test func workersThatSendNoHelloAreOfNoUse() async throws {
    let report = try await executor(WorkerCommand(path: "/bin/cat"), helloTimeout: .milliseconds(100))
      .execute(runs(4), sink: MemorySink())
    #expect(
      report.ending == .workersUnusable(.noHello(within: .milliseconds(100)), stderrTail: ""))
  }

  @Test func aLineWithoutEndCostsOneAttempt() async throws {
    let worker = try ShellWorker(onRun: "tr '\\0' x < /dev/zero")
    let sink = MemorySink()
    let report = try await executor(worker.command, attempts: 1).execute(runs(1), sink: sink)
    #expect(report.progress.failed == 1)
    let attempts = failedAttempts(await sink.recorded.first)
    let start = "wrote something that is no message: the line is longer than 1048576 bytes: xxx"
    #expect(attempts?.first?.failure.description.hasPrefix(start) == true)
    #expect(try await worker.survivors() == 0)
  }

  @Test func aRefusedRunIsNotTriedAgain() async throws {
    let refusal = "echo '{\"type\":\"refusal\",\"run\":\"'$id'\",\"reason\":\"odd\"}'"
    let worker = try ShellWorker(onRun: "if [ $seed = 0 ]; then \(refusal); else answer $id; fi")
    let sink = MemorySink()
    let report = try await executor(worker.command, workers: 1).execute(runs(3), sink: sink)
    #expect(report.progress.recorded == 2)
    #expect(
      await sink.recorded.first { $0.position == 0 }?.ending == .failed(.refused("odd"), attempts: []))
    #expect(worker.pids.count == 1)
  }

  @Test func keepsTheTailOfStandardError() async throws {
    let worker = try ShellWorker(onRun: "seq 100000 >&2; exit 1")
    let sink = MemorySink()
    _ = try await executor(worker.command, attempts: 1).execute(runs(1), sink: sink)
    let tail = failedAttempts(await sink.recorded.first)?.first?.stderrTail
    #expect(tail?.utf8.count == 4096 && tail?.hasSuffix("99999\n100000\n") == true)
  }

  @Test func aWorkerThatCannotStartEndsTheSweep() async throws {
    let crashing = try ShellWorker(onStart: "echo no licence >&2; exit 7")
    let crashed = try await executor(crashing.command).execute(runs(50), sink: MemorySink())
    #expect(crashed.ending == .workersUnusable(.exited(.code(7)), stderrTail: "no licence\n"))
    #expect(crashing.pids.count <= 4)

    let old = try ShellWorker(
      onStart: "echo '{\"type\":\"hello\",\"worker\":\"sh\",\"protocol\":9,\"way\":\"other\"}'")
    let outdated = try await executor(old.command).execute(runs(50), sink: MemorySink())
    #expect(outdated.ending == .workersUnusable(.protocolVersion(9), stderrTail: ""))

    let absent = WorkerCommand(path: "/nowhere/worker")
    let missing = try await executor(absent).execute(runs(50), sink: MemorySink())
    guard case .workersUnusable(.notStarted(let reason), _) = missing.ending else {
      Issue.record("\(missing.ending)")
      return
    }
    #expect(reason.contains("/nowhere/worker"))
  }

  @Test func anInterruptionKeepsWhatWasReceived() async throws {
    // Shells ignore SIGTERM here, and each leaves a child behind.
    let worker = try ShellWorker(
      onStart: "trap '' TERM INT; sleep 600 & echo $! >> \"$folder/pids\"; hello",
      onRun: "[ $seed -ge 4 ] && sleep 600; answer $id")
    let executor = try executor(worker.command)
    let sink = MemorySink(delay: .milliseconds(50))
    let start = ContinuousClock.now
    let asked = Atomic(false)
    let report = try await executor.execute(runs(10), sink: sink) { progress, _ in
      guard progress.waiting == 4 && progress.running == 2 else { return }
      if !asked.exchange(true, ordering: .relaxed) { executor.interrupt() }
    }
    #expect(report.ending == .interrupted)
    #expect(report.progress.recorded == 4)
    #expect(await sink.recorded.count == 4)
    // What sleeps was not waited for.
    #expect(start.duration(to: .now) < .seconds(120))
    #expect(worker.pids.count == 4)
    #expect(try await worker.survivors() == 0)
  }

  @Test func interruptedBeforeItBegins() async throws {
    let worker = try ShellWorker()
    let executor = try executor(worker.command)
    executor.interrupt()
    let report = try await executor.execute(runs(10), sink: MemorySink())
    #expect(report.ending == .interrupted)
    #expect(worker.pids.isEmpty)
  }

  @Test func aSecondInterruptionDoesNotWaitForTheDisk() async throws {
    let worker = try ShellWorker()
    let executor = try executor(worker.command)
    let sink = MemorySink(delay: .seconds(600))
    let report = try await executor.execute(runs(2), sink: sink) { progress, _ in
      if progress.running == 0 && progress.waiting == 0 {
        executor.interrupt()
        executor.interrupt()
      }
    }
    #expect(report.ending == .interrupted && report.progress.recorded == 0)
    #expect(try await worker.survivors() == 0)
  }

  @Test func aFullDiskEndsTheSweepWithItsError() async throws {
    let worker = try ShellWorker(onRun: "[ $seed = 9 ] && sleep 600; answer $id")
    let sink = MemorySink(capacity: 1)
    await #expect(throws: MemorySink.Full()) {
      try await executor(worker.command).execute(runs(10), sink: sink)
    }
    #expect(await sink.batches.count == 1)
    #expect(try await worker.survivors() == 0)
  }

  @Test func aCancelledTaskLeavesNoWorkers() async throws {
    let worker = try ShellWorker(onRun: "sleep 600")
    let executor = try executor(worker.command)
    let runs = runs(10)
    let (begun, begin) = AsyncStream<Void>.makeStream()
    let sweep = Task {
      try await executor.execute(runs, sink: MemorySink()) { progress, _ in
        if progress.running == 2 { begin.yield() }
      }
    }
    for await _ in begun { break }
    sweep.cancel()
    await #expect(throws: CancellationError.self) { try await sweep.value }
    #expect(worker.pids.count == 2)
    #expect(try await worker.survivors() == 0)
  }

  @Test func aWorkerThatIgnoresTheEndOfItsInputIsKilled() async throws {
    let worker = try ShellWorker(onEnd: "sleep 600")
    let report = try await executor(worker.command).execute(runs(2), sink: MemorySink())
    #expect(report.ending == .completed)
    #expect(try await worker.survivors() == 0)
  }

  /// A worker must not hold the pipes of another, and the terminal's signals are not for it.
  @Test func workersAreIsolated() async throws {
    let worker = try ShellWorker(
      onRun: """
        ls -l /proc/$$/fd >> "$folder/descriptors"
        set -- $(cat /proc/$$/stat); [ $5 = $$ ] && echo $5 >> "$folder/groups"
        answer $id
        """)
    let sink = MemorySink()
    _ = try await executor(worker.command, workers: 4).execute(runs(8), sink: sink)
    #expect(await sink.recorded.count == 8)
    // Its own three and nothing else, every time.
    #expect(worker.lines(of: "descriptors").count { $0.contains("pipe:") } == 3 * 8)
    #expect(worker.lines(of: "groups").count == 8)
  }
}
