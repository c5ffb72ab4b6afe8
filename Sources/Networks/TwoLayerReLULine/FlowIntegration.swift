import Model

/// A run under way: makes one step at a time, and can be put down after any step and taken up again in another
/// process, with the same result to the last bit.
public struct FlowIntegration {
  private let run: Run
  private let problem: Problem
  private let kappa: Double
  /// The initial values if they were given, else nil.
  private let initial: InitialValues?
  private var integrator: ImpulseIntegrator<LineReLUEnsemble>
  private var observer: FlowObserver
  /// The observables of the present state, if they were taken.
  private var sample: Trajectory.Point?
  /// Seconds spent on the initial values, and before the run was put down.
  private var initialSeconds: Double
  private var secondsBefore = 0.0
  private let start: ContinuousClock.Instant

  /// A run at its initial values.
  ///
  /// - Parameters:
  ///   - flow: the run.
  ///   - initial: initial values to use instead of those of the run's seed; of the run's width.
  ///   - keep: what to keep beside the result, which does not depend on it.
  ///   - threads: how many cores to use, ≥ 1; nothing that is computed depends on it.
  ///   - onWave: called now and then while initial values are drawn, which takes seconds at a width of 10⁷.
  /// - Throws: ``FlowRunError/overflow`` if residuals or kernel are too large for double precision,
  ///   ``FlowRunError/noInputWeights`` if given initial values leave RD undefined.
  public init(
    _ flow: FlowRun, initial: InitialValues? = nil, keep: Observables = [], threads: Int = 1,
    onWave: (() -> Void)? = nil
  ) throws(FlowRunError) {
    start = ContinuousClock().now
    run = flow.run
    problem = flow.problem
    kappa = run.point.kappa(width: run.width)
    self.initial = initial
    let ensemble = LineReLUEnsemble(
      samples: problem.samples, kappa: kappa, kappaPrime: run.point.kappaPrime(width: run.width),
      initial: initial.map(InitialNeurons.given)
        ?? .sampled(width: run.width, seed: run.seed, antisymmetric: problem.network.antisymmetric),
      threads: threads, onWave: onWave)
    initialSeconds = (ContinuousClock().now - start).seconds
    guard ensemble.initialSquared > 1e-200 else { throw .noInputWeights }
    guard (ensemble.residual + ensemble.kernel()).allSatisfy({ $0.magnitude < 1e150 }) else {
      throw .overflow
    }
    integrator = ImpulseIntegrator(ensemble, tolerance: problem.tolerance, target: problem.target)
    observer = FlowObserver(keep, of: run, samples: problem.samples, ensemble)
    look()
  }

  /// What is kept beside the result.
  public var keep: Observables { observer.wanted }

  /// The present state.
  public var state: FlowState { state(of: integrator, sample: sample) }

  private func state(
    of integrator: ImpulseIntegrator<LineReLUEnsemble>, sample: Trajectory.Point? = nil
  ) -> FlowState {
    FlowState(
      time: integrator.time / kappa, steps: integrator.steps,
      meanSquaredResidual: integrator.meanSquaredResidual, rd: integrator.ensemble.relativeChange,
      sample: sample)
  }

  /// Seconds in this process.
  private var secondsHere: Double { (ContinuousClock().now - start).seconds }

  /// Makes one step.
  ///
  /// - Parameter budget: when to give up. Steps and simulated time count from the start of the run, seconds from where it
  ///   was taken up.
  /// - Returns: the result and what was kept if the run has ended, nil if it goes on. A run that ended because its
  ///   budget was used up goes on under a larger one.
  public mutating func step(within budget: Budget) -> (result: RunResult, record: FlowRecord)? {
    // Rounding must not keep a run from ending exactly at the limit.
    let limit = budget.time.map { $0 * kappa * (1 + 4 * Double.ulpOfOne) } ?? .infinity
    if integrator.meanSquaredResidual > problem.target {
      if integrator.time >= limit { return ending(.budget, "simulated time") }
      if integrator.steps >= budget.steps { return ending(.budget, "\(budget.steps) steps") }
      if secondsHere > budget.wallSeconds { return ending(.budget, "wall time") }
    }
    sample = nil
    switch integrator.step(until: limit) {
    case .continues:
      look()
      return nil
    case .reachedTarget:
      look()
      return ending(.converged, "mean squared residual at the target")
    case .atRest(let evidence): return ending(.stalled, "\(evidence)")
    case .stuck: return ending(.budget, "no step is short enough for the tolerance")
    case .reachesLimit:
      // On a copy: under a larger budget the run goes on as if there had been no limit.
      var last = integrator
      last.finish(at: limit)
      return ending(.budget, "simulated time", last, time: budget.time)
    }
  }

  private mutating func look() {
    guard observer.looks else { return }
    sample = observer.observe(state, integrator.ensemble)
  }

  private func ending(
    _ outcome: Outcome, _ reason: String, _ last: ImpulseIntegrator<LineReLUEnsemble>? = nil,
    time: Double? = nil
  ) -> (result: RunResult, record: FlowRecord) {
    let last = last ?? integrator
    let end = state(of: last)
    let record = observer.record(end, time: time ?? end.time, last.ensemble)
    let result = RunResult(
      outcome: outcome, reason: reason, rd: end.rd, supRD: max(end.rd, last.supRelativeChange),
      meanSquaredResidual: end.meanSquaredResidual, time: time ?? end.time, steps: end.steps,
      wallSeconds: secondsBefore + secondsHere, initialSeconds: initialSeconds)
    return (result, record)
  }
}

// MARK: Checkpoints

extension FlowIntegration {
  /// The format of checkpoints. It changes with whatever changes a step.
  static let checkpointFormat = "gammaplane checkpoint 2"

  /// Tells given initial values from those of the seed.
  private static func digest(of initial: InitialValues?) -> UInt64 { initial?.checksum ?? 0 }

  /// Writes the present state, 48 bytes a neuron.
  ///
  /// - Parameter sink: takes the bytes in order, in portions of up to 64 KiB.
  /// - Throws: what the sink throws.
  public func writeCheckpoint(to sink: @escaping ([UInt8]) throws -> Void) throws {
    var writer = CheckpointWriter(sink)
    try writer.write(Self.checkpointFormat)
    try writer.write("\(run.identity(of: problem.digest))")
    try writer.write(Self.digest(of: initial))
    try writer.write(initialSeconds)
    try writer.write(secondsBefore + secondsHere)
    try integrator.save(to: &writer)
    try observer.save(to: &writer)
    try writer.finish()
  }

  /// The run at the state that was written.
  ///
  /// - Parameters:
  ///   - flow: the run that was put down.
  ///   - initial: the same as at its start.
  ///   - threads: how many cores to use, ≥ 1.
  ///   - source: hands out the bytes in order, in portions of any size, and none at the end.
  /// - Throws: ``CheckpointError``, or what the source throws.
  public init(
    resuming flow: FlowRun, initial: InitialValues? = nil, threads: Int = 1,
    from source: @escaping () throws -> [UInt8]
  ) throws {
    start = ContinuousClock().now
    run = flow.run
    problem = flow.problem
    kappa = run.point.kappa(width: run.width)
    self.initial = initial
    var reader = CheckpointReader(source)
    try reader.expectFormat(Self.checkpointFormat)
    guard try reader.string() == "\(run.identity(of: problem.digest))",
      try reader.word() == Self.digest(of: initial)
    else {
      throw CheckpointError.otherRun
    }
    initialSeconds = try reader.double()
    secondsBefore = try reader.double()
    let ensemble = try LineReLUEnsemble(
      samples: problem.samples, kappa: kappa, kappaPrime: run.point.kappaPrime(width: run.width),
      width: run.width, threads: threads, from: &reader)
    integrator = ImpulseIntegrator(ensemble, tolerance: problem.tolerance, target: problem.target)
    try integrator.restore(from: &reader)
    observer = try FlowObserver(of: run, samples: problem.samples, from: &reader)
    try reader.finish()
  }
}

extension Duration {
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
