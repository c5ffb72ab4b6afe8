import Subprocess
import Synchronization
import WorkerProtocol

/// The executable that carries out runs.
public struct WorkerCommand: Hashable, Sendable {
  /// Its path, absolute or relative to the current directory; not looked up in PATH.
  public var path: String
  /// Its arguments, without the program's own name.
  public var arguments: [String]

  /// A command.
  public init(path: String, arguments: [String] = []) {
    self.path = path
    self.arguments = arguments
  }
}

/// One worker process: its pipes, its end, and the tail of its standard error.
///
/// It runs in a process group of its own. A SIGINT typed at the terminal therefore reaches the orchestrator
/// alone, and killing the worker kills what it started.
final class WorkerProcess: Sendable {
  private enum Order {
    case line([UInt8])
    case closeInput
  }

  private struct Life {
    /// Kills the process group; nil before the process exists and after it has been reaped.
    var kill: (@Sendable () -> Void)?
    var killRequested = false
  }

  private typealias Pipes = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  let id: WorkerID
  private let orders: AsyncStream<Order>
  private let inbox: AsyncStream<Order>.Continuation
  private let life = Mutex(Life())
  /// How many runs it has been given.
  private let ordersGiven = Mutex(0)

  init(_ id: WorkerID) {
    self.id = id
    (orders, inbox) = AsyncStream.makeStream()
  }

  /// Sends a line, after the ones sent before. Does not wait; a line to a dead worker is lost.
  func send(_ line: [UInt8]) { inbox.yield(.line(line)) }

  /// Sends a run: from now on its answer is waited for.
  func give(_ line: [UInt8]) {
    ordersGiven.withLock { $0 += 1 }
    send(line)
  }

  /// Closes the input after the lines sent before; a worker that has not ended after the grace is killed.
  func closeInput() { inbox.yield(.closeInput) }

  /// Kills the process and all it started, now or as soon as it exists.
  func kill() {
    life.withLock { life in
      life.killRequested = true
      life.kill?()
    }
  }

  /// Starts the process and returns when it has been reaped, with what it did as the last event.
  ///
  /// - Parameters:
  ///   - grace: how long the process may live on after its input or its output has been closed.
  ///   - limits: how long it may take to say hello and to answer.
  ///   - report: takes what happens, in order, on any thread.
  func run(
    _ command: WorkerCommand, grace: Duration, limits: SchedulerLimits,
    report: @escaping @Sendable (SchedulerEvent) -> Void
  ) async {
    var options = PlatformOptions()
    options.processGroupID = 0
    let started = Mutex(false)
    let tail = TailOfText(limit: 4096)
    do {
      let outcome = try await Subprocess.run(
        .path(.init(command.path)), arguments: Arguments(command.arguments), platformOptions: options,
        input: .inputWriter, output: .sequence, error: .sequence
      ) { pipes in
        started.withLock { $0 = true }
        await converse(pipes, grace: grace, limits: limits, tail: tail, report: report)
      }
      report(.exited(id, WorkerExit(outcome.terminationStatus), stderrTail: tail.text))
    } catch  where started.withLock({ $0 }) {
      report(.exited(id, .unknown, stderrTail: tail.text))
    } catch {
      report(.spawnFailed(id, reason: "\(error)"))
    }
  }

  /// Serves the pipes until the process has ended.
  private func converse(
    _ pipes: Pipes, grace: Duration, limits: SchedulerLimits, tail: TailOfText,
    report: @escaping @Sendable (SchedulerEvent) -> Void
  ) async {
    let alreadyKilled = life.withLock { life in
      life.kill = { try? pipes.send(signal: .kill, toProcessGroup: true) }
      return life.killRequested
    }
    if alreadyKilled { kill() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.deliver(to: pipes.standardInputWriter, grace: grace) }
      group.addTask { await self.watch(limits, report: report) }
      group.addTask { try? await tail.collect(pipes.standardError) }
      await listen(to: pipes.standardOutput, report: report)
      // Either it ends now or it has closed its output, and then there is no use in it. Signal 0 does nothing:
      // an exit status of its own is worth the wait.
      let patience = TeardownStep.send(
        signal: Signal(rawValue: 0), toProcessGroup: true, allowedDurationToNextStep: grace)
      await pipes.teardown(using: [patience])
      // What it started must not live on. The process has not been reaped, so the group is still its own.
      kill()
      life.withLock { $0.kill = nil }
      inbox.finish()
      group.cancelAll()
    }
  }

  /// Reports when the worker has taken as long as it may, until cancelled.
  ///
  /// Time is counted in short naps rather than read from a clock: while this process is stopped, or the machine
  /// is asleep, no worker loses its time. A nap a run would be too many: a cancelled one stays in memory
  /// until it would have ended.
  private func watch(
    _ limits: SchedulerLimits, report: @escaping @Sendable (SchedulerEvent) -> Void
  ) async {
    let nap = min(.seconds(1), limits.hello / 10, limits.answer / 10)
    var orders = 0
    var left = limits.hello
    while (try? await Task.sleep(for: nap)) != nil {
      let given = ordersGiven.withLock { $0 }
      if given != orders {
        orders = given
        left = limits.answer
      } else if left > .zero {
        left -= nap
        if left <= .zero { report(.deadline(id, orders: orders)) }
      }
    }
  }

  private func deliver(to input: StandardInputWriter, grace: Duration) async {
    for await order in orders {
      switch order {
      case .line(let line):
        // A worker that cannot be written to is about to be reported as dead.
        _ = try? await input.write(line)
      case .closeInput:
        try? await input.finish()
        guard (try? await Task.sleep(for: grace)) != nil else { return }
        kill()
      }
    }
  }

  private func listen(
    to output: SubprocessOutputSequence, report: @escaping @Sendable (SchedulerEvent) -> Void
  ) async {
    var lines = LineBuffer()
    var garbled = false
    var buffers = output.makeAsyncIterator()
    while let buffer = try? await buffers.next() {
      // What follows garbage is read, so that the pipe does not fill up, and not looked at.
      if garbled { continue }
      buffer.withUnsafeBytes { lines.append($0) }
      do throws(MalformedLine) {
        while let line = try lines.next() { report(event(for: try WorkerMessage(line: line))) }
      } catch {
        garbled = true
        report(.malformedLine(id, explanation: error.description))
      }
    }
  }

  private func event(for message: WorkerMessage) -> SchedulerEvent {
    switch message {
    case .hello(_, let version, let methods): .hello(id, protocolVersion: version, methods: methods)
    case .result(let run, let result, let record): .result(id, run: run, result, record: record)
    case .refusal(let run, let reason): .refusal(id, run: run, reason: reason)
    }
  }
}

extension WorkerExit {
  fileprivate init(_ status: TerminationStatus) {
    self =
      switch status {
      case .exited(let code): .code(Int(code))
      case .signaled(let number): .signal(Int(number))
      }
  }
}

/// The last bytes of a stream of text.
private final class TailOfText: Sendable {
  private let limit: Int
  private let bytes = Mutex<[UInt8]>([])

  init(limit: Int) { self.limit = limit }

  /// Reads a stream to its end.
  func collect(_ stream: SubprocessOutputSequence) async throws {
    for try await buffer in stream {
      buffer.withUnsafeBytes { new in
        bytes.withLock { bytes in
          bytes.append(contentsOf: new.suffix(limit))
          if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
        }
      }
    }
  }

  /// What was read last, with invalid UTF-8 replaced; starts with a whole character.
  var text: String {
    bytes.withLock { bytes in
      // Continuation bytes at the start belong to a character that was cut.
      let cut = bytes.count < limit ? 0 : bytes.prefix(3).prefix { $0 & 0xc0 == 0x80 }.count
      return String(decoding: bytes.dropFirst(cut), as: UTF8.self)
    }
  }
}
