import Model

extension RunResult: Checkpointed {
  /// Writes every property.
  public func save(to writer: inout CheckpointWriter) throws {
    try writer.write(outcome.rawValue)
    try writer.write(reason)
    try writer.write(quantities.count)
    for (name, value) in quantities.pairs {
      try writer.write(name)
      try writer.write(value)
    }
    try writer.write(steps)
    try writer.write(wallSeconds)
    try writer.write(initialSeconds)
  }

  /// Reads what ``save(to:)`` wrote.
  ///
  /// - Throws: ``CheckpointError/damaged`` if there is no such outcome, or what the reader throws.
  init(from reader: inout CheckpointReader) throws {
    guard let outcome = Outcome(rawValue: try reader.string()) else { throw CheckpointError.damaged }
    let reason = try reader.string()
    var quantities: [(name: String, value: Double)] = []
    for _ in 0..<(try reader.int(in: 0...1000)) {
      quantities.append((try reader.string(), try reader.double()))
    }
    self.init(
      outcome: outcome, reason: reason, quantities: NamedNumbers(quantities),
      steps: try reader.int(in: 0...Int.max), wallSeconds: try reader.double(),
      initialSeconds: try reader.double())
  }
}
