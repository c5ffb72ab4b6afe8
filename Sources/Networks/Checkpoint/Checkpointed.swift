/// A part of the state of a run that can be written, so that every bit of it can be restored.
public protocol Checkpointed {
  /// Writes everything that the part needs to be restored.
  ///
  /// - Throws: what the writer throws, which is what its file throws.
  func save(to writer: inout CheckpointWriter) throws
}
