import Model
import Testing

@testable import WorkerProtocol

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The worker's side, over pipes within this process.
@Suite(.serialized) struct WorkerLoopTests {
  private static let order = RunOrder(
    run: RunIdentity("r1"), problem: "p", attempt: 1,
    definition: Run(point: PhasePoint(gamma: 1, gammaPrime: 0), width: 10, seed: 3), budget: .standard)

  private static func problem() throws -> Problem {
    Problem(network: Network(), samples: try SampleSet(x: [0, 1], y: [1, 0]))
  }

  /// Lets a worker read `input` to its end; what it answered, and its exit code.
  private func converse(
    _ input: [UInt8], readerGone: Bool = false, _ carryOut: (Problem, RunOrder) -> WorkerMessage
  ) throws -> (answers: [WorkerMessage], code: CInt) {
    var toWorker: [CInt] = [0, 0]
    var fromWorker: [CInt] = [0, 0]
    #expect(pipe(&toWorker) == 0 && pipe(&fromWorker) == 0)
    #expect(write(toWorker[1], input, input.count) == input.count)
    close(toWorker[1])
    if readerGone { close(fromWorker[0]) }
    var loop = WorkerLoop(worker: "test", methods: ["m"], input: toWorker[0], output: fromWorker[1])
    loop.endsWithItsReader = false
    let code = loop.serve(carryOut)
    close(toWorker[0])
    close(fromWorker[1])
    if readerGone { return ([], code) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(fromWorker[0], &buffer, buffer.count)
    close(fromWorker[0])
    var lines = LineBuffer()
    lines.append(buffer.prefix(count))
    var answers: [WorkerMessage] = []
    while let line = try lines.next() { answers.append(try WorkerMessage(line: line)) }
    return (answers, code)
  }

  private static let hello = WorkerMessage.hello(worker: "test", protocolVersion: 1, methods: ["m"])

  @Test func answersEveryOrderAndLeavesAtTheEnd() throws {
    let problem = try Self.problem()
    var input = try OrchestratorMessage.problem(id: "p", problem).line()
    input += try OrchestratorMessage.run(Self.order).line() + OrchestratorMessage.run(Self.order).line()
    var seen: [RunOrder] = []
    let (answers, code) = try converse(input) {
      #expect($0 == problem)
      seen.append($1)
      return .refusal(run: $1.run, reason: "no \(seen.count)")
    }
    #expect(seen == [Self.order, Self.order])
    #expect(
      answers == [
        Self.hello, .refusal(run: Self.order.run, reason: "no 1"),
        .refusal(run: Self.order.run, reason: "no 2"),
      ])
    #expect(code == 0)
  }

  @Test func refusesWhatItCannotSay() throws {
    let input =
      try OrchestratorMessage.problem(id: "p", Self.problem()).line()
      + OrchestratorMessage.run(Self.order).line()
    var result = plausibleResult()
    result.time = .infinity
    let (answers, code) = try converse(input) { .result(run: $1.run, result) }
    #expect(
      answers == [
        Self.hello,
        .refusal(run: Self.order.run, reason: "\"time\" is inf, which a message cannot carry"),
      ])
    #expect(code == 0)
  }

  @Test func leavesWith65AfterAnUnusableLine() throws {
    let lone = try converse(OrchestratorMessage.run(Self.order).line()) { _, _ in Self.hello }
    #expect(lone.answers == [Self.hello] && lone.code == 65)
    let garbage = try converse(Array("run!\n".utf8)) { _, _ in Self.hello }
    #expect(garbage.answers == [Self.hello] && garbage.code == 65)
  }

  @Test func leavesQuietlyWhenNobodyReads() throws {
    #expect(try converse([], readerGone: true) { _, _ in Self.hello }.code == 0)
  }
}
