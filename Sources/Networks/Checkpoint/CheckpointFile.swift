import Model
import Platform

/// The file that holds the state of a suspended run.
public struct CheckpointFile: Sendable {
  /// Where it is.
  public let path: String

  /// A file, whether it exists or not.
  public init(path: String) { self.path = path }

  /// The run at the state in the file.
  ///
  /// - Parameters:
  ///   - run: the run that was suspended.
  ///   - problem: the problem of the run.
  ///   - family: the family of the problem.
  ///   - options: with the same initial values as at its start. What it records is what it recorded
  ///     before: ``Flow/record``.
  ///   - onPortion: called now and then, when some more has been read.
  /// - Returns: nil if there is no file.
  /// - Throws: ``CheckpointFileError`` if it cannot be read, ``CheckpointError`` if it is not this
  ///   run's or is damaged, and what the family throws.
  public func resume(
    _ run: Run, of problem: Problem, by family: any NetworkFamily, options: FlowOptions = FlowOptions(),
    onPortion: (() -> Void)? = nil
  ) throws -> (any Flow)? {
    do {
      let file = try OpenFile(path, O_RDONLY)
      return try Checkpoint.resume(run, of: problem, by: family, options: options) {
        let bytes = try file.read(atMost: 1 << 20)
        onPortion?()
        return bytes
      }
    } catch let error as SystemError {
      if error.number == ENOENT { return nil }
      throw CheckpointFileError(.read, path, error)
    }
  }

  /// Writes the state of a run, synchronised to the disk; what was there before stays until it is
  /// complete.
  ///
  /// - Parameters:
  ///   - flow: the run's flow.
  ///   - run: the run.
  ///   - problem: the problem of the run.
  ///   - initial: the initial values that were given at its start: ``FlowOptions/initial``.
  ///   - onPortion: called now and then, when some more has been written.
  /// - Throws: ``CheckpointFileError``.
  public func write(
    _ flow: any Flow, _ run: Run, of problem: Problem, initial: RecordedArrays? = nil,
    onPortion: (() -> Void)? = nil
  ) throws {
    do {
      let file = try AtomicFile(path, draft: path + ".part", mode: 0o644)
      try Checkpoint.write(flow, run, of: problem, initial: initial) { bytes in
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
