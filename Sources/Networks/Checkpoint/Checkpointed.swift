/// A part of the state of a run that can be written, so that every bit of it can be restored.
protocol Checkpointed {
  func save(to writer: inout CheckpointWriter) throws
}

extension SIMD3<Double> {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(x)
    try writer.write(y)
    try writer.write(z)
  }

  mutating func restore(from reader: inout CheckpointReader) throws {
    x = try reader.double()
    y = try reader.double()
    z = try reader.double()
  }
}

extension Matrix3 {
  func save(to writer: inout CheckpointWriter) throws {
    try c0.save(to: &writer)
    try c1.save(to: &writer)
    try c2.save(to: &writer)
  }

  mutating func restore(from reader: inout CheckpointReader) throws {
    try c0.restore(from: &reader)
    try c1.restore(from: &reader)
    try c2.restore(from: &reader)
  }
}
