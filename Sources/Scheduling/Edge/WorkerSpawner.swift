/// Where workers come from; injected, so that tests need no processes.
public protocol WorkerSpawner: Sendable {
  /// A worker that has not been started yet.
  func worker(_ id: WorkerID) -> any WorkerConnection
  /// Runs beside the sweep; returns soon after ``endSupervision()``.
  func supervise() async
  /// The last worker has ended.
  func endSupervision()
}

extension WorkerSpawner {
  /// Nothing runs beside the sweep.
  public func supervise() async {}
  /// Nothing to do.
  public func endSupervision() {}
}

/// One worker, as the executor sees it. All but ``run(clock:report:)`` can be called from any
/// thread and at any time, also when the worker has ended or not begun, and return at once.
public protocol WorkerConnection: Sendable {
  /// The process, while it lives.
  var pid: Int32? { get }
  /// The memory that it uses, in bytes; nil if that cannot be told.
  var residentBytes: Int? { get }
  /// Starts the worker and returns when it has ended.
  ///
  /// - Parameters:
  ///   - clock: measures time.
  ///   - report: takes what happens, in order, and returns when there is room for more; the last
  ///     event is `exited` or `spawnFailed`.
  func run(clock: any SweepClock, report: @escaping @Sendable (SchedulerEvent) async -> Void) async
  /// Sends a line, after the ones sent before. A line to a dead worker is lost.
  func send(_ line: [UInt8])
  /// Closes the input after the lines sent before; a worker that has not ended after a while is
  /// killed.
  func closeInput()
  /// Kills the worker and all it started, now or as soon as it exists.
  func kill()
}

/// The executable that makes runs.
public struct WorkerCommand: Hashable, Sendable {
  /// Its path, absolute or relative to the current directory; a name without a `/` is looked up in
  /// PATH.
  public var path: String
  /// Its arguments, without the program's own name.
  public var arguments: [String]
  /// The folder it runs in; nil: the current one.
  public var folder: String?

  /// A command.
  public init(path: String, arguments: [String] = [], folder: String? = nil) {
    self.path = path
    self.arguments = arguments
    self.folder = folder
  }
}
