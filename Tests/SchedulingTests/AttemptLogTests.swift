import Foundation
import Model
import Testing

@testable import Scheduling

/// Which runs were under way when a session was killed, and what the next one makes of it.
@Suite struct AttemptLogTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "attempts-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private var path: String { folder.appendingPathComponent("attempts").path }
  private let a = RunIdentity("0123456789abcdef0123456789abcdef")
  private let b = RunIdentity("fedcba9876543210fedcba9876543210")

  /// What a session after this moment would find.
  private func found() -> [RunIdentity: Int] { AttemptLog(path: path).kills(checkpoints: nil) }

  @Test func onlyWhatIsUnderWayIsNoted() {
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = AttemptLog(path: path)
    #expect(found().isEmpty && !FileManager.default.fileExists(atPath: path))
    log.begin(a)
    log.begin(b)
    #expect(found() == [a: 1, b: 1])
    log.suspend(b)
    #expect(found() == [a: 1])
    log.forget(a)
    #expect(found().isEmpty)
    log.close()
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func killsAddUpUntilTheRunIsOver() {
    defer { try? FileManager.default.removeItem(at: folder) }
    for session in 1...3 {
      let log = AttemptLog(path: path)
      #expect(log.kills(checkpoints: nil) == (session > 1 ? [a: session - 1] : [:]))
      // Other runs come and go meanwhile.
      for index in 0..<20 { log.begin(RunIdentity("run-\(session)-\(index)")) }
      for index in 0..<20 { log.forget(RunIdentity("run-\(session)-\(index)")) }
      log.begin(a)
    }
    let log = AttemptLog(path: path)
    log.begin(a)
    // It fails in an ordinary way, and the session ends: what was before still counts.
    log.suspendAll()
    log.close()
    #expect(found() == [a: 3])
    let last = AttemptLog(path: path)
    last.forget(a)
    last.close()
    #expect(found().isEmpty && !FileManager.default.fileExists(atPath: path))
  }

  /// Killed between the commit of a result and the note of it.
  @Test func runsThatAreOverAreForgotten() {
    defer { try? FileManager.default.removeItem(at: folder) }
    let killed = AttemptLog(path: path)
    killed.begin(a)
    killed.begin(b)
    let next = AttemptLog(path: path)
    next.removeStale { runs in runs.filter { $0 == a } }
    next.close()
    #expect(found() == [b: 1])
  }

  @Test func aRunThatGotOnIsNoSuspect() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = AttemptLog(path: path)
    log.begin(a)
    log.begin(b)
    let checkpoints = CheckpointFolder(path: folder.appendingPathComponent("checkpoints").path)
    checkpoints.prepare()
    for (run, seconds) in [(a, -60.0), (b, 60)] {
      let file = checkpoints.file(of: run)
      try Data().write(to: URL(fileURLWithPath: file))
      try FileManager.default.setAttributes([.modificationDate: Date() + seconds], ofItemAtPath: file)
    }
    #expect(AttemptLog(path: path).kills(checkpoints: checkpoints) == [a: 1])
  }

  /// Half a record, and whatever else may be in the file.
  @Test func whatCannotBeReadIsFree() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = AttemptLog(path: path)
    log.begin(a)
    log.begin(b)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(found().keys.allSatisfy { [a, b].contains($0) } && found().values.allSatisfy { $0 == 1 })
    }
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<100 {
      let noise = (0..<Int.random(in: 0...300)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try Data(noise).write(to: URL(fileURLWithPath: path))
      let log = AttemptLog(path: path)
      log.begin(a)
      #expect(found()[a] == 1, "\(noise)")
    }
  }

  private func scheduler(_ runs: [PlannedRun], kills: [RunIdentity: Int]) -> Scheduler {
    Scheduler(
      runs, method: sweepMethod, limits: SchedulerLimits(workers: 1, attempts: 2, backoff: .zero),
      kills: kills)
  }

  /// The largest run would be first.
  @Test func suspectsComeLast() {
    let runs = plan(memory: [1, 2, 3])
    var scheduler = scheduler(runs, kills: [runs[2].identity: 1])
    _ = scheduler.handle(.begin)
    #expect(scheduler.progress.waiting == 3)
    #expect(scheduler.tell(hello(one)) == ["1 gets run-1, attempt 1"])
    func done(_ index: Int) -> SchedulerEvent { .result(one, run: runs[index].identity, plausibleResult()) }
    #expect(scheduler.tell(done(1)).contains("1 gets run-0, attempt 1"))
    #expect(scheduler.tell(done(0)).contains("1 gets run-2, attempt 1"))
  }

  /// Of two suspects one is innocent.
  @Test func suspectsOfSeveralKillsAreAlone() {
    let runs = plan(memory: [1, 2, 3])
    var scheduler = Scheduler(
      runs, method: sweepMethod, limits: SchedulerLimits(workers: 3, attempts: 5, backoff: .zero),
      kills: [runs[1].identity: 3, runs[2].identity: 2])
    _ = scheduler.handle(.begin)
    for worker in [one, two] { _ = scheduler.handle(hello(worker)) }
    func done(_ worker: WorkerID, _ index: Int) -> [String] {
      scheduler.tell(.result(worker, run: runs[index].identity, plausibleResult()))
    }
    /// The only worker that has a run.
    var holder: WorkerID {
      scheduler.workers.first { if case .running = $0.value.state { true } else { false } }?.key ?? one
    }
    #expect(scheduler.progress.running == 1)
    // The one with fewer kills is less likely to blame.
    #expect(done(holder, 0).contains { $0.hasSuffix("gets run-2, attempt 2") })
    #expect(scheduler.progress.running == 1)
    #expect(done(holder, 2).contains { $0.hasSuffix("gets run-1, attempt 3") })
  }

  /// The first kill may have had any cause; the others count.
  @Test func theAttemptsOfAllSessionsCount() {
    let runs = plan(memory: [1, 2, 3])
    var second = scheduler(runs, kills: [runs[2].identity: 2])
    _ = second.handle(.begin)
    _ = second.handle(hello(one))
    for index in [1, 0] { _ = second.handle(.result(one, run: runs[index].identity, plausibleResult())) }
    #expect(second.progress.running == 1)
    var third = scheduler(runs, kills: [runs[2].identity: 3])
    let actions = third.handle(.begin)
    let failed = actions.compactMap { action -> FinishedRun? in
      if case .record(let run) = action { run } else { nil }
    }
    #expect(failed.map(\.run.identity) == [runs[2].identity] && failed.first?.attempts == 2)
    #expect(failed.first?.ending.failureReason == .attempts)
  }
}
