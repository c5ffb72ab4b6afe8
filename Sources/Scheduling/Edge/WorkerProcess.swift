import Failpoints
import Model
import Platform
import Subprocess
import Synchronization
import WorkerProtocol

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// One worker process: its pipes, its end, and its standard error.
///
/// It runs in a process group of its own. A SIGINT typed at the terminal therefore reaches the
/// orchestrator alone, and killing the worker kills what it started.
final class WorkerProcess: WorkerConnection {
  private enum Order {
    case line([UInt8])
    case closeInput
  }

  private struct Life {
    var pid: Int32?
    /// Kills the process group; nil before the process exists and after it has ended.
    var kill: (@Sendable () -> Void)?
    var killRequested = false
  }

  private typealias Pipes = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

  private let id: WorkerID
  private let spawner: ProcessSpawner
  private let orders: AsyncStream<Order>
  private let inbox: AsyncStream<Order>.Continuation
  private let life = Mutex(Life())
  private let errors: StandardErrorLog
  /// Which of the workers that live at the same time it is; free again when it has ended.
  private let slot: Int

  init(_ id: WorkerID, of spawner: ProcessSpawner) {
    self.id = id
    self.spawner = spawner
    (orders, inbox) = AsyncStream.makeStream()
    slot = spawner.slots.withLock { $0.take() }
    errors = StandardErrorLog(limit: 4096, file: spawner.log(ofSlot: slot))
  }

  var pid: Int32? { life.withLock { $0.pid } }

  var residentBytes: Int? { pid.flatMap { ProcessMemory.resident(of: $0) } }

  func send(_ line: [UInt8]) { inbox.yield(.line(line)) }

  func closeInput() { inbox.yield(.closeInput) }

  func kill() {
    life.withLock { life in
      life.killRequested = true
      life.kill?()
    }
  }

  func run(clock: any SweepClock, report: @escaping @Sendable (SchedulerEvent) async -> Void) async {
    var options = PlatformOptions()
    options.processGroupID = 0
    let started = Mutex(false)
    let ending: SchedulerEvent
    do {
      let outcome = try await Subprocess.run(
        spawner.command.executable, arguments: Arguments(spawner.command.arguments),
        environment: .inherit.updating([ProcessSpawner.orchestratorVariable: "\(getpid())"]),
        workingDirectory: spawner.command.folder.map { FilePath($0) }, platformOptions: options,
        input: .inputWriter, output: .sequence, error: .sequence
      ) { pipes in
        started.withLock { $0 = true }
        return await serve(pipes, clock, report: report)
      }
      let status = WorkerExit(outcome.terminationStatus)
      let isUnexplained = status == .signal(9) && !outcome.closureResult
      ending = .exited(
        id, status, stderrTail: errors.text, outOfMemory: isUnexplained && spawner.outOfMemory.claim())
    } catch  where started.withLock({ $0 }) {
      ending = .exited(id, .unknown, stderrTail: errors.text)
    } catch {
      ending = .spawnFailed(id, reason: "\(error)", isShortage: isShortage(error))
    }
    spawner.slots.withLock { $0.release(slot) }
    await report(ending)
  }

  /// Serves the pipes until the process has ended; returns whether it was killed on purpose.
  private func serve(
    _ pipes: Pipes, _ clock: any SweepClock, report: @escaping @Sendable (SchedulerEvent) async -> Void
  ) async -> Bool {
    let pid = pipes.processIdentifier.value
    spawner.watchdog?.watch(pid)
    Niceness.pass(to: pid)
    spawner.pinning?.pin(pid, toSlot: slot)
    errors.begin(id, process: pid)
    Failpoint.workerStarted.pass()
    let alreadyKilled = life.withLock { life in
      life.pid = pid
      life.kill = { try? pipes.send(signal: .kill, toProcessGroup: true) }
      return life.killRequested
    }
    if alreadyKilled { kill() }
    return await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.deliver(to: pipes.standardInputWriter, clock) }
      group.addTask { await self.collect(pipes.standardError, clock) }
      await listen(to: pipes.standardOutput, clock, report: report)
      // Either it ends now or it has closed its output, and then it is of no use. An exit status of
      // its own is worth the wait.
      if await !hasEnded(pid, within: spawner.options.terminationGracePeriod) {
        await report(.outputClosed(id))
        kill()
      }
      let onPurpose = life.withLock { $0.killRequested }
      // What it started must not live on. The process has not been reaped, so the group is still
      // its own.
      kill()
      spawner.watchdog?.forget(pid)
      life.withLock { life in
        life.kill = nil
        life.pid = nil
      }
      inbox.finish()
      group.cancelAll()
      return onPurpose
    }
  }

  private func deliver(to input: StandardInputWriter, _ clock: any SweepClock) async {
    for await order in orders {
      switch order {
      case .line(let line):
        // A worker that cannot be written to is about to be reported as dead.
        _ = try? await input.write(line)
      case .closeInput:
        try? await input.finish()
        guard (try? await clock.sleep(for: spawner.options.terminationGracePeriod)) != nil else { return }
        kill()
      }
    }
  }

  private func collect(_ stream: SubprocessOutputSequence, _ clock: any SweepClock) async {
    var limiter = RateLimiter(limit: RateLimiter.maxErrorBytes)
    var buffers = stream.makeAsyncIterator()
    while let buffer = try? await buffers.next() {
      let count = buffer.withUnsafeBytes {
        errors.append($0)
        return $0.count
      }
      // When the worker has ended, this is cancelled: it reads the rest without waiting.
      if limiter.isExceeded(by: count, at: clock.now) { try? await clock.sleep(for: RateLimiter.pause) }
    }
  }

  private func listen(
    to output: SubprocessOutputSequence, _ clock: any SweepClock,
    report: @escaping @Sendable (SchedulerEvent) async -> Void
  ) async {
    var lines = LineBuffer()
    var reader = WorkerLineReader()
    var limiter = RateLimiter(limit: RateLimiter.maxProgressLines)
    var isMalformed = false
    var buffers = output.makeAsyncIterator()
    while let buffer = try? await buffers.next() {
      // What follows garbage is read, so that the pipe does not fill up, and ignored.
      if isMalformed { continue }
      buffer.withUnsafeBytes { lines.append($0) }
      // Of reports on a run that arrive at the same time, only the last counts.
      var latest: (run: RunIdentity, progress: RunProgress)?
      var count = 0
      do throws(MalformedLine) {
        while let line = try lines.next() {
          let message = try reader.read(line)
          var next: (run: RunIdentity, progress: RunProgress)?
          if case .progress(let run, let progress) = message {
            count += 1
            next = (run, progress)
          }
          if let latest, latest.run != next?.run {
            await report(.progress(id, run: latest.run, latest.progress))
          }
          latest = next
          if next == nil { await report(event(for: message)) }
        }
      } catch {
        isMalformed = true
        await report(.malformedLine(id, explanation: error.description))
      }
      if let latest { await report(.progress(id, run: latest.run, latest.progress)) }
      if count > 0, limiter.isExceeded(by: count, at: clock.now), !life.withLock({ $0.killRequested }) {
        try? await clock.sleep(for: RateLimiter.pause)
      }
    }
  }

  private func event(for message: WorkerMessage) -> SchedulerEvent {
    switch message {
    case .hello(let hello): .hello(id, hello)
    case .result(let run, let result, let arrays): .result(id, run: run, result, arrays: arrays)
    case .refusal(let run, let reason): .refusal(id, run: run, reason: reason)
    case .progress(let run, let progress): .progress(id, run: run, progress)
    case .checkpointed(let run): .checkpointed(id, run: run)
    case .failure(let run, let cause, let detail):
      .failure(id, run: run, cause, detail: detail, stderrTail: errors.text)
    }
  }
}

/// Waits until a child has ended, which it stays to be reaped, or until its time is up; returns
/// whether it has.
private func hasEnded(_ pid: pid_t, within timeout: Duration) async -> Bool {
  let start = ContinuousClock.now
  var pause = Duration.milliseconds(1)
  while true {
    var information = siginfo_t()
    let status = waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT)
    // Of one that lives nothing is filled in. There is no child of that number if it has been
    // reaped.
    if status != 0 ? errno == ECHILD : information.si_signo != 0 { return true }
    guard ContinuousClock.now - start < timeout, (try? await Task.sleep(for: pause)) != nil else {
      return false
    }
    pause = min(pause * 2, .milliseconds(50))
  }
}

/// Whether a process could not be started for want of processes, descriptors or memory.
private func isShortage(_ error: any Error) -> Bool {
  let errors: [Errno] = [
    .resourceTemporarilyUnavailable, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory,
  ]
  return ((error as? SubprocessError)?.underlyingError).map { errors.contains($0) } ?? false
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

extension WorkerCommand {
  /// The program as the library names it: a path, or a name that is looked up.
  var executable: Executable { path.contains("/") ? .path(FilePath(path)) : .name(path) }
}
