import Model

/// One run of a sweep as the fit sees it.
public struct Observation: Hashable, Sendable {
  /// What is known of the run.
  public enum State: Hashable, Sendable {
    /// It ended with an outcome; `supRD` is the order parameter, finite and ≥ 0.
    case finished(Outcome, supRD: Double)
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
