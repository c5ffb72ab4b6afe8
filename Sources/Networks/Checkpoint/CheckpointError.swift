/// Why a run cannot be resumed from a checkpoint.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// It is something else.
  case notACheckpoint
  /// It was written in another format.
  case otherFormat(String)
  /// It was written by another method, or by another revision of it.
  case otherMethod(String)
  /// It belongs to another run or problem.
  case otherRun
  /// It is incomplete or was changed.
  case damaged

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .notACheckpoint: "this is not a checkpoint of a run"
    case .otherFormat(let found):
      "the checkpoint is of the format “\(found)”, this program reads “\(Checkpoint.format)”; start the run "
        + "anew"
    case .otherMethod(let found):
      "the checkpoint was written by the method “\(found)”, not by that of the run; start the run anew"
    case .otherRun:
      "the checkpoint belongs to another run: parameters, width, seed or initial values, network, samples, "
        + "target and tolerance must be the same"
    case .damaged: "the checkpoint is damaged or incomplete; start the run anew"
    }
  }
}
