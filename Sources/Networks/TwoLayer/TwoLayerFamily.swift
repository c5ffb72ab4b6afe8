import Model
import Theories

/// What the families of two-layer networks have in common: f(x) = (1/α) Σ a_k σ(w_k·x̃), with
/// x̃ = (x, 1) where neurons have biases and x̃ = x where not.
public protocol TwoLayerFamily: NetworkFamily {
  /// Its method. The revision changes with whatever changes a digit of a result.
  static var method: String { get }

  /// The names of its activations; the first is the default of the key, but networks without the
  /// key are those with ReLU.
  static var activations: [String] { get }

  /// The largest number of samples.
  static var maxSamples: Int { get }

  /// The largest width of a network whose neurons are kept one by one.
  static var maxWidth: Int { get }

  /// Keys of `network` beside those that all two-layer networks have.
  static var furtherKeys: [NetworkKey] { get }

  /// The largest factor by which the |x̃|² of samples may differ: rounding of the largest
  /// eigenvalues of the kernel drowns those of samples that are smaller by more.
  static var maxSpread: Double { get }

  /// Whether it trains networks with inputs of a dimension, with or without biases.
  static func takes(inputs: Int, bias: Bool) -> Bool
}

/// The names of keys that all two-layer networks have.
enum TwoLayerKey {
  static let activation = "activation", bias = "bias", antisymmetric = "antisymmetric"
  /// The activation of networks that name none.
  static let relu = "relu"
}

/// What all two-layer families say of themselves.
enum TwoLayerDescription {
  /// γ and γ'. With |γ|, |γ'| ≤ 16 and m ≤ 10⁹, κ/κ' is at most 10²⁸⁸: it neither overflows nor
  /// vanishes.
  static let parameters = [
    Parameter(
      LuoEtAl2021.gamma, symbol: "γ", summary: "exponent of the output scale, κ = β1 β2 / α = m^−γ",
      range: -16...16),
    Parameter(
      LuoEtAl2021.gammaPrime, symbol: "γ′",
      summary: "exponent of the scale of output over input weights, κ' = β1 / β2 = m^−γ'", range: -16...16),
  ]

  /// RD, of a name, with its supremum; residual and time.
  static func quantities(of change: String) -> [Quantity] {
    [
      Quantity(
        Quantity.supremumPrefix + change, symbol: "RD",
        summary: "largest relative change of the input weights"),
      Quantity(
        change, symbol: "RD",
        summary: "relative change of the input weights at the end, ‖θ_w − θ_w(0)‖ / ‖θ_w(0)‖"),
      .meanSquaredResidual, .time,
    ]
  }
}

extension TwoLayerFamily {
  /// Networks one by one take 32 bits for the index of a neuron.
  public static var maxWidth: Int { 1_000_000_000 }
  /// None.
  public static var furtherKeys: [NetworkKey] { [] }
  /// 10¹².
  public static var maxSpread: Double { 1e12 }

  /// Activation, bias, symmetry and law of the initial values.
  public var networkKeys: [NetworkKey] { neuronKeys + lawKeys + Self.furtherKeys }

  /// Activation, bias and symmetry.
  var neuronKeys: [NetworkKey] {
    [
      NetworkKey(
        TwoLayerKey.activation, .choice(Self.activations), default: .string(Self.activations[0]),
        summary: "the activation σ"),
      NetworkKey(
        TwoLayerKey.bias, .boolean, default: .boolean(true), summary: "whether neurons have a bias"),
      NetworkKey(
        TwoLayerKey.antisymmetric, .boolean, default: .boolean(false),
        summary:
          "whether the second half of the neurons repeats the first with −a, so that f vanishes at "
          + "the start"),
    ]
  }

  /// How initial values are represented.
  private var lawKeys: [NetworkKey] {
    [
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

  /// Claims its method, or none, with keys that it knows, an activation of its own and inputs that
  /// it takes.
  public func claims(method: String?, network: [String: JSONValue], inputs: Int?) -> Bool {
    guard method == nil || method == Self.method else { return false }
    guard unknownKeys(network).isEmpty else { return false }
    let activation = network[TwoLayerKey.activation]
    let isOwn =
      activation.map { $0.string.map(Self.activations.contains) ?? false }
      ?? Self.activations.contains(TwoLayerKey.relu)
    guard isOwn else { return false }
    let bias = network[TwoLayerKey.bias]?.boolean ?? true
    return Self.takes(inputs: inputs ?? 1, bias: bias)
  }

  private func unknownKeys(_ network: [String: JSONValue]) -> [String] {
    network.keys.filter { key in !networkKeys.contains { $0.name == key } }.sorted()
  }

  /// Refuses another method or network, samples that it cannot take, and a target or a tolerance
  /// out of range.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ problem: Problem) throws { try checkProblem(problem) }

  /// As ``check(_:)-(Problem)``.
  func checkProblem(_ problem: Problem) throws(FlowRunError) {
    guard problem.method == Self.method else { throw .unknownMethod(problem.method, own: Self.method) }
    if let key = unknownKeys(problem.network).first { throw .unknownKey(key) }
    for key in networkKeys {
      guard problem.network[key.name].map(key.kind.accepts) ?? true else { throw .networkValue(key) }
    }
    guard let samples = problem.samples else { throw .noSamples }
    guard Self.takes(inputs: samples.dimension, bias: hasBias(problem)) else {
      let bias = hasBias(problem) ? "with" : "without"
      throw .unsupported(
        "networks with inputs of dimension \(samples.dimension) \(bias) biases", method: Self.method)
    }
    guard problem.target > 0, problem.target.isFinite else { throw .target(problem.target) }
    guard problem.tolerance > 0, problem.tolerance <= 0.1 else { throw .tolerance(problem.tolerance) }
    guard samples.count <= Self.maxSamples else { throw .samples(samples.count, most: Self.maxSamples) }
    let squares = samples.x.map { $0.reduce(hasBias(problem) ? 1 : 0) { $0 + $1 * $1 } }
    guard let largest = squares.max(), largest > 0 else { throw .noInputs }
    // A sample at the origin of a network without biases has f = 0 whatever the neurons.
    let spread = largest / (squares.filter { $0 > 0 }.min() ?? largest)
    // What overflows is found out where the kernel is.
    guard !(spread > Self.maxSpread) else { throw .spread(spread) }
  }

  /// The scales of a run whose neurons are kept one by one, after a check of its setting and width.
  ///
  /// - Throws: ``FlowRunError``.
  func scales(_ run: Run, of problem: Problem) throws(FlowRunError) -> WidthScales {
    guard run.setting.count == 2, let scales = WidthScales(run) else {
      throw .setting(run.setting, expected: LuoEtAl2021.plane.names)
    }
    _ = try wholeWidth(run, of: problem)
    // κ and κ' are squared on the way.
    let (kappa, kappaPrime) = (scales.kappa, scales.kappaPrime)
    let squares = [kappa * kappa, kappaPrime * kappaPrime, kappa / kappaPrime]
    guard squares.allSatisfy({ $0 > 1e-300 && $0 < 1e300 }) else { throw .outOfRange(run) }
    return scales
  }

  /// m of a run whose neurons are kept one by one.
  ///
  /// - Throws: ``FlowRunError``.
  func wholeWidth(_ run: Run, of problem: Problem) throws(FlowRunError) -> Int {
    guard let width = Int(exactly: run.width), (1...Self.maxWidth).contains(width) else {
      throw .width(run.width, most: Self.maxWidth)
    }
    guard !isAntisymmetric(problem) || width.isMultiple(of: 2) else { throw .oddWidth(width) }
    return width
  }

  /// Whether the second half of the neurons repeats the first with −a.
  func isAntisymmetric(_ problem: Problem) -> Bool {
    problem.network[TwoLayerKey.antisymmetric] == .boolean(true)
  }

  /// Whether neurons have biases.
  func hasBias(_ problem: Problem) -> Bool { problem.network[TwoLayerKey.bias] != .boolean(false) }

  /// d̃, the number of input weights of a neuron; 0 without samples.
  func inputs(of problem: Problem) -> Int {
    (problem.samples?.dimension).map { $0 + (hasBias(problem) ? 1 : 0) } ?? 0
  }

  /// The initial values of a run whose neurons are kept one by one: those of its seed, or the
  /// arrays `a` (m numbers) and `w` (m × d̃, the bias last) of the options.
  ///
  /// - Throws: ``FlowRunError``.
  func initialWeights(_ run: Run, of problem: Problem, options: FlowOptions) throws(FlowRunError)
    -> InitialWeightSource
  {
    let (width, inputs) = (try wholeWidth(run, of: problem), inputs(of: problem))
    if let arrays = options.initial {
      return InitialWeightSource(try InitialWeights(arrays, width: width, inputs: inputs))
    }
    return InitialWeightSource(
      width: width, inputs: inputs, seed: run.seed, antisymmetric: isAntisymmetric(problem))
  }

  /// The arrays `a` and `w` of a table with the columns a, w and b, or a, w1, w2, … and, where
  /// neurons have biases, b, a line for each neuron.
  ///
  /// - Throws: ``InitialWeightsCSVError``.
  public func initialValues(csv: String) throws -> RecordedArrays { try InitialWeights(csv: csv).arrays }

  /// The length of the array `a`.
  ///
  /// - Throws: ``FlowRunError/initialValues(_:)``.
  public func width(ofInitial arrays: RecordedArrays) throws -> Double {
    try InitialWeights.width(of: arrays)
  }

  /// Whole numbers, even ones where the second half of the neurons repeats the first; any for
  /// weighted nodes.
  public func widthUnit(of problem: Problem) -> Double? {
    InitialLaw(problem) != .sampled ? nil : isAntisymmetric(problem) ? 2 : 1
  }

  /// Whether initial values depend on the seed: not those of the mean.
  public func hasSeeds(of problem: Problem) -> Bool { InitialLaw(problem) != .mean }
}
