/// A run with what the planner reckons it takes.
public struct PlannedRun: Hashable, Sendable {
  /// γ, γ', width and seed.
  public var run: Run
  /// Its identity; of two runs with the same identity only the first is carried out.
  public var identity: RunIdentity
  /// The estimated time, in seconds of one core; not negative.
  public var cost: Double
  /// The estimated memory, in bytes; not negative.
  public var memory: Int
  /// What to keep of it beside its result.
  public var keep: Observables

  /// A planned run.
  public init(
    run: Run, identity: RunIdentity, cost: Double, memory: Int, keep: Observables = []
  ) {
    self.run = run
    self.identity = identity
    self.cost = cost
    self.memory = memory
    self.keep = keep
  }
}

/// What is known of a run before it is planned.
public enum KnownState: Hashable, Sendable {
  /// There is a result, found under a budget; `kept` has been asked for, and kept if the worker gave it.
  case finished(Outcome, budget: Budget, kept: Observables = [])
  /// It was set aside after so many failed attempts, the latest behind its result if it has one.
  case failed(attempts: Int)
}
