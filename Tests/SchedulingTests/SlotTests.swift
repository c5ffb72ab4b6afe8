import Foundation
import Model
import Testing

@testable import Scheduling

/// What workers that live at the same time do not share: logs and cores.
@Suite(.serialized, .timeLimit(.minutes(20))) struct SlotTests {
  @Test func theSmallestFreeSlotIsTaken() {
    var slots = Slots()
    let first = (0..<4).map { _ in slots.take() }
    #expect(first == [0, 1, 2, 3])
    slots.release(1)
    slots.release(2)
    let next = (0..<3).map { _ in slots.take() }
    #expect(next == [1, 2, 4])
  }

  /// In any order of starts and ends no two living share one, and there are never more than lived
  /// at a time.
  @Test func slotsAreUniqueAndFew() {
    var random = SystemRandomNumberGenerator()
    var slots = Slots()
    var taken: Set<Int> = []
    var maxTaken = 0
    for _ in 0..<2000 {
      if Bool.random(using: &random) || taken.isEmpty {
        let slot = slots.take()
        #expect(taken.insert(slot).inserted)
        maxTaken = max(maxTaken, taken.count)
        #expect(slot < maxTaken)
      } else if let slot = taken.randomElement(using: &random) {
        taken.remove(slot)
        slots.release(slot)
      }
    }
  }

  private func executor(_ worker: ShellWorker, workers: Int, attempts: Int = 3, _ processes: ProcessOptions)
    throws -> SweepExecutor
  {
    SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(
        workers: workers, attempts: attempts, maxInitialFailures: .max, backoff: .zero), processes: processes)
  }

  /// Thirty workers write to two logs, each under its name.
  @Test func thereAreNoMoreLogsThanWorkersAtATime() async throws {
    let worker = try ShellWorker(onRun: "echo \"I am $$\" >&2; exit 1")
    let logs = worker.folder.appending(path: "logs").path
    let executor = try executor(worker, workers: 2, attempts: 2, ProcessOptions(logs: logs))
    let report = try await executor.execute(plan(memory: Array(repeating: 1, count: 15)), sink: MemorySink())
    #expect(report.progress.failed == 15)
    let names = try FileManager.default.contentsOfDirectory(atPath: logs).sorted()
    #expect(!names.isEmpty && Set(names).isSubset(of: ["worker-1.log", "worker-2.log"]), "\(names)")
    var authors: [String] = []
    for name in names {
      let lines = worker.lines(of: "logs/\(name)")
      for (heading, text) in zip(lines, lines.dropFirst()) where !text.hasPrefix("---") {
        let pid = text.dropFirst("I am ".count)
        #expect(
          heading.hasPrefix("--- worker ") && heading.contains(", process \(pid), started "), "\(heading)")
        authors.append(String(pid))
      }
    }
    #expect(authors.count == 30 && Set(authors) == Set(worker.pids.map { "\($0)" }))
  }

  private func cores(of status: String) throws -> String {
    let text = try String(contentsOfFile: status, encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    return line.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)
  }

  /// The first worker dies, and the one that replaces it takes its core, not that of the other.
  @Test func aWorkerTakesTheCoreOfTheOneThatDied() async throws {
    let worker = try ShellWorker(
      onRun: """
        [ $seed = 0 ] && [ $attempt -lt 4 ] && kill -9 $$
        until [ $seed = 0 ] || [ -e "$folder/last" ]; do sleep 0.02; done
        [ $seed = 0 ] && : > "$folder/last"
        grep Cpus_allowed_list /proc/$$/status >> "$folder/cores"; answer $id
        """)
    let executor = try executor(worker, workers: 2, attempts: 4, ProcessOptions(pinned: true))
    let report = try await executor.execute(plan(memory: [2, 1]), sink: MemorySink())
    #expect(report.progress.recorded == 2)
    let cores = Set(worker.lines(of: "cores"))
    let available = try self.cores(of: "/proc/self/status")
    #expect(cores.count == 2 || Int(available) != nil, "\(cores)")
  }

  /// Those threads too that a program has started before it is bound.
  @Test func allThreadsAreBound() async throws {
    let script = """
      import threading, time
      for i in range(5): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
      print("started", flush=True)
      time.sleep(60)
      """
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script]
    process.standardOutput = output
    try process.run()
    defer { kill(process.processIdentifier, SIGKILL) }
    #expect(output.fileHandleForReading.availableData.count > 0)
    let pid = process.processIdentifier
    CorePinning().pin(pid, toSlot: 0)
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
    #expect(threads.count == 6)
    for thread in threads { #expect(Int(try cores(of: "/proc/\(pid)/task/\(thread)/status")) != nil) }
  }
}
