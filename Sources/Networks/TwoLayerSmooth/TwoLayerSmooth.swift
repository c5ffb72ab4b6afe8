import Model
import RealModule
import Theories

/// Two-layer networks with a smooth activation on inputs of any dimension, with or without biases,
/// trained by gradient flow.
///
/// The plane is that of γ and γ', as for ReLU. σ is not homogeneous, so that a third exponent
/// counts: that of α, or of β2 (`docs/smooth.md`).
public struct TwoLayerSmooth: TwoLayerFamily {
  /// The impulse method with Runge–Kutta motion. Its revision changes with whatever changes a digit
  /// of a result.
  public static let method = "impulse-smooth/1"

  /// Those of ``SmoothActivation``.
  public static let activations = SmoothActivation.all.map(\.name)

  /// A step decomposes a matrix of this order.
  public static let maxSamples = 1000

  /// The key of the scale that is given, and that of its exponent.
  static let scaleKey = "fixed_scale", exponentKey = "fixed_exponent"
  /// The key that asks for a second flow from perturbed initial values.
  static let sensitivityKey = "sensitivity"
  static let alpha = "alpha", beta2 = "beta2"

  /// The third exponent, and whether sensitivity is measured.
  public static let furtherKeys = [
    NetworkKey(
      scaleKey, .choice([alpha, beta2]), default: .string(alpha),
      summary: "the scale that is given beside κ and κ': that of the output, f = (1/α) Σ a σ(w·x), or "
        + "the standard deviation β2 of the input weights"),
    NetworkKey(
      exponentKey, .number(-16...16), default: .number(0),
      summary: "its exponent e: it is m^e"),
    NetworkKey(
      sensitivityKey, .boolean, default: .boolean(false),
      summary: "whether a second flow from initial values perturbed by 10⁻⁹ tells how sensitive RD is to them"
    ),
  ]

  /// The family.
  public init() {}

  /// Title, names and ranges.
  public var description: FamilyDescription { Self.description }

  private static let description = FamilyDescription(
    title: "two-layer network with a smooth activation",
    methods: [method],
    parameters: TwoLayerDescription.parameters,
    quantities: TwoLayerDescription.quantities(of: SmoothEnsemble.relativeChangeName),
    recordables: ViewRecorder<SmoothEnsemble>.recordables,
    plane: LuoEtAl2021.plane.names)

  /// All.
  public static func takes(inputs: Int, bias: Bool) -> Bool { true }

  /// Refuses a width that is no number of neurons, and parameters that are not γ and γ' or lead out
  /// of double precision.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ run: Run, of problem: Problem) throws {
    if run.isLimit {
      _ = try ladder(run, of: problem)
    } else {
      _ = try smoothStart(run, of: problem, options: FlowOptions())
    }
  }

  // MARK: Starts

  private func activation(of problem: Problem) -> SmoothActivation {
    problem.network[TwoLayerKey.activation]?.string.flatMap(SmoothActivation.init(named:)) ?? .tanh
  }

  private func exponents(_ run: Run) throws(FlowRunError) -> Exponents {
    guard run.setting.count == 2, let exponents = Exponents(run.setting) else {
      throw .setting(run.setting, expected: LuoEtAl2021.plane.names)
    }
    return exponents
  }

  /// The start of a run, whatever represents its neurons.
  private func smoothStart(
    _ run: Run, of problem: Problem, options: FlowOptions
  ) throws(FlowRunError) -> SmoothStart {
    let law = InitialLaw(problem)
    let source: SmoothStart.Source
    if law == .sampled {
      source = .sampled(try initialWeights(run, of: problem, options: options))
    } else {
      guard options.initial == nil else { throw .givenNodes }
      guard run.width >= InitialLaw.minWidth, run.width.isFinite else { throw .weightedWidth(run.width) }
      guard law != .mean || run.seed == Run.meanSeed else { throw .seed(run.seed) }
      source = .nodes(
        InitialLaw.nodes(of: problem), scramble: 0,
        fluctuations: law == .mean
          ? nil : .init(seed: run.seed, antisymmetric: isAntisymmetric(problem)))
    }
    let start = try smoothStart(try exponents(run), source, log10Width: .log10(run.width), of: problem)
    let scales = start.scales
    let squares = [
      scales.kappaPrime * scales.kappaPrime, scales.outputScale, scales.inputScale, scales.timeScale,
    ]
    guard squares.allSatisfy({ $0 > 1e-280 && $0 < 1e280 }), scales.offset * scales.offset < 1e280 else {
      throw .outOfRange(run)
    }
    return start
  }

  private func smoothStart(
    _ exponents: Exponents, _ source: SmoothStart.Source, log10Width: Double, of problem: Problem
  ) throws(FlowRunError) -> SmoothStart {
    guard let samples = problem.samples else { throw .noSamples }
    let exponent = problem.network[Self.exponentKey]?.number ?? 0
    let isBeta2 = problem.network[Self.scaleKey] == .string(Self.beta2)
    let alpha = isBeta2 ? SmoothScales.alpha(exponents, beta2: exponent) : exponent
    if case .nodes = source, inputs(of: problem) >= ScrambledSobol.maxDimensions {
      throw .unsupported(
        "weighted nodes with more than \(ScrambledSobol.maxDimensions - 1) input weights", method: Self.method
      )
    }
    return SmoothStart(
      samples: SmoothSamples(samples, bias: hasBias(problem)), activation: activation(of: problem),
      exponents: exponents, alpha: alpha, log10Width: log10Width, source: source,
      tolerance: problem.tolerance)
  }

  /// What a run is compared with.
  private func comparisons(
    _ start: SmoothStart, of problem: Problem
  ) -> (all: [(purpose: SmoothFlow.Purpose, start: SmoothStart)], withItself: Bool) {
    var all: [(purpose: SmoothFlow.Purpose, start: SmoothStart)] = []
    var comparesItself = true
    if case .nodes(let count, _, let fluctuations) = start.source {
      comparesItself = fluctuations == nil
      // Where the flow fluctuates, two mean flows are compared with each other.
      for scramble in (comparesItself ? 1 : 0)..<UInt64(2) {
        var other = start
        other.source = .nodes(count, scramble: scramble, fluctuations: nil)
        all.append((.nodes, other))
      }
    }
    if problem.network[Self.sensitivityKey] == .boolean(true) {
      var perturbed = start
      perturbed.isPerturbed = true
      all.append((.sensitivity, perturbed))
    }
    return (all, comparesItself)
  }

  /// The ladder of widths of a limit.
  private func ladder(_ run: Run, of problem: Problem) throws(FlowRunError) -> SmoothLadder {
    try checkProblem(problem)
    guard run.seed == Run.meanSeed else { throw .limitSeed(run.seed) }
    guard let samples = problem.samples else { throw .noSamples }
    let loss = samples.y.reduce(0) { $0 + $1 * $1 } / Double(max(1, samples.count))
    guard loss > problem.target else { throw .nothingToLearn(loss) }
    let nodes = InitialLaw.nodes(of: problem)
    let start = try smoothStart(
      try exponents(run), .nodes(nodes, scramble: 0, fluctuations: nil), log10Width: 1, of: problem)
    return SmoothLadder(start, nodes: nodes, isAntisymmetric: isAntisymmetric(problem), of: problem)
  }

  // MARK: Flows

  /// A run at its initial values: those of its seed, or the arrays `a` (m numbers) and `w` (m × d̃,
  /// the bias last) of the options.
  ///
  /// - Throws: ``FlowRunError``.
  public func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    if run.isLimit { return LadderFlow(try ladder(run, of: problem), record: options.record) }
    var clock = FlowClock()
    try checkProblem(problem)
    let start = try smoothStart(run, of: problem, options: options)
    let ensemble = try start.ensemble(threads: options.threads)
    clock.noteInitialValues()
    let comparisons = comparisons(start, of: problem)
    return SmoothFlow(
      SmoothFlow.flow(ensemble, start.scales, options.record, problem, clock: clock),
      comparisons: comparisons.all, comparesItself: comparisons.withItself, threads: options.threads,
      of: problem)
  }

  /// A run at the state in a checkpoint, which takes 16 (1 + d̃) bytes a neuron.
  ///
  /// - Throws: ``FlowRunError`` or ``CheckpointError``, or what the reader throws.
  public func resume(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    if run.isLimit {
      return try LadderFlow(resuming: try ladder(run, of: problem), record: options.record, from: &reader)
    }
    try checkProblem(problem)
    let start = try smoothStart(run, of: problem, options: options)
    let comparisons = comparisons(start, of: problem)
    return try SmoothFlow(
      resuming: start, comparisons: comparisons.all, comparesItself: comparisons.withItself,
      threads: options.threads, of: problem, from: &reader)
  }

  // MARK: Cost

  /// It can, whatever represents the initial values at finite widths.
  public func hasLimit(of problem: Problem) -> Bool { true }

  /// What a run is expected to take: ``SmoothCostModel``.
  public func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
    let model = SmoothCostModel(
      samples: Double(problem.samples?.count ?? 1), inputs: Double(max(1, inputs(of: problem))))
    let gamma = run.setting[LuoEtAl2021.gamma] ?? 1
    let nodes = Double(InitialLaw.nodes(of: problem))
    if run.isLimit {
      return RunEstimate(
        seconds: model.limitSeconds(gamma: gamma, nodes: nodes / 2), bytes: model.bytes(width: 2 * nodes),
        group: 0)
    }
    let isSampled = InitialLaw(problem) == .sampled
    let neurons = isSampled ? run.width : nodes
    let flows = isSampled ? 1.0 : InitialLaw(problem) == .mean ? 2 : 3
    return RunEstimate(
      seconds: flows * model.seconds(gamma: gamma, width: neurons), bytes: model.bytes(width: neurons),
      group: 0)
  }

  /// The scaling argument for α = 1, in the plane of γ and γ', for RD.
  public func theory(of problem: Problem, plane: Plane, orderParameter: String) -> (any Theory)? {
    let names = [SmoothEnsemble.relativeChangeName].flatMap { [$0, Quantity.supremumPrefix + $0] }
    guard plane == LuoEtAl2021.plane, names.contains(orderParameter), let samples = problem.samples,
      problem.network[Self.scaleKey] != .string(Self.beta2),
      (problem.network[Self.exponentKey]?.number ?? 0) == 0,
      let order = activation(of: problem).order(
        fitting: Set(samples.x).count, dimension: samples.dimension, bias: hasBias(problem))
    else { return nil }
    return SmoothScaling(order: order, antisymmetric: isAntisymmetric(problem))
  }
}
