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

  /// A planned run.
  public init(run: Run, identity: RunIdentity, cost: Double, memory: Int) {
    self.run = run
    self.identity = identity
    self.cost = cost
    self.memory = memory
  }
}

/// What is known of a run before it is planned.
public enum KnownState: Hashable, Sendable {
  /// There is a result, found under a budget.
  case finished(Outcome, budget: Budget)
  /// It was set aside after so many failed attempts, the latest behind its result if it has one.
  case failed(attempts: Int)
}
