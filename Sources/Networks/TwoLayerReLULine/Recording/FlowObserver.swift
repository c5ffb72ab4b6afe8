import Model

/// Keeps what was asked for of a run, from its start to its end. It looks at the run and changes nothing.
struct FlowObserver {
  /// What was asked for.
  let wanted: Observables
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
  /// - Returns: its observables, if they were taken here.
  mutating func observe(_ state: FlowState, _ ensemble: LineReLUEnsemble) -> Trajectory.Point? {
    guard looks, sampler.wants(time: state.time) else { return nil }
    return sampler.keep(point(state, ensemble))
  }

  /// Whether it wants to look at states on the way.
  var looks: Bool { wanted.contains(.trajectory) }

  /// What was kept, at the end of the run.
  ///
  /// - Parameters:
  ///   - state: the last state.
  ///   - time: its normalised time.
  func record(_ state: FlowState, time: Double, _ ensemble: LineReLUEnsemble) -> FlowRecord {
    var record = FlowRecord()
    if wanted.contains(.trajectory) {
      var sampler = sampler
      if sampler.lacks(time: time) {
        var last = point(state, ensemble)
        last.time = time
        sampler.keep(last: last)
      }
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

extension FlowObserver: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(Int(wanted.rawValue))
    try writer.write(bytes: sampler.points.isEmpty ? [] : Trajectory(points: sampler.points).bytes)
    try writer.write(sampler.resolution)
    // The states before stand twice, where a snapshot has those before and after.
    let neurons = NeuronSnapshot.each(neuronsBefore.map { .init(before: $0, after: $0) })
    try writer.write(bytes: neurons.bytes)
    let histograms = NeuronSnapshot.histograms(before: histogramBefore, after: histogramBefore)
    try writer.write(bytes: histogramBefore.total > 0 ? histograms.bytes : [])
    try writer.write(functionBefore.count)
    for value in functionBefore { try writer.write(value) }
  }

  /// The observer of a run that was put down.
  init(of run: Run, samples: SampleSet, from reader: inout CheckpointReader) throws {
    wanted = Observables(rawValue: UInt8(truncatingIfNeeded: try reader.int(in: 0...255)))
    width = run.width
    observing = Observing(
      kappa: run.point.kappa(width: run.width), kappaPrime: run.point.kappaPrime(width: run.width))
    inputs = wanted.contains(.function) ? FunctionSnapshot.grid(for: samples) : []
    let trajectory = try reader.bytes(atMost: 1 << 20)
    guard let points = trajectory.isEmpty ? [] : Trajectory(bytes: trajectory)?.points else {
      throw CheckpointError.damaged
    }
    sampler = TrajectorySampler(points: points, resolution: try reader.double())
    guard case .each(let neurons) = NeuronSnapshot(bytesOfEach: try reader.bytes(atMost: 1 << 20)) else {
      throw CheckpointError.damaged
    }
    neuronsBefore = neurons.map(\.before)
    let histograms = try reader.bytes(atMost: 1 << 20)
    if !histograms.isEmpty {
      guard case .histograms(let before, _) = NeuronSnapshot(bytesOfHistograms: histograms) else {
        throw CheckpointError.damaged
      }
      histogramBefore = before
    }
    for _ in 0..<(try reader.int(in: 0...inputs.count)) { functionBefore.append(try reader.double()) }
  }
}
