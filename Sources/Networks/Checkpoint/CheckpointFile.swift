import Model

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

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
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw CheckpointFileError(.read, path)
    }
    defer { close(descriptor) }
    return try Checkpoint.resume(run, of: problem, by: family, options: options) {
      let capacity = 1 << 20
      var received = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        repeat {
          received = read(descriptor, buffer.baseAddress, capacity)
        } while received < 0 && errno == EINTR
        count = max(0, received)
      }
      guard received >= 0 else { throw CheckpointFileError(.read, path) }
      onPortion?()
      return bytes
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
    let draft = path + ".part"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw CheckpointFileError(.write, path) }
    do {
      try Checkpoint.write(flow, run, of: problem, initial: initial) { bytes in
        guard writeAll(bytes, to: descriptor) else { throw CheckpointFileError(.write, path) }
        onPortion?()
      }
      guard fsync(descriptor) == 0 else { throw CheckpointFileError(.write, path) }
      guard rename(draft, path) == 0 else { throw CheckpointFileError(.write, path) }
    } catch {
      close(descriptor)
      unlink(draft)
      throw error
    }
    close(descriptor)
    synchronizeFolder()
  }

  /// Removes the file, if it is there.
  public func remove() { unlink(path) }

  /// The new name survives a loss of power only then. Some file systems cannot, and need not.
  private func synchronizeFolder() {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

private func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
  bytes.withUnsafeBytes { buffer in
    var done = 0
    while done < buffer.count {
      let written = write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      if written < 0 && errno != EINTR { return false }
      done += max(0, written)
    }
    return true
  }
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
  /// The system's error number.
  public let errorNumber: Int32

  /// An attempt that has failed just now.
  init(_ attempt: Attempt, _ path: String) {
    self.attempt = attempt
    self.path = path
    errorNumber = errno
  }

  /// One sentence for the user.
  public var description: String {
    let cause = strerror(errorNumber).map { String(cString: $0) } ?? "error \(errorNumber)"
    return "cannot \(attempt.rawValue) the checkpoint \(path): \(cause)"
  }
}
