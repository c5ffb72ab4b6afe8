import Foundation
import Testing

/// The real `gammaplane-worker`, in conversation and disturbed.
@Suite(.serialized, .timeLimit(.minutes(20))) struct WorkerProgramTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private static let everything = #","record":["trajectory","neurons","function"]"#

  /// An answer without what differs between repeats.
  private func lasting(_ answer: [String: Any]) -> NSDictionary {
    var answer = answer
    answer["wall_seconds"] = nil
    answer["initial_seconds"] = nil
    return answer as NSDictionary
  }

  /// The result of a run that nothing disturbs.
  private func undisturbed(_ order: String) async throws -> NSDictionary {
    let worker = try WorkerUnderTest(bench)
    worker.send(WorkerUnderTest.problem, order)
    let result = try worker.answer()
    #expect(result["type"] as? String == "result")
    #expect(try await worker.end().status == 0)
    return lasting(result)
  }

  // MARK: The end of the input

  @Test func aFileOfOrdersIsAnsweredToItsEnd() async throws {
    let orders = (0..<5).map { WorkerUnderTest.order("r\($0)", width: 100, seed: $0) }
    try bench.file("orders", ([WorkerUnderTest.problem] + orders).joined(separator: "\n") + "\n")
    let shell = try RunningCommand(
      "/bin/sh", ["-c", "'\(Executables.worker)' < orders > answers; echo $?"], in: bench, worker: nil)
    #expect(try await shell.end().output == "0\n")
    let answers = try String(contentsOfFile: bench.path("answers"), encoding: .utf8).split(separator: "\n")
    #expect(answers.count == 6)
    for (i, answer) in answers.dropFirst().enumerated() { #expect(answer.contains("\"run\":\"r\(i)\"")) }
  }

  /// The orchestrator closes its end, but is alive.
  @Test func aClosedInputLosesNoAnswer() async throws {
    let worker = try WorkerUnderTest(bench)
    worker.send(
      WorkerUnderTest.problem, WorkerUnderTest.order("r", width: 10_000, more: #","progress_seconds":0"#))
    try worker.waitForSteps(1)
    worker.closeInput()
    #expect(try worker.answer()["type"] as? String == "result")
    #expect(try await worker.end().status == 0)
  }

  /// No process reads its output here: the end of the input and the new parent have to do.
  @Test func itEndsWithItsOrchestratorInTheMiddleOfARun() async throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.currentDirectoryURL = bench.url
    shell.arguments = [
      "-c",
      "mkfifo orders; '\(Executables.worker)' < orders > answers & exec 3> orders; cat start >&3; echo $!; read x",
    ]
    try bench.file("start", [WorkerUnderTest.problem, WorkerUnderTest.long].joined(separator: "\n") + "\n")
    let (input, output) = (Pipe(), Pipe())
    shell.standardInput = input
    shell.standardOutput = output
    try shell.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let worker = try #require(Int32(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    defer { kill(worker, SIGKILL) }
    #expect(try await comesTrue { answers.contains("progress") } && isAlive(worker))
    kill(shell.processIdentifier, SIGKILL)
    // Not waited for: the shell counts as ended only when its child has ended.
    #expect(try await comesTrue { !isAlive(worker) })
    #expect(!answers.contains("result"))
  }

  private var answers: String { (try? String(contentsOfFile: bench.path("answers"), encoding: .utf8)) ?? "" }

  /// Whether a process runs; a zombie does not.
  private func isAlive(_ pid: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return status.split(separator: ")").last?.split(separator: " ").first != "Z"
  }

  // MARK: Signals

  /// The signals that a process ignores, as bits.
  private func ignored(by pid: Int32) throws -> UInt64 {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") })
    return try #require(
      UInt64(line.dropFirst("SigIgn:".count).trimmingCharacters(in: .whitespaces), radix: 16))
  }

  /// Signals that end a sweep are for its orchestrator; a worker in a terminal can be ended by
  /// them.
  @Test func itLeavesSignalsToItsOrchestrator() async throws {
    let bits = [SIGINT, SIGTERM, SIGUSR1, SIGHUP].reduce(into: 0) { $0 |= UInt64(1) << UInt64($1 - 1) }
    let led = try WorkerUnderTest(bench, environment: ["GAMMAPLANE_ORCHESTRATOR": "1"])
    #expect(try ignored(by: led.process.processIdentifier) & bits == bits)
    #expect(try await led.end().status == 0)
    // What the tests themselves ignore is inherited.
    let alone = try WorkerUnderTest(bench)
    let inherited = try ignored(by: getpid()) & bits
    #expect(try ignored(by: alone.process.processIdentifier) & bits == inherited)
    #expect(try await alone.end().status == 0)
  }

  /// No room for the stack of another thread.
  @Test func withoutAThreadItAsksForAnotherTry() async throws {
    let shell = try RunningCommand(
      "/bin/sh", ["-c", "ulimit -s 8000000; ulimit -v 6000000; exec '\(Executables.worker)'"], in: bench)
    let ended = try await shell.end()
    #expect(ended.status == 75 && !ended.wasSignalled && ended.output == "", "\(ended)")
    #expect(ended.errors.contains("no thread left"))
  }

  @Test func itEndsWhenItsAnswersHaveNoReader() async throws {
    let worker = try WorkerUnderTest(bench)
    worker.send(WorkerUnderTest.problem, WorkerUnderTest.long)
    try worker.waitForSteps(0)
    worker.closeOutput()
    #expect(try await worker.end(closingInput: false).status == 0)
  }

  // MARK: Progress

  @Test func initialValuesAreProgressToo() async throws {
    let worker = try WorkerUnderTest(bench)
    worker.send(
      WorkerUnderTest.problem,
      WorkerUnderTest.order("r", width: 200_000, more: #","progress_seconds":0"#, steps: 1))
    let first = try worker.line()
    #expect(first["type"] as? String == "progress" && first["steps"] as? Int == 0)
    worker.process.terminate()
    _ = try await worker.end()
  }

  // MARK: Checkpoints

  private func order(_ more: String = "", checkpoint: String, width: Int = 10_000, seed: Int = 1) -> String {
    let path = bench.path(checkpoint)
    return WorkerUnderTest.order(
      "r", width: width, seed: seed, more: #","checkpoint":"\#(path)","progress_seconds":0"# + more, steps: 25
    )
  }

  @Test(arguments: [10_000, 10_002])
  func aSuspendedRunIsTheSameRun(width: Int) async throws {
    let order = order(Self.everything, checkpoint: "c", width: width)
    let whole = try await undisturbed(order)
    let first = try WorkerUnderTest(bench)
    first.send(WorkerUnderTest.problem, order)
    try first.waitForSteps(3)
    first.send(WorkerUnderTest.checkpoint("r"))
    #expect(try first.answer() as NSDictionary == ["type": "checkpointed", "run": "r"])
    // It stays alive, and resumes the run itself.
    let size = try FileManager.default.attributesOfItem(atPath: bench.path("c"))[.size] as? Int
    #expect(size ?? 0 > 48 * width)
    #expect(!FileManager.default.fileExists(atPath: bench.path("c.part")))
    first.send(order)
    try first.waitForSteps(5)
    first.send(WorkerUnderTest.checkpoint("r"))
    #expect(try first.answer()["type"] as? String == "checkpointed")
    #expect(try await first.end().status == 0)

    let second = try WorkerUnderTest(bench)
    second.send(WorkerUnderTest.problem, order)
    #expect(try second.steps(of: second.line(where: { ($0["steps"] as? Int ?? 0) > 0 })) > 5)
    #expect(lasting(try second.answer()) == whole)
    #expect(try await second.end().errors == "")
  }

  @Test func aKilledRunIsResumedFromItsLastCheckpoint() async throws {
    let order = order(Self.everything, checkpoint: "c")
    let whole = try await undisturbed(order)
    let first = try WorkerUnderTest(bench, environment: ["GAMMAPLANE_CHECKPOINT_SECONDS": "0"])
    first.send(WorkerUnderTest.problem, order)
    try first.waitForSteps(4)
    kill(first.process.processIdentifier, SIGKILL)
    _ = try await first.end()
    let second = try WorkerUnderTest(bench)
    second.send(WorkerUnderTest.problem, order)
    #expect(try second.steps(of: second.line(where: { ($0["steps"] as? Int ?? 0) > 0 })) >= 3)
    #expect(lasting(try second.answer()) == whole)
    #expect(try await second.end().errors == "")
  }

  /// Writes the checkpoint of a run to a file.
  private func suspend(_ order: String, afterSteps steps: Int = 3) async throws {
    let worker = try WorkerUnderTest(bench)
    worker.send(WorkerUnderTest.problem, order)
    try worker.waitForSteps(steps)
    worker.send(WorkerUnderTest.checkpoint("r"))
    #expect(try worker.answer()["type"] as? String == "checkpointed")
    #expect(try await worker.end().status == 0)
  }

  @Test func whatDoesNotFitIsRemovedAndTheRunStartsAnew() async throws {
    let order = order(Self.everything, checkpoint: "c", width: 4000)
    let whole = try await undisturbed(order)
    let file = bench.path("c")
    try await suspend(order)
    let good = try Data(contentsOf: URL(fileURLWithPath: file))
    try await suspend(self.order(Self.everything, checkpoint: "c", width: 4000, seed: 2))
    let foreign = try Data(contentsOf: URL(fileURLWithPath: file))
    try await suspend(self.order(checkpoint: "c", width: 4000))
    let lacking = try Data(contentsOf: URL(fileURLWithPath: file))
    var flipped = good
    flipped[good.count / 2] ^= 4
    for (data, word) in [
      (good.prefix(good.count / 3), "damaged"), (flipped, "damaged"), (foreign, "another run"),
      (lacking, "lacks what is to be recorded"), (Data("{}".utf8), "not a checkpoint"),
      (Data(), "not a checkpoint"),
    ] {
      try data.write(to: URL(fileURLWithPath: file))
      let worker = try WorkerUnderTest(bench)
      worker.send(WorkerUnderTest.problem, order)
      try worker.waitForSteps(1)
      #expect(!FileManager.default.fileExists(atPath: file))
      #expect(lasting(try worker.answer()) == whole)
      let ended = try await worker.end()
      #expect(ended.errors.contains(word) && ended.errors.contains(file), "\(ended.errors)")
    }
    // Beyond what the order allows: it would not end where an undisturbed run does.
    try good.write(to: URL(fileURLWithPath: file))
    let short = WorkerUnderTest.order("r", width: 4000, seed: 1, more: #","checkpoint":"\#(file)""#, steps: 2)
    let worker = try WorkerUnderTest(bench)
    worker.send(WorkerUnderTest.problem, short)
    #expect(try worker.answer()["steps"] as? Int == 2)
    #expect(try await worker.end().errors.contains("beyond the steps"))
  }

  /// A disk that takes nothing does not cost the run.
  @Test func aCheckpointThatCannotBeWrittenStopsNothing() async throws {
    let order = order(checkpoint: "missing/c")
    let whole = try await undisturbed(order)
    let worker = try WorkerUnderTest(bench)
    worker.send(WorkerUnderTest.problem, order)
    try worker.waitForSteps(1)
    worker.send(WorkerUnderTest.checkpoint("r"))
    #expect(lasting(try worker.answer()) == whole)
    let ended = try await worker.end()
    #expect(ended.errors.contains("cannot write the checkpoint"), "\(ended.errors)")
    #expect(ended.errors.split(separator: "\n").count == 1)
  }

  // MARK: Memory

  @Test func beyondItsMemoryItAnswersAndEnds() async throws {
    let worker = try WorkerUnderTest(bench)
    // Much is left over from a large run, and given back.
    worker.send(
      WorkerUnderTest.problem,
      WorkerUnderTest.order("large", width: 600_000, more: #","memory":120000000"#, steps: 1),
      WorkerUnderTest.order("small", width: 10, more: #","memory":30000000"#),
      WorkerUnderTest.order("r", width: 2_000_000, more: #","memory":40000000,"progress_seconds":0"#))
    #expect(try worker.answer()["type"] as? String == "result")
    let small = try worker.answer()
    #expect(small["run"] as? String == "small" && small["type"] as? String == "result")
    let failure = try worker.answer()
    #expect(failure["type"] as? String == "failure" && failure["cause"] as? String == "memory")
    #expect((failure["detail"] as? String)?.hasSuffix("may use 38 MiB") == true, "\(failure)")
    let ended = try await worker.end()
    #expect(ended.status == 71 && ended.rest == "")
  }

  /// The system refuses before the thread has looked.
  @Test func aFailedAllocationIsAnswered() async throws {
    let worker = try WorkerUnderTest(
      bench, shell: "ulimit -d 60000; ulimit -c unlimited; exec '\(Executables.worker)'")
    worker.send(
      WorkerUnderTest.problem, WorkerUnderTest.order("r", width: 3_000_000, more: #","memory":1000000000"#))
    let failure = try worker.answer()
    #expect(failure["type"] as? String == "failure" && failure["cause"] as? String == "memory")
    let ended = try await worker.end()
    #expect(ended.status == 71)
    #expect(ended.errors.contains("failed to allocate"))
  }
}
