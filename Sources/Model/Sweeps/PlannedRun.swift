/// A run with what the planner estimates that it takes.
public struct PlannedRun: Hashable, Sendable {
  /// Setting, width and seed.
  public var run: Run
  /// Its identity; of two runs with the same identity only the first is run.
  public var identity: RunIdentity
  /// The estimated time, in seconds of one core; not negative.
  public var cost: Double
  /// The estimated memory, in bytes; not negative.
  public var memory: Int
  /// Runs of one class are alike in how far estimates of their cost are off.
  public var costClass: CostClass
  /// What to record of it beside its result.
  public var record: RecordNames

  /// A planned run.
  public init(
    run: Run, identity: RunIdentity, cost: Double, memory: Int, costClass: CostClass? = nil,
    record: RecordNames = []
  ) {
    self.run = run
    self.identity = identity
    self.cost = cost
    self.memory = memory
    self.costClass = costClass ?? CostClass(width: run.width)
    self.record = record
  }
}

/// Runs that are alike in what they take.
public struct CostClass: Hashable, Sendable {
  /// Their width.
  public var width: Double
  /// What else they have in common, as their family numbers it.
  public var group: Int

  /// A class.
  public init(width: Double, group: Int = 0) {
    self.width = width
    self.group = group
  }
}

/// What one run is expected to take, before any run has been measured.
public struct RunEstimate: Hashable, Sendable {
  /// CPU seconds; not negative.
  public var seconds: Double
  /// Memory, in bytes; not negative.
  public var bytes: Int
  /// Runs of one width and group are alike in how far estimates are off.
  public var group: Int

  /// An estimate.
  public init(seconds: Double, bytes: Int, group: Int = 0) {
    self.seconds = seconds
    self.bytes = bytes
    self.group = group
  }
}

/// What is known of a run before it is planned.
public enum KnownState: Hashable, Sendable {
  /// There is a result, found under a budget; `recorded` has been asked for, and was recorded if
  /// the worker gave it.
  case finished(Outcome, budget: Budget, recorded: RecordNames = [])
  /// It failed for good after so many attempts, the latest after its result if it has one.
  case failed(attempts: Int)
}
