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

/// What the fit concludes for a phase point.
public enum Verdict: String, Sendable, Codable, CaseIterable {
  /// RD vanishes as m → ∞.
  case linear
  /// RD stays finite.
  case critical
  /// RD diverges.
  case condensed
  /// The data do not decide; `note` says why.
  case undecided
}

/// The fit at one phase point: a row of the phase map.
public struct PointFit: Hashable, Sendable {
  /// How many runs of the point ended how.
  public struct Counts: Hashable, Sendable {
    /// Runs by outcome, and those without one.
    public var converged = 0, stalled = 0, budget = 0, failed = 0, pending = 0
    /// No runs.
    public init() {}
    /// All runs of the point.
    public var total: Int { converged + stalled + budget + failed + pending }
  }

  /// (γ, γ').
  public var point: PhasePoint
  /// The slope of log sup RD against log m; nil with fewer than two widths.
  public var slope: Double?
  /// The lower end of the 95 % interval of the slope; nil when there is none.
  public var slopeLow: Double?
  /// The upper end of the interval.
  public var slopeHigh: Double?
  /// The conclusion.
  public var verdict: Verdict
  /// Why the verdict is what it is where that needs saying, else empty.
  public var note: String
  /// The exponent expected in theory.
  public var expectedSlope: Double
  /// Distinct widths that entered the fit.
  public var widths: Int
  /// Runs that entered the fit.
  public var runsUsed: Int
  /// All runs of the point by state.
  public var counts: Counts

  /// A fit; see the properties.
  public init(
    point: PhasePoint, slope: Double?, slopeLow: Double?, slopeHigh: Double?, verdict: Verdict, note: String,
    expectedSlope: Double, widths: Int, runsUsed: Int, counts: Counts
  ) {
    self.point = point
    self.slope = slope
    self.slopeLow = slopeLow
    self.slopeHigh = slopeHigh
    self.verdict = verdict
    self.note = note
    self.expectedSlope = expectedSlope
    self.widths = widths
    self.runsUsed = runsUsed
    self.counts = counts
  }
}

/// The phase map of a sweep: a fit for every phase point, and the boundary between the regimes.
public struct PhaseMap: Hashable, Sendable {
  /// One row for each (γ, γ') of the sweep, by γ, then γ'.
  public var points: [PointFit]
  /// The contour S = 0 as polylines in the (γ, γ') plane.
  public var boundary: [[PhasePoint]]

  /// A phase map.
  public init(points: [PointFit], boundary: [[PhasePoint]]) {
    self.points = points
    self.boundary = boundary
  }
}
