/// Why a run cannot be continued from a checkpoint.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// It is something else.
  case notACheckpoint
  /// It was written by another version of the integrator.
  case otherFormat(String)
  /// It belongs to another run or problem.
  case otherRun
  /// It is incomplete or was changed.
  case damaged

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .notACheckpoint: "this is not a checkpoint of a run"
    case .otherFormat(let found):
      "the checkpoint is of the format “\(found)”, this program continues “\(FlowIntegration.checkpointFormat)”; "
        + "start the run anew"
    case .otherRun:
      "the checkpoint belongs to another run: exponents, width, seed or initial values, samples, target, "
        + "tolerance and symmetry must be the same"
    case .damaged: "the checkpoint is damaged or incomplete; start the run anew"
    }
  }
}
