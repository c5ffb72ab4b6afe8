import Model

/// One run of a sweep as the fit sees it.
public struct Observation: Hashable, Sendable {
  /// What is known of the run.
  public enum State: Hashable, Sendable {
    /// It ended with an outcome and a value of the order parameter; nil: its result has no such quantity.
    case finished(Outcome, value: Double?)
    /// Every attempt failed.
    case failed
    /// There is no result yet.
    case pending
  }

  /// The run.
  public var run: Run
  /// Its state.
  public var state: State

  /// An observation.
  public init(run: Run, state: State) {
    self.run = run
    self.state = state
  }
}
