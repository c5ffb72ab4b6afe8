/// What was kept of a run beside its result, because a grid asked for it.
public struct FlowRecord: Hashable, Sendable {
  /// How the run went; nil: not kept.
  public var trajectory: Trajectory?
  /// The neurons before and after; nil: not kept.
  public var neurons: NeuronSnapshot?
  /// The function before and after; nil: not kept.
  public var function: FunctionSnapshot?

  /// A record.
  public init(
    trajectory: Trajectory? = nil, neurons: NeuronSnapshot? = nil, function: FunctionSnapshot? = nil
  ) {
    self.trajectory = trajectory
    self.neurons = neurons
    self.function = function
  }

  /// What there is.
  public var observables: Observables {
    var result: Observables = []
    if trajectory != nil { result.insert(.trajectory) }
    if neurons != nil { result.insert(.neurons) }
    if function != nil { result.insert(.function) }
    return result
  }

  /// The part of it that is among `wanted`.
  public func restricted(to wanted: Observables) -> FlowRecord {
    FlowRecord(
      trajectory: wanted.contains(.trajectory) ? trajectory : nil,
      neurons: wanted.contains(.neurons) ? neurons : nil,
      function: wanted.contains(.function) ? function : nil)
  }
}
