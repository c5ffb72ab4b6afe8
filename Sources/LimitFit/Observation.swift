import Model

/// One run of a sweep as the fit sees it.
public struct Observation: Hashable, Sendable {
  /// What is known of the run.
  public enum State: Hashable, Sendable {
    /// It ended with an outcome and a value of the order parameter; nil: its result has none. The
    /// value of a run that used up its budget is a lower bound.
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
  /// What it found of the limit of the order parameter, if it is the run of infinite width.
  public var limit: ComputedLimit?

  /// An observation.
  public init(run: Run, state: State, limit: ComputedLimit? = nil) {
    self.run = run
    self.state = state
    self.limit = limit
  }

  /// A run with a result.
  public init(run: Run, result: RunResult, orderParameter: String) {
    self.init(
      run: run,
      state: State(
        result.outcome, reason: result.reason, value: result.quantities[orderParameter], of: orderParameter),
      limit: run.isLimit ? ComputedLimit(result.quantities, of: orderParameter) : nil)
  }
}

extension Observation.State {
  /// The state of a run that has a result.
  ///
  /// Where a run used up its budget, a running supremum is a lower bound of its value at the end.
  /// Any other quantity bounds nothing and is left out; so is a run whose steps collapsed, or whose
  /// rest is undecided, as its numbers may be wrong, and one that diverged.
  ///
  /// - Parameters:
  ///   - outcome: how the run ended.
  ///   - reason: the evidence for that.
  ///   - value: that of the order parameter in its result; nil if it has none.
  ///   - orderParameter: the name of the quantity.
  public init(_ outcome: Outcome, reason: String, value: Double?, of orderParameter: String) {
    let isWrong = [RunResult.stepsCollapsed, RunResult.restUndecided].contains { reason.hasPrefix($0) }
    let isKnown =
      switch outcome {
      case .converged, .stationary: true
      case .budgetExhausted: orderParameter.hasPrefix(Quantity.supremumPrefix) && !isWrong
      case .diverged: false
      }
    self = .finished(outcome, value: isKnown ? value : nil)
  }
}
