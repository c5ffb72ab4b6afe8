import Model

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The worker's side of a conversation: says hello, then answers one order after another until the
/// orchestrator closes the input.
///
/// The process ends at once, in the middle of a run too, when nobody can read its answers any more: a worker
/// does not outlive an orchestrator that was killed.
public struct WorkerLoop: Sendable {
  /// Name and version, for people.
  public var worker: String
  /// The methods (``Model/Problem/method``) that the worker can carry out.
  public var methods: [String]
  private let input: CInt
  private let output: CInt
  /// Off in tests, whose process must survive.
  var endsWithItsReader = true

  /// A conversation over two file descriptors, by default standard input and output.
  public init(worker: String, methods: [String], input: CInt = 0, output: CInt = 1) {
    self.worker = worker
    self.methods = methods
    self.input = input
    self.output = output
  }

  /// Serves until the end of the input. Ignores SIGPIPE in the whole process.
  ///
  /// - Parameter carryOut: carries out one run, on the calling thread, and returns its result or a refusal.
  ///   An answer with a number that is not finite is replaced by a refusal that names it.
  /// - Returns: the exit code of the process: 0 at the end of the input, or when nobody reads the answers any
  ///   more; 65 after an unusable line, with a message on standard error; 74 if reading or writing failed.
  public func serve(_ carryOut: (Problem, RunOrder) -> WorkerMessage) -> CInt {
    signal(SIGPIPE, SIG_IGN)
    if endsWithItsReader { exitWhenNobodyReads(output) }
    do throws(Stop) {
      try say(
        .hello(worker: worker, protocolVersion: workerProtocolVersion, methods: methods))
      try converse(carryOut)
      return 0
    } catch {
      if !error.message.isEmpty { complain(error.message) }
      return error.code
    }
  }

  /// Why the conversation ended early.
  private struct Stop: Error {
    var code: CInt
    var message = ""
  }

  private func converse(_ carryOut: (Problem, RunOrder) -> WorkerMessage) throws(Stop) {
    var lines = LineBuffer()
    var current: (id: String, problem: Problem)?
    while let bytes = try readSome() {
      lines.append(bytes)
      while let message = try nextMessage(&lines) {
        switch message {
        case .problem(let id, let problem):
          current = (id, problem)
        case .run(let order):
          guard let current, current.id == order.problem else {
            throw Stop(
              code: 65, message: "run \(order.run) belongs to problem \(order.problem), which was not said")
          }
          try say(carryOut(current.problem, order), about: order)
        }
      }
    }
  }

  private func nextMessage(_ lines: inout LineBuffer) throws(Stop) -> OrchestratorMessage? {
    do throws(MalformedLine) {
      guard let line = try lines.next() else { return nil }
      return try OrchestratorMessage(line: line)
    } catch {
      throw Stop(code: 65, message: "unusable line from the orchestrator: \(error)")
    }
  }

  private func say(_ message: WorkerMessage, about order: RunOrder? = nil) throws(Stop) {
    let line: [UInt8]
    do throws(UnwritableMessage) {
      line = try message.line()
    } catch {
      guard let order else { throw Stop(code: 74, message: error.description) }
      return try say(.refusal(run: order.run, reason: error.description))
    }
    switch writeAll(line, to: output) {
    case 0: return
    case EPIPE: throw Stop(code: 0)
    case let number: throw Stop(code: 74, message: "cannot write an answer: \(describe(number))")
    }
  }

  /// The next bytes of the input; nil at its end.
  private func readSome() throws(Stop) -> [UInt8]? {
    let capacity = 1 << 16
    var number: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      var received = read(input, buffer.baseAddress, capacity)
      while received < 0 && errno == EINTR { received = read(input, buffer.baseAddress, capacity) }
      if received < 0 { number = errno }
      count = max(0, received)
    }
    guard number == 0 else { throw Stop(code: 74, message: "cannot read an order: \(describe(number))") }
    return bytes.isEmpty ? nil : bytes
  }

  private func complain(_ message: String) {
    _ = writeAll(Array("\(worker): \(message)\n".utf8), to: STDERR_FILENO)
  }
}

/// Writes all bytes, in as many pieces as it takes; returns 0 or the error number.
private func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
  bytes.withUnsafeBytes { buffer in
    var done = 0
    while done < buffer.count {
      let written = write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      if written < 0 && errno != EINTR { return errno }
      done += max(0, written)
    }
    return 0
  }
}

private func describe(_ number: CInt) -> String {
  strerror(number).map { String(cString: $0) } ?? "error \(number)"
}

/// Starts a thread that ends the process as soon as the last reader of a pipe has gone.
///
/// The death of an orchestrator shows at the input too, but only to who reads, and a worker in the middle of
/// a run does not. PR_SET_PDEATHSIG is no substitute: it fires when the *thread* that started the worker ends.
/// An input that ends while answers are still read (`worker < orders > answers`) stops nothing.
private func exitWhenNobodyReads(_ descriptor: CInt) {
  // Shifted by one, because a pointer made of 0 is nil.
  let argument = UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1)
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let status = pthread_create(&thread, nil, watch, argument)
  guard status == 0 else { return }
  #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
  #else
    pthread_detach(thread)
  #endif
}

#if canImport(Darwin)
  private func watch(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    exitOnHangup(argument)
  }
#else
  private func watch(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    exitOnHangup(argument)
  }
#endif

private func exitOnHangup(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  // No events asked for: errors are always reported, and the only error of a pipe is that no reader is left.
  var state = pollfd(fd: CInt(Int(bitPattern: argument) - 1), events: 0, revents: 0)
  while true {
    let ready = poll(&state, 1, -1)
    if ready > 0 && state.revents & Int16(POLLERR | POLLHUP) != 0 { _exit(0) }
    if ready > 0 || (ready < 0 && errno != EINTR) { return nil }
  }
}
