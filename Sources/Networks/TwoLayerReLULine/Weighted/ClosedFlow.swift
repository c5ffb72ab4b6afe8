import Model
import RealModule

/// A run of the mean so deep in the linear regime that squares of displacements leave double
/// precision: one step, by the closed form, which is right to all digits there.
struct ClosedFlow: Flow {
  private let value: LinearRegime.Value
  private let log10Kappa: Double
  private let start: FlowEnding
  private var clock: FlowClock
  let record: RecordNames

  /// log₁₀ RD below which runs are solved so.
  static let maxLog10RD = -130.0
  /// The least log₁₀ RD that a result can hold.
  static let minLog10RD = -300.0

  /// - Parameters:
  ///   - value: the closed form.
  ///   - log10Kappa: log₁₀ of κ.
  ///   - recorder: has seen the initial values; neurons move by less than they have digits.
  ///   - measured: what was asked to be measured of the neurons.
  init(
    _ value: LinearRegime.Value, log10Kappa: Double, recorder: NeuronRecorder, _ ensemble: LineReLUEnsemble,
    measured: NamedNumbers, clock: FlowClock
  ) {
    self.value = value
    self.log10Kappa = log10Kappa
    self.clock = clock
    record = recorder.record
    var arrays = recorder.arrays(at: FlowState(steps: 0, time: 0, quantities: .none), ensemble)
    // There is no course between the start and the end.
    arrays[Trajectory.name] = nil
    start = FlowEnding(
      result: RunResult(
        outcome: value.converges ? .converged : .stationary,
        reason: "linear regime in closed form: "
          + (value.converges ? "mean squared residual at the target" : "at rest above the target"),
        quantities: NamedNumbers(
          Array(measured.pairs) + [
            (name: Quantity.meanSquaredResidual.name, value: value.meanSquaredResidual),
            (name: LineReLUEnsemble.relativeChangeName, value: .exp10(value.log10RD)),
            (
              name: Quantity.supremumPrefix + LineReLUEnsemble.relativeChangeName,
              value: .exp10(value.log10Supremum)
            ),
            (name: LineReLUEnsemble.oddPartName, value: .exp10(value.log10Odd)),
            (name: LineReLUEnsemble.evenPartName, value: .exp10(value.log10Even)),
            (name: WeightedFlow.errorName, value: 0),
            (
              name: Quantity.time.name,
              value: min(.greatestFiniteMagnitude, .exp10(value.log10Time - log10Kappa))
            ),
          ]), steps: 1, wallSeconds: 0), arrays: arrays)
  }

  var state: FlowState { FlowState(steps: 0, time: 0, quantities: .none) }

  mutating func step(within budget: Budget) -> FlowEnding? {
    var ending = start
    ending.result.wallSeconds = clock.seconds
    ending.result.initialSeconds = clock.initialSeconds
    return ending
  }

  /// Nothing: the flow is made anew.
  func save(to writer: inout CheckpointWriter) throws {}
}
