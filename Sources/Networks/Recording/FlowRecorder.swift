import Model

/// Records what was asked for of a run, from its start to its end. It looks at the run and changes
/// nothing.
public protocol FlowRecorder<Ensemble>: Checkpointed {
  /// The neurons that it looks at.
  associatedtype Ensemble

  /// What was asked for.
  var record: RecordNames { get }

  /// Whether it would record the state at a normalised time, after a step or at the start. Only
  /// then is it shown the state.
  func wants(time: Double) -> Bool

  /// Records a state.
  ///
  /// - Returns: the point of the trajectory, if one was recorded: ``FlowState/sample``.
  mutating func observe(_ state: FlowState, _ ensemble: Ensemble) -> [Double]?

  /// What was recorded, at the end of the run; a run whose budget was exhausted may go on after it.
  func arrays(at end: FlowState, _ ensemble: Ensemble) -> RecordedArrays

  /// The quantities that were asked for, at the end of the run.
  func quantities(_ ensemble: Ensemble) -> NamedNumbers
}

extension FlowRecorder {
  /// None.
  public func quantities(_ ensemble: Ensemble) -> NamedNumbers { .none }
}
