import Model
import RealModule
import Theories

/// Three-layer networks with tanh, f = (1/α) aᵀσ(W2 σ(W1 x̃)), trained by gradient flow
/// (`docs/three-layer.md`).
public struct ThreeLayerTanh: NetworkFamily {
  /// The impulse method. Its revision changes with whatever changes a digit of a result.
  public static let method = "impulse-three-layers/1"

  /// The key by which a network has three layers.
  static let layersKey = "layers"
  /// tanh, and a linear network.
  private static let activations: [SmoothActivation] = [.tanh, .linear]
  /// Two matrices of this order, or what stands for them, are kept.
  private static let maxWidth = 20_000
  /// A step decomposes a matrix of this order.
  private static let maxSamples = 200

  /// The family.
  public init() {}

  /// The relative changes of the layers, in the order of ``ThreeLayerEnsemble/trackedNames``.
  static let changes: [Quantity] = zip(
    ThreeLayerEnsemble.trackedNames,
    [
      ("RD₁", "relative change of the first weights W1, in the Frobenius norm"),
      ("RD₂", "relative change of the second weights W2, in the Frobenius norm"),
      ("RDₐ", "relative change of the output weights a"),
      ("RD₂ op", "relative change of the second weights W2, in the operator norm"),
    ]
  ).map { Quantity($0, symbol: $1.0, summary: $1.1) }

  /// Title, names and ranges.
  public let description = FamilyDescription(
    title: "three-layer network",
    methods: [method],
    parameters: [
      Parameter(
        ThreeLayerParameter.gamma3, symbol: "γ₃",
        summary: "exponent of the output scale of three layers, β1 β2 β3 / α = m^−γ₃", range: -16...16),
      Parameter(
        ThreeLayerParameter.first, symbol: "g₁₂",
        summary: "exponent of the scale of first over second weights, β1 / β2 = m^−g₁₂", range: -16...16,
        default: 0),
      Parameter(
        ThreeLayerParameter.second, symbol: "g₂₃",
        summary: "exponent of the scale of second over output weights, β2 / β3 = m^−g₂₃", range: -16...16,
        default: 0),
    ],
    quantities: changes.map {
      Quantity(Quantity.supremumPrefix + $0.name, symbol: $0.symbol, summary: "largest " + $0.summary)
    } + changes + [.meanSquaredResidual, .time],
    recordables: ThreeLayerRecorder.recordables,
    plane: [ThreeLayerParameter.gamma3, ThreeLayerParameter.first])

  /// Layers, activation, bias and the exponent of α.
  public let networkKeys = [
    NetworkKey(
      layersKey, .integer(3...3), default: .number(3), summary: "the number of layers of weights"),
    NetworkKey(
      TwoLayerKey.activation, .choice(activations.map(\.name)), default: .string(SmoothActivation.tanh.name),
      summary: "the activation σ of both hidden layers"),
    NetworkKey(
      TwoLayerKey.bias, .boolean, default: .boolean(true),
      summary: "whether neurons of the first layer have a bias"),
    NetworkKey(
      TwoLayerSmooth.exponentKey, .number(-16...16), default: .number(0),
      summary: "the exponent e of the scale of the output, α = m^e"),
  ]

  /// Claims what says that it has three layers, or asks for its method.
  public func claims(method: String?, network: [String: JSONValue], inputs: Int?) -> Bool {
    guard method == nil || method == Self.method else { return false }
    guard method != nil || network[Self.layersKey] == .number(3) else { return false }
    return network.allSatisfy { name, value in
      networkKeys.contains { $0.name == name && $0.kind.accepts(value) }
    }
  }

  /// Refuses another method, keys that it does not know, and samples without inputs.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ problem: Problem) throws { try checkProblem(problem) }

  private func checkProblem(_ problem: Problem) throws(FlowRunError) {
    guard problem.method == Self.method else { throw .unknownMethod(problem.method, own: Self.method) }
    for name in problem.network.keys.sorted() where !networkKeys.contains(where: { $0.name == name }) {
      throw .unsupported("networks with the property “\(name)”", method: Self.method)
    }
    for key in networkKeys {
      guard problem.network[key.name].map(key.kind.accepts) ?? true else { throw .networkValue(key) }
    }
    guard let samples = problem.samples else { throw .noSamples }
    guard samples.count <= Self.maxSamples else { throw .samples(samples.count, most: Self.maxSamples) }
    guard problem.target > 0, problem.target.isFinite else { throw .target(problem.target) }
    guard problem.tolerance > 0, problem.tolerance <= 0.1 else { throw .tolerance(problem.tolerance) }
    guard hasBias(problem) || samples.x.contains(where: { $0.contains { $0 != 0 } }) else { throw .noInputs }
  }

  /// Refuses a width that is no number of neurons, and parameters that lead out of double
  /// precision.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ run: Run, of problem: Problem) throws { _ = try scales(run, of: problem) }

  private func hasBias(_ problem: Problem) -> Bool { problem.network[TwoLayerKey.bias] != .boolean(false) }

  private func scales(_ run: Run, of problem: Problem) throws(FlowRunError) -> LayerScales {
    let names = description.parameters.map(\.name)
    let alpha = problem.network[TwoLayerSmooth.exponentKey]?.number ?? 0
    guard Set(run.setting.names) == Set(names),
      let scales = LayerScales(run.setting, alpha: alpha, width: run.width)
    else { throw .setting(run.setting, expected: names) }
    guard let width = Int(exactly: run.width), (1...Self.maxWidth).contains(width) else {
      throw .width(run.width, most: Self.maxWidth)
    }
    guard scales.areInRange else { throw .outOfRange(run) }
    return scales
  }

  // MARK: Flows

  private func network(
    _ run: Run, of problem: Problem, options: FlowOptions
  ) throws(FlowRunError) -> ThreeLayerNetwork {
    try checkProblem(problem)
    let scales = try scales(run, of: problem)
    guard let samples = problem.samples.map({ SmoothSamples($0, bias: hasBias(problem)) }) else {
      throw .noSamples
    }
    let pool = ThreadPool(threadCount: options.threads)
    let width = Int(run.width)
    let initial: InitialLayers
    if let arrays = options.initial {
      initial = try InitialLayers(arrays, width: width, inputs: samples.dimension)
    } else {
      initial = InitialLayers(width: width, inputs: samples.dimension, seed: run.seed, pool: pool)
    }
    let name = problem.network[TwoLayerKey.activation]?.string
    let network = ThreeLayerNetwork(
      samples: samples, activation: name.flatMap(SmoothActivation.init(named:)) ?? .tanh, scales: scales,
      initial: initial, pool: pool)
    let sizes = network.sizes
    guard sizes.first > 0, sizes.second > 0, sizes.output > 0 else { throw .noInputWeights }
    return network
  }

  /// A run at its initial values: those of its seed, or the arrays `w1` (m × d̃, the bias last),
  /// `w2` (m × m) and `a` (m numbers) of the options.
  ///
  /// - Throws: ``FlowRunError``.
  public func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    var clock = FlowClock()
    let network = try network(run, of: problem, options: options)
    let ensemble = ThreeLayerEnsemble(
      network, LayerChanges(width: network.width, inputs: network.samples.dimension),
      tolerance: problem.tolerance)
    guard (ensemble.residual + ensemble.kernel()).allSatisfy({ $0.magnitude < 1e290 }) else {
      throw FlowRunError.overflow
    }
    clock.noteInitialValues()
    return ImpulseFlow(
      ensemble, recorder: ThreeLayerRecorder(options.record), of: problem, timeScale: 1, clock: clock)
  }

  /// A run at the state in a checkpoint, which takes 8 (1 + d̃ + 2r) bytes a neuron with the rank r
  /// of the change of W2.
  ///
  /// - Throws: ``FlowRunError`` or ``CheckpointError``, or what the reader throws.
  public func resume(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    let network = try network(run, of: problem, options: options)
    let clock = try FlowClock(from: &reader)
    let recorder = try ThreeLayerRecorder(from: &reader)
    let changes = try LayerChanges(width: network.width, inputs: network.samples.dimension, from: &reader)
    return try ImpulseFlow(
      resuming: ThreeLayerEnsemble(network, changes, tolerance: problem.tolerance), recorder: recorder,
      of: problem, timeScale: 1, clock: clock, from: &reader)
  }

  /// The length of the array `a`.
  ///
  /// - Throws: ``FlowRunError/initialValues(_:)``.
  public func width(ofInitial arrays: RecordedArrays) throws -> Double {
    guard let array = arrays[InitialLayers.names.output], array.shape.count == 1, array.count > 0 else {
      throw FlowRunError.initialValues("there is no array “\(InitialLayers.names.output)” with one axis")
    }
    return Double(array.count)
  }

  /// What a run is expected to take: some hundred products with W2.
  public func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
    let samples = Double(problem.samples?.count ?? 1)
    let gamma = run.setting[ThreeLayerParameter.gamma3] ?? 1.5
    let passes = 100 + 400 * max(0, min(3, gamma) - 1)
    let square = run.width * run.width
    let seconds = 1e-3 + 3e-8 * square + passes * (square * 4e-10 * samples + run.width * samples * 2e-7)
    return RunEstimate(
      seconds: seconds,
      bytes: Int(exactly: (Double(20 << 20) + 8 * square + 4000 * run.width * samples).rounded()) ?? .max,
      group: 0)
  }

  /// The scaling argument for tanh with α = 1, for the change of any layer, in planes of γ₃ and
  /// another parameter.
  public func theory(of problem: Problem, plane: Plane, orderParameter: String) -> (any Theory)? {
    let layers = [(0, true), (1, true), (2, true), (1, false)]
    let changes = zip(ThreeLayerEnsemble.trackedNames, layers)
    guard problem.network[TwoLayerKey.activation] != .string(SmoothActivation.linear.name),
      (problem.network[TwoLayerSmooth.exponentKey]?.number ?? 0) == 0,
      let (_, (layer, isFrobenius)) = changes.first(where: {
        [$0.0, Quantity.supremumPrefix + $0.0].contains(orderParameter)
      })
    else { return nil }
    return ThreeLayerScaling(layer: layer, isFrobenius: isFrobenius, plane: plane)
  }
}
