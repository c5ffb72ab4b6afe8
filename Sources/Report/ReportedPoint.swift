import Figures
import LimitFit
import Model

/// Everything that a report says of one point.
public struct ReportedPoint: Sendable {
  /// One run, whatever became of it.
  public struct RunLine: Sendable {
    /// What became of it.
    public enum State: String, Sendable {
      case converged, stalled, budget, failed, pending
    }

    /// Point, width and seed.
    public var run: Run
    /// What became of it.
    public var state: State
    /// Its result; nil without one.
    public var result: RunResult?
    /// How many attempts were needed, or failed; nil if pending.
    public var attempts: Int?
    /// Why it failed, what is particular to that, and the last words of its worker; empty if it did not.
    public var reason: String, detail: String, lastWords: String

    /// A run.
    public init(
      run: Run, state: State, result: RunResult? = nil, attempts: Int? = nil, reason: String = "",
      detail: String = "", lastWords: String = ""
    ) {
      self.run = run
      self.state = state
      self.result = result
      self.attempts = attempts
      self.reason = reason
      self.detail = detail
      self.lastWords = lastWords
    }

    /// The run as the fit sees it.
    var observation: Observation {
      switch state {
      case .failed: return Observation(run: run, state: .failed)
      case .pending: return Observation(run: run, state: .pending)
      case .converged, .stalled, .budget:
        guard let result else { return Observation(run: run, state: .pending) }
        return Observation(run: run, state: .finished(result.outcome, supRD: result.supRD))
      }
    }
  }

  /// Its fit.
  public var fit: PointFit
  /// All its runs, by width, then seed.
  public var runs: [RunLine]
  /// The curve through them.
  public var curve: FittedCurve?
  /// Runs whose neurons were kept.
  public var neurons: [KeptRun<NeuronSnapshot>]
  /// Runs whose trajectories were kept.
  public var trajectories: [KeptRun<Trajectory>]
  /// Runs whose functions were kept.
  public var functions: [KeptRun<FunctionSnapshot>]

  /// A point.
  public init(
    fit: PointFit, runs: [RunLine], curve: FittedCurve?, neurons: [KeptRun<NeuronSnapshot>] = [],
    trajectories: [KeptRun<Trajectory>] = [], functions: [KeptRun<FunctionSnapshot>] = []
  ) {
    self.fit = fit
    self.runs = runs
    self.curve = curve
    self.neurons = neurons
    self.trajectories = trajectories
    self.functions = functions
  }
}
