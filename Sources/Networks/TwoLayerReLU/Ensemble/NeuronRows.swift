import VectorKernels

/// The states of neurons, one by one, as samples see them.
final class NeuronRows {
  /// How many.
  let width: Int
  /// â.
  let a: RowMemory<Double>
  /// z_i = w·x̃_i, a row a neuron.
  let z: RowMemory<Double>
  /// w − w(0) = Σ c_i x̃_i, a row a neuron.
  let c: RowMemory<Double>
  /// The active samples, and those on whose kinks it slides, a set a neuron.
  let active: RowMemory<UInt64>
  let sliding: RowMemory<UInt64>

  /// Room for so many neurons.
  init(roomFor width: Int, _ samples: SpaceSamples) {
    self.width = width
    a = RowMemory(roomFor: width)
    z = RowMemory(roomFor: width * samples.stride)
    c = RowMemory(roomFor: width * samples.stride)
    active = RowMemory(roomFor: width * samples.words)
    sliding = RowMemory(roomFor: width * samples.words)
  }

  /// So many neurons at zero.
  init(width: Int, _ samples: SpaceSamples) {
    self.width = width
    a = RowMemory(count: width)
    z = RowMemory(count: width * samples.stride)
    c = RowMemory(count: width * samples.stride)
    active = RowMemory(count: width * samples.words)
    sliding = RowMemory(count: width * samples.words)
  }

  /// As the kernels see them; what it points to lives as long as the states.
  var view: SpaceNeurons {
    SpaceNeurons(a: a.start, z: z.start, c: c.start, active: active.start, sliding: sliding.start)
  }

  /// Writes all states.
  func save(to writer: inout CheckpointWriter) throws {
    for numbers in [a, z, c] {
      for i in 0..<numbers.count { try writer.write(numbers.start[i]) }
    }
    for sets in [active, sliding] {
      for i in 0..<sets.count { try writer.write(sets.start[i]) }
    }
  }

  /// Reads all states.
  ///
  /// - Throws: ``CheckpointError/damaged`` if there are sets with more than the samples, or what
  ///   the reader throws.
  func restore(from reader: inout CheckpointReader, _ samples: SpaceSamples) throws {
    for numbers in [a, z, c] {
      for i in 0..<numbers.count { numbers.start[i] = try reader.double() }
    }
    for sets in [active, sliding] {
      for i in 0..<sets.count {
        let set = try reader.word()
        let members = samples.count - i % samples.words * 64
        guard members >= 64 || set >> UInt64(max(0, members)) == 0 else { throw CheckpointError.damaged }
        sets.start[i] = set
      }
    }
  }
}
