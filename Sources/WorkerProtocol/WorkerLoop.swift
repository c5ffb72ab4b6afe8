import Model
import Platform

/// The worker's side of the protocol: sends its hello, then answers one order after another until
/// the orchestrator closes the input.
///
/// The input is read by a thread of its own, so that the process ends at once, in the middle of a
/// run too, when its orchestrator has: a worker does not outlive it.
public struct WorkerLoop: Sendable {
  /// The first line.
  public var hello: WorkerHello
  private let input: CInt
  private let output: CInt
  /// Off in tests, whose process must survive.
  var endsWithItsOrchestrator = true

  /// A loop over two file descriptors, by default standard input and output.
  public init(_ hello: WorkerHello, input: CInt = 0, output: CInt = 1) {
    self.hello = hello
    self.input = input
    self.output = output
  }

  /// Serves until the end of the input; once in the life of a process. Ignores SIGPIPE in the whole
  /// process.
  ///
  /// - Parameter makeRun: makes one run of a problem, on the calling thread, and returns its
  ///   answer: result, refusal, failure, or checkpointed if the context has asked for it. An answer
  ///   that cannot be written as a line, because a number is not finite or it is too long, is
  ///   replaced by a refusal that tells why.
  /// - Returns: the exit code of the process: 0 at the end of the input, or when the answers have
  ///   lost their reader; 65 after an unusable line, with a message on standard error; 74 if
  ///   reading or writing failed; 75 if it could not begin, because the system had no thread left.
  public func serve(_ makeRun: (Problem, RunOrder, RunContext) -> WorkerMessage) -> CInt {
    signal(SIGPIPE, SIG_IGN)
    let orders = OrderQueue()
    let answers = AnswerWriter(output)
    let reader = OrderReader(
      input: input, output: output, orders: orders, endsTheProcess: endsWithItsOrchestrator)
    do throws(Stop) {
      guard startThread(reader.run) else {
        throw Stop(code: 75, message: "cannot read orders: the system has no thread left")
      }
      try write(try encode(.hello(hello)), answers.write)
      try obey(orders, answers, makeRun)
      return 0
    } catch {
      if !error.message.isEmpty { complain(error.message) }
      return error.code
    }
  }

  /// Why the loop ended early.
  private struct Stop: Error {
    var code: CInt
    var message = ""
  }

  private func obey(
    _ orders: OrderQueue, _ answers: AnswerWriter,
    _ makeRun: (Problem, RunOrder, RunContext) -> WorkerMessage
  ) throws(Stop) {
    var current: (id: String, problem: Problem)?
    while true {
      switch orders.next() {
      case .order(.problem(let id, let problem)):
        current = (id, problem)
      case .order(.run(let order)):
        guard let current, current.id == order.problem else {
          throw Stop(
            code: 65, message: "run \(order.run) belongs to problem \(order.problem), which was not sent")
        }
        answers.begin(order.run)
        let answer = makeRun(current.problem, order, RunContext(order, orders, answers))
        try send(answer, to: order, answers)
        orders.finish(order.run)
      case .order(.checkpoint):
        // Noted when it was read.
        continue
      case .unusable(let error):
        throw Stop(code: 65, message: "unusable line from the orchestrator: \(error)")
      case .failed(let error):
        throw Stop(code: 74, message: "cannot read an order: \(error)")
      case .end:
        return
      }
    }
  }

  private func send(_ answer: WorkerMessage, to order: RunOrder, _ answers: AnswerWriter) throws(Stop) {
    let line: [UInt8]
    switch Result(catching: { () throws(UnwritableMessage) in try answer.line() }) {
    case .success(let encoded): line = encoded
    case .failure(let error):
      line = try encode(.refusal(run: order.run, reason: error.description))
    }
    try write(line, answers.answer)
  }

  private func encode(_ message: WorkerMessage) throws(Stop) -> [UInt8] {
    do throws(UnwritableMessage) {
      return try message.line()
    } catch {
      throw Stop(code: 74, message: error.description)
    }
  }

  private func write(
    _ line: [UInt8], _ write: ([UInt8]) throws(AnswerWriter.Failure) -> Void
  ) throws(Stop) {
    do throws(AnswerWriter.Failure) {
      try write(line)
    } catch {
      switch error {
      case .readerGone: throw Stop(code: 0)
      case .system(let error): throw Stop(code: 74, message: "cannot write an answer: \(error)")
      }
    }
  }

  private func complain(_ message: String) {
    try? writeAll(Array("\(hello.worker): \(message)\n".utf8), to: STDERR_FILENO)
  }
}
