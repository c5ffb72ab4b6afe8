import Model
import Platform
import Testing

@testable import WorkerProtocol

/// The worker's side, over pipes within this process.
@Suite(.serialized) struct WorkerLoopTests {
  private static let order = RunOrder(
    run: RunIdentity("r1"), problem: "p", attempt: 1,
    definition: Run(point: PhasePoint(gamma: 1, gammaPrime: 0), width: 10, seed: 3), budget: .standard)

  private static func problem() throws -> Problem {
    Problem(network: Network(), samples: try SampleSet(x: [0, 1], y: [1, 0]))
  }

  /// A worker in conversation on a thread of its own.
  private final class Conversation: Sendable {
    let toWorker: CInt
    private let fromWorker: CInt
    private let ended: Task<CInt, Never>

    init(
      abilities: WorkerAbilities = [], readerGone: Bool = false,
      _ carryOut: @escaping @Sendable (Problem, RunOrder, RunContext) -> WorkerMessage
    ) {
      var input: [CInt] = [0, 0]
      var output: [CInt] = [0, 0]
      #expect(pipe(&input) == 0 && pipe(&output) == 0)
      if readerGone { close(output[0]) }
      toWorker = input[1]
      fromWorker = readerGone ? -1 : output[0]
      var loop = WorkerLoop(
        worker: "test", methods: ["m"], abilities: abilities, input: input[0], output: output[1])
      loop.endsWithItsOrchestrator = false
      let descriptors = (input[0], output[1])
      let (codes, code) = AsyncStream<CInt>.makeStream()
      let started = startThread { [loop] in
        code.yield(loop.serve(carryOut))
        close(descriptors.0)
        close(descriptors.1)
      }
      #expect(started)
      ended = Task { await codes.first { _ in true } ?? -1 }
    }

    func say(_ bytes: [UInt8]) { #expect(write(toWorker, bytes, bytes.count) == bytes.count) }

    func say(_ message: OrchestratorMessage) throws { say(try message.line()) }

    /// Closes the input; what the worker answered, and its exit code.
    func end() async throws -> (answers: [WorkerMessage], code: CInt) {
      close(toWorker)
      let code = await ended.value
      guard fromWorker >= 0 else { return ([], code) }
      defer { close(fromWorker) }
      var lines = LineBuffer()
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(fromWorker, &buffer, buffer.count)
        guard count > 0 else { break }
        lines.append(buffer.prefix(count))
      }
      var answers: [WorkerMessage] = []
      while let line = try lines.next() { answers.append(try WorkerMessage(line: line)) }
      return (answers, code)
    }
  }

  /// Lets a worker read `input` to its end; what it answered, and its exit code.
  private func converse(
    _ input: [UInt8], readerGone: Bool = false,
    _ carryOut: @escaping @Sendable (Problem, RunOrder, RunContext) -> WorkerMessage
  ) async throws -> (answers: [WorkerMessage], code: CInt) {
    let conversation = Conversation(readerGone: readerGone, carryOut)
    if !input.isEmpty { conversation.say(input) }
    return try await conversation.end()
  }

  private static let hello = WorkerMessage.hello(worker: "test", protocolVersion: 1, methods: ["m"])

  private static func refuse(
    _ problem: Problem, _ order: RunOrder, _ context: RunContext
  ) -> WorkerMessage {
    .refusal(run: order.run, reason: "attempt \(order.attempt) on \(problem.samples.count) samples")
  }

  /// The end of the input comes long before the last order is carried out.
  @Test func answersEveryOrderAndLeavesAtTheEnd() async throws {
    var input = try OrchestratorMessage.problem(id: "p", Self.problem()).line()
    let attempts = Array(1...300)
    for attempt in attempts {
      var order = Self.order
      order.attempt = attempt
      input += try OrchestratorMessage.run(order).line()
    }
    let conversation = Conversation(Self.refuse)
    let sent = input
    // More than a pipe holds.
    let said = Monitor(false)
    let started = startThread {
      conversation.say(sent)
      said.change { $0 = true }
    }
    #expect(started)
    said.wait { $0 ? () : nil }
    let (answers, code) = try await conversation.end()
    #expect(
      answers == [Self.hello]
        + attempts.map { .refusal(run: Self.order.run, reason: "attempt \($0) on 2 samples") })
    #expect(code == 0)
  }

  @Test func refusesWhatItCannotSay() async throws {
    let input =
      try OrchestratorMessage.problem(id: "p", Self.problem()).line()
      + OrchestratorMessage.run(Self.order).line()
    let (answers, code) = try await converse(input) { _, order, _ in
      var result = plausibleResult()
      result.time = .infinity
      return .result(run: order.run, result)
    }
    #expect(
      answers == [
        Self.hello,
        .refusal(run: Self.order.run, reason: "\"time\" is inf, which a message cannot carry"),
      ])
    #expect(code == 0)
  }

  @Test func leavesWith65AfterAnUnusableLine() async throws {
    let lone = try await converse(OrchestratorMessage.run(Self.order).line(), Self.refuse)
    #expect(lone.answers == [Self.hello] && lone.code == 65)
    let garbage = try await converse(Array("run!\n".utf8), Self.refuse)
    #expect(garbage.answers == [Self.hello] && garbage.code == 65)
  }

  /// What was ordered before the line that cannot be read is answered.
  @Test func answersWhatCameBeforeAnUnusableLine() async throws {
    let input =
      try OrchestratorMessage.problem(id: "p", Self.problem()).line()
      + OrchestratorMessage.run(Self.order).line() + Array("{}\n".utf8)
    let (answers, code) = try await converse(input, Self.refuse)
    #expect(answers.count == 2 && code == 65)
  }

  @Test func leavesQuietlyWhenNobodyReads() async throws {
    #expect(try await converse([], readerGone: true, Self.refuse).code == 0)
  }

  @Test func saysWhatItIsAbleTo() async throws {
    let conversation = Conversation(abilities: [.progress, .checkpoint], Self.refuse)
    let hello = WorkerMessage.hello(
      worker: "test", protocolVersion: 1, methods: ["m"], abilities: [.progress, .checkpoint])
    #expect(try await conversation.end().answers == [hello])
  }

  /// The order to put a run down reaches it while it is under way, and no other run.
  @Test(.timeLimit(.minutes(20))) func isToldToPutDownTheRunUnderWay() async throws {
    let underWay = Monitor<[RunIdentity]>([])
    let conversation = Conversation { problem, order, context in
      guard order.attempt == 1 else {
        return context.shouldPutDown ? .checkpointed(run: order.run) : Self.refuse(problem, order, context)
      }
      underWay.change { $0.append(order.run) }
      while !context.shouldPutDown { usleep(1000) }
      return .checkpointed(run: order.run)
    }
    try conversation.say(.problem(id: "p", Self.problem()))
    // Of a run that was never heard of: not the one to come either.
    try conversation.say(.checkpoint(run: Self.order.run))
    try conversation.say(.run(Self.order))
    try conversation.say(.checkpoint(run: RunIdentity("another")))
    underWay.wait { $0.isEmpty ? nil : () }
    try conversation.say(.checkpoint(run: Self.order.run))
    var second = Self.order
    second.attempt = 2
    try conversation.say(.run(second))
    let (answers, code) = try await conversation.end()
    #expect(
      answers == [
        Self.hello, .checkpointed(run: Self.order.run),
        .refusal(run: Self.order.run, reason: "attempt 2 on 2 samples"),
      ])
    #expect(code == 0)
  }

  /// Only as often as asked, only with numbers that can be said, and before the answer.
  @Test func reportsProgressAsOftenAsAsked() async throws {
    let cases: [(Double?, Double, ClosedRange<Int>)] = [
      (nil, 1, 0...0), (0, 1, 3...3), (1e6, 1, 0...0), (0, .nan, 0...0),
    ]
    for (interval, time, expected) in cases {
      var order = Self.order
      order.progressSeconds = interval
      let input =
        try OrchestratorMessage.problem(id: "p", Self.problem()).line()
        + OrchestratorMessage.run(order).line()
      let (answers, _) = try await converse(input) { problem, order, context in
        for steps in 1...3 {
          context.report(RunProgress(steps: steps, time: time, meanSquaredResidual: 0.5))
        }
        return Self.refuse(problem, order, context)
      }
      let progress = answers.dropFirst().dropLast()
      #expect(expected.contains(progress.count), "interval \(interval ?? .nan)")
      for (steps, message) in zip(1..., progress) {
        let said = RunProgress(steps: steps, time: time, meanSquaredResidual: 0.5)
        #expect(message == .progress(run: order.run, said))
      }
    }
  }
}
