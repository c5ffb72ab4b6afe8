import Model

/// Records the trajectory, the neurons and the function of a two-layer network.
struct NeuronRecorder: FlowRecorder {
  let record: RecordNames
  private let observation: NetworkObservation
  private let inputs: [Double]
  private let width: Int
  private var sampler = TrajectorySampler()
  private var neuronsBefore: [NeuronSnapshot.Neuron] = []
  private var histogramBefore = OrientationHistogram()
  private var functionBefore: [Double] = []
  private let condensation: CondensationRecorder
  private let view: LineCondensation.View

  /// The columns of trajectories.
  static let columns: [Quantity] = [
    .time, .meanSquaredResidual,
    Quantity(
      LineReLUEnsemble.relativeChangeName, symbol: "RD", summary: "relative change of the input weights"),
    Quantity("output_norm", symbol: "‖ā‖", summary: "norm of the normalised output weights"),
    Quantity("sliding", summary: "neurons that slide on a ray"),
    Quantity("dead", summary: "neurons that are active on no sample"),
    Quantity("orientations", summary: "least number of orientations that carry 99 % of the amplitude"),
  ]
  /// Those of them that figures show.
  static let shownColumns = [
    Quantity.meanSquaredResidual.name, LineReLUEnsemble.relativeChangeName, "orientations",
  ]
  private var columnNames: [String] { Self.columns.map(\.name) + condensation.names }

  /// The recorder of a run that is about to start; takes the snapshots of the initial values.
  init(_ record: RecordNames, scales: WidthScales, samples: SampleSet, _ ensemble: LineReLUEnsemble) {
    self.record = record
    width = ensemble.width
    observation = NetworkObservation(scales)
    let view = LineCondensation.View(scales, samples)
    self.view = view
    condensation = CondensationRecorder(record, LineCondensation(ensemble, view))
    inputs = record.contains(FunctionSnapshot.name) ? FunctionSnapshot.grid(for: samples) : []
    if record.contains(NeuronSnapshot.nameOfEach) {
      if width <= NeuronSnapshot.maxWidthOfEach {
        neuronsBefore = observation.neurons(of: ensemble, width: width)
      } else {
        histogramBefore = observation.histogram(of: ensemble)
      }
    }
    functionBefore = observation.function(of: ensemble, at: inputs)
  }

  func wants(time: Double) -> Bool { record.contains(Trajectory.name) && sampler.wants(time: time) }

  mutating func observe(_ state: FlowState, _ ensemble: LineReLUEnsemble) -> [Double]? {
    let point = point(state, ensemble)
    sampler.add(point)
    return point
  }

  func arrays(at end: FlowState, _ ensemble: LineReLUEnsemble) -> RecordedArrays {
    var arrays: RecordedArrays = [:]
    if record.contains(Trajectory.name) {
      var sampler = sampler
      if sampler.lacks(time: end.time) { sampler.add(last: point(end, ensemble)) }
      arrays[Trajectory.name] = Trajectory(columns: columnNames, points: sampler.points).array
    }
    if record.contains(NeuronSnapshot.nameOfEach) {
      let snapshot: NeuronSnapshot =
        if width <= NeuronSnapshot.maxWidthOfEach {
          .each(
            zip(neuronsBefore, observation.neurons(of: ensemble, width: width)).map {
              .init(before: $0, after: $1)
            })
        } else {
          .histograms(before: histogramBefore, after: observation.histogram(of: ensemble))
        }
      arrays.merge(snapshot.arrays) { $1 }
    }
    if record.contains(FunctionSnapshot.name) {
      let after = observation.function(of: ensemble, at: inputs)
      let snapshot = FunctionSnapshot(
        points: inputs.indices.map { i in
          .init(
            x: Float(clamping: inputs[i]), before: Float(clamping: functionBefore[i]),
            after: Float(clamping: after[i]))
        })
      arrays[FunctionSnapshot.name] = snapshot.array
    }
    return arrays
  }

  func quantities(_ ensemble: LineReLUEnsemble) -> NamedNumbers {
    condensation.quantities(of: LineCondensation(ensemble, view))
  }

  /// A value for each of ``columnNames``.
  private func point(_ state: FlowState, _ ensemble: LineReLUEnsemble) -> [Double] {
    let sample = observation.sample(of: ensemble)
    return [
      state.time, state.quantities[Quantity.meanSquaredResidual.name] ?? 0, ensemble.relativeChange,
      sample.outputNorm, Double(sample.sliding), Double(sample.dead), Double(sample.orientations),
    ] + condensation.values(of: LineCondensation(ensemble, view))
  }
}

// MARK: Checkpoints

extension NeuronRecorder {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(record.names.count)
    for name in record.names { try writer.write(name) }
    try writer.write(sampler.resolution)
    var arrays: RecordedArrays = [:]
    if !sampler.points.isEmpty {
      arrays[Trajectory.name] = Trajectory(columns: columnNames, points: sampler.points).array
    }
    // The states before stand twice, where a snapshot has those before and after.
    if !neuronsBefore.isEmpty {
      let snapshot = NeuronSnapshot.each(neuronsBefore.map { .init(before: $0, after: $0) })
      arrays.merge(snapshot.arrays) { $1 }
    }
    if histogramBefore.total > 0 {
      let snapshot = NeuronSnapshot.histograms(before: histogramBefore, after: histogramBefore)
      arrays.merge(snapshot.arrays) { $1 }
    }
    if !functionBefore.isEmpty {
      arrays[FunctionSnapshot.name] = NumericArray(functionBefore, shape: [functionBefore.count])
    }
    try writer.write(arrays)
    try condensation.save(to: &writer)
  }

  /// The recorder of a run that is resumed.
  ///
  /// - Throws: ``CheckpointError/damaged`` if what was recorded so far cannot be that of such a
  ///   run, or what the reader throws.
  init(
    width: Int, scales: WidthScales, samples: SampleSet, from reader: inout CheckpointReader
  ) throws {
    var names: [String] = []
    for _ in 0..<(try reader.int(in: 0...1000)) { names.append(try reader.string()) }
    record = RecordNames(names)
    self.width = width
    observation = NetworkObservation(scales)
    view = LineCondensation.View(scales, samples)
    inputs = record.contains(FunctionSnapshot.name) ? FunctionSnapshot.grid(for: samples) : []
    let resolution = try reader.double()
    let arrays = try reader.arrays()
    condensation = try CondensationRecorder(record, from: &reader)
    if let array = arrays[Trajectory.name] {
      guard let trajectory = Trajectory(array), trajectory.columns == columnNames else {
        throw CheckpointError.damaged
      }
      sampler = TrajectorySampler(points: trajectory.points, resolution: resolution)
    }
    if record.contains(NeuronSnapshot.nameOfEach) {
      switch arrays.neurons {
      case .each(let neurons) where neurons.count == width: neuronsBefore = neurons.map(\.before)
      case .histograms(let before, _): histogramBefore = before
      default: throw CheckpointError.damaged
      }
    }
    functionBefore = arrays[FunctionSnapshot.name]?.values ?? []
    guard functionBefore.count == inputs.count else { throw CheckpointError.damaged }
  }
}
