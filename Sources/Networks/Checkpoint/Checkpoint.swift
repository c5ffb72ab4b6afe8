import Model

/// The state of a run as bytes: a head that tells which run it is, what its flow writes, and a
/// checksum.
enum Checkpoint {
  /// The format of the head, and with it of all that follows.
  static let format = "gammaplane checkpoint 1"

  /// Writes the present state of a run.
  ///
  /// - Parameters:
  ///   - flow: the run's flow.
  ///   - run: the run.
  ///   - problem: the problem of the run.
  ///   - initial: the initial values that were given at its start.
  ///   - sink: takes the bytes in order, in portions of up to 64 KiB.
  /// - Throws: what the sink throws.
  static func write(
    _ flow: any Flow, _ run: Run, of problem: Problem, initial: RecordedArrays?,
    to sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    var writer = CheckpointWriter(sink)
    try writer.write(format)
    try writer.write(problem.method)
    try writer.write("\(run.identity(of: problem.digest))")
    try writer.write(checksum(of: initial))
    try flow.save(to: &writer)
    try writer.finish()
  }

  /// The run at the state that was written.
  ///
  /// - Parameters:
  ///   - run: the run that was suspended.
  ///   - problem: the problem of the run.
  ///   - family: the family of the problem.
  ///   - options: with the same initial values as at its start.
  ///   - source: hands out the bytes in order, in portions of any size, and none at the end.
  /// - Throws: ``CheckpointError``, what the family throws, or what the source throws.
  static func resume(
    _ run: Run, of problem: Problem, by family: any NetworkFamily, options: FlowOptions,
    from source: @escaping () throws -> [UInt8]
  ) throws -> any Flow {
    var reader = CheckpointReader(source)
    try reader.expectFormat(format)
    let method = try reader.string()
    guard method == problem.method else { throw CheckpointError.otherMethod(method) }
    guard try reader.string() == "\(run.identity(of: problem.digest))",
      try reader.word() == checksum(of: options.initial)
    else {
      throw CheckpointError.otherRun
    }
    let flow = try family.resume(run, of: problem, options: options, from: &reader)
    try reader.finish()
    return flow
  }

  /// Distinguishes given initial values from each other and from those of the seed.
  private static func checksum(of initial: RecordedArrays?) -> UInt64 {
    guard let initial else { return 0 }
    var checksum = Checksum()
    for (name, array) in initial.sorted(by: { $0.key < $1.key }) {
      Array(name.utf8).withUnsafeBytes { checksum.add($0) }
      for length in array.shape { checksum.add(UInt64(length)) }
      array.data.withUnsafeBytes { checksum.add($0) }
    }
    return checksum.value
  }
}
