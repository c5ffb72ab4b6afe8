import Model

/// Records the trajectory of a three-layer network.
struct ThreeLayerRecorder: FlowRecorder {
  let record: RecordNames
  private var sampler = TrajectorySampler()

  /// The columns of trajectories.
  static let columns: [Quantity] = [.time, .meanSquaredResidual] + ThreeLayerTanh.changes

  /// What it can record.
  static let recordables = [
    Recordable(
      Trajectory.name, summary: "mean squared residual and relative changes of all layers against time",
      columns: columns, shown: columns.dropFirst().map(\.name))
  ]

  /// The recorder of a run that is about to start.
  init(_ record: RecordNames) { self.record = record }

  func wants(time: Double) -> Bool { record.contains(Trajectory.name) && sampler.wants(time: time) }

  mutating func observe(_ state: FlowState, _ ensemble: ThreeLayerEnsemble) -> [Double]? {
    let point = point(state, ensemble)
    sampler.add(point)
    return point
  }

  func arrays(at end: FlowState, _ ensemble: ThreeLayerEnsemble) -> RecordedArrays {
    guard record.contains(Trajectory.name) else { return [:] }
    var sampler = sampler
    if sampler.lacks(time: end.time) { sampler.add(last: point(end, ensemble)) }
    return [Trajectory.name: trajectory(sampler).array]
  }

  private func trajectory(_ sampler: TrajectorySampler) -> Trajectory {
    Trajectory(columns: Self.columns.map(\.name), points: sampler.points)
  }

  private func point(_ state: FlowState, _ ensemble: ThreeLayerEnsemble) -> [Double] {
    [state.time, state.quantities[Quantity.meanSquaredResidual.name] ?? 0] + ensemble.tracked
  }

  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(record.names.count)
    for name in record.names { try writer.write(name) }
    try writer.write(sampler.resolution)
    try writer.write(sampler.points.isEmpty ? [:] : [Trajectory.name: trajectory(sampler).array])
  }

  /// The recorder of a run that is resumed.
  ///
  /// - Throws: ``CheckpointError/damaged`` if what was recorded so far is no such trajectory, or
  ///   what the reader throws.
  init(from reader: inout CheckpointReader) throws {
    var names: [String] = []
    for _ in 0..<(try reader.int(in: 0...1000)) { names.append(try reader.string()) }
    record = RecordNames(names)
    let resolution = try reader.double()
    guard let array = try reader.arrays()[Trajectory.name] else { return }
    guard let trajectory = Trajectory(array), trajectory.columns == Self.columns.map(\.name) else {
      throw CheckpointError.damaged
    }
    sampler = TrajectorySampler(points: trajectory.points, resolution: resolution)
  }
}
