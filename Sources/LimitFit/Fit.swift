import Model

extension PhaseMap {
  /// The name and revision of the method by which a phase map is made, for provenance.
  public static let fitMethod = "least squares of log sup RD on log m, 95 % Student t, revision 1"

  /// Fits every phase point of a sweep.
  ///
  /// Nothing is dropped: every (γ, γ') that has an observation has a row, and every run is counted in it.
  /// The result does not depend on the order of the observations.
  ///
  /// - Parameters:
  ///   - observations: one for each run of the sweep, in any order.
  ///   - antisymmetric: whether f vanishes at the start; it changes what theory expects, not the fit.
  public static func fit(observations: some Sequence<Observation>, antisymmetric: Bool) -> PhaseMap {
    let byPoint = Dictionary(grouping: observations, by: \.run.point)
    let points = byPoint.sorted { $0.key < $1.key }
      .map { PointFit(point: $0.key, observations: $0.value, antisymmetric: antisymmetric) }
    return PhaseMap(points: points, boundary: zeroContour(of: points))
  }
}

extension PointFit {
  /// Fits one phase point.
  ///
  /// - Parameters:
  ///   - point: (γ, γ').
  ///   - observations: the runs of this point, in any order.
  ///   - antisymmetric: whether f vanishes at the start.
  init(point: PhasePoint, observations: [Observation], antisymmetric: Bool) {
    var counts = Counts()
    var leftOut = LeftOut()
    var measurements: [(width: Int, rd: Double)] = []
    for observation in observations {
      switch observation.state {
      case .failed: counts.failed += 1
      case .pending: counts.pending += 1
      case .finished(.budget, _): counts.budget += 1
      case .finished(.converged, let rd):
        counts.converged += 1
        if leftOut.accepts(rd) { measurements.append((observation.run.width, rd)) }
      case .finished(.stalled, let rd):
        counts.stalled += 1
        if leftOut.accepts(rd) { measurements.append((observation.run.width, rd)) }
      }
    }

    let fit = SlopeFit(measurements)
    let verdict: Verdict
    var notes: [String] = []
    var low: Double?
    var high: Double?
    if let slope = fit.slope, let half = fit.halfInterval {
      low = slope - half
      high = slope + half
      verdict = Verdict(low: slope - half, high: slope + half)
      if verdict == .undecided { notes.append("interval includes 0") }
    } else {
      verdict = .undecided
      notes.append("too few widths: \(fit.widths) of the \(Verdict.minimumWidths) needed")
    }
    notes += Self.missing(counts: counts, leftOut: leftOut)

    self.init(
      point: point, slope: fit.slope, slopeLow: low, slopeHigh: high, verdict: verdict,
      note: notes.joined(separator: "; "),
      expectedSlope: point.expectedSlope(antisymmetric: antisymmetric), widths: fit.widths,
      runsUsed: fit.count, counts: counts)
  }

  /// Runs that ended but have no logarithm of RD.
  private struct LeftOut {
    var zero = 0
    var notFinite = 0

    /// Whether log RD exists; counts it if not.
    mutating func accepts(_ rd: Double) -> Bool {
      if rd > 0 && rd.isFinite { return true }
      if rd == 0 { zero += 1 } else { notFinite += 1 }
      return false
    }
  }

  /// What is missing from the fit, in words.
  private static func missing(counts: Counts, leftOut: LeftOut) -> [String] {
    func runs(_ n: Int, _ what: String) -> String? {
      n == 0 ? nil : "\(n) \(n == 1 ? "run" : "runs") \(what)"
    }
    return [
      runs(counts.pending, "pending"),
      runs(counts.failed, "failed"),
      runs(counts.budget, "out of budget, left out"),
      runs(leftOut.zero, "with RD = 0, left out"),
      runs(leftOut.notFinite, "without a valid RD, left out"),
    ].compactMap { $0 }
  }
}
