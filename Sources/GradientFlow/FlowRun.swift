import Model

/// Carries out one run of the gradient flow, from the initial values to an outcome.
public struct FlowRun {
  private let problem: Problem
  private let run: Run

  /// The run of a problem.
  ///
  /// - Throws: ``FlowRunError`` if this code cannot integrate it.
  public init(_ run: Run, of problem: Problem) throws(FlowRunError) {
    self.run = run
    self.problem = problem
    guard problem.method == Problem.impulseMethod else { throw .unknownMethod(problem.method) }
    guard problem.network.bias else { throw .unsupported("a network without bias") }
    guard problem.samples.dimension == 1 else {
      throw .unsupported("inputs of dimension \(problem.samples.dimension)")
    }
    guard run.width >= 1, run.width <= Self.largestWidth else { throw .width(run.width) }
    guard !problem.network.antisymmetric || run.width.isMultiple(of: 2) else { throw .oddWidth(run.width) }
    guard problem.target > 0, problem.target.isFinite else { throw .target(problem.target) }
    guard problem.tolerance > 0, problem.tolerance <= 0.1 else { throw .tolerance(problem.tolerance) }
    guard problem.samples.count <= Self.mostSamples else { throw .samples(problem.samples.count) }
    // κ and κ' are squared on the way.
    let kappa = run.point.kappa(width: run.width)
    let kappaPrime = run.point.kappaPrime(width: run.width)
    let scales = [kappa * kappa, kappaPrime * kappaPrime, kappa / kappaPrime]
    guard scales.allSatisfy({ $0 > 1e-300 && $0 < 1e300 }) else { throw .outOfRange(run) }
  }

  /// The largest number of samples: a step decomposes a matrix of this order.
  public static let mostSamples = 2000

  /// The largest width: the index of a neuron has 32 bits.
  public static let largestWidth = 1_000_000_000

  /// Carries it out and keeps nothing but the result; see
  /// ``callAsFunction(budget:initial:keep:observe:)``.
  public func callAsFunction(
    budget: Budget, initial: InitialValues? = nil, observe: (FlowState) -> Void = { _ in }
  ) throws(FlowRunError) -> RunResult {
    try self(budget: budget, initial: initial, keep: [], observe: observe).result
  }

  /// Carries it out.
  ///
  /// - Parameters:
  ///   - budget: when to give up. A budget of simulated time is met exactly.
  ///   - initial: initial values to use instead of those of the run's seed; of the run's width.
  ///   - keep: what to keep beside the result, which does not depend on it.
  ///   - observe: called after every accepted step.
  /// - Returns: the result, as budget and rest are outcomes, not errors; and what was kept.
  /// - Throws: ``FlowRunError/overflow`` if residuals or kernel are too large for double precision,
  ///   ``FlowRunError/noInputWeights`` if given initial values leave RD undefined.
  public func callAsFunction(
    budget: Budget, initial: InitialValues? = nil, keep: Observables,
    observe: (FlowState) -> Void = { _ in }
  ) throws(FlowRunError) -> (result: RunResult, record: FlowRecord) {
    let clock = ContinuousClock()
    let start = clock.now
    let (ensemble, initialSeconds) = prepare(initial)
    guard ensemble.initialSquared > 1e-200 else { throw .noInputWeights }
    guard (ensemble.residual + ensemble.kernel()).allSatisfy({ $0.magnitude < 1e150 }) else {
      throw .overflow
    }
    var observer = FlowObserver(keep, of: run, samples: problem.samples, ensemble)
    var integrator = ImpulseIntegrator(ensemble, tolerance: problem.tolerance, target: problem.target)

    let kappa = run.point.kappa(width: run.width)
    let limit = budget.time.map { $0 * kappa } ?? .infinity
    func state() -> FlowState {
      FlowState(
        time: integrator.time < limit ? integrator.time / kappa : budget.time ?? .infinity,
        steps: integrator.steps, meanSquaredResidual: integrator.meanSquaredResidual,
        rd: integrator.ensemble.relativeChange)
    }
    func show() { observe(observer.observe(state(), integrator.ensemble)) }
    func result(_ outcome: Outcome, _ reason: String) -> (result: RunResult, record: FlowRecord) {
      let end = state()
      let record = observer.finish(end, integrator.ensemble)
      let result = RunResult(
        outcome: outcome, reason: reason, rd: end.rd, supRD: max(end.rd, integrator.supRelativeChange),
        meanSquaredResidual: end.meanSquaredResidual, time: end.time, steps: end.steps,
        wallSeconds: (clock.now - start).seconds, initialSeconds: initialSeconds)
      return (result, record)
    }

    show()
    while true {
      if integrator.meanSquaredResidual > problem.target {
        if integrator.time >= limit { return result(.budget, "simulated time") }
        if integrator.steps >= budget.steps { return result(.budget, "\(budget.steps) steps") }
        if (clock.now - start).seconds > budget.wallSeconds { return result(.budget, "wall time") }
      }
      let progress = integrator.step(until: limit)
      switch progress {
      case .continues: show()
      case .reachedTarget:
        show()
        return result(.converged, "mean squared residual at the target")
      case .atRest(let evidence): return result(.stalled, "\(evidence)")
      case .stuck: return result(.budget, "no step is short enough for the tolerance")
      }
    }
  }

  /// The ensemble at its initial values, and the time it took to sample them. A function of its own, so that
  /// output weights are not kept twice.
  private func prepare(_ given: InitialValues?) -> (LineReLUEnsemble, initialSeconds: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let values =
      given ?? InitialValues(width: run.width, seed: run.seed, antisymmetric: problem.network.antisymmetric)
    let seconds = given == nil ? (clock.now - start).seconds : 0
    let ensemble = LineReLUEnsemble(
      samples: problem.samples, kappa: run.point.kappa(width: run.width),
      kappaPrime: run.point.kappaPrime(width: run.width), values: values)
    return (ensemble, seconds)
  }
}

/// Where a run is after a step.
public struct FlowState: Hashable, Sendable, Codable {
  /// The normalised time t̄, dimensionless.
  public let time: Double
  /// Accepted steps.
  public let steps: Int
  /// (1/n) Σ r_i².
  public let meanSquaredResidual: Double
  /// RD, dimensionless.
  public let rd: Double
  /// The state with its observables, where they were taken for the trajectory; nil elsewhere, and everywhere if none
  /// is kept.
  public internal(set) var sample: Trajectory.Point?

  enum CodingKeys: String, CodingKey {
    case time, steps, rd, sample
    case meanSquaredResidual = "mean_squared_residual"
  }
}

/// Why a run cannot be carried out.
public enum FlowRunError: Error, Equatable, CustomStringConvertible {
  /// The problem asks for a method this code does not have.
  case unknownMethod(String)
  /// A feature that is not there yet.
  case unsupported(String)
  /// The width is not in 1 … ``FlowRun/largestWidth``.
  case width(Int)
  /// Antisymmetric initial values need an even width.
  case oddWidth(Int)
  /// The target is not a positive number.
  case target(Double)
  /// The tolerance is not in (0, 0.1].
  case tolerance(Double)
  /// The scales m^−γ, m^−γ' leave the range of double precision.
  case outOfRange(Run)

  /// More samples than ``FlowRun/mostSamples``.
  case samples(Int)
  /// Residuals or kernel at the start are too large for double precision.
  case overflow
  /// All initial input weights vanish.
  case noInputWeights

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .unknownMethod(let method):
      "this worker integrates by \(Problem.impulseMethod), not by \(method)"
    case .unsupported(let what):
      "\(what) is not supported yet; use inputs of dimension 1 with a bias"
    case .width(let width):
      "the width is \(width); it must lie between 1 and \(FlowRun.largestWidth)"
    case .oddWidth(let width):
      "the width is \(width); antisymmetric initial values need an even one"
    case .target(let target):
      "the target for the mean squared residual is \(target); it must be a positive number"
    case .tolerance(let tolerance):
      "the tolerance is \(tolerance); it must lie in (0, 0.1]"
    case .samples(let count):
      "there are \(count) samples; at most \(FlowRun.mostSamples) can be integrated"
    case .noInputWeights:
      "all initial input weights and biases vanish, so that their relative change has no meaning"
    case .overflow:
      "the loss or its gradient at the start is too large for double precision; scale the samples, or choose "
        + "exponents nearer to zero"
    case .outOfRange(let run):
      "m^−γ or m^−γ' leaves the range of double precision at γ = \(run.point.gamma), "
        + "γ' = \(run.point.gammaPrime), m = \(run.width); choose exponents nearer to zero"
    }
  }
}

extension Duration {
  var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
