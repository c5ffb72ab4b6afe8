import Model

/// A run that the impulse method integrates, whatever the network.
///
/// A family that resumes one reads its clock, its recorder and its neurons, in this order, and then
/// calls ``init(resuming:recorder:of:timeScale:clock:from:)``.
public struct ImpulseFlow<E: ResidualDriven & Checkpointed, Recorder: FlowRecorder>: Flow
where Recorder.Ensemble == E {
  private let target: Double
  private let timeScale: Double
  private var integrator: ImpulseIntegrator<E>
  private var recorder: Recorder
  private var clock: FlowClock
  /// The point of the trajectory at the present state, if one was recorded.
  private var sample: [Double]?

  /// A run at its initial values.
  ///
  /// - Parameters:
  ///   - ensemble: the neurons at their initial values.
  ///   - recorder: what to record beside the result; it has seen the initial values.
  ///   - problem: the problem of the run; target and tolerance count.
  ///   - timeScale: τ/t̄, by which the integrator's time differs from the normalised one; positive.
  ///   - clock: the run's clock, since before the initial values were made.
  public init(
    _ ensemble: E, recorder: Recorder, of problem: Problem, timeScale: Double, clock: FlowClock
  ) {
    target = problem.target
    self.timeScale = timeScale
    integrator = ImpulseIntegrator(ensemble, tolerance: problem.tolerance, target: problem.target)
    self.recorder = recorder
    self.clock = clock
    observe()
  }

  /// A run at the state that ``save(to:)`` wrote.
  ///
  /// - Parameters:
  ///   - ensemble: the neurons at that state.
  ///   - recorder: the recorder at that state.
  ///   - problem: as at the start.
  ///   - timeScale: as at the start.
  ///   - clock: the run's clock.
  ///   - reader: the rest of what was written.
  /// - Throws: ``CheckpointError``, or what the reader throws.
  public init(
    resuming ensemble: E, recorder: Recorder, of problem: Problem, timeScale: Double, clock: FlowClock,
    from reader: inout CheckpointReader
  ) throws {
    target = problem.target
    self.timeScale = timeScale
    integrator = ImpulseIntegrator(ensemble, tolerance: problem.tolerance, target: problem.target)
    try integrator.restore(from: &reader)
    self.recorder = recorder
    self.clock = clock
  }

  /// The quantities that are the same in runs that come to rest alike; suprema are those of the
  /// way.
  public static var namesAtRest: [String] { [Quantity.meanSquaredResidual.name] + E.trackedNames }

  /// The neurons at the present state.
  var ensemble: E { integrator.ensemble }

  /// What is recorded beside the result.
  public var record: RecordNames { recorder.record }

  /// The present state; its quantities are the mean squared residual and the tracked ones.
  public var state: FlowState { state(of: integrator, sample: sample) }

  private func state(of integrator: ImpulseIntegrator<E>, sample: [Double]? = nil) -> FlowState {
    let tracked = zip(E.trackedNames, integrator.ensemble.tracked).map { (name: $0, value: $1) }
    let residual = (name: Quantity.meanSquaredResidual.name, value: integrator.meanSquaredResidual)
    return FlowState(
      // Normalised times of very wide networks leave the range of double precision.
      steps: integrator.steps, time: min(integrator.time / timeScale, .greatestFiniteMagnitude),
      quantities: NamedNumbers([residual] + tracked),
      sample: sample)
  }

  /// Makes one step.
  public mutating func step(within budget: Budget) -> FlowEnding? {
    // Rounding must not keep a run from ending exactly at the limit.
    let limit = budget.time.map { $0 * timeScale * (1 + 4 * Double.ulpOfOne) } ?? .infinity
    if integrator.meanSquaredResidual > target {
      if integrator.time >= limit { return ending(.budgetExhausted, "simulated time") }
      if integrator.steps >= budget.steps { return ending(.budgetExhausted, "\(budget.steps) steps") }
      if clock.secondsHere > budget.wallSeconds { return ending(.budgetExhausted, "wall time") }
    }
    sample = nil
    switch integrator.step(until: limit) {
    case .continues:
      observe()
      return nil
    case .reachedTarget:
      observe()
      return ending(.converged, "mean squared residual at the target")
    case .atRest(let evidence): return ending(.stationary, "\(evidence)")
    case .stuck: return ending(.budgetExhausted, RunResult.stepsCollapsed)
    case .reachesLimit:
      // On a copy: under a larger budget the run goes on as if there had been no limit.
      var last = integrator
      last.finish(at: limit)
      return ending(.budgetExhausted, "simulated time", last, time: budget.time)
    }
  }

  private mutating func observe() {
    guard recorder.wants(time: integrator.time / timeScale) else { return }
    sample = recorder.observe(state, integrator.ensemble)
  }

  private func ending(
    _ outcome: Outcome, _ reason: String, _ last: ImpulseIntegrator<E>? = nil, time: Double? = nil
  ) -> FlowEnding {
    let last = last ?? integrator
    var end = state(of: last)
    if let time { end.time = time }
    let tracked = last.ensemble.tracked
    let suprema = E.trackedNames.indices.map { i in
      (name: Quantity.supremumPrefix + E.trackedNames[i], value: max(tracked[i], last.suprema[i]))
    }
    let quantities = NamedNumbers(
      Array(end.quantities.pairs) + suprema + Array(last.ensemble.measuredAtEnd.pairs)
        + Array(recorder.quantities(last.ensemble).pairs) + [(name: Quantity.time.name, value: end.time)])
    let result = RunResult(
      outcome: outcome, reason: reason, quantities: quantities, steps: end.steps, wallSeconds: clock.seconds,
      initialSeconds: clock.initialSeconds)
    return FlowEnding(result: result, arrays: recorder.arrays(at: end, last.ensemble))
  }

  /// Writes the state, most of which is that of the neurons.
  public func save(to writer: inout CheckpointWriter) throws {
    try clock.save(to: &writer)
    try recorder.save(to: &writer)
    try integrator.save(to: &writer)
  }
}
