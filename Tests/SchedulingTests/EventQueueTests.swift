import Foundation
import Model
import Synchronization
import Testing

@testable import Scheduling

/// Events reach the loop in order, signals first, and in bounded number.
@Suite(.serialized, .timeLimit(.minutes(20))) struct EventQueueTests {
  private func event(_ worker: WorkerID, _ number: Int) -> SchedulerEvent {
    .malformedLine(worker, explanation: "\(number)")
  }

  private func name(_ event: EventQueue.Event) -> String {
    switch event {
    case .scheduler(.malformedLine(let worker, let text)): "\(worker.number): \(text)"
    case .scheduler(let event): "\(event)"
    case .tick: "tick"
    case .recorded: "recorded"
    case .recordingFailed: "failed"
    }
  }

  @Test func interruptsOvertakeEverythingElse() async {
    let queue = EventQueue()
    queue.send(.scheduler(.begin))
    await queue.send(event(one, 1), of: one)
    queue.send(.tick(.seconds(1)))
    queue.send(.scheduler(.interrupt), isUrgent: true)
    queue.send(.scheduler(.killAll), isUrgent: true)
    var received: [String] = []
    for _ in 0..<5 { received.append(name(await queue.next())) }
    #expect(received == ["interrupt", "killAll", "begin", "1: 1", "tick"])
  }

  @Test func aReaderWaitsForEvents() async throws {
    let queue = EventQueue()
    let reader = Task { [name(await queue.next()), name(await queue.next())] }
    try await Task.sleep(for: .milliseconds(5))
    await queue.send(event(two, 7), of: two)
    queue.send(.scheduler(.begin))
    #expect(await reader.value == ["2: 7", "begin"])
  }

  /// One that is not read waits; others do not wait for it, and nothing is lost or changes its
  /// order.
  @Test func aWorkerWaitsForRoomAndOthersDoNot() async throws {
    let queue = EventQueue()
    let sent = Atomic(0)
    let flood = Task {
      for number in 1...200 {
        await queue.send(event(one, number), of: one)
        sent.wrappingAdd(1, ordering: .relaxed)
      }
    }
    // The last that finds room is not counted, since its sender waits.
    while sent.load(ordering: .relaxed) < EventQueue.maxPending - 1 {
      try await Task.sleep(for: .milliseconds(1))
    }
    for _ in 0..<20 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(sent.load(ordering: .relaxed) == EventQueue.maxPending - 1)
    await queue.send(event(two, 1), of: two)
    queue.send(.tick(.seconds(1)))
    var received: [String] = []
    for _ in 0..<202 { received.append(name(await queue.next())) }
    await flood.value
    #expect(received.filter { $0.hasPrefix("1:") } == (1...200).map { "1: \($0)" })
    let place = try #require(received.firstIndex(of: "2: 1"))
    #expect(place <= EventQueue.maxPending && received[place + 1] == "tick")
  }

  @Test func noSenderWaitsAfterTheEnd() async throws {
    let queue = EventQueue()
    let flood = Task { for number in 1...100 { await queue.send(event(one, number), of: one) } }
    try await Task.sleep(for: .milliseconds(5))
    queue.close()
    await flood.value
  }

  @Test func theLimiterCountsBySeconds() {
    let limit = 100
    var limiter = RateLimiter(limit: limit)
    // The last three: a clock that is set back, or on.
    let written: [(lines: Int, at: Duration, isExceeded: Bool)] = [
      (limit, .seconds(100), false), (1, .milliseconds(100_900), true), (limit, .seconds(101), false),
      (1, .milliseconds(101_100), true), (1, .seconds(5), false), (1, .seconds(1 << 40), false),
      (limit + 1, .seconds(1 << 41), true),
    ]
    for (lines, time, expected) in written {
      let isExceeded = limiter.isExceeded(by: lines, at: time)
      #expect(isExceeded == expected, "\(lines) at \(time)")
    }
  }

  /// Workers that write without end are not read all the time, and do not delay signals.
  @Test func aFloodIsHeldBackAndSignalsPass() async throws {
    let progress = #"{"type":"progress","run":"'$id'","steps":1,"time":1,"quantities":{"loss":1}}"#
    let worker = try ShellWorker(
      onStart:
        #"echo '{"type":"hello","worker":"sh","protocol":1,"methods":["test/1"],"abilities":["progress"]}'"#,
      onRun: "exec yes '\(progress)'")
    let executor = SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(workers: 2, shutdownGracePeriod: .milliseconds(500)))
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
      let written = try Self.bytesWritten(by: pid)
      #expect(written < bound && written > 65_536)
    }
    let asked = ContinuousClock.now
    executor.interrupt()
    #expect(try await sweep.value.ending == .interrupted)
    #expect(ContinuousClock.now - asked < .seconds(120))
    #expect(try await worker.survivors() == 0)
  }

  /// Nor do they fill logs as fast as they can.
  @Test func aFloodOfErrorsIsHeldBack() async throws {
    let worker = try ShellWorker(onRun: "exec yes >&2")
    let executor = SweepExecutor(
      worker: worker.command,
      problem: testProblem, budget: .default,
      limits: SchedulerLimits(workers: 1, shutdownGracePeriod: .zero))
    let sweep = Task { try await executor.execute(plan(memory: [1]), sink: MemorySink()) }
    while executor.workers().first?.run == nil { try await Task.sleep(for: .milliseconds(10)) }
    let pid = try #require(worker.pids.first)
    let start = ContinuousClock.now
    try await Task.sleep(for: .seconds(2))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    // The second that had begun before, and the one that ends after.
    #expect(Double(try Self.bytesWritten(by: pid)) < (seconds + 2) * Double(RateLimiter.maxErrorBytes))
    executor.interrupt()
    #expect(try await sweep.value.ending == .interrupted)
  }

  private static func bytesWritten(by pid: pid_t) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(pid)/io", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("wchar: ") })
    return try #require(Int(line.dropFirst("wchar: ".count)))
  }
}
