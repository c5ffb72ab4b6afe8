import Platform
import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A process that kills the workers when the orchestrator dies without having done so: ``GuardLoop`` at the other
/// end of a pipe, of which no worker holds an end. If it dies before that, another one takes its place.
final class Guard: Sendable {
  private struct State {
    /// The process groups of the living workers.
    var groups: Set<pid_t> = []
    /// The end of the pipe to write to; nil while there is no guard.
    var writing: CInt?
    var isDismissed = false
  }

  /// How long to wait for another guard after the first that has ended; twice as long after each further one.
  private static let pauses = (first: Duration.milliseconds(100), longest: Duration.seconds(60))
  /// How long it has to end by itself when it is dismissed.
  private static let farewell = Duration.seconds(10)

  private let command: WorkerCommand
  private let state = Mutex(State())

  /// A guard that is to be started with a command.
  init(_ command: WorkerCommand) { self.command = command }

  deinit { dismiss() }

  /// Keeps a guard running, and returns when it has ended, which it does after ``dismiss()``. That none can be started
  /// is no reason not to work: workers also see the end of their input.
  func run() async {
    var pause = Self.pauses.first
    while !state.withLock({ $0.isDismissed }) {
      if let reading = begin() {
        await serve(reading)
        end()
      }
      guard !state.withLock({ $0.isDismissed }), (try? await Task.sleep(for: pause)) != nil else { return }
      pause = min(pause * 2, Self.pauses.longest)
    }
  }

  /// Makes a pipe for a new guard, with all groups in it that there are, and returns the end to read from; nil if there
  /// are no descriptors left for it.
  private func begin() -> CInt? {
    // A guard that does not read does not keep the sweep from going on: writing does not wait.
    guard let (reading, writing) = try? makePipe() else { return nil }
    let isWanted = state.withLock { state in
      guard !state.isDismissed else { return false }
      state.writing = writing
      for group in state.groups { Self.say("+\(group)\n", to: writing) }
      return true
    }
    if isWanted { return reading }
    for end in [reading, writing] { close(end) }
    return nil
  }

  /// Starts the process and returns when it has ended. What is said before it reads is in the pipe.
  private func serve(_ reading: CInt) async {
    var options = PlatformOptions()
    options.processGroupID = 0
    // Cancelled, it still gets the time to end by itself; signal 0 does nothing.
    options.teardownSequence = [
      .send(
        signal: Signal(rawValue: 0), toProcessGroup: false, allowedDurationToNextStep: Self.farewell)
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
      if let writing = state.writing { Self.say("+\(group)\n", to: writing) }
    }
  }

  /// A worker of this process group is about to be reaped.
  func forget(_ group: pid_t) {
    state.withLock { state in
      state.groups.remove(group)
      if let writing = state.writing { Self.say("-\(group)\n", to: writing) }
    }
  }

  /// The last worker has ended.
  func dismiss() {
    state.withLock { $0.isDismissed = true }
    end()
  }

  private static func say(_ text: String, to descriptor: CInt) {
    // A line this short is written whole or not at all.
    try? writeAll(Array(text.utf8), to: descriptor)
  }
}
