import Model
import RealModule
import Theories

/// Two-layer ReLU networks with inputs in ℝᵈ, with or without biases, trained by gradient flow.
///
/// Networks with biases on a line are ``TwoLayerReLULine``.
public struct TwoLayerReLU: TwoLayerFamily {
  /// The impulse method with the exact motion of single neurons. Its revision changes with whatever
  /// changes a digit of a result.
  public static let method = "impulse-space/1"

  /// ReLU alone.
  public static let activations = [TwoLayerKey.relu]

  /// A step decomposes a matrix of this order, and every neuron has as many kinks.
  public static let maxSamples = 500

  /// The family.
  public init() {}

  /// Title, names and ranges.
  public var description: FamilyDescription { Self.description }

  private static let description = FamilyDescription(
    title: "two-layer ReLU network",
    methods: [method],
    parameters: TwoLayerDescription.parameters,
    quantities: TwoLayerDescription.quantities(of: ReLUEnsemble.relativeChangeName),
    recordables: ViewRecorder<ReLUEnsemble>.recordables,
    plane: LuoEtAl2021.plane.names)

  /// All but those on a line with biases.
  public static func takes(inputs: Int, bias: Bool) -> Bool { inputs != 1 || !bias }

  /// Refuses a width that is no number of neurons, and parameters that are not γ and γ' or lead out
  /// of double precision.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ run: Run, of problem: Problem) throws {
    if run.isLimit {
      _ = try ladder(run, of: problem)
    } else {
      _ = try spaceStart(run, of: problem, options: FlowOptions())
    }
  }

  // MARK: Starts

  private func exponents(_ run: Run) throws(FlowRunError) -> Exponents {
    guard run.setting.count == 2, let exponents = Exponents(run.setting) else {
      throw .setting(run.setting, expected: LuoEtAl2021.plane.names)
    }
    return exponents
  }

  /// The start of a run, whatever represents its neurons.
  private func spaceStart(
    _ run: Run, of problem: Problem, options: FlowOptions
  ) throws(FlowRunError) -> SpaceStart {
    let law = InitialLaw(problem)
    if law == .sampled {
      _ = try scales(run, of: problem)
      let source = try initialWeights(run, of: problem, options: options)
      return try spaceStart(run, .sampled(source), log10Width: .log10(run.width), of: problem)
    }
    guard options.initial == nil else { throw .givenNodes }
    guard run.width >= InitialLaw.minWidth, run.width.isFinite else { throw .weightedWidth(run.width) }
    guard law != .mean || run.seed == Run.meanSeed else { throw .seed(run.seed) }
    let nodes = SpaceNodes(
      count: InitialLaw.nodes(of: problem), scramble: 0,
      fluctuations: law == .mean
        ? nil : .init(seed: run.seed, antisymmetric: isAntisymmetric(problem)))
    return try spaceStart(run, .nodes(nodes), log10Width: .log10(run.width), of: problem)
  }

  private func spaceStart(
    _ run: Run, _ neurons: SpaceStart.Neurons, log10Width: Double, of problem: Problem
  ) throws(FlowRunError) -> SpaceStart {
    guard let samples = problem.samples else { throw .noSamples }
    return SpaceStart(
      samples: samples, bias: hasBias(problem), exponents: try exponents(run), log10Width: log10Width,
      neurons: neurons)
  }

  /// What a run is compared with: other nodes; where the flow fluctuates, two mean flows with each
  /// other.
  private func comparisons(_ start: SpaceStart) -> (all: [SpaceStart], withItself: Bool) {
    guard case .nodes(let nodes) = start.neurons else { return ([], true) }
    let scrambles: [UInt64] = nodes.fluctuations == nil ? [1] : [1, 2]
    let all = scrambles.map { scramble in
      var other = start
      // Two together take as long as the flow itself.
      let count = max(InitialLaw.nodesRange.lowerBound, nodes.count / scrambles.count)
      other.neurons = .nodes(SpaceNodes(count: count, scramble: scramble))
      return other
    }
    return (all, nodes.fluctuations == nil)
  }

  /// The ladder of widths of a limit.
  ///
  /// - Throws: ``FlowRunError``.
  func ladder(_ run: Run, of problem: Problem) throws(FlowRunError) -> SpaceLadder {
    try checkProblem(problem)
    guard run.seed == Run.meanSeed else { throw .limitSeed(run.seed) }
    guard let samples = problem.samples else { throw .noSamples }
    let loss = samples.y.reduce(0) { $0 + $1 * $1 } / Double(max(1, samples.count))
    guard loss > problem.target else { throw .nothingToLearn(loss) }
    let nodes = SpaceNodes(count: InitialLaw.nodes(of: problem), scramble: 0)
    return SpaceLadder(
      try spaceStart(run, .nodes(nodes), log10Width: 1, of: problem),
      isAntisymmetric: isAntisymmetric(problem), of: problem)
  }

  // MARK: Flows

  /// A run at its initial values: those of its seed, or the arrays `a` (m numbers) and `w` (m × d̃,
  /// the bias last) of the options.
  ///
  /// - Throws: ``FlowRunError``.
  public func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    if run.isLimit { return LadderFlow(try ladder(run, of: problem), record: options.record) }
    try checkProblem(problem)
    let start = try spaceStart(run, of: problem, options: options)
    let comparisons = comparisons(start)
    return try SpaceFlow(
      start, comparisons: comparisons.all, comparesItself: comparisons.withItself, of: problem,
      options: options)
  }

  /// A run at the state in a checkpoint, which takes some 16 (n + 3) bytes a neuron.
  ///
  /// - Throws: ``FlowRunError`` or ``CheckpointError``, or what the reader throws.
  public func resume(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    if run.isLimit {
      return try LadderFlow(resuming: try ladder(run, of: problem), record: options.record, from: &reader)
    }
    try checkProblem(problem)
    let start = try spaceStart(run, of: problem, options: options)
    let comparisons = comparisons(start)
    return try SpaceFlow(
      resuming: start, comparisons: comparisons.all, comparesItself: comparisons.withItself,
      of: problem, options: options, from: &reader)
  }

  // MARK: Cost and theory

  /// It can, whatever represents the initial values at finite widths.
  public func hasLimit(of problem: Problem) -> Bool { true }

  /// What a run is expected to take: ``SpaceCostModel``. The trend of the theory is the group: 0
  /// where RD vanishes, 1 where it stays bounded, 2 where it grows.
  public func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
    let theory = LuoEtAl2021(antisymmetric: isAntisymmetric(problem))
    let model = SpaceCostModel(
      samples: Double(problem.samples?.count ?? 1), inputs: Double(max(1, inputs(of: problem))))
    let trend = theory.trend(at: run.setting)
    let distance = theory.distanceToBoundary(LuoEtAl2021.plane.point(run.setting))
    let depth = trend == .growing ? distance : -distance
    let group = trend == .growing ? 2 : trend == .bounded ? 1 : 0
    let nodes = Double(InitialLaw.nodes(of: problem))
    if run.isLimit {
      return RunEstimate(
        seconds: 20 * model.seconds(depth: depth, width: nodes), bytes: model.bytes(width: 2 * nodes),
        group: group)
    }
    let isSampled = InitialLaw(problem) == .sampled
    let neurons = isSampled ? run.width : nodes
    return RunEstimate(
      seconds: (isSampled ? 1 : 2) * model.seconds(depth: depth, width: neurons),
      bytes: model.bytes(width: neurons), group: group)
  }

  /// Luo et al. in the plane of γ and γ', for RD.
  public func theory(of problem: Problem, plane: Plane, orderParameter: String) -> (any Theory)? {
    let names = [ReLUEnsemble.relativeChangeName].flatMap { [$0, Quantity.supremumPrefix + $0] }
    guard plane == LuoEtAl2021.plane, names.contains(orderParameter) else { return nil }
    return LuoEtAl2021(antisymmetric: isAntisymmetric(problem))
  }
}
