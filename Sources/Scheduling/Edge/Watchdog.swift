import Platform
import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A process that kills the workers when the orchestrator dies without having done so:
/// ``WatchdogLoop`` at the other end of a pipe, of which no worker holds an end. If it dies before
/// that, it is replaced.
final class Watchdog: Sendable {
  private struct State {
    /// The process groups of the living workers.
    var groups: Set<pid_t> = []
    /// The end of the pipe to write to; nil while there is no process.
    var writing: CInt?
    var isStopped = false
  }

  /// How long to wait before the first is replaced; twice as long before each further one.
  private static let pauses = (first: Duration.milliseconds(100), max: Duration.seconds(60))
  /// How long it has to end by itself when it is stopped.
  private static let terminationGracePeriod = Duration.seconds(10)

  private let command: WorkerCommand
  private let state = Mutex(State())

  /// A watchdog that is to be started with a command.
  init(_ command: WorkerCommand) { self.command = command }

  deinit { stop() }

  /// Keeps a process running, and returns when it has ended, which it does after ``stop()``. That
  /// none can be started does not stop the sweep: workers also see the end of their input.
  func run() async {
    var pause = Self.pauses.first
    while !state.withLock({ $0.isStopped }) {
      if let reading = begin() {
        await serve(reading)
        end()
      }
      guard !state.withLock({ $0.isStopped }), (try? await Task.sleep(for: pause)) != nil else { return }
      pause = min(pause * 2, Self.pauses.max)
    }
  }

  /// Makes a pipe for a new process, with all groups in it that there are, and returns the end to
  /// read from; nil if there are no descriptors left for it.
  private func begin() -> CInt? {
    // One that does not read does not keep the sweep from going on: writing does not wait.
    guard let (reading, writing) = try? makePipe() else { return nil }
    let isWanted = state.withLock { state in
      guard !state.isStopped else { return false }
      state.writing = writing
      for group in state.groups { Self.send("+\(group)\n", to: writing) }
      return true
    }
    if isWanted { return reading }
    for end in [reading, writing] { close(end) }
    return nil
  }

  /// Starts the process and returns when it has ended. What is sent before it reads is in the pipe.
  private func serve(_ reading: CInt) async {
    var options = PlatformOptions()
    options.processGroupID = 0
    // Cancelled, it still gets the time to end by itself; signal 0 does nothing.
    options.teardownSequence = [
      .send(
        signal: Signal(rawValue: 0), toProcessGroup: false,
        allowedDurationToNextStep: Self.terminationGracePeriod)
    ]
    _ = try? await Subprocess.run(
      command.executable, arguments: Arguments(command.arguments), platformOptions: options,
      input: .fileDescriptor(FileDescriptor(rawValue: reading), closeAfterSpawningProcess: true),
      output: .discarded, error: .discarded)
  }

  private func end() {
    state.withLock { state in
      if let open = state.writing { close(open) }
      state.writing = nil
    }
  }

  /// A worker that leads this process group has been started.
  func watch(_ group: pid_t) {
    state.withLock { state in
      state.groups.insert(group)
      if let writing = state.writing { Self.send("+\(group)\n", to: writing) }
    }
  }

  /// A worker of this process group is about to be reaped.
  func forget(_ group: pid_t) {
    state.withLock { state in
      state.groups.remove(group)
      if let writing = state.writing { Self.send("-\(group)\n", to: writing) }
    }
  }

  /// The last worker has ended.
  func stop() {
    state.withLock { $0.isStopped = true }
    end()
  }

  private static func send(_ text: String, to descriptor: CInt) {
    // A line this short is written whole or not at all.
    try? writeAll(Array(text.utf8), to: descriptor)
  }
}
