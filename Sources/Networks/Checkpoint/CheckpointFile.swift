import Model
import Platform

/// The file in which a run is kept that did not come to its end.
public struct CheckpointFile: Sendable {
  /// Where it is.
  public let path: String

  /// A file, there or not.
  public init(path: String) { self.path = path }

  /// The run at the state in the file.
  ///
  /// - Parameters:
  ///   - flow: the run that was put down.
  ///   - initial: the same as at its start.
  ///   - threads: how many cores to use, ≥ 1.
  ///   - onPortion: called now and then, when some more has been read.
  /// - Returns: nil if there is no file.
  /// - Throws: ``CheckpointFileError`` if it cannot be read, ``CheckpointError`` if it is not this run's or is damaged.
  public func resume(
    _ flow: FlowRun, initial: InitialValues? = nil, threads: Int = 1, onPortion: (() -> Void)? = nil
  ) throws -> FlowIntegration? {
    do {
      let file = try OpenFile(path, O_RDONLY)
      return try FlowIntegration(resuming: flow, initial: initial, threads: threads) {
        let bytes = try file.read(atMost: 1 << 20)
        onPortion?()
        return bytes
      }
    } catch let error as SystemError {
      if error.number == ENOENT { return nil }
      throw CheckpointFileError(.read, path, error)
    }
  }

  /// Writes the state of a run, synchronised to the disk; what was there before stays until it is complete.
  ///
  /// - Parameters:
  ///   - flow: the run.
  ///   - onPortion: called now and then, when some more has been written.
  /// - Throws: ``CheckpointFileError``.
  public func write(_ flow: FlowIntegration, onPortion: (() -> Void)? = nil) throws {
    do {
      let file = try AtomicFile(path, draft: path + ".part", mode: 0o644)
      try flow.writeCheckpoint { bytes in
        try file.write(bytes)
        onPortion?()
      }
      try file.commit()
    } catch let error as SystemError {
      throw CheckpointFileError(.write, path, error)
    }
  }

  /// Removes the file, if it is there.
  public func remove() { unlink(path) }
}

/// Why a file with the state of a run cannot be read or written.
public struct CheckpointFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried.
  public enum Attempt: String, Hashable, Sendable {
    /// To read it.
    case read
    /// To write it.
    case write
  }

  /// What was tried.
  public let attempt: Attempt
  /// The file.
  public let path: String
  /// Why it failed.
  public let cause: SystemError

  init(_ attempt: Attempt, _ path: String, _ cause: SystemError) {
    self.attempt = attempt
    self.path = path
    self.cause = cause
  }

  /// One sentence for the user.
  public var description: String { "cannot \(attempt.rawValue) the checkpoint \(path): \(cause)" }
}
