import Model

/// One run of the gradient flow, from the initial values to an outcome.
public struct FlowRun {
  let run: Run
  let problem: Problem

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
    let squares = problem.samples.x.map { $0.reduce(1) { $0 + $1 * $1 } }
    let spread = (squares.max() ?? 1) / (squares.min() ?? 1)
    // What overflows is found out where the kernel is.
    guard !(spread > Self.widestSpread) else { throw .spread(spread) }
    // κ and κ' are squared on the way.
    let kappa = run.point.kappa(width: run.width)
    let kappaPrime = run.point.kappaPrime(width: run.width)
    let scales = [kappa * kappa, kappaPrime * kappaPrime, kappa / kappaPrime]
    guard scales.allSatisfy({ $0 > 1e-300 && $0 < 1e300 }) else { throw .outOfRange(run) }
  }

  /// The largest factor by which the |x̃|² of samples may differ: rounding of the largest eigenvalues of the kernel drowns
  /// those of samples that are smaller by more.
  public static let widestSpread = 1e12

  /// The largest number of samples: a step decomposes a matrix of this order.
  public static let mostSamples = 2000

  /// The largest width: the index of a neuron has 32 bits.
  public static let largestWidth = 1_000_000_000

  /// Carries it out and keeps nothing but the result; see
  /// ``callAsFunction(budget:initial:keep:threads:observe:)``.
  public func callAsFunction(
    budget: Budget, initial: InitialValues? = nil, threads: Int = 1, observe: ((FlowState) -> Void)? = nil
  ) throws(FlowRunError) -> RunResult {
    try self(budget: budget, initial: initial, keep: [], threads: threads, observe: observe).result
  }

  /// Carries it out.
  ///
  /// - Parameters:
  ///   - budget: when to give up. A budget of simulated time is met exactly.
  ///   - initial: initial values to use instead of those of the run's seed; of the run's width.
  ///   - keep: what to keep beside the result, which does not depend on it.
  ///   - threads: how many cores to use, ≥ 1; nothing that is computed depends on it.
  ///   - observe: called at the start and after every accepted step; nil saves what looking costs.
  /// - Returns: the result, as budget and rest are outcomes, not errors; and what was kept.
  /// - Throws: ``FlowRunError/overflow`` if residuals or kernel are too large for double precision,
  ///   ``FlowRunError/noInputWeights`` if given initial values leave RD undefined.
  public func callAsFunction(
    budget: Budget, initial: InitialValues? = nil, keep: Observables, threads: Int = 1,
    observe: ((FlowState) -> Void)? = nil
  ) throws(FlowRunError) -> (result: RunResult, record: FlowRecord) {
    var flow = try FlowIntegration(self, initial: initial, keep: keep, threads: threads)
    observe?(flow.state)
    while true {
      let before = flow.state.steps
      let ending = flow.step(within: budget)
      if flow.state.steps > before { observe?(flow.state) }
      if let ending { return ending }
    }
  }
}
