import Model

/// A run under way: it makes one step at a time, and can be suspended after any step and resumed in
/// another process, with the same result to the last bit.
public protocol Flow {
  /// The present state.
  var state: FlowState { get }

  /// What is recorded beside the result.
  var record: RecordNames { get }

  /// Makes one step.
  ///
  /// - Parameter budget: when to give up. Steps and simulated time count from the start of the run,
  ///   seconds from where it was resumed.
  /// - Returns: the result and what was recorded if the run has ended, nil if it goes on. A run
  ///   whose budget was exhausted goes on under a larger one.
  mutating func step(within budget: Budget) -> FlowEnding?

  /// Writes everything that determines how the run goes on.
  func save(to writer: inout CheckpointWriter) throws
}

extension Flow {
  /// Makes steps until the run ends, or its budget is exhausted.
  ///
  /// - Parameters:
  ///   - budget: when to give up.
  ///   - observe: called with the present state, and after every step.
  /// - Returns: the result and what was recorded.
  public mutating func run(within budget: Budget, observe: ((FlowState) -> Void)? = nil) -> FlowEnding {
    var shown: Int?
    while true {
      if let observe, shown != state.steps {
        shown = state.steps
        observe(state)
      }
      guard let ending = step(within: budget) else { continue }
      if let observe, shown != state.steps { observe(state) }
      return ending
    }
  }
}

/// The result of a run, and what was recorded of it.
public struct FlowEnding: Hashable, Sendable {
  /// The result.
  public var result: RunResult
  /// What was asked for with ``FlowOptions/record``.
  public var arrays: RecordedArrays

  /// An ending.
  public init(result: RunResult, arrays: RecordedArrays = [:]) {
    self.result = result
    self.arrays = arrays
  }
}

/// Where a run is after a step.
public struct FlowState: Hashable, Sendable {
  /// Accepted steps.
  public var steps: Int
  /// The normalised time t̄, dimensionless.
  public var time: Double
  /// Quantities that are known without effort, such as the mean squared residual; what a progress
  /// report says.
  public var quantities: NamedNumbers
  /// The point of the trajectory, where one was recorded at this state; in the order of its
  /// columns.
  public var sample: [Double]?

  /// A state.
  public init(steps: Int, time: Double, quantities: NamedNumbers, sample: [Double]? = nil) {
    self.steps = steps
    self.time = time
    self.quantities = quantities
    self.sample = sample
  }
}
