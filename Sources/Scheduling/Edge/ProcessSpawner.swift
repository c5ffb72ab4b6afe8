import Subprocess
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How worker processes are kept.
public struct ProcessOptions: Hashable, Sendable {
  /// The folder for `worker-<n>.log`, what workers write to their standard error. A worker takes
  /// the smallest n that no living one has, so there are no more logs than workers at a time. Nil:
  /// no logs.
  public var logs: String?
  /// Whether each worker is bound to one of the cores that this process may use.
  public var pinned: Bool
  /// The command of a process that calls ``WatchdogLoop/run()``, to kill workers when this process
  /// dies; nil: none.
  public var watchdog: WorkerCommand?
  /// How long a worker may live on after its input or its output has been closed.
  public var terminationGracePeriod: Duration

  /// Options.
  public init(
    logs: String? = nil, pinned: Bool = false, watchdog: WorkerCommand? = nil,
    terminationGracePeriod: Duration = .seconds(2)
  ) {
    self.logs = logs
    self.pinned = pinned
    self.watchdog = watchdog
    self.terminationGracePeriod = terminationGracePeriod
  }
}

/// Starts worker processes.
public final class ProcessSpawner: WorkerSpawner {
  let command: WorkerCommand
  let options: ProcessOptions
  let watchdog: Watchdog?
  let pinning: CorePinning?
  let outOfMemory = OutOfMemoryCount()
  let slots = Mutex(Slots())

  /// The environment variable of workers that holds the number of the process that has started
  /// them.
  static let orchestratorVariable: Environment.Key = "GAMMAPLANE_ORCHESTRATOR"

  /// A spawner of processes of a command.
  public init(_ command: WorkerCommand, options: ProcessOptions = ProcessOptions()) {
    self.command = command
    self.options = options
    watchdog = options.watchdog.map { Watchdog($0) }
    pinning = options.pinned ? CorePinning() : nil
    if let logs = options.logs {
      try? FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
    }
  }

  /// The file for what the worker of a slot writes to its standard error; nil: none.
  func log(ofSlot slot: Int) -> String? { options.logs.map { "\($0)/worker-\(slot + 1).log" } }

  /// A process that has not been started.
  public func worker(_ id: WorkerID) -> any WorkerConnection { WorkerProcess(id, of: self) }

  /// Runs the watchdog.
  public func supervise() async { await watchdog?.run() }

  /// Stops the watchdog.
  public func endSupervision() { watchdog?.stop() }
}
