import Failpoints
import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore
@testable import gammaplane

/// The orchestrator is killed, and the same command brings about what an undisturbed sweep would have.
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

  /// Those that a sweep passes; migrations and shards have tests of their own.
  private static let passed = Failpoint.allCases.filter {
    ![.duringMigration, .duringBackup, .duringCopy, .beforeRemoval, .duringMerge].contains($0)
  }

  @Test(arguments: passed)
  func killedAtANamedPlace(place: Failpoint) async throws {
    try await undisturbed()
    let visits = place == .beforeFit || place == .beforeFigure ? [1] : [1, 2]
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

  /// Turns the database of a finished sweep into one of the third schema.
  private func makeOld() throws {
    let path = bench.path("results/tiny/\(ResultStore.fileName)")
    let present = bench.path("present.sqlite")
    for end in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + end) {
      try FileManager.default.moveItem(atPath: path + end, toPath: present + end)
    }
    let old = try DatabaseQueue(path: path)
    try old.writeWithoutTransaction { db in
      try db.execute(sql: "ATTACH '\(present)' AS present")
      for step in Schema.steps.prefix(3) { try db.execute(sql: step) }
      for table in ["problem", "sweep", "runs"] {
        let columns = try db.columns(in: table).map(\.name).joined(separator: ", ")
        try db.execute(sql: "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM present.\(table)")
      }
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 3")
    }
    try old.close()
  }

  @Test(arguments: [Failpoint.duringBackup, .duringMigration])
  func aMigrationThatIsKilledIsDoneAnew(place: Failpoint) async throws {
    try await undisturbed()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    try makeOld()
    let killed = try await bench.start(
      ["run", "tiny.yaml"], environment: ["GAMMAPLANE_FAILPOINT": place.rawValue]
    ).end()
    #expect(killed.status == SIGKILL && killed.wasSignalled, "\(killed)")
    let path = bench.path("results/tiny/\(ResultStore.fileName)")
    let version = try await DatabaseQueue(path: path).read {
      try Int.fetchOne($0, sql: "PRAGMA user_version")
    }
    #expect(version == 3)
    let resumed = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(resumed.status == 0, "no run is done again: \(resumed.errors)")
    #expect(FileManager.default.fileExists(atPath: path + ".v3.bak"))
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
      // Every few times from the beginning: else all but the first few kills would meet a finished sweep.
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

  /// A run that takes seconds is put down by the first signal, also by every later one and by one that workers get as
  /// well, as batch systems send it, and goes on from there.
  @Test func longRunsArePutDownAndContinued() async throws {
    let grid = try bench.grid("long", widths: [400_000])
    let text = try String(contentsOfFile: bench.path(grid), encoding: .utf8)
    let one = text.replacing("[0.5, 1.75]", with: "[1.75]").replacing("count: 2", with: "count: 1")
    // Hundreds of steps: the session says once a second how many there were.
    let long = one.replacing("mean_squared_residual: 1e-3", with: "mean_squared_residual: 1e-6")
    try bench.file(grid, long.replacing("grace: 1,", with: "grace: 60,") + "tolerance: 1e-5\n")
    #expect(try await bench.run("run", grid, "--results", "whole").status == 0)
    for steps in [1, 4] {
      let command = try bench.start(["run", grid, "--workers", "1"])
      let all = steps > 1 ? [SIGINT, SIGTERM, SIGUSR1, SIGHUP] : []
      #expect(
        await interrupt(
          command.process.processIdentifier, atStep: steps,
          session: bench.path("results/long/session.json"), sendingWorkers: all))
      #expect(try await command.end().status == 75)
      let put = try FileManager.default.contentsOfDirectory(atPath: bench.path("results/long/checkpoints"))
      #expect(put.count == 1 && put.allSatisfy { $0.hasSuffix(".checkpoint") })
      #expect(!FileManager.default.fileExists(atPath: bench.path("results/long/session.json")))
    }
    let resumed = try await bench.run("run", grid)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try bench.results("long") == bench.results("long", in: "whole"))
    #expect(!FileManager.default.fileExists(atPath: bench.path("results/long/checkpoints")))
  }

  /// Interrupts a sweep as soon as its worker has made some steps. On a thread of its own: others may keep those of the
  /// tests busy for longer than the run takes.
  ///
  /// - Parameter signals: what the worker gets as well, before.
  /// - Returns: whether it came to that.
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

  /// The workers' part of the family is killed as well, or instead, or stopped.
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

  /// Those that look at nothing, those that are stopped, and what they have started.
  @Test(arguments: ["while :; do sleep 1000; done", "kill -STOP $$"])
  func orphansAndGrandchildrenAreGone(deafness: String) async throws {
    let worker = try bench.worker(
      """
      trap '' HUP TERM INT
      echo $$ >> '\(bench.path("pids"))'
      sleep 1000 & echo $! >> '\(bench.path("pids"))'
      printf '%s\\n' '{"type":"hello","worker":"deaf","protocol":1,"methods":["impulse/3"]}'
      \(deafness)
      """)
    let command = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: worker)
    while try bench.pids("pids").count < 4 { try await Task.sleep(for: .milliseconds(20)) }
    command.send(SIGKILL)
    _ = try await command.end()
    try await bench.waitForEnd(of: bench.pids("pids"))
  }

  @Test func aSecondOrchestratorIsToldOfTheFirst() async throws {
    let first = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: bench.gatedWorker(runs: 1))
    try await bench.waitForResults(2)
    let second = try await bench.run("run", "tiny.yaml")
    #expect(second.status == 73)
    #expect(second.errors.contains("is being written by process \(first.process.processIdentifier) on "))
    try bench.openGate()
    #expect(try await first.end().status == 0)
    // A dead holder's name in the lock file is no lock, and its number may be anybody's by now.
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

  /// Needs the right to become somebody else: the superuser's processes are not limited.
  @Test func tooFewThreadsAreAClearEnd() async throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: bench.url.path)
    func asNobody(threads: Int, _ words: String...) async throws -> Ended {
      let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
      return try await RunningCommand(
        "/usr/bin/env", nobody + ["prlimit", "--nproc=\(threads)"] + words, in: bench
      ).end()
    }
    func may(_ test: String, _ path: String) async throws -> Bool {
      try await asNobody(threads: 100, "test", test, path).status == 0
    }
    guard getuid() == 0, try await may("-w", "."), try await may("-x", Executables.gammaplane),
      try await may("-x", Executables.worker)
    else { return }
    try await undisturbed()
    for threads in [1, 4, 7, 12, 40] {
      try? FileManager.default.removeItem(atPath: bench.path("results"))
      let ended = try await asNobody(
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

  /// Waits until none of the processes lives; a busy machine may take its time for it.
  func waitForEnd(of processes: [pid_t]) async throws {
    func living() -> [pid_t] {
      processes.filter { pid in
        // One that has ended and that nobody has asked for is no life.
        let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return kill(pid, 0) == 0 && !status.contains(") Z ")
      }
    }
    if try await comesTrue({ living().isEmpty }) { return }
    Issue.record("still alive: \(living())")
    for pid in living() { kill(pid, SIGKILL) }
  }
}
