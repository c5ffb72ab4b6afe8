import Model

/// Where finished runs are stored. The scheduler knows no database; this is all it asks of one.
public protocol ResultSink: Sendable {
  /// Commits finished runs, all or none. When it returns, they must survive a loss of power.
  ///
  /// Calls never overlap. While one is under way, further runs gather for the next: the larger the
  /// batch, the fewer the commits.
  ///
  /// - Throws: whatever went wrong; it ends the sweep and is rethrown by
  ///   ``SweepExecutor/execute(_:sink:observer:)``.
  func record(_ batch: [FinishedRun]) async throws
}
