import Figures
import LimitFit
import Model

/// Everything that a report says of one point.
public struct ReportedPoint: Sendable {
  /// One run, whatever became of it.
  public struct RunLine: Sendable {
    /// What became of it.
    public enum State: Hashable, Sendable {
      case ended(Outcome)
      case failed, pending

      /// Its name in classes of the page.
      var name: String {
        switch self {
        case .ended(let outcome): outcome.rawValue
        case .failed: "failed"
        case .pending: "pending"
        }
      }
    }

    /// Setting, width and seed.
    public var run: Run
    /// What became of it.
    public var state: State
    /// Its result; nil without one.
    public var result: RunResult?
    /// How many attempts were needed, or failed; nil if pending.
    public var attempts: Int?
    /// Why it failed, what is particular to that, and the end of its worker's standard error; empty
    /// if it did not.
    public var reason: String, detail: String, stderrTail: String

    /// A run.
    public init(
      run: Run, state: State, result: RunResult? = nil, attempts: Int? = nil, reason: String = "",
      detail: String = "", stderrTail: String = ""
    ) {
      self.run = run
      self.state = state
      self.result = result
      self.attempts = attempts
      self.reason = reason
      self.detail = detail
      self.stderrTail = stderrTail
    }

    /// The run as the fit of a quantity sees it.
    func observation(of quantity: String) -> Observation {
      switch state {
      case .failed: return Observation(run: run, state: .failed)
      case .pending: return Observation(run: run, state: .pending)
      case .ended:
        guard let result else { return Observation(run: run, state: .pending) }
        return Observation(run: run, result: result, orderParameter: quantity)
      }
    }
  }

  /// Its fit.
  public var fit: PointFit
  /// All its runs, by width, then seed.
  public var runs: [RunLine]
  /// The curve through them.
  public var curve: FittedCurve?
  /// The order parameter on the way to the computed limit, ascending; empty: there is none.
  public var rungs: [Ladder.Rung]
  /// Runs whose neurons were recorded.
  public var neurons: [PanelRun<NeuronSnapshot>]
  /// What these are drawn against.
  public var abscissa = FeatureFigure.Abscissa.angle
  /// Runs whose trajectories were recorded.
  public var trajectories: [PanelRun<Trajectory>]
  /// Runs whose functions were recorded.
  public var functions: [PanelRun<FunctionSnapshot>]

  /// A point.
  public init(
    fit: PointFit, runs: [RunLine], curve: FittedCurve?, rungs: [Ladder.Rung] = [],
    neurons: [PanelRun<NeuronSnapshot>] = [], trajectories: [PanelRun<Trajectory>] = [],
    functions: [PanelRun<FunctionSnapshot>] = []
  ) {
    self.fit = fit
    self.runs = runs
    self.curve = curve
    self.rungs = rungs
    self.neurons = neurons
    self.trajectories = trajectories
    self.functions = functions
  }
}
