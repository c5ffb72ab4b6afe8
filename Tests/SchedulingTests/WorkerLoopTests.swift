import Model
import Platform
import Testing

@testable import WorkerProtocol

/// The worker's side, over pipes within this process.
@Suite(.serialized) struct WorkerLoopTests {
  private static let order = RunOrder(
    run: RunIdentity("r1"), problem: "p", attempt: 1,
    definition: Run(["alpha": 1], width: 10, seed: 3), budget: .default)

  /// A worker loop on a thread of its own.
  private final class Worker: Sendable {
    let toWorker: CInt
    private let fromWorker: CInt
    private let ended: Task<CInt, Never>

    init(
      abilities: WorkerAbilities = [], readerGone: Bool = false,
      _ makeRun: @escaping @Sendable (Problem, RunOrder, RunContext) -> WorkerMessage
    ) {
      var input: [CInt] = [0, 0]
      var output: [CInt] = [0, 0]
      #expect(pipe(&input) == 0 && pipe(&output) == 0)
      if readerGone { close(output[0]) }
      toWorker = input[1]
      fromWorker = readerGone ? -1 : output[0]
      var hello = WorkerLoopTests.hello
      hello.abilities = abilities
      var loop = WorkerLoop(hello, input: input[0], output: output[1])
      loop.endsWithItsOrchestrator = false
      let descriptors = (input[0], output[1])
      let (codes, code) = AsyncStream<CInt>.makeStream()
      let started = startThread { [loop] in
        code.yield(loop.serve(makeRun))
        close(descriptors.0)
        close(descriptors.1)
      }
      #expect(started)
      ended = Task { await codes.first { _ in true } ?? -1 }
    }

    func send(_ bytes: [UInt8]) { #expect(write(toWorker, bytes, bytes.count) == bytes.count) }

    func send(_ message: OrchestratorMessage) throws { send(try message.line()) }

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
  private func serve(
    _ input: [UInt8], readerGone: Bool = false,
    _ makeRun: @escaping @Sendable (Problem, RunOrder, RunContext) -> WorkerMessage
  ) async throws -> (answers: [WorkerMessage], code: CInt) {
    let worker = Worker(readerGone: readerGone, makeRun)
    if !input.isEmpty { worker.send(input) }
    return try await worker.end()
  }

  private static let hello = WorkerHello(
    worker: "test", description: FamilyDescription(title: "test", methods: ["m"]))
  private static let firstLine = WorkerMessage.hello(hello)

  private static func refuse(
    _ problem: Problem, _ order: RunOrder, _ context: RunContext
  ) -> WorkerMessage {
    .refusal(run: order.run, reason: "attempt \(order.attempt) by \(problem.method)")
  }

  /// The end of the input comes long before the last order is answered.
  @Test func answersEveryOrderAndEndsAtTheEnd() async throws {
    var input = try OrchestratorMessage.problem(id: "p", testProblem).line()
    let attempts = Array(1...300)
    for attempt in attempts {
      var order = Self.order
      order.attempt = attempt
      input += try OrchestratorMessage.run(order).line()
    }
    let worker = Worker(Self.refuse)
    let sent = input
    // More than a pipe holds.
    let isSent = Monitor(false)
    let started = startThread {
      worker.send(sent)
      isSent.change { $0 = true }
    }
    #expect(started)
    isSent.wait { $0 ? () : nil }
    let (answers, code) = try await worker.end()
    #expect(
      answers == [Self.firstLine]
        + attempts.map { .refusal(run: Self.order.run, reason: "attempt \($0) by test/1") })
    #expect(code == 0)
  }

  @Test func refusesWhatDoesNotFitIntoAMessage() async throws {
    let input =
      try OrchestratorMessage.problem(id: "p", testProblem).line()
      + OrchestratorMessage.run(Self.order).line()
    let (answers, code) = try await serve(input) { _, order, _ in
      var result = plausibleResult()
      result.quantities = ["rd": .infinity]
      return .result(run: order.run, result)
    }
    #expect(
      answers == [
        Self.firstLine,
        .refusal(run: Self.order.run, reason: "\"quantities.rd\" is inf, which a message cannot carry"),
      ])
    #expect(code == 0)
  }

  @Test func endsWith65AfterAnUnusableLine() async throws {
    let lone = try await serve(OrchestratorMessage.run(Self.order).line(), Self.refuse)
    #expect(lone.answers == [Self.firstLine] && lone.code == 65)
    let garbage = try await serve(Array("run!\n".utf8), Self.refuse)
    #expect(garbage.answers == [Self.firstLine] && garbage.code == 65)
  }

  /// What was ordered before the line that cannot be read is answered.
  @Test func answersWhatCameBeforeAnUnusableLine() async throws {
    let input =
      try OrchestratorMessage.problem(id: "p", testProblem).line()
      + OrchestratorMessage.run(Self.order).line() + Array("{}\n".utf8)
    let (answers, code) = try await serve(input, Self.refuse)
    #expect(answers.count == 2 && code == 65)
  }

  @Test func endsQuietlyWhenTheReaderIsGone() async throws {
    #expect(try await serve([], readerGone: true, Self.refuse).code == 0)
  }

  @Test func sendsItsAbilities() async throws {
    let worker = Worker(abilities: [.progress, .checkpoint], Self.refuse)
    var hello = Self.hello
    hello.abilities = [.progress, .checkpoint]
    #expect(try await worker.end().answers == [.hello(hello)])
  }

  /// The order to suspend a run reaches it while it is under way, and no other run.
  @Test(.timeLimit(.minutes(20))) func suspendsTheRunUnderWay() async throws {
    let underWay = Monitor<[RunIdentity]>([])
    let worker = Worker { problem, order, context in
      guard order.attempt == 1 else {
        return context.shouldSuspend ? .checkpointed(run: order.run) : Self.refuse(problem, order, context)
      }
      underWay.change { $0.append(order.run) }
      while !context.shouldSuspend { usleep(1000) }
      return .checkpointed(run: order.run)
    }
    try worker.send(.problem(id: "p", testProblem))
    // Of a run that was not ordered: not the one to come either.
    try worker.send(.checkpoint(run: Self.order.run))
    try worker.send(.run(Self.order))
    try worker.send(.checkpoint(run: RunIdentity("another")))
    underWay.wait { $0.isEmpty ? nil : () }
    try worker.send(.checkpoint(run: Self.order.run))
    var second = Self.order
    second.attempt = 2
    try worker.send(.run(second))
    let (answers, code) = try await worker.end()
    #expect(
      answers == [
        Self.firstLine, .checkpointed(run: Self.order.run),
        .refusal(run: Self.order.run, reason: "attempt 2 by test/1"),
      ])
    #expect(code == 0)
  }

  /// Only as often as asked, before the answer, and of numbers that are not finite only the steps.
  @Test func reportsProgressAsOftenAsAsked() async throws {
    let cases: [(Double?, Double, ClosedRange<Int>)] = [
      (nil, 1, 0...0), (0, 1, 3...3), (1e6, 1, 0...0), (0, .nan, 3...3),
    ]
    for (interval, time, expected) in cases {
      var order = Self.order
      order.progressSeconds = interval
      let input =
        try OrchestratorMessage.problem(id: "p", testProblem).line()
        + OrchestratorMessage.run(order).line()
      let (answers, _) = try await serve(input) { problem, order, context in
        for steps in 1...3 {
          context.report(RunProgress(steps: steps, time: time, quantities: ["loss": 0.5]))
        }
        return Self.refuse(problem, order, context)
      }
      let progress = answers.dropFirst().dropLast()
      #expect(expected.contains(progress.count), "interval \(interval ?? .nan)")
      for (steps, message) in zip(1..., progress) {
        let expected =
          time.isNaN
          ? RunProgress(steps: steps) : RunProgress(steps: steps, time: time, quantities: ["loss": 0.5])
        #expect(message == .progress(run: order.run, expected))
      }
    }
  }
}
