import Foundation
import Model
import Synchronization
import Testing

@testable import Scheduling

/// What the edge hears: bounded, in order, and signals first.
@Suite(.serialized, .timeLimit(.minutes(20))) struct MailboxTests {
  private func event(_ worker: WorkerID, _ number: Int) -> SchedulerEvent {
    .malformedLine(worker, explanation: "\(number)")
  }

  private func name(_ letter: Mailbox.Letter) -> String {
    switch letter {
    case .event(.malformedLine(let worker, let text)): "\(worker.number): \(text)"
    case .event(let event): "\(event)"
    case .nap: "nap"
    case .recorded: "recorded"
    case .recordingFailed: "failed"
    }
  }

  @Test func interruptsOvertakeEverythingElse() async {
    let mailbox = Mailbox()
    mailbox.send(.event(.begin))
    await mailbox.send(event(one, 1), of: one)
    mailbox.send(.nap(.seconds(1)))
    mailbox.send(.event(.interrupt), isUrgent: true)
    mailbox.send(.event(.killAll), isUrgent: true)
    var heard: [String] = []
    for _ in 0..<5 { heard.append(name(await mailbox.next())) }
    #expect(heard == ["interrupt", "killAll", "begin", "1: 1", "nap"])
  }

  @Test func aReaderWaitsForLetters() async throws {
    let mailbox = Mailbox()
    let reader = Task { [name(await mailbox.next()), name(await mailbox.next())] }
    try await Task.sleep(for: .milliseconds(5))
    await mailbox.send(event(two, 7), of: two)
    mailbox.send(.event(.begin))
    #expect(await reader.value == ["2: 7", "begin"])
  }

  /// One that is not read waits; others do not wait for it, and nothing is lost or changes places.
  @Test func aWorkerWaitsForRoomAndOthersDoNot() async throws {
    let mailbox = Mailbox()
    let sent = Atomic(0)
    let flood = Task {
      for number in 1...200 {
        await mailbox.send(event(one, number), of: one)
        sent.wrappingAdd(1, ordering: .relaxed)
      }
    }
    // The last that finds room is not counted, since whoever sends it waits.
    while sent.load(ordering: .relaxed) < Mailbox.room - 1 { try await Task.sleep(for: .milliseconds(1)) }
    for _ in 0..<20 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(sent.load(ordering: .relaxed) == Mailbox.room - 1)
    await mailbox.send(event(two, 1), of: two)
    mailbox.send(.nap(.seconds(1)))
    var heard: [String] = []
    for _ in 0..<202 { heard.append(name(await mailbox.next())) }
    await flood.value
    #expect(heard.filter { $0.hasPrefix("1:") } == (1...200).map { "1: \($0)" })
    let place = try #require(heard.firstIndex(of: "2: 1"))
    #expect(place <= Mailbox.room && heard[place + 1] == "nap")
  }

  @Test func nobodyWaitsAfterTheEnd() async throws {
    let mailbox = Mailbox()
    let flood = Task { for number in 1...100 { await mailbox.send(event(one, number), of: one) } }
    try await Task.sleep(for: .milliseconds(5))
    mailbox.close()
    await flood.value
  }

  @Test func chatterIsCountedBySeconds() {
    var chatter = Chatter()
    let most = Chatter.allowance
    // The last three: a clock that is set back, or on.
    let said: [(lines: Int, at: Duration, isTooMuch: Bool)] = [
      (most, .seconds(100), false), (1, .milliseconds(100_900), true), (most, .seconds(101), false),
      (1, .milliseconds(101_100), true), (1, .seconds(5), false), (1, .seconds(1 << 40), false),
      (most + 1, .seconds(1 << 41), true),
    ]
    for (lines, time, expected) in said {
      let isTooMuch = chatter.isTooMuch(lines, at: time)
      #expect(isTooMuch == expected, "\(lines) at \(time)")
    }
  }

  /// Workers that never stop talking are not listened to all the time, and do not keep anybody from being heard.
  @Test func aFloodIsHeldBackAndSignalsAreHeard() async throws {
    let progress = #"{"type":"progress","run":"'$id'","steps":1,"time":1,"mean_squared_residual":1}"#
    let worker = try ShellWorker(
      onStart:
        #"echo '{"type":"hello","worker":"sh","protocol":1,"methods":["impulse/3"],"abilities":["progress"]}'"#,
      onRun: "exec yes '\(progress)'")
    let executor = SweepExecutor(
      worker: worker.command,
      problem: Problem(network: Network(), samples: try SampleSet(x: [0, 1], y: [1, 0])), budget: .standard,
      limits: SchedulerLimits(workers: 2, grace: .milliseconds(500)))
    let sweep = Task { try await executor.execute(plan(memory: [1, 1]), sink: MemorySink()) }
    while executor.workers().count(where: { $0.progress != nil }) < 2 {
      try await Task.sleep(for: .milliseconds(10))
    }
    let start = ContinuousClock.now
    try await Task.sleep(for: .seconds(2))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    // What a pipe and a buffer hold, and two more of them for what came before.
    let bound = Int(4 * 65_536 + seconds / 0.25 * 65_536)
    for pid in worker.pids {
      let said = try Self.bytesWritten(by: pid)
      #expect(said < bound && said > 65_536)
    }
    let asked = ContinuousClock.now
    executor.interrupt()
    #expect(try await sweep.value.ending == .interrupted)
    #expect(ContinuousClock.now - asked < .seconds(120))
    #expect(try await worker.survivors() == 0)
  }

  /// Nor do they fill logs as fast as they can.
  @Test func aFloodOfComplaintsIsHeldBack() async throws {
    let worker = try ShellWorker(onRun: "exec yes >&2")
    let executor = SweepExecutor(
      worker: worker.command,
      problem: Problem(network: Network(), samples: try SampleSet(x: [0, 1], y: [1, 0])), budget: .standard,
      limits: SchedulerLimits(workers: 1, grace: .zero))
    let sweep = Task { try await executor.execute(plan(memory: [1]), sink: MemorySink()) }
    while executor.workers().first?.run == nil { try await Task.sleep(for: .milliseconds(10)) }
    let pid = try #require(worker.pids.first)
    let start = ContinuousClock.now
    try await Task.sleep(for: .seconds(2))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    // The second that had begun before, and the one that ends after.
    #expect(Double(try Self.bytesWritten(by: pid)) < (seconds + 2) * Double(Chatter.complaints))
    executor.interrupt()
    #expect(try await sweep.value.ending == .interrupted)
  }

  private static func bytesWritten(by pid: pid_t) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(pid)/io", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("wchar: ") })
    return try #require(Int(line.dropFirst("wchar: ".count)))
  }
}
