import Model

/// Keeps what was asked for of a run, from its start to its end. It looks at the run and changes nothing.
struct FlowObserver {
  private let wanted: Observables
  private let observing: Observing
  private let inputs: [Double]
  private let width: Int
  private var sampler = TrajectorySampler()
  private var neuronsBefore: [NeuronSnapshot.Neuron] = []
  private var histogramBefore = OrientationHistogram()
  private var functionBefore: [Double] = []

  /// An observer of a run that is about to start; takes the snapshots of the initial values.
  init(_ wanted: Observables, of run: Run, samples: SampleSet, _ ensemble: LineReLUEnsemble) {
    self.wanted = wanted
    width = run.width
    observing = Observing(
      kappa: run.point.kappa(width: run.width), kappaPrime: run.point.kappaPrime(width: run.width))
    inputs = wanted.contains(.function) ? FunctionSnapshot.grid(for: samples) : []
    if wanted.contains(.neurons) {
      if width <= NeuronSnapshot.widestOfEach {
        neuronsBefore = observing.neurons(of: ensemble, width: width)
      } else {
        histogramBefore = observing.histogram(of: ensemble)
      }
    }
    functionBefore = observing.function(of: ensemble, at: inputs)
  }

  /// Looks at the state after a step.
  ///
  /// - Returns: the state with its observables, if they were taken here.
  mutating func observe(_ state: FlowState, _ ensemble: LineReLUEnsemble) -> FlowState {
    guard wanted.contains(.trajectory) else { return state }
    var state = state
    if sampler.wants(time: state.time) { state.sample = sampler.keep(point(state, ensemble)) }
    return state
  }

  /// What was kept, at the end of the run.
  mutating func finish(_ state: FlowState, _ ensemble: LineReLUEnsemble) -> FlowRecord {
    var record = FlowRecord()
    if wanted.contains(.trajectory) {
      if sampler.lacks(time: state.time) { sampler.keep(last: point(state, ensemble)) }
      record.trajectory = Trajectory(points: sampler.points)
    }
    if wanted.contains(.neurons) {
      if width <= NeuronSnapshot.widestOfEach {
        let after = observing.neurons(of: ensemble, width: width)
        record.neurons = .each(zip(neuronsBefore, after).map { .init(before: $0, after: $1) })
      } else {
        record.neurons = .histograms(before: histogramBefore, after: observing.histogram(of: ensemble))
      }
    }
    if wanted.contains(.function) {
      let after = observing.function(of: ensemble, at: inputs)
      record.function = FunctionSnapshot(
        points: inputs.indices.map { i in
          .init(
            x: Float(clamping: inputs[i]), before: Float(clamping: functionBefore[i]),
            after: Float(clamping: after[i]))
        })
    }
    return record
  }

  private func point(_ state: FlowState, _ ensemble: LineReLUEnsemble) -> Trajectory.Point {
    observing.point(
      of: ensemble, time: state.time, meanSquaredResidual: state.meanSquaredResidual, rd: state.rd)
  }
}
