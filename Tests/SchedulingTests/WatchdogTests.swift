import Foundation
import Model
import Synchronization
import Testing

@testable import Scheduling

/// No worker outlives its orchestrator by more than a few seconds, whatever state it is in.
@Suite(.serialized, .timeLimit(.minutes(20))) struct WatchdogTests {
  /// The program that was built beside the tests.
  private var command: WorkerCommand {
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let built = URL(filePath: #filePath).appending(path: "../../../.build/debug/gammaplane").standardized
    let beside = folder.appending(path: "gammaplane")
    let exists = FileManager.default.isExecutableFile(atPath: beside.path)
    return WorkerCommand(path: exists ? beside.path : built.path, arguments: ["watchdog"])
  }

  @Test func linesAddAndRemoveGroups() {
    var groups: Set<pid_t> = []
    for line in [
      "+5000000", "+5000001", "-5000000", "", "+", "+1", "+0", "+-7", "+\(getpgrp())", "x5", "+9 ",
    ] {
      WatchdogLoop.apply(Array(line.utf8), to: &groups)
    }
    #expect(groups == [5_000_001])
  }

  /// An orchestrator that is killed with `kill -9` leaves a stopped worker, one at work and a
  /// grandchild. It is a script here: the tests could not go on if they were killed.
  @Test func aKilledOrchestratorLeavesNoProcess() async throws {
    let helper = try ShellWorker()
    let script = """
      import os, subprocess, sys, time
      folder, program = sys.argv[1:]
      reading, writing = os.pipe()
      subprocess.Popen([program, "watchdog"], stdin=reading, start_new_session=True, close_fds=True)
      os.close(reading)
      for deed in ["kill -STOP $$", "sleep 600", "sleep 600 & echo $! >> \\"$0/pids\\"; wait"]:
          worker = subprocess.Popen(["/bin/sh", "-c", "echo $$ >> \\"$0/pids\\"; " + deed, folder], process_group=0)
          os.write(writing, b"+%d\\n" % worker.pid)
      # One that has been reaped must be spared.
      gone = subprocess.Popen(["true"], process_group=0)
      os.write(writing, b"+%d\\n" % gone.pid)
      gone.wait()
      os.write(writing, b"-%d\\n" % gone.pid)
      open(folder + "/ready", "w").write("yes\\n")
      time.sleep(600)
      """
    let orchestrator = Process()
    orchestrator.executableURL = URL(filePath: "/usr/bin/env")
    orchestrator.arguments = ["python3", "-c", script, helper.folder.path, command.path]
    try orchestrator.run()
    while helper.lines(of: "ready").isEmpty || helper.pids.count < 4 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(helper.pids.allSatisfy { kill($0, 0) == 0 })
    kill(orchestrator.processIdentifier, SIGKILL)
    #expect(try await helper.survivors() == 0)
    orchestrator.waitUntilExit()
  }

  /// It is told which workers live and which are dead, no worker holds its pipe, and it ends with
  /// the sweep.
  @Test func theWatchdogKnowsTheWorkers() async throws {
    let worker = try ShellWorker(
      onRun:
        "ls -l /proc/$$/fd >> \"$folder/descriptors\"; [ $seed = 1 ] && [ $attempt = 1 ] && exit 3; answer $id"
    )
    let note = "while read -r line; do echo \"$line\" >> '\(worker.folder.path)/watchdog'; done"
    let ended = "echo end >> '\(worker.folder.path)/watchdog'"
    let executor = SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(workers: 2, backoff: .zero),
      processes: ProcessOptions(
        watchdog: WorkerCommand(path: "/bin/sh", arguments: ["-c", "\(note); \(ended)"])))
    let report = try await executor.execute(plan(memory: [1, 1, 1, 1, 1]), sink: MemorySink())
    #expect(report.progress.recorded == 5)
    let lines = worker.lines(of: "watchdog")
    #expect(Set(lines.filter { $0.hasPrefix("+") }) == Set(worker.pids.map { "+\($0)" }))
    #expect(lines.count { $0.hasPrefix("-") } == worker.pids.count)
    #expect(lines.last == "end")
    let pipes = worker.lines(of: "descriptors").count { $0.contains("pipe:") }
    #expect(pipes == 3 * worker.lines(of: "descriptors").count { $0.hasPrefix("total") })
  }

  /// The one that replaces a watchdog that has died knows all workers that live.
  @Test func aWatchdogThatDiesIsReplaced() async throws {
    let worker = try ShellWorker(
      onRun: """
        tries=0
        until [ -e "$folder/second" ] || [ $tries -gt 3000 ]; do tries=$((tries + 1)); sleep 0.02; done
        answer $id
        """)
    let script = """
      cd '\(worker.folder.path)'
      if mkdir first 2>/dev/null; then read -r line; kill -9 $$; fi
      while read -r line; do echo "$line" >> watchdog; : > second; done
      echo end >> watchdog
      """
    let executor = SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(workers: 2),
      processes: ProcessOptions(watchdog: WorkerCommand(path: "/bin/sh", arguments: ["-c", script])))
    #expect(try await executor.execute(plan(memory: [1, 1]), sink: MemorySink()).ending == .completed)
    let lines = worker.lines(of: "watchdog")
    #expect(Set(lines.filter { $0.hasPrefix("+") }) == Set(worker.pids.map { "+\($0)" }), "\(lines)")
    #expect(lines.last == "end")
  }

  /// Killing the orchestrator by its name must not kill its watchdog as well.
  @Test func theWatchdogHasANameOfItsOwn() throws {
    let process = Process()
    let input = Pipe()
    process.executableURL = URL(filePath: command.path)
    process.arguments = command.arguments
    process.standardInput = input
    try process.run()
    defer { try? input.fileHandleForWriting.close() }
    func name() -> String? {
      try? String(contentsOfFile: "/proc/\(process.processIdentifier)/comm", encoding: .utf8)
    }
    for _ in 0..<6000 where name() != WatchdogLoop.name + "\n" { usleep(10_000) }
    #expect(name() == "sweep-watchdog\n")
  }

  @Test func aWatchdogThatCannotBeStartedDoesNotStopTheSweep() async throws {
    let worker = try ShellWorker()
    let executor = SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(workers: 1),
      processes: ProcessOptions(watchdog: WorkerCommand(path: "/nowhere/watchdog")))
    #expect(try await executor.execute(plan(memory: [1, 1]), sink: MemorySink()).ending == .completed)
  }

  @Test func logsHoldWhatWorkersWriteAndNoMore() async throws {
    let worker = try ShellWorker(
      onRun: "echo \"run $seed\" >&2; [ $seed = 1 ] && seq 300000 >&2; answer $id")
    let logs = worker.folder.appending(path: "logs").path
    let executor = SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(workers: 1), processes: ProcessOptions(logs: logs, pinned: true))
    _ = try await executor.execute(plan(memory: [1, 1, 1]), sink: MemorySink())
    let latest = worker.lines(of: "logs/worker-1.log")
    #expect(latest.last == "run 2" && latest.dropLast().last == "300000")
    let sizes = try ["", ".old"].map {
      try FileManager.default.attributesOfItem(atPath: logs + "/worker-1.log" + $0)[.size] as? Int ?? 0
    }
    #expect(sizes.allSatisfy { $0 <= 1 << 19 } && sizes.reduce(0, +) > 1 << 19)
  }

  @Test func pinnedWorkersStayOnOneCore() async throws {
    let worker = try ShellWorker(
      onRun: "sleep 0.1; grep Cpus_allowed_list /proc/$$/status >> \"$folder/cores\"; answer $id")
    let executor = SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(workers: 2), processes: ProcessOptions(pinned: true))
    _ = try await executor.execute(plan(memory: [1, 1, 1, 1]), sink: MemorySink())
    let cores = worker.lines(of: "cores").map {
      $0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)
    }
    #expect(cores.count == 4 && cores.allSatisfy { Int($0) != nil }, "\(cores)")
  }
}
