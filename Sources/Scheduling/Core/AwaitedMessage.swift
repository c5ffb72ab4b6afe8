/// That workers which are to send something send nothing.
public struct AwaitedMessage: Hashable, Sendable {
  /// How many workers.
  public var workers: Int
  /// Since when, in seconds.
  public var seconds: Double
  /// After how long the one that is waited for longest is killed.
  public var limit: Duration
  /// Whether they have not introduced themselves; else they hold runs.
  public var isStart: Bool

  /// Some workers that have not sent anything for a while.
  public init(workers: Int, seconds: Double, limit: Duration, isStart: Bool) {
    self.workers = workers
    self.seconds = seconds
    self.limit = limit
    self.isStart = isStart
  }
}
