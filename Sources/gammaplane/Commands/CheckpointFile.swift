import Networks

/// The checkpoint of `gammaplane flow`, with errors for its user.
extension CheckpointFile {
  /// The run at the state in the file; nil if there is no file.
  func take(_ flow: FlowRun, initial: InitialValues?, threads: Int) throws -> FlowIntegration? {
    do {
      return try resume(flow, initial: initial, threads: threads)
    } catch let error as CheckpointError {
      throw Failure(
        .noInput, "cannot continue from \(path): \(error). Name another file, or remove this one")
    } catch let error as CheckpointFileError {
      throw Failure(.noInput, error.description)
    }
  }

  /// Writes the state of a run; what was there before stays until it is complete.
  func put(_ flow: FlowIntegration) throws {
    do {
      try write(flow)
    } catch let error as CheckpointFileError {
      throw Failure(.inputOutput, error.description)
    }
  }
}
