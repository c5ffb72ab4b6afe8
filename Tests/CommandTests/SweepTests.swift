import Foundation
import Model
import ResultStore
import Testing

/// `run` from the grid file to the phase map, undisturbed and disturbed.
@Suite struct SweepTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  private func picture(_ folder: String = "results") -> Data? {
    FileManager.default.contents(atPath: bench.path("\(folder)/tiny/phase-map.svg"))
  }

  @Test func aSweepEndsWithAPhaseMapAndDoesNothingTheSecondTime() async throws {
    let first = try await bench.run("run", "tiny.yaml")
    #expect(first.status == 0, "\(first.errors)")
    let lines = first.output.split(separator: "\n")
    #expect(lines.first == "phase map: results/tiny/phase-map.svg")
    #expect(lines.count == 3)
    #expect(!first.errors.contains("\u{1B}"), "no escape sequences away from a terminal")
    #expect(first.errors.contains("tiny: 12/12  100 %"))
    let results = try bench.results()
    #expect(results.count == 12)
    let picture = try #require(self.picture())

    // Without any worker: there is nothing to do.
    let second = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.output == first.output)
    #expect(second.errors == "tiny: nothing to do, 12 runs done\n")
    #expect(try bench.results() == results)
    #expect(self.picture() == picture)
  }

  @Test func theNumberOfWorkersChangesNoResult() async throws {
    for (folder, workers) in [("one", "1"), ("four", "4")] {
      let ended = try await bench.run("run", "tiny.yaml", "--workers", workers, "--results", folder)
      #expect(ended.status == 0, "\(ended.errors)")
    }
    #expect(try bench.results(in: "one") == bench.results(in: "four"))
    #expect(picture("one") == picture("four"))
  }

  /// Interrupts a sweep by a signal; returns how many runs it recorded before.
  private func interrupt(by signal: Int32) async throws -> Int {
    let command = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: bench.gatedWorker(runs: 2))
    try await bench.waitForResults(4)
    command.send(signal)
    let interrupted = try await command.end()
    #expect(interrupted.status == 75, "\(interrupted.errors)")
    let recorded = try bench.results().count
    #expect(recorded == 4)
    #expect(
      interrupted.errors.hasSuffix(
        "gammaplane: error: interrupted with \(recorded) of 12 runs recorded; run the same command again to "
          + "resume\n"))
    return recorded
  }

  @Test func anInterruptedSweepIsResumedToTheSameResults() async throws {
    let whole = try await bench.run("run", "tiny.yaml", "--results", "whole")
    #expect(whole.status == 0)
    let recorded = try await interrupt(by: SIGINT)
    let resumed = try await bench.run("run", "tiny.yaml")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("tiny: \(12 - recorded) of 12 runs to do"))
    #expect(try bench.results() == bench.results(in: "whole"))
    #expect(picture() == picture("whole"))
  }

  @Test(arguments: [SIGTERM, SIGUSR1, SIGHUP])
  func otherSignalsInterruptToo(signal: Int32) async throws { _ = try await interrupt(by: signal) }

  @Test func aSecondSignalEndsItAtOnceAndLosesNothing() async throws {
    let command = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: bench.gatedWorker(runs: 1))
    try await bench.waitForResults(2)
    command.send(SIGINT)
    command.send(SIGTERM)
    #expect(try await command.end().status == 75)
    #expect(try bench.results().count == 2)
  }

  @Test func aKilledSweepIsResumedToTheSameResults() async throws {
    let whole = try await bench.run("run", "tiny.yaml", "--results", "whole")
    #expect(whole.status == 0)

    let command = try bench.start(["run", "tiny.yaml", "--workers", "2"], worker: bench.gatedWorker(runs: 2))
    try await bench.waitForResults(4)
    command.send(SIGKILL)
    _ = try await command.end()
    #expect(try bench.results().count == 4)

    let resumed = try await bench.run("run", "tiny.yaml")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try bench.results() == bench.results(in: "whole"))
    #expect(picture() == picture("whole"))
  }

  @Test func aLargerGridRunsOnlyWhatIsMissing() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    try bench.grid(widths: [50, 100, 150, 200])
    let plan = try await bench.run("plan", "tiny.yaml")
    #expect(plan.output.contains("200     0       0      4"))
    let larger = try await bench.run("run", "tiny.yaml")
    #expect(larger.errors.contains("tiny: 4 of 16 runs to do"))
    #expect(try bench.results().count == 16)
  }

  @Test func aWorkerThatDiesCostsOneAttemptOfOneRun() async throws {
    // The first worker dies after it has been told the problem and a run; the others work.
    let mortal = try bench.worker(
      """
      if mkdir '\(bench.path("died"))' 2>/dev/null; then
        printf '%s\\n' '{"type":"hello","worker":"mortal","protocol":1,"methods":["impulse/4"]}'
        read -r problem; read -r run; echo 'out of luck' >&2; kill -9 $$
      fi
      exec "$WORKER"
      """)
    let ended = try await bench.run("run", "tiny.yaml", "--workers", "2", worker: mortal)
    #expect(ended.status == 0, "\(ended.errors)")
    let store = try ResultStore.read(at: bench.path("results/tiny/gammaplane.sqlite"))
    let attempts = try store.records(of: store.sweep(named: "tiny")).map(\.attempts)
    #expect(attempts.filter { $0 == 2 }.count == 1)
    #expect(attempts.filter { $0 == 1 }.count == 11)
  }

  @Test func runsThatKillTheirWorkersFailAndCanBeRetried() async throws {
    try bench.grid(attempts: 2)
    // Dies of every run with seed 1.
    let mortal = try bench.worker(
      #"""
      while IFS= read -r line; do
        case $line in *'"seed":1'[,}]*) echo 'seed one hurts' >&2; kill -9 0;; esac
        printf '%s\n' "$line"
      done | exec "$WORKER"
      """#)
    let ended = try await bench.run("run", "tiny.yaml", worker: mortal)
    #expect(ended.status == 1, "\(ended.errors)")
    #expect(ended.output.hasPrefix("phase map: results/tiny/phase-map.svg\n"))
    #expect(
      ended.errors.hasSuffix(
        "gammaplane: error: 6 runs failed and are missing from the fit; `gammaplane status tiny.yaml` shows why, "
          + "`gammaplane retry tiny.yaml` retries\n"))
    #expect(try bench.results().count == 6)

    let status = try await bench.run("status", "tiny")
    #expect(status.output.contains("6 runs failed: every attempt failed"))
    #expect(status.output.contains("  | seed one hurts"))
    #expect(try await bench.run("run", "tiny.yaml").status == 1, "failed runs are not retried unasked")
    #expect(try await bench.run("run", "--retry-failed", "tiny.yaml").status == 0)
    #expect(try bench.results().count == 12)
  }

  @Test func whatIsPrintedNeverEndsInAnotherFile() async throws {
    // Standard output and standard error closed: their descriptors are free for the next files
    // opened.
    let shell = try RunningCommand(
      "/bin/sh", ["-c", "exec '\(Executables.gammaplane)' run tiny.yaml >&- 2>&-"], in: bench,
      worker: bench.gatedWorker(runs: 1))
    try await bench.waitForResults(1)
    #if os(Linux)
      let descriptors = "/proc/\(shell.process.processIdentifier)/fd"
      for descriptor in 1...2 {
        let file = try FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\(descriptor)")
        #expect(file == "/dev/null")
      }
    #endif
    try bench.openGate()
    #expect(try await shell.end().status == 0)
    #expect(try bench.results().count == 12)
  }

  @Test func aReaderThatGoesAwayIsNoError() async throws {
    let shell = try RunningCommand(
      "/bin/sh",
      [
        "-c",
        "for command in plan run; do "
          + "(sleep 0.1; '\(Executables.gammaplane)' $command tiny.yaml; echo $? >> codes) | true; done",
      ], in: bench, worker: nil)
    _ = try await shell.end()
    #expect(try String(contentsOfFile: bench.path("codes"), encoding: .utf8) == "0\n0\n")
    #expect(try bench.results().count == 12)
    #expect(picture() != nil)
  }

  @Test func fitAndRenderRestoreWhatRunMade() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let picture = try #require(self.picture())
    try FileManager.default.removeItem(atPath: bench.path("results/tiny/phase-map.svg"))
    #expect(try await bench.run("fit", "tiny.yaml").output.hasPrefix("tiny: "))
    let render = try await bench.run("render", "tiny")
    #expect(render.output == "results/tiny/phase-map.svg\n")
    #expect(self.picture() == picture)
  }

  @Test func runsThatDoNotFitAreDoneWhenTheLimitIsRaised() async throws {
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    func limit(_ memory: String) throws {
      try bench.file(
        "tiny.yaml",
        text.replacingOccurrences(of: "attempts: 3", with: "attempts: 3, memory: \(memory)")
          .replacingOccurrences(of: "150]", with: "40000]"))
    }
    try limit("21MiB")
    let shortage =
      "4 runs of width 40000 cannot be done: 21 MiB may be used (limits.memory), and up to 22 MiB are needed\n"
    #expect(try await bench.run("plan", "tiny.yaml", "--workers", "4").output.hasSuffix(shortage))
    let ended = try await bench.run("run", "tiny.yaml")
    #expect(ended.status == 1)
    #expect(
      ended.errors.hasSuffix(
        shortage
          + "gammaplane: error: 4 runs need more memory than limits.memory allows and are missing from the fit; "
          + "raise it and run the same command again\n"))
    #expect(
      try await bench.run("status", "tiny").output.contains(
        "4 runs to do need more memory than limits.memory allows; raise it\n"))
    try limit("1GiB")
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    #expect(try bench.results().count == 12)
  }

  /// Each attempt fails with a detail of its own; the cause is the same.
  @Test func equalCausesAreOneGroupAndHintsCanBeTyped() async throws {
    try bench.grid(attempts: 1)
    let liar = try bench.worker(
      """
      printf '%s\\n' '{"type":"hello","worker":"liar","protocol":1,"methods":["impulse/4"]}'
      read -r problem; read -r run; echo "no message $$"; sleep 60
      """)
    let ended = try await bench.run("run", "tiny.yaml", "--results", "my results", worker: liar)
    #expect(ended.status == 1)
    #expect(
      ended.errors.hasSuffix(
        "`gammaplane status tiny.yaml --results 'my results'` shows why, "
          + "`gammaplane retry tiny.yaml --results 'my results'` retries\n"))
    let status = try await bench.run("status", "tiny", "--results", "my results")
    #expect(status.output.hasPrefix("tiny: 0 of 12 runs done (0 %), 12 failed, nothing left to do\n"))
    #expect(
      status.output.contains(
        "12 runs failed: every attempt failed; the last worker wrote something that is no message\n"))
    #expect(status.output.contains("\n  the line is not readable JSON: no message "))
  }

  /// A worker that can do nothing right costs twenty attempts, not all of a large sweep.
  @Test func aSweepWhoseFirstAttemptsFailAlikeStops() async throws {
    let liar = try bench.worker(
      """
      printf '%s\\n' '{"type":"hello","worker":"liar","protocol":1,"methods":["impulse/4"]}'
      read -r problem; read -r run; echo x >> '\(bench.path("attempts"))'
      echo 'it is broken' >&2; echo "no message $$"; sleep 60
      """)
    let ended = try await bench.run("run", "tiny.yaml", "--workers", "2", worker: liar)
    #expect(ended.status == 69, "\(ended)")
    #expect(ended.errors.contains("all of the first 20 attempts failed alike"), "\(ended)")
    #expect(ended.errors.hasSuffix("\nits standard error ends: it is broken\n"), "\(ended)")
    let attempts = try String(contentsOfFile: bench.path("attempts"), encoding: .utf8)
    #expect((20...21).contains(attempts.count / 2))
    // With a worker that works, everything is done.
    #expect(try await bench.run("run", "tiny.yaml", "--retry-failed").status == 0)
    #expect(try bench.results().count == 12)
  }
}
