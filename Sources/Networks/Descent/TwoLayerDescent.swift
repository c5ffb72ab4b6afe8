import Model
import RealModule
import Theories
import VectorKernels

/// Two-layer networks with any activation, on inputs of any dimension, that are trained in steps by
/// an optimiser, with dropout or without: what the gradient flow is the limit of.
public struct TwoLayerDescent<Method: Optimiser>: TwoLayerFamily {
  /// The name of the optimiser. Its revision changes with whatever changes a digit of a result.
  public static var method: String { Method.name + "/1" }

  /// ReLU and the smooth ones.
  public static var activations: [String] { [TwoLayerKey.relu] + SmoothActivation.all.map(\.name) }

  /// As many as a data set of images has.
  public static var maxSamples: Int { 100_000 }

  /// Above it the kernel at the start is not computed.
  static var maxSamplesOfKernel: Int { 2000 }

  /// The third exponent, which counts for smooth activations and raw rates, and the optimiser's.
  public static var furtherKeys: [NetworkKey] {
    TwoLayerSmooth.furtherKeys.filter { $0.name != TwoLayerSmooth.sensitivityKey } + Method.keys
  }

  /// Any: no kernel is decomposed.
  public static var maxSpread: Double { .infinity }

  /// The family.
  public init() {}

  /// Title, names and ranges.
  public var description: FamilyDescription {
    FamilyDescription(
      title: "two-layer network trained by \(Method.title)",
      methods: [Self.method],
      parameters: TwoLayerDescription.parameters
        + [Method.rate] + (Method.batch.map { [$0] } ?? []) + [DescentParameter.kept],
      quantities: TwoLayerDescription.quantities(of: DescentFlow.changeName)
        + [DescentFlow.epochs, DescentFlow.learningRate],
      recordables: ViewRecorder<DescentNeurons>.recordables,
      plane: LuoEtAl2021.plane.names)
  }

  /// All.
  public static func takes(inputs: Int, bias: Bool) -> Bool { true }

  /// Those of two-layer networks whose neurons are kept one by one.
  public var networkKeys: [NetworkKey] { neuronKeys + Self.furtherKeys }

  /// Claims its method where it is asked for, by a network with keys that it knows.
  public func claims(method: String?, network: [String: JSONValue], inputs: Int?) -> Bool {
    guard method == Self.method else { return false }
    return network.allSatisfy { name, value in
      networkKeys.contains { $0.name == name && $0.kind.accepts(value) }
    }
  }

  /// Refuses what two-layer networks refuse, and more samples than the unit of the rate allows.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ problem: Problem) throws {
    try checkProblem(problem)
    if hasKernelUnit(problem), let count = problem.samples?.count, count > Self.maxSamplesOfKernel {
      throw FlowRunError.samples(count, most: Self.maxSamplesOfKernel)
    }
  }

  private func hasKernelUnit(_ problem: Problem) -> Bool {
    Method.keys.contains { $0.name == RateUnit.key.name } && RateUnit(of: problem.network) == .stability
  }

  /// Refuses a width that is no number of neurons, and parameters that lead out of double
  /// precision.
  ///
  /// - Throws: ``FlowRunError``.
  public func check(_ run: Run, of problem: Problem) throws {
    _ = try scales(run, of: problem)
    _ = try batches(run, of: problem)
  }

  // MARK: Starts

  private func activation(of problem: Problem) -> SmoothActivation? {
    problem.network[TwoLayerKey.activation]?.string.flatMap(SmoothActivation.init(named:))
  }

  private func scales(_ run: Run, of problem: Problem) throws(FlowRunError) -> DescentScales {
    let names = description.parameters.map(\.name)
    guard Set(run.setting.names) == Set(names), let exponents = Exponents(run.setting) else {
      throw .setting(run.setting, expected: names)
    }
    _ = try wholeWidth(run, of: problem)
    let exponent = problem.network[TwoLayerSmooth.exponentKey]?.number ?? 0
    let isBeta2 = problem.network[TwoLayerSmooth.scaleKey] == .string(TwoLayerSmooth.beta2)
    let scales = DescentScales(
      activation(of: problem), exponents,
      alpha: isBeta2 ? SmoothScales.alpha(exponents, beta2: exponent) : exponent, width: run.width)
    guard scales.areInRange else { throw .outOfRange(run) }
    return scales
  }

  private func batches(_ run: Run, of problem: Problem) throws(FlowRunError) -> Batches {
    let count = problem.samples?.count ?? 0
    let asked = run.setting[DescentParameter.batch] ?? 0
    guard let size = Int(exactly: asked), size >= 0 else { throw .batch(asked) }
    return Batches(
      samples: count, size: size == 0 ? count : min(size, count), seed: run.seed)
  }

  private func neurons(
    _ run: Run, of problem: Problem, options: FlowOptions
  ) throws(FlowRunError) -> DescentNeurons {
    guard let samples = problem.samples else { throw .noSamples }
    let activation = activation(of: problem).map { Int32($0.kind.rawValue) } ?? descent_relu
    return try DescentNeurons(
      try initialWeights(run, of: problem, options: options),
      of: DescentSamples(samples, bias: hasBias(problem)), activation: activation,
      scales: try scales(run, of: problem), moments: Method.rule(problem.network).moments,
      threads: options.threads)
  }

  private func settings(
    _ run: Run, of problem: Problem, _ neurons: DescentNeurons
  ) throws(FlowRunError) -> DescentFlow.Settings {
    let rule = Method.rule(problem.network)
    let rate = run.setting[DescentParameter.rate] ?? Method.rate.defaultValue ?? 0
    let unit = neurons.scales.timeOfRate
    var (time, raw) = (rate * unit, rate)
    if case .adam = rule {
      time = rate
    } else {
      switch RateUnit(of: problem.network) {
      case .raw: break
      case .normalised: (time, raw) = (rate, rate / unit)
      case .stability:
        let kernel = neurons.kernel()
        let eigenvalue = SymmetricEigen(kernel.flatMap { $0 }, n: kernel.count).values.max() ?? 0
        guard eigenvalue > 0, eigenvalue.isFinite else { throw .overflow }
        time = 2 * rate / eigenvalue
        raw = time / unit
      }
    }
    return DescentFlow.Settings(
      rule: rule, time: time, rawRate: raw, batches: try batches(run, of: problem),
      keep: run.setting[DescentParameter.keep] ?? 1, seed: run.seed, target: problem.target)
  }

  /// A run at its initial values: those of its seed, or the arrays `a` and `w` of the options.
  ///
  /// - Throws: ``FlowRunError``.
  public func start(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    var clock = FlowClock()
    try check(problem)
    let neurons = try neurons(run, of: problem, options: options)
    let settings = try settings(run, of: problem, neurons)
    clock.noteInitialValues()
    return try DescentFlow(neurons, settings, record: options.record, clock: clock)
  }

  /// A run at the state in a checkpoint, which takes 8 (1 + d̃) bytes a neuron and moment.
  ///
  /// - Throws: ``FlowRunError`` or ``CheckpointError``, or what the reader throws.
  public func resume(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    try check(problem)
    let neurons = try neurons(run, of: problem, options: options)
    return try DescentFlow(resuming: neurons, try settings(run, of: problem, neurons), from: &reader)
  }

  // MARK: Cost

  /// What a run is expected to take: thousands of steps, more with small rates and batches.
  public func estimate(_ run: Run, of problem: Problem) -> RunEstimate {
    let samples = Double(problem.samples?.count ?? 1), inputs = Double(max(1, inputs(of: problem)))
    let rate = run.setting[DescentParameter.rate] ?? 0.5
    let batch = run.setting[DescentParameter.batch].map { $0 == 0 ? samples : min($0, samples) } ?? samples
    let steps = hasKernelUnit(problem) ? min(1e5, 1000 / rate * samples / batch) : 1e4
    let evaluation = batch * (2e-9 + 0.7e-9 * inputs)
    let moments = Double(1 + Method.rule(problem.network).moments)
    return RunEstimate(
      seconds: 1e-3 + steps * (2e-6 + run.width * (evaluation + 1e-9 * inputs)),
      bytes: Int(
        exactly: (Double(20 << 20) + 8 * run.width * (1 + inputs) * (1 + moments)).rounded()) ?? .max,
      group: 0)
  }
}
