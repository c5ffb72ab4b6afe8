import Model
import Theories

/// Two-layer ReLU networks with bias on inputs of dimension 1, trained by gradient flow.
///
/// The exponents γ and γ' by which the initialisation scales with the width span the plane; the
/// relative change RD of the input weights is the order parameter. The width is the number of
/// neurons, which are drawn from the run's seed.
public struct TwoLayerReLULine: TwoLayerFamily {
  /// The impulse method. Its revision changes with whatever changes a digit of a result.
  public static let method = "impulse/4"

  /// The largest number of samples: a step decomposes a matrix of this order.
  public static let maxSamples = 2000

  /// The largest width: the index of a neuron has 32 bits.
  public static let maxWidth = 1_000_000_000

  /// ReLU.
  public static let activations = [TwoLayerKey.relu]

  /// The family.
  public init() {}

  /// Title, names and ranges.
  public var description: FamilyDescription { Self.description }

  private static let description = FamilyDescription(
    title: "two-layer ReLU network, inputs on a line",
    methods: [method],
    parameters: TwoLayerDescription.parameters,
    quantities: TwoLayerDescription.quantities(of: LineReLUEnsemble.relativeChangeName),
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
    ] + CondensationMeasure.recordables,
    plane: LuoEtAl2021.plane.names)

  /// On a line, with biases.
  public static func takes(inputs: Int, bias: Bool) -> Bool { inputs == 1 && bias }

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
