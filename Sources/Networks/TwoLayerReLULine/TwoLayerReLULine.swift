import Model
import Theories

/// Two-layer ReLU networks with bias on inputs of dimension 1, trained by gradient flow.
///
/// The exponents γ and γ' by which the initialisation scales with the width span the plane; the
/// relative change RD of the input weights is the order parameter. The width is the number of
/// neurons, which are drawn from the run's seed.
public struct TwoLayerReLULine: NetworkFamily {
  /// The impulse method. Its revision changes with whatever changes a digit of a result.
  public static let method = "impulse/4"

  /// The largest number of samples: a step decomposes a matrix of this order.
  public static let maxSamples = 2000

  /// The largest width: the index of a neuron has 32 bits.
  public static let maxWidth = 1_000_000_000

  /// The largest factor by which the |x̃|² of samples may differ: rounding of the largest
  /// eigenvalues of the kernel drowns those of samples that are smaller by more.
  public static let maxSpread = 1e12

  private static let activation = "activation", bias = "bias", antisymmetric = "antisymmetric"

  /// The family.
  public init() {}

  /// Title, names and ranges.
  public var description: FamilyDescription { Self.description }

  private static let description = FamilyDescription(
    title: "two-layer ReLU network, inputs on a line",
    methods: [method],
    // With |γ|, |γ'| ≤ 16 and m ≤ 10⁹, κ/κ' is at most 10²⁸⁸: it neither overflows nor vanishes.
    parameters: [
      Parameter(
        LuoEtAl2021.gamma, symbol: "γ", summary: "exponent of the output scale, κ = β1 β2 / α = m^−γ",
        range: -16...16),
      Parameter(
        LuoEtAl2021.gammaPrime, symbol: "γ′",
        summary: "exponent of the scale of output over input weights, κ' = β1 / β2 = m^−γ'", range: -16...16),
    ],
    quantities: [
      Quantity(
        Quantity.supremumPrefix + LineReLUEnsemble.relativeChangeName, symbol: "RD",
        summary: "largest relative change of the input weights"),
      Quantity(
        LineReLUEnsemble.relativeChangeName, symbol: "RD",
        summary: "relative change of the input weights at the end, ‖θ_w − θ_w(0)‖ / ‖θ_w(0)‖"),
      .meanSquaredResidual, .time,
    ],
    recordables: [
      Recordable(
        Trajectory.name,
        summary: "mean squared residual, RD, norm of the output weights, sliding and dead neurons, and "
          + "orientations against time",
        columns: NeuronRecorder.columns, shown: NeuronRecorder.shownColumns),
      Recordable(
        NeuronSnapshot.nameOfEach,
        summary: "orientation and amplitude of every neuron before and after; histograms beyond a width of "
          + "\(NeuronSnapshot.maxWidthOfEach)"),
      Recordable(FunctionSnapshot.name, summary: "the function of the network before and after"),
    ],
    plane: LuoEtAl2021.plane.names)

  /// Activation, bias and symmetry of the initial values.
  public var networkKeys: [NetworkKey] {
    [
      NetworkKey(
        Self.activation, .choice(["relu"]), default: .string("relu"), summary: "the activation σ"),
      NetworkKey(
        Self.bias, .boolean, default: .boolean(true), summary: "whether neurons have a bias; they must"),
      NetworkKey(
        Self.antisymmetric, .boolean, default: .boolean(false),
        summary:
          "whether the second half of the neurons repeats the first with −a, so that f vanishes at "
          + "the start"),
      NetworkKey(
        InitialLaw.key, .choice(InitialLaw.allCases.map(\.rawValue)),
        default: .string(InitialLaw.sampled.rawValue),
        summary: "how initial values are represented: neurons one by one, weighted nodes with the "
          + "fluctuations of m neurons, or their mean"),
      NetworkKey(
        InitialLaw.nodesKey, .integer(InitialLaw.nodesRange),
        default: .number(Double(InitialLaw.defaultNodes)),
        summary: "how many weighted nodes there are, about; neurons one by one do without"),
    ]
  }

  /// Claims its method, or none, with keys that it knows and no other activation than ReLU.
  public func claims(method: String?, network: [String: JSONValue]) -> Bool {
    guard method == nil || method == Self.method else { return false }
    return unknownKeys(network).isEmpty && hasReLU(network)
  }

  private func unknownKeys(_ network: [String: JSONValue]) -> [String] {
    network.keys.filter { key in !networkKeys.contains { $0.name == key } }.sorted()
  }

  private func hasReLU(_ network: [String: JSONValue]) -> Bool {
    network[Self.activation] == nil || network[Self.activation] == .string("relu")
  }

  /// Refuses another method or network, samples that it cannot take, and a target or a tolerance
  /// out of range.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ problem: Problem) throws { try checkProblem(problem) }

  func checkProblem(_ problem: Problem) throws(FlowRunError) {
    guard problem.method == Self.method else { throw .unknownMethod(problem.method) }
    if let key = unknownKeys(problem.network).first { throw .unknownKey(key) }
    guard hasReLU(problem.network) else { throw .unsupported("another activation than ReLU") }
    for key in networkKeys {
      guard problem.network[key.name].map(key.kind.accepts) ?? true else { throw .networkValue(key.name) }
    }
    guard problem.network[Self.bias] != .boolean(false) else { throw .unsupported("a network without bias") }
    guard let samples = problem.samples else { throw .noSamples }
    guard samples.dimension == 1 else { throw .unsupported("inputs of dimension \(samples.dimension)") }
    guard problem.target > 0, problem.target.isFinite else { throw .target(problem.target) }
    guard problem.tolerance > 0, problem.tolerance <= 0.1 else { throw .tolerance(problem.tolerance) }
    guard samples.count <= Self.maxSamples else { throw .samples(samples.count) }
    let squares = samples.x.map { $0.reduce(1) { $0 + $1 * $1 } }
    let spread = (squares.max() ?? 1) / (squares.min() ?? 1)
    // What overflows is found out where the kernel is.
    guard !(spread > Self.maxSpread) else { throw .spread(spread) }
  }

  /// Refuses a width that is no number of neurons, and parameters that are not γ and γ' or lead out
  /// of double precision.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ run: Run, of problem: Problem) throws {
    if run.isLimit {
      _ = try ladder(run, of: problem)
    } else if InitialLaw(problem) == .sampled {
      _ = try scales(run, of: problem)
    } else {
      _ = try weightedStart(run, of: problem)
    }
  }

  private func scales(_ run: Run, of problem: Problem) throws(FlowRunError) -> WidthScales {
    guard run.setting.count == 2, let scales = WidthScales(run) else { throw .setting(run.setting) }
    guard let width = Int(exactly: run.width), (1...Self.maxWidth).contains(width) else {
      throw .width(run.width)
    }
    guard !isAntisymmetric(problem) || width.isMultiple(of: 2) else { throw .oddWidth(width) }
    // κ and κ' are squared on the way.
    let (kappa, kappaPrime) = (scales.kappa, scales.kappaPrime)
    let squares = [kappa * kappa, kappaPrime * kappaPrime, kappa / kappaPrime]
    guard squares.allSatisfy({ $0 > 1e-300 && $0 < 1e300 }) else { throw .outOfRange(run) }
    return scales
  }

  func isAntisymmetric(_ problem: Problem) -> Bool {
    problem.network[Self.antisymmetric] == .boolean(true)
  }

  // MARK: Flows

  typealias LineFlow = ImpulseFlow<LineReLUEnsemble, NeuronRecorder>

  /// A run at its initial values: those of its seed, or the arrays `a` (m numbers) and `w` (m × 2,
  /// weight and bias) of the options.
  ///
  /// - Throws: ``FlowRunError``.
  public func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    if run.isLimit { return LadderFlow(try ladder(run, of: problem), record: options.record) }
    if InitialLaw(problem) != .sampled { return try startWeighted(run, of: problem, options: options) }
    return try RestCheckedFlow(
      of: problem, comparing: LineFlow.namesAtRest, record: options.record,
      start: { try startOnce(run, of: $0, record: $1, options: options) })
  }

  /// The flow of sampled or given neurons, which is not repeated where it rests.
  func startOnce(
    _ run: Run, of problem: Problem, record: RecordNames, options: FlowOptions
  ) throws -> LineFlow {
    var clock = FlowClock()
    let (samples, scales) = try definition(run, problem)
    let width = Int(run.width)
    let initial: InitialNeurons =
      if let arrays = options.initial {
        .given(try InitialValues(arrays, width: width))
      } else {
        .sampled(width: width, seed: run.seed, antisymmetric: isAntisymmetric(problem))
      }
    let ensemble = LineReLUEnsemble(
      samples: samples, scales: scales, initial: initial, threads: options.threads,
      onProgress: options.onProgress)
    clock.noteInitialValues()
    guard ensemble.initialSquared > 1e-200 else { throw FlowRunError.noInputWeights }
    guard (ensemble.residual + ensemble.kernel()).allSatisfy({ $0.magnitude < 1e150 }) else {
      throw FlowRunError.overflow
    }
    let recorder = NeuronRecorder(record, scales: scales, samples: samples, ensemble)
    return LineFlow(ensemble, recorder: recorder, of: problem, timeScale: scales.kappa, clock: clock)
  }

  /// The arrays `a` and `w` of a table with the columns a, w and b, a line for each neuron.
  ///
  /// - Throws: ``InitialValuesCSVError``.
  public func initialValues(csv: String) throws -> (arrays: RecordedArrays, width: Double) {
    let values = try InitialValues(csv: csv)
    return (values.arrays, Double(values.width))
  }

  /// A run at the state in a checkpoint, which takes 48 bytes a neuron.
  ///
  /// - Throws: ``FlowRunError`` or ``CheckpointError``, or what the reader throws.
  public func resume(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    if run.isLimit {
      return try LadderFlow(
        resuming: try ladder(run, of: problem), record: options.record, from: &reader)
    }
    if InitialLaw(problem) != .sampled {
      return try resumeWeighted(run, of: problem, options: options, from: &reader)
    }
    return try RestCheckedFlow(
      resuming: problem, comparing: LineFlow.namesAtRest,
      start: { try startOnce(run, of: $0, record: $1, options: options) }, from: &reader,
      resume: { try resumeOnce(run, of: $0, threads: options.threads, from: &$1) })
  }

  private func resumeOnce(
    _ run: Run, of problem: Problem, threads: Int, from reader: inout CheckpointReader
  ) throws -> LineFlow {
    let (samples, scales) = try definition(run, problem)
    let width = Int(run.width)
    let clock = try FlowClock(from: &reader)
    let recorder = try NeuronRecorder(width: width, scales: scales, samples: samples, from: &reader)
    let ensemble = try LineReLUEnsemble(
      samples: samples, scales: scales, width: width, threads: threads, from: &reader)
    return try LineFlow(
      resuming: ensemble, recorder: recorder, of: problem, timeScale: scales.kappa, clock: clock,
      from: &reader)
  }

  private func definition(
    _ run: Run, _ problem: Problem
  ) throws(FlowRunError) -> (samples: SampleSet, scales: WidthScales) {
    try checkProblem(problem)
    guard let samples = problem.samples else { throw .noSamples }
    return (samples, try scales(run, of: problem))
  }

  // MARK: Cost and theory

  /// It can, whatever represents the initial values at finite widths.
  public func hasLimit(of problem: Problem) -> Bool { true }

  /// Whole numbers, even ones where the second half of the neurons repeats the first; any for
  /// weighted nodes.
  public func widthUnit(of problem: Problem) -> Double? {
    InitialLaw(problem) != .sampled ? nil : isAntisymmetric(problem) ? 2 : 1
  }

  /// Whether initial values depend on the seed: not those of the mean.
  public func hasSeeds(of problem: Problem) -> Bool { InitialLaw(problem) != .mean }

  /// What a run is expected to take: ``CostModel``. The trend of the theory is the group: 0 where
  /// RD vanishes, 1 where it stays bounded, 2 where it grows.
  public func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
    let theory = LuoEtAl2021(antisymmetric: isAntisymmetric(problem))
    let model = CostModel(samples: problem.samples?.count ?? 1)
    let trend = theory.trend(at: run.setting)
    let distance = theory.distanceToBoundary(LuoEtAl2021.plane.point(run.setting))
    let depth = trend == .growing ? distance : -distance
    let group = trend == .growing ? 2 : trend == .bounded ? 1 : 0
    let nodes = Double(InitialLaw.nodes(of: problem))
    if run.isLimit {
      return RunEstimate(
        seconds: model.limitSeconds(depth: depth, nodes: nodes), bytes: model.memory(width: 4 * nodes),
        group: group)
    }
    let neurons = InitialLaw(problem) == .sampled ? run.width : InitialLaw.comparedShare * nodes
    return RunEstimate(
      seconds: model.seconds(depth: depth, width: neurons), bytes: model.memory(width: neurons),
      group: group)
  }

  /// Luo et al. in the plane of γ and γ', for RD.
  public func theory(of problem: Problem, plane: Plane, orderParameter: String) -> (any Theory)? {
    let names = [LineReLUEnsemble.relativeChangeName].flatMap { [$0, Quantity.supremumPrefix + $0] }
    guard plane == LuoEtAl2021.plane, names.contains(orderParameter) else { return nil }
    return LuoEtAl2021(antisymmetric: isAntisymmetric(problem))
  }
}
