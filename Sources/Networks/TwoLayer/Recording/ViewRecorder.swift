import Model
import RealModule

/// Records the trajectory and the neurons of a two-layer network in any number of dimensions.
struct ViewRecorder<Ensemble: ViewedNeurons & CondensingNeurons>: FlowRecorder {
  let record: RecordNames
  private let width: Int
  private let isPlanar: Bool
  private var sampler = TrajectorySampler()
  /// What was seen of the neurons before: arrays whose states after are those before.
  private var before: Snapshot
  private let condensation: CondensationRecorder

  /// The columns of trajectories.
  static var columns: [Quantity] {
    [
      .time, .meanSquaredResidual,
      Quantity("rd", symbol: "RD", summary: "relative change of the input weights"),
      Quantity("output_norm", symbol: "‖ā‖", summary: "norm of the normalised output weights"),
    ]
  }

  /// Those of them that figures show.
  static var shownColumns: [String] { columns.dropFirst().map(\.name) }

  /// What it can record.
  static var recordables: [Recordable] {
    [
      Recordable(
        Trajectory.name, summary: "mean squared residual, RD and norm of the output weights against time",
        columns: columns, shown: shownColumns),
      Recordable(
        NeuronSnapshot.nameOfEach,
        summary: "direction and amplitude of every neuron before and after; histograms beyond a width of "
          + "\(NeuronSnapshot.maxWidthOfEach)"),
    ] + CondensationMeasure.recordables
  }

  /// Neurons at one time.
  private enum Snapshot {
    case nothing
    case angles([NeuronSnapshot.Neuron])
    case cosines([NeuronCosines.Neuron])
    case angleHistogram(OrientationHistogram)
    case cosineHistograms([OrientationHistogram])
  }

  /// The recorder of a run that is about to start; takes the snapshot of the initial values.
  init(_ record: RecordNames, _ ensemble: Ensemble) {
    self.record = record
    width = ensemble.neuronCount
    isPlanar = ensemble.isPlanar
    before = record.contains(NeuronSnapshot.nameOfEach) ? Self.snapshot(of: ensemble) : .nothing
    condensation = CondensationRecorder(record, ensemble)
  }

  func wants(time: Double) -> Bool { record.contains(Trajectory.name) && sampler.wants(time: time) }

  mutating func observe(_ state: FlowState, _ ensemble: Ensemble) -> [Double]? {
    let point = point(state, ensemble)
    sampler.add(point)
    return point
  }

  func arrays(at end: FlowState, _ ensemble: Ensemble) -> RecordedArrays {
    var arrays: RecordedArrays = [:]
    if record.contains(Trajectory.name) {
      var sampler = sampler
      if sampler.lacks(time: end.time) { sampler.add(last: point(end, ensemble)) }
      arrays[Trajectory.name] = trajectory(sampler).array
    }
    if record.contains(NeuronSnapshot.nameOfEach) {
      arrays.merge(Self.arrays(before, Self.snapshot(of: ensemble))) { $1 }
    }
    return arrays
  }

  func quantities(_ ensemble: Ensemble) -> NamedNumbers { condensation.quantities(of: ensemble) }

  private var columnNames: [String] { Self.columns.map(\.name) + condensation.names }

  private func trajectory(_ sampler: TrajectorySampler) -> Trajectory {
    Trajectory(columns: columnNames, points: sampler.points)
  }

  /// A value for each of ``columnNames``.
  private func point(_ state: FlowState, _ ensemble: Ensemble) -> [Double] {
    [
      state.time, state.quantities[Quantity.meanSquaredResidual.name] ?? 0, ensemble.relativeChange,
      ensemble.outputSquared.squareRoot(),
    ] + condensation.values(of: ensemble)
  }

  // MARK: Snapshots

  private static func snapshot(of ensemble: Ensemble) -> Snapshot {
    ensemble.neuronCount <= NeuronSnapshot.maxWidthOfEach ? each(of: ensemble) : histograms(of: ensemble)
  }

  private static func each(of ensemble: Ensemble) -> Snapshot {
    let count = ensemble.neuronCount
    if ensemble.isPlanar {
      var neurons = [NeuronSnapshot.Neuron](repeating: .init(orientation: 0, amplitude: 0), count: count)
      ensemble.forEachNeuron { k, view in
        neurons[k] = .init(
          orientation: Float(view.angle), amplitude: Float(clamping: view.amplitude))
      }
      return .angles(neurons)
    }
    var neurons = [NeuronCosines.Neuron](repeating: .init(cosines: [], amplitude: 0), count: count)
    ensemble.forEachNeuron { k, view in
      neurons[k] = .init(
        cosines: view.cosines.map { Float($0) }, amplitude: Float(clamping: view.amplitude))
    }
    return .cosines(neurons)
  }

  private static func histograms(of ensemble: Ensemble) -> Snapshot {
    if ensemble.isPlanar {
      var histogram = OrientationHistogram()
      ensemble.forEachNeuron { _, view in
        let degree = (view.angle * 180 / .pi + 180).rounded(.down)
        histogram.add(
          bin: Int(min(max(degree, 0), Double(OrientationHistogram.bins - 1))), amplitude: view.amplitude)
      }
      return .angleHistogram(histogram)
    }
    var histograms = NeuronCosines.Direction.allCases.map { _ in OrientationHistogram() }
    ensemble.forEachNeuron { _, view in
      for (i, cosine) in view.cosines.enumerated() {
        histograms[i].add(bin: NeuronCosines.bin(cosine), amplitude: view.amplitude)
      }
    }
    return .cosineHistograms(histograms)
  }

  private static func arrays(_ before: Snapshot, _ after: Snapshot) -> RecordedArrays {
    switch (before, after) {
    case (.angles(let before), .angles(let after)):
      NeuronSnapshot.each(zip(before, after).map { .init(before: $0, after: $1) }).arrays
    case (.cosines(let before), .cosines(let after)): NeuronCosines.arrays(before: before, after: after)
    case (.angleHistogram(let before), .angleHistogram(let after)):
      NeuronSnapshot.histograms(before: before, after: after).arrays
    case (.cosineHistograms(let before), .cosineHistograms(let after)):
      NeuronCosines.arrays(before: before, after: after)
    default: [:]
    }
  }
}

extension NeuronView {
  /// |ā||w̄| with the sign of a.
  var amplitude: Double { output * inputSquared.squareRoot() }

  /// atan2(b, w); 0 where both vanish.
  var angle: Double { plane == (0, 0) ? 0 : Double.atan2(y: plane.b, x: plane.w) }

  /// The cosines with the two directions; 0 where w̄ vanishes.
  var cosines: [Double] {
    guard inputSquared > 0 else { return [0, 0] }
    let norm = inputSquared.squareRoot()
    return [products.diagonal, products.target].map { min(1, max(-1, $0 / norm)) }
  }
}

// MARK: Checkpoints

extension ViewRecorder {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(record.names.count)
    for name in record.names { try writer.write(name) }
    try writer.write(sampler.resolution)
    var arrays: RecordedArrays = [:]
    if !sampler.points.isEmpty { arrays[Trajectory.name] = trajectory(sampler).array }
    // The states before stand twice, where a snapshot has those before and after.
    arrays.merge(Self.arrays(before, before)) { $1 }
    try writer.write(arrays)
    try condensation.save(to: &writer)
  }

  /// The recorder of a run that is resumed.
  ///
  /// - Throws: ``CheckpointError/damaged`` if what was recorded so far cannot be that of such a
  ///   run, or what the reader throws.
  init(width: Int, isPlanar: Bool, from reader: inout CheckpointReader) throws {
    var names: [String] = []
    for _ in 0..<(try reader.int(in: 0...1000)) { names.append(try reader.string()) }
    record = RecordNames(names)
    self.width = width
    self.isPlanar = isPlanar
    before = .nothing
    let resolution = try reader.double()
    let arrays = try reader.arrays()
    condensation = try CondensationRecorder(record, from: &reader)
    if let array = arrays[Trajectory.name] {
      guard let trajectory = Trajectory(array), trajectory.columns == columnNames else {
        throw CheckpointError.damaged
      }
      sampler = TrajectorySampler(points: trajectory.points, resolution: resolution)
    }
    guard record.contains(NeuronSnapshot.nameOfEach) else { return }
    before = try Self.before(arrays, width: width, isPlanar: isPlanar)
  }

  private static func before(
    _ arrays: RecordedArrays, width: Int, isPlanar: Bool
  ) throws(CheckpointError) -> Snapshot {
    if isPlanar {
      switch arrays.neurons {
      case .each(let neurons) where neurons.count == width: return .angles(neurons.map(\.before))
      case .histograms(let before, _): return .angleHistogram(before)
      default: throw .damaged
      }
    }
    if let (before, _) = NeuronCosines.neurons(arrays), before.count == width { return .cosines(before) }
    let histograms = NeuronCosines.Direction.allCases.compactMap { direction in
      if case .histograms(let before, _) = NeuronSnapshot(arrays, along: direction) { before } else { nil }
    }
    guard histograms.count == NeuronCosines.Direction.allCases.count else { throw .damaged }
    return .cosineHistograms(histograms)
  }
}
