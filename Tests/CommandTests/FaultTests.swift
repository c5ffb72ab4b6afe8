import Failpoints
import Foundation
import Model
import Orchestration
import Testing

import ResultStore

/// The orchestrator is killed, and the same command yields what an undisturbed sweep would have.
@Suite struct FaultTests {
  static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] == "1"

  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  private func picture(_ folder: String = "results") -> Data? {
    FileManager.default.contents(atPath: bench.path("\(folder)/tiny/phase-map.svg"))
  }

  /// What an undisturbed sweep leaves.
  private func undisturbed() async throws {
    let ended = try await bench.run("run", "tiny.yaml", "--results", "whole")
    #expect(ended.status == 0, "\(ended.errors)")
  }

  /// Runs the sweep to its end and compares it with the undisturbed one.
  private func resumeAndCompare(_ label: String) async throws {
    let resumed = try await bench.run("run", "tiny.yaml")
    #expect(resumed.status == 0, "\(label): \(resumed.errors)")
    #expect(try bench.results() == bench.results(in: "whole"), "\(label)")
    #expect(picture() == picture("whole"), "\(label)")
  }

  /// Those that a sweep passes; shards have tests of their own, and so have copies of older
  /// databases, of which there are none yet.
  private static let passed = Failpoint.allCases.filter {
    ![.duringBackup, .duringCopy, .beforeRemoval, .duringMerge].contains($0)
  }

  @Test(arguments: passed)
  func killedAtANamedPoint(place: Failpoint) async throws {
    try await undisturbed()
    let isPassedOnce = [.beforeFit, .beforeFigure, .duringMigration].contains(place)
    let visits = isPassedOnce ? [1] : [1, 2]
    for visit in visits {
      let killed = try await bench.start(
        ["run", "tiny.yaml", "--workers", "2"],
        environment: ["GAMMAPLANE_FAILPOINT": "\(place.rawValue)@\(visit)"]
      ).end()
      #expect(
        killed.status == SIGKILL && killed.wasSignalled, "\(place) was not passed \(visit) times: \(killed)")
    }
    try await resumeAndCompare("\(place)")
  }

  @Test func killedAtRandomInstants() async throws {
    try await undisturbed()
    let clock = ContinuousClock()
    let start = clock.now
    try? FileManager.default.removeItem(atPath: bench.path("results"))
    _ = try await bench.run("run", "tiny.yaml", "--results", "timed", "--workers", "2")
    let whole = (clock.now - start) / .milliseconds(1)
    for kill in 0..<(Self.slow ? 200 : 10) {
      // From the beginning every few times: else all but the first few kills would meet a finished
      // sweep.
      if kill % 3 == 0 { try? FileManager.default.removeItem(atPath: bench.path("results")) }
      let command = try bench.start(["run", "tiny.yaml", "--workers", "2"])
      let pause = Double.random(in: 0...whole)
      try await Task.sleep(for: .milliseconds(pause))
      command.send(SIGKILL)
      _ = try await command.end()
      if kill % 3 == 2 { try await resumeAndCompare("killed after \(pause) ms") }
    }
    try await resumeAndCompare("at the end")
  }

  /// A run that takes the whole session with it, as one does that uses up the memory of a job: it
  /// comes last from then on, and in the end it has failed.
  @Test func aRunThatKillsTheOrchestratorFails() async throws {
    try await undisturbed()
    let fatal = try bench.worker(
      """
      while IFS= read -r line; do
        case $line in *'"seed":1,'*'"gamma":1.75'*'"width":150'*)
          kill -9 "$GAMMAPLANE_ORCHESTRATOR"; sleep 10;; esac
        printf '%s\\n' "$line"
      done | exec "$WORKER"
      """)
    var killed = 0
    while killed < 10, try await bench.start(["run", "tiny.yaml"], worker: fatal).end().wasSignalled {
      killed += 1
    }
    #expect(killed == 4, "once, and three attempts")
    let status = try await bench.run("status", "tiny")
    #expect(status.output.contains("11 of 12") && status.output.contains("1 run failed"), "\(status)")
    #expect(!FileManager.default.fileExists(atPath: bench.path("results/tiny/attempts")))
    #expect(try await bench.run("retry", "tiny.yaml").status == 0)
    try await resumeAndCompare("retried")
  }

  /// A run that takes seconds is suspended by the first signal, also by every later one and by one
  /// that workers get as well, as batch systems send it, and is resumed from there.
  @Test func longRunsAreSuspendedAndResumed() async throws {
    let grid = try bench.grid("long", widths: [400_000])
    let text = try String(contentsOfFile: bench.path(grid), encoding: .utf8)
    let one = text.replacing("[0.5, 1.75]", with: "[1.75]").replacing("count: 2", with: "count: 1")
    // Hundreds of steps: the session says once a second how many there were.
    let long = one.replacing("mean_squared_residual: 1e-3", with: "mean_squared_residual: 1e-6")
    try bench.file(
      grid,
      long.replacing("shutdown_grace_period: 1,", with: "shutdown_grace_period: 60,") + "tolerance: 1e-5\n")
    #expect(try await bench.run("run", grid, "--results", "whole").status == 0)
    for steps in [1, 4] {
      let command = try bench.start(["run", grid, "--workers", "1"])
      let all = steps > 1 ? [SIGINT, SIGTERM, SIGUSR1, SIGHUP] : []
      #expect(
        await interrupt(
          command.process.processIdentifier, atStep: steps,
          session: bench.path("results/long/session.json"), sendingWorkers: all))
      #expect(try await command.end().status == 75)
      let checkpoints = try FileManager.default.contentsOfDirectory(
        atPath: bench.path("results/long/checkpoints"))
      #expect(checkpoints.count == 1 && checkpoints.allSatisfy { $0.hasSuffix(".checkpoint") })
      #expect(!FileManager.default.fileExists(atPath: bench.path("results/long/session.json")))
    }
    let resumed = try await bench.run("run", grid)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try bench.results("long") == bench.results("long", in: "whole"))
    #expect(!FileManager.default.fileExists(atPath: bench.path("results/long/checkpoints")))
  }

  /// Interrupts a sweep as soon as its worker has made some steps. On a thread of its own: other
  /// tests may keep the shared ones busy for longer than the run takes.
  ///
  /// - Parameter signals: signals that the worker gets before.
  /// - Returns: whether the worker got so far.
  private func interrupt(
    _ sweep: pid_t, atStep steps: Int, session: String, sendingWorkers signals: [Int32]
  ) async -> Bool {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        for _ in 0..<12_000 {
          if let active = SessionFile.read(from: session)?.active.first, active.steps ?? 0 >= steps {
            for signal in signals { kill(active.pid, signal) }
            kill(sweep, SIGINT)
            return continuation.resume(returning: true)
          }
          usleep(10_000)
        }
        continuation.resume(returning: false)
      }
    }
  }

  /// The workers are killed as well, or stopped.
  @Test(arguments: [SIGKILL, SIGSEGV, SIGSTOP])
  func workersAndOrchestratorKilledTogether(signal: Int32) async throws {
    try await undisturbed()
    let gated = try bench.gatedWorker(runs: 1)
    let worker = try bench.worker(#"echo $$ >> '\#(bench.path("pids"))'; exec '\#(gated)'"#)
    let command = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: worker)
    try await bench.waitForResults(2)
    let workers = try bench.pids("pids")
    #expect(workers.count == 2)
    for pid in workers { kill(-pid, signal) }
    command.send(SIGKILL)
    _ = try await command.end()
    try await bench.waitForEnd(of: workers)
    try await resumeAndCompare("signal \(signal)")
  }

  /// Workers that ignore everything, that are stopped, and what they have started.
  @Test(arguments: ["while :; do sleep 1000; done", "kill -STOP $$"])
  func orphansAndGrandchildrenAreGone(deafness: String) async throws {
    let worker = try bench.worker(
      """
      trap '' HUP TERM INT
      echo $$ >> '\(bench.path("pids"))'
      sleep 1000 & echo $! >> '\(bench.path("pids"))'
      printf '%s\\n' '{"type":"hello","worker":"deaf","protocol":1,"methods":["impulse/4"]}'
      \(deafness)
      """)
    let command = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: worker)
    while try bench.pids("pids").count < 4 { try await Task.sleep(for: .milliseconds(20)) }
    command.send(SIGKILL)
    _ = try await command.end()
    try await bench.waitForEnd(of: bench.pids("pids"))
  }

  @Test func aSecondOrchestratorIsRefused() async throws {
    let first = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: bench.gatedWorker(runs: 1))
    try await bench.waitForResults(2)
    let second = try await bench.run("run", "tiny.yaml")
    #expect(second.status == 73)
    #expect(second.errors.contains("is being written by process \(first.process.processIdentifier) on "))
    try bench.openGate()
    #expect(try await first.end().status == 0)
    // A dead holder's name in the lock file is no lock, and its number may be that of another
    // process by now.
    try bench.file(
      "results/tiny/gammaplane.sqlite.lock",
      #"{"pid":\#(ProcessInfo.processInfo.processIdentifier),"host":"h","since":"s"}"#)
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
  }

  @Test func tooFewDescriptorsAreAClearEnd() async throws {
    try await undisturbed()
    for limit in [12, 16, 24, 40] {
      let ended = try await RunningCommand(
        "/bin/sh", ["-c", "ulimit -n \(limit); exec '\(Executables.gammaplane)' run tiny.yaml --workers 8"],
        in: bench
      ).end()
      #expect(!ended.wasSignalled, "\(limit) descriptors: \(ended)")
      #expect(
        ended.status == 0 || ended.errors.contains("gammaplane: error: "), "\(limit) descriptors: \(ended)")
    }
    try await resumeAndCompare("after want of descriptors")
  }

  /// Needs the right to become another user: the superuser's processes are not limited.
  @Test func tooFewThreadsAreAClearEnd() async throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: bench.url.path)
    func asOther(threads: Int, _ words: String...) async throws -> Ended {
      let asOther = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
      return try await RunningCommand(
        "/usr/bin/env", asOther + ["prlimit", "--nproc=\(threads)"] + words, in: bench
      ).end()
    }
    func may(_ test: String, _ path: String) async throws -> Bool {
      try await asOther(threads: 100, "test", test, path).status == 0
    }
    guard getuid() == 0, try await may("-w", "."), try await may("-x", Executables.gammaplane),
      try await may("-x", Executables.worker)
    else { return }
    try await undisturbed()
    for threads in [1, 4, 7, 12, 40] {
      try? FileManager.default.removeItem(atPath: bench.path("results"))
      let ended = try await asOther(
        threads: threads, Executables.gammaplane, "run", "tiny.yaml", "--workers", "2")
      #expect(!ended.wasSignalled, "\(threads) threads: \(ended)")
      #expect(
        ended.status == 0 || ended.errors.contains("gammaplane: error: "), "\(threads) threads: \(ended)")
      #expect(threads > 7 || ended.errors.contains("too few threads"), "\(threads) threads: \(ended)")
    }
    try await resumeAndCompare("after want of threads")
  }
}

extension Workbench {
  /// The process numbers that workers have noted in a file, one a line.
  func pids(_ name: String) throws -> [pid_t] {
    guard let text = try? String(contentsOfFile: path(name), encoding: .utf8) else { return [] }
    return text.split(separator: "\n").compactMap { pid_t($0) }
  }

  /// Waits until none of the processes is alive, which may take long on a busy machine.
  func waitForEnd(of processes: [pid_t]) async throws {
    func living() -> [pid_t] {
      processes.filter { pid in
        // A zombie has ended.
        let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return kill(pid, 0) == 0 && !status.contains(") Z ")
      }
    }
    if try await comesTrue({ living().isEmpty }) { return }
    Issue.record("still alive: \(living())")
    for pid in living() { kill(pid, SIGKILL) }
  }
}
