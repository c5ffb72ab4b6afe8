import Foundation
import Model
import Synchronization
import Testing
import WorkerProtocol

@testable import Scheduling

/// The executor without processes, and with a clock of its own.
@Suite(.timeLimit(.minutes(20))) struct ExecutorEdgeTests {
  private func executor(
    _ workers: FakeWorkers, limits: SchedulerLimits, checkpoints: String? = nil
  ) throws -> SweepExecutor {
    SweepExecutor(
      spawner: workers,
      problem: testProblem,
      budget: .default, limits: limits, checkpoints: checkpoints, clock: JumpingClock())
  }

  private func runs(_ count: Int) -> [PlannedRun] { plan(memory: Array(repeating: 1, count: count)) }

  /// The clock is wrong by days whenever it is read, and no timeout is due.
  @Test func aClockThatJumpsHarmsNothing() async throws {
    let workers = FakeWorkers(abilities: .progress) { $0.answer($1) }
    let sink = MemorySink()
    let executor = try executor(workers, limits: SchedulerLimits(workers: 3))
    let report = try await executor.execute(runs(200), sink: sink) { _, _ in
      for activity in executor.workers() { #expect(activity.seconds >= 0) }
      if let left = executor.remainingTime() { #expect(left.seconds >= 0 && left.factor >= 1) }
    }
    #expect(report.ending == .completed && report.progress.recorded == 200)
    #expect(await sink.recorded.allSatisfy { $0.attempts == 1 })
  }

  /// A hundred workers die at the same moment, each with a run in hand, and again, and then all is
  /// well.
  @Test func aHundredSimultaneousExits() async throws {
    let held = Mutex<[(FakeWorker, RunOrder)]>([])
    let workers = FakeWorkers { worker, order in
      if order.attempt > 2 { return worker.answer(order) }
      let full = held.withLock { held in
        held.append((worker, order))
        guard held.count == 100 else { return [FakeWorker]() }
        defer { held = [] }
        return held.map(\.0)
      }
      for worker in full { worker.end(.signal(9)) }
    }
    let sink = MemorySink()
    let limits = SchedulerLimits(workers: 100, attempts: 3, backoff: .milliseconds(10))
    let report = try await executor(workers, limits: limits).execute(runs(100), sink: sink)
    #expect(report.ending == .completed && report.progress.recorded == 100)
    #expect(await sink.recorded.allSatisfy { $0.attempts == 3 })
    #expect(workers.workers.count == 300)
  }

  @Test func aMissingHeartbeatIsNoticed() async throws {
    let workers = FakeWorkers(abilities: .progress) { worker, order in
      if order.attempt > 1 { worker.answer(order) }
    }
    let sink = MemorySink()
    let limits = SchedulerLimits(workers: 2, heartbeatTimeout: .milliseconds(200), backoff: .zero)
    let report = try await executor(workers, limits: limits).execute(runs(4), sink: sink)
    #expect(report.progress.recorded == 4)
    #expect(await sink.recorded.allSatisfy { $0.attempts == 2 })
    #expect(workers.workers.flatMap(\.lines).contains { $0.contains(#""progress_seconds":0.05"#) })
  }

  @Test func aWorkerThatUsesMoreMemoryThanAllowedIsKilled() async throws {
    let mebibyte = 1 << 20
    let workers = FakeWorkers { worker, order in
      worker.residentBytes = 400 * mebibyte
      if (order.memory ?? 0) > 400 * mebibyte { worker.answer(order) }
    }
    let sink = MemorySink()
    let limits = SchedulerLimits(workers: 1, memory: 1 << 30, backoff: .zero)
    let executor = try executor(workers, limits: limits)
    let report = try await executor.execute(runs(1), sink: sink)
    #expect(report.progress.recorded == 1)
    #expect(await sink.recorded.map(\.attempts) == [2])
  }

  @Test func aShortageOfProcessesPasses() async throws {
    let workers = FakeWorkers(shortages: 5) { $0.answer($1) }
    let limits = SchedulerLimits(workers: 4, backoff: .milliseconds(10))
    let report = try await executor(workers, limits: limits).execute(runs(20), sink: MemorySink())
    #expect(report.ending == .completed)
  }

  @Test func whatWorkersDoCanBeObserved() async throws {
    let step = RunProgress(steps: 5, time: 2, quantities: ["loss": 0.5])
    let workers = FakeWorkers(abilities: .progress) { worker, order in
      worker.say(.progress(worker.id, run: order.run, step))
    }
    let executor = try executor(workers, limits: SchedulerLimits(workers: 1))
    let sweep = Task { [runs = runs(1)] in try await executor.execute(runs, sink: MemorySink()) }
    while executor.workers().first?.progress == nil { try await Task.sleep(for: .milliseconds(1)) }
    let activity = try #require(executor.workers().first)
    workers.workers.first?.say(.result(one, run: RunIdentity("run-0"), plausibleResult()))
    _ = try await sweep.value
    #expect(activity.worker == one && activity.pid == 1 && activity.attempt == 1)
    #expect(activity.run?.identity == RunIdentity("run-0") && activity.progress == step)
    #expect(activity.expectedSeconds == 2)
    #expect(executor.workers().isEmpty)
    #expect(executor.remainingTime()?.seconds == 0)
  }

  /// Written when interrupted, named in the order, removed when there is a result; those of others
  /// stay.
  @Test func checkpointsComeAndGo() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "checkpoints-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func names() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }
    for name in ["old.checkpoint", "run-1.checkpoint", "run-1.checkpoint.draft"] {
      try Data().write(to: folder.appending(path: name))
    }
    let held = Mutex<RunOrder?>(nil)
    let begun = Atomic(false)
    let workers = FakeWorkers(abilities: .checkpoint) { worker, order in
      if order.run == RunIdentity("run-0") { return worker.answer(order) }
      held.withLock { $0 = order }
      begun.store(true, ordering: .releasing)
    }
    let executor = try executor(workers, limits: SchedulerLimits(workers: 1), checkpoints: folder.path)
    let sink = MemorySink()
    let sweep = Task { [runs = runs(2)] in try await executor.execute(runs, sink: sink) }
    while !begun.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
    #expect(held.withLock { $0?.checkpoint } == folder.path + "/run-1.checkpoint")
    try Data().write(to: folder.appending(path: "run-1.checkpoint.part"))
    executor.interrupt()
    let worker = try #require(workers.workers.first)
    while !worker.lines.contains(where: { $0.contains(#""type":"checkpoint""#) }) {
      try await Task.sleep(for: .milliseconds(1))
    }
    worker.say(.checkpointed(worker.id, run: RunIdentity("run-1")))
    let report = try await sweep.value
    #expect(report.ending == .interrupted && report.progress.recorded == 1)
    // No worker is left that could complete a draft.
    #expect(try names() == ["old.checkpoint", "run-1.checkpoint"])
    // The next session resumes it, and cleans up.
    let finishers = FakeWorkers(abilities: .checkpoint) { $0.answer($1) }
    let next = try self.executor(finishers, limits: SchedulerLimits(workers: 1), checkpoints: folder.path)
    #expect(try await next.execute([runs(2)[1]], sink: MemorySink()).ending == .completed)
    #expect(try names() == ["old.checkpoint"])
  }

  /// A run that has failed, for whatever reason, is resumed when it is retried.
  @Test func onlyAResultRemovesACheckpoint() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "checkpoints-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for i in 0..<4 { try Data().write(to: folder.appending(path: "run-\(i).checkpoint")) }
    let workers = FakeWorkers(abilities: .checkpoint) { worker, order in
      switch order.definition.seed {
      case 0: worker.answer(order)
      case 1: worker.say(.failure(worker.id, run: order.run, .error, detail: "no"))
      case 2: worker.say(.refusal(worker.id, run: order.run, reason: "no"))
      default: worker.say(.failure(worker.id, run: order.run, .memory, detail: "no"))
      }
    }
    let limits = SchedulerLimits(workers: 1, attempts: 2, memory: 1 << 20, backoff: .zero)
    let executor = try executor(workers, limits: limits, checkpoints: folder.path)
    let report = try await executor.execute(runs(4), sink: MemorySink())
    #expect(report.progress.recorded == 1 && report.progress.failed == 3)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["run-1.checkpoint", "run-2.checkpoint", "run-3.checkpoint"])
  }

  @Test func staleCheckpointsAreThoseOfFinishedRunsAndOldOnes() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "checkpoints-\(UUID().uuidString)")
    let folder = CheckpointFolder(path: url.path)
    folder.removeStale { _ in [] }
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    for name in ["a.checkpoint.part", "x.part"] { try Data().write(to: url.appending(path: name)) }
    folder.removeStale { _ in
      Issue.record("asked without need")
      return []
    }
    for (name, days) in [("a", 0.0), ("b", 29), ("c", 31), ("d", 1)] {
      let file = url.appending(path: "\(name).checkpoint").path
      try Data().write(to: URL(filePath: file))
      try FileManager.default.setAttributes(
        [.modificationDate: Date.now.addingTimeInterval(-86_400 * days)], ofItemAtPath: file)
    }
    folder.removeStale { runs in
      #expect(runs == Set(["a", "b", "c", "d"].map { RunIdentity($0) }))
      return [RunIdentity("d"), RunIdentity("e")]
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() == [
        "a.checkpoint", "b.checkpoint",
      ])
  }
}
