import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A process that kills the workers when the orchestrator dies without having done so: ``GuardLoop`` at the other
/// end of a pipe, of which no worker holds an end.
final class Guard: Sendable {
  private let command: WorkerCommand
  private let reading: CInt
  /// The end to write to; nil once it has been closed.
  private let writing: Mutex<CInt?>

  /// A guard that is to be started with a command; nil if there are no descriptors left for a pipe.
  init?(_ command: WorkerCommand) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // A guard that does not read must not keep the sweep from going on.
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    self.command = command
    reading = ends[0]
    writing = Mutex(ends[1])
  }

  deinit { dismiss() }

  /// Starts the process and returns when it has ended, which it does after ``dismiss()``. What was said before is
  /// in the pipe. That it cannot be started is no reason not to work: workers also see the end of their input.
  func run() async {
    var options = PlatformOptions()
    options.processGroupID = 0
    // Cancelled, it still gets the time to end by itself; signal 0 does nothing.
    options.teardownSequence = [
      .send(signal: Signal(rawValue: 0), toProcessGroup: false, allowedDurationToNextStep: .seconds(2))
    ]
    _ = try? await Subprocess.run(
      command.executable, arguments: Arguments(command.arguments), platformOptions: options,
      input: .fileDescriptor(FileDescriptor(rawValue: reading), closeAfterSpawningProcess: true),
      output: .discarded, error: .discarded)
  }

  /// A worker that leads this process group has been started.
  func watch(_ group: pid_t) { say("+\(group)\n") }

  /// A worker of this process group is about to be reaped.
  func forget(_ group: pid_t) { say("-\(group)\n") }

  /// The last worker has ended.
  func dismiss() {
    writing.withLock { descriptor in
      if let open = descriptor { close(open) }
      descriptor = nil
    }
  }

  private func say(_ text: String) {
    let bytes = Array(text.utf8)
    writing.withLock { descriptor in
      // A line this short is written whole or not at all.
      if let descriptor { _ = write(descriptor, bytes, bytes.count) }
    }
  }
}
