import Model
import RealModule
import Theories

/// Runs of weighted nodes.
extension TwoLayerReLULine {
  /// The start of the run's flow.
  ///
  /// - Throws: ``FlowRunError``.
  func weightedStart(_ run: Run, of problem: Problem) throws(FlowRunError) -> WeightedStart {
    guard run.setting.count == 2, let exponents = Exponents(run.setting) else {
      throw .setting(run.setting, expected: LuoEtAl2021.plane.names)
    }
    guard run.width >= InitialLaw.minWidth, run.width.isFinite else { throw .weightedWidth(run.width) }
    let isMean = InitialLaw(problem) == .mean
    guard !isMean || run.seed == 0 else { throw .seed(run.seed) }
    guard let samples = problem.samples else { throw .noSamples }
    return WeightedStart(
      samples: samples, exponents: exponents, log10Width: .log10(run.width),
      nodes: InitialLaw.nodes(of: problem),
      grading: Self.grading(at: run.setting, log10Width: .log10(run.width)),
      fluctuations: isMean ? nil : (run.seed, isAntisymmetric(problem)))
  }

  /// Graded where RD is large: there the neurons that matter come from layers beside the rays and
  /// z = 0 that are as thin as 1/RD. Plain elsewhere, which is more accurate.
  static func grading(at setting: Setting, log10Width: Double) -> NodeLayout.Grading {
    let theory = LuoEtAl2021(antisymmetric: true)
    guard theory.trend(at: setting) == .growing, let exponents = theory.exponentRange(at: setting)
    else { return .plain }
    guard exponents.upperBound * log10Width > gradedFrom else { return .plain }
    return grownGrading(at: setting)
  }

  /// How nodes are graded where RD is large: towards z = 0 as well if output weights are large.
  static func grownGrading(at setting: Setting) -> NodeLayout.Grading {
    (setting[LuoEtAl2021.gammaPrime] ?? 0) < 0 ? .raysAndEquator : .rays
  }

  /// log₁₀ RD beyond which plain nodes would leave the layers empty.
  private static let gradedFrom = 6.0

  /// The ladder of widths of a limit.
  ///
  /// - Throws: ``FlowRunError``.
  func ladder(_ run: Run, of problem: Problem) throws(FlowRunError) -> LineLadder {
    try checkProblem(problem)
    guard run.setting.count == 2, let exponents = Exponents(run.setting) else {
      throw .setting(run.setting, expected: LuoEtAl2021.plane.names)
    }
    guard run.seed == Run.meanSeed else { throw .limitSeed(run.seed) }
    guard let samples = problem.samples else { throw .noSamples }
    let loss = samples.y.reduce(0) { $0 + $1 * $1 } / Double(max(1, samples.count))
    guard loss > problem.target else { throw .nothingToLearn(loss) }
    return LineLadder(
      exponents, of: problem, samples: samples, grading: Self.grownGrading(at: run.setting),
      isAntisymmetric: isAntisymmetric(problem))
  }

  func startWeighted(_ run: Run, of problem: Problem, options: FlowOptions) throws -> any Flow {
    try checkProblem(problem)
    guard options.initial == nil else { throw FlowRunError.givenNodes }
    let start = try weightedStart(run, of: problem)
    if let flow = try closedFlow(start, of: problem, record: options.record, clock: FlowClock()) {
      return flow
    }
    return try WeightedFlow(
      start, comparisons: Self.comparisons(start), comparesItself: start.fluctuations == nil, of: problem,
      record: options.record, threads: options.threads)
  }

  func resumeWeighted(
    _ run: Run, of problem: Problem, options: FlowOptions, from reader: inout CheckpointReader
  ) throws -> any Flow {
    try checkProblem(problem)
    let start = try weightedStart(run, of: problem)
    if let flow = try closedFlow(start, of: problem, record: options.record, clock: FlowClock()) {
      return flow
    }
    return try WeightedFlow(
      resuming: start, comparisons: Self.comparisons(start), comparesItself: start.fluctuations == nil,
      threads: options.threads, of: problem, from: &reader)
  }

  /// The run in closed form, where it has to be.
  ///
  /// - Throws: ``FlowRunError/tooSmall(_:)`` if RD is no number of double precision.
  private func closedFlow(
    _ start: WeightedStart, of problem: Problem, record: RecordNames, clock: FlowClock
  ) throws(FlowRunError) -> ClosedFlow? {
    guard start.fluctuations == nil,
      LuoEtAl2021(antisymmetric: true).trend(at: start.exponents.setting) == .vanishing
    else { return nil }
    let regime = LinearRegime(on: ConeGeometry(start.samples), target: problem.target)
    let value = regime.value(WidthScales.Logarithms(start.exponents, log10Width: start.log10Width))
    guard value.log10RD < ClosedFlow.maxLog10RD else { return nil }
    guard value.log10RD > ClosedFlow.minLog10RD else { throw .tooSmall(value.log10RD) }
    var moderate = start
    // Snapshots are of normalised neurons, which are the same at all widths but for their number.
    moderate.log10Width = 0
    let ensemble = try moderate.ensemble()
    var scales = moderate.scales
    scales.amplitudeUnit = .exp10(min(300, start.log10Width))
    scales.outputUnit = scales.amplitudeUnit.squareRoot()
    let recorder = NeuronRecorder(
      record, scales: scales, samples: start.samples, ensemble)
    var measured = NamedNumbers.none
    if !CondensationMeasure.all(in: record).isEmpty {
      // The kernel differs from width to width.
      let own = try start.ensemble()
      measured = NeuronRecorder(record, scales: start.scales, samples: start.samples, own).quantities(own)
    }
    return ClosedFlow(
      value, log10Kappa: -start.exponents.gamma * start.log10Width, recorder: recorder, ensemble,
      measured: measured, clock: clock)
  }

  /// What the error of the nodes is measured by: the mean flow with a quarter of the nodes, against
  /// the flow itself; where that fluctuates, against the mean flow with half of them.
  private static func comparisons(_ start: WeightedStart) -> [WeightedStart] {
    var few = start
    few.fluctuations = nil
    few.nodes = max(InitialLaw.nodesRange.lowerBound, start.nodes / 4)
    guard start.fluctuations != nil else { return [few] }
    var more = few
    more.nodes = max(InitialLaw.nodesRange.lowerBound, start.nodes / 2)
    return [more, few]
  }
}
