import Model
import VectorKernels

/// A two-layer ReLU network with inputs in ℝᵈ, with or without a bias, neuron by neuron.
///
/// Neurons are kept as samples see them, by z_i = w·x̃_i and w − w(0) = Σ c_i x̃_i: what is
/// orthogonal to all samples never moves. A neuron may be a weighted node, that stands for many of
/// one direction (`docs/method.md`).
struct ReLUEnsemble: ResidualDriven {
  /// The training data.
  let samples: SpaceSamples
  /// c = κ/κ': f_i = c Σ_k â_k σ(w_k·x_i).
  let scale: Double
  /// ‖θ_w(0)‖².
  let initialSquared: Double
  /// r̃_i, n values.
  private(set) var residual: [Double]
  /// RD and d(RD²)/dτ, and the largest |u| under the present residual.
  private(set) var relativeChange = 0.0
  private(set) var squaredChangeRate = 0.0
  private var speed = 0.0
  private var neurons: NeuronRows
  /// What is subtracted from f̃, n values.
  private var offset: [Double]
  private let pool: ThreadPool

  /// The ensemble at the start of the flow.
  ///
  /// - Parameters:
  ///   - samples: the training data.
  ///   - scale: c, positive.
  ///   - a: â of the neurons.
  ///   - w: their input weights, rows of d̃, the bias last.
  ///   - initialSquared: ‖θ_w(0)‖² if it is another than that of the rows.
  ///   - isCentred: whether f counts from its value at the start.
  ///   - threads: how many threads to use, at least 1; the results are the same with any number.
  init(
    _ samples: SpaceSamples, scale: Double, a: [Double], w: [Double], initialSquared: Double? = nil,
    isCentred: Bool = false, threads: Int = 1
  ) {
    precondition(w.count == a.count * samples.inputCount, "a row of weights for every neuron")
    self.samples = samples
    self.scale = scale
    pool = ThreadPool(threadCount: threads)
    neurons = NeuronRows(width: a.count, samples)
    var squared = 0.0
    for k in a.indices {
      neurons.a.start[k] = a[k]
      let row = w[k * samples.inputCount..<(k + 1) * samples.inputCount]
      for weight in row { squared += weight * weight }
      for (i, x) in samples.input.enumerated() {
        var z = 0.0
        for (weight, x) in zip(row, x) { z += weight * x }
        neurons.z.start[k * samples.stride + i] = z
        if z > 0 { neurons.active.start[k * samples.words + i / 64] |= 1 << UInt64(i % 64) }
      }
    }
    self.initialSquared = initialSquared ?? squared
    offset = []
    residual = []
    let function = function(after: [])
    offset = isCentred ? function : samples.target.map { _ in 0 }
    residual = residual(of: function)
    observe()
  }

  /// The ensemble at a state that was saved.
  init(
    _ samples: SpaceSamples, scale: Double, width: Int, threads: Int, from reader: inout CheckpointReader
  ) throws {
    self.samples = samples
    self.scale = scale
    pool = ThreadPool(threadCount: threads)
    initialSquared = try reader.double()
    offset = try samples.target.map { _ in try reader.double() }
    neurons = NeuronRows(width: width, samples)
    for numbers in [neurons.a, neurons.z, neurons.c] {
      for i in 0..<numbers.count { numbers.start[i] = try reader.double() }
    }
    for sets in [neurons.active, neurons.sliding] {
      for i in 0..<sets.count { sets.start[i] = try reader.word() }
    }
    for k in 0..<width {
      for i in samples.count..<64 * samples.words {
        let bit: UInt64 = 1 << UInt64(i % 64)
        guard
          (neurons.active.start[k * samples.words + i / 64]
            | neurons.sliding.start[k * samples.words + i / 64]) & bit == 0
        else { throw CheckpointError.damaged }
      }
    }
    residual = []
    residual = residual(of: function(after: []))
    observe()
  }

  /// n, the number of distinct samples.
  var sampleCount: Int { samples.count }

  /// How many neurons are kept.
  var width: Int { neurons.width }

  /// The name of RD.
  static let relativeChangeName = "rd"

  /// RD alone.
  static let trackedNames = [relativeChangeName]

  /// RD.
  var tracked: [Double] { [relativeChange] }

  /// d(RD²)/dτ.
  var squaredRates: [Double] { [squaredChangeRate] }

  // MARK: Passes over all neurons

  /// Neurons that one thread works through at a time; the width alone decides, and so the order of
  /// sums.
  private var sliceSize: Int { max(256, (width + 63) / 64 + 7) / 8 * 8 }

  /// Calls `body` for slices of the neurons, on all threads, with room for the kernels.
  private func slices<Value>(_ body: (_ first: Int, _ count: Int, UnsafeMutablePointer<Double>) -> Value)
    -> [Value]
  {
    let size = sliceSize
    let count = (width + size - 1) / size
    return (count > 1 ? pool : .serial).map(count) { slice in
      let room = RowMemory<Double>(count: samples.roomSize)
      return withExtendedLifetime(room) {
        body(slice * size, min(size, width - slice * size), room.start)
      }
    }
  }

  /// Σ â z_i over the active neurons, by sample, after some impulses.
  private func function(after fields: [SpaceField], writes: Bool = false) -> [Double] {
    let (neurons, inputs) = (neurons.view, samples.view)
    let impulses = fields.map(\.view)
    let sums = withExtendedLifetime((self, fields)) {
      slices { first, count, room in
        let sum = RowMemory<Double>(count: samples.stride)
        withUnsafePointer(to: neurons) { neurons in
          withUnsafePointer(to: inputs) { inputs in
            impulses.withUnsafeBufferPointer { impulses in
              move_space_neurons(
                neurons, first, count, inputs, impulses.baseAddress, impulses.count, writes ? 1 : 0, room,
                sum.start)
            }
          }
        }
        return sum
      }
    }
    return (0..<samples.count).map { i in scale * sums.reduce(0) { $0 + $1.start[i] } }
  }

  /// f̃ − ỹ.
  private func residual(of function: [Double]) -> [Double] {
    samples.target.indices.map { function[$0] - offset[$0] - samples.target[$0] }
  }

  /// Works out what is known of the present state.
  private mutating func observe() {
    let field = SpaceField(residual, samples)
    let (neurons, inputs, impulse) = (neurons.view, samples.view, field.view)
    let sums = withExtendedLifetime((self, field)) {
      slices { first, count, room in
        withUnsafePointer(to: neurons) { neurons in
          withUnsafePointer(to: inputs) { inputs in
            withUnsafePointer(to: impulse) { space_sums(neurons, first, count, inputs, $0, room) }
          }
        }
      }
    }
    let displacement = sums.reduce(0) { $0 + $1.displacement }
    relativeChange = (displacement / initialSquared).squareRoot()
    squaredChangeRate = 2 * sums.reduce(0) { $0 + $1.rate } / initialSquared
    speed = sums.reduce(0) { max($0, $1.mobility) }.squareRoot()
  }

  /// The largest |u| of any neuron.
  func mobility(_ impulse: Impulse) -> Double {
    if impulse.samples == residual { return speed }
    let field = SpaceField(impulse.samples, samples)
    let (neurons, inputs, view) = (neurons.view, samples.view, field.view)
    let squares = withExtendedLifetime((self, field)) {
      slices { first, count, room in
        withUnsafePointer(to: neurons) { neurons in
          withUnsafePointer(to: inputs) { inputs in
            withUnsafePointer(to: view) { space_mobility_squared(neurons, first, count, inputs, $0, room) }
          }
        }
      }
    }
    return squares.reduce(0, max).squareRoot()
  }

  /// K_ij = c Σ_k [σ_ki σ_kj + â_k² x̃_i·P_k x̃_j] over the neurons active at both, with the
  /// projector P_k on the directions in which a neuron may move that slides on kinks.
  func kernel() -> [Double] {
    let (neurons, inputs) = (neurons.view, samples.view)
    let (n, stride) = (samples.count, samples.stride)
    let sums = withExtendedLifetime(self) {
      slices { first, count, room in
        let (products, weights) = (RowMemory<Double>(count: n * stride), RowMemory<Double>(count: n * stride))
        withUnsafePointer(to: neurons) { neurons in
          withUnsafePointer(to: inputs) {
            add_space_kernel(neurons, first, count, $0, room, products.start, weights.start)
          }
        }
        return (products: products, weights: weights)
      }
    }
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in i..<n {
        let product = sums.reduce(0) { $0 + $1.products.start[i * stride + j] }
        let weight = sums.reduce(0) { $0 + $1.weights.start[i * stride + j] }
        let value = scale * (product + weight * samples.gram.start[i * stride + j])
        result[i * n + j] = value
        result[j * n + i] = value
      }
    }
    return result
  }

  // MARK: Motion

  /// A motion along a path of impulses: where it leads to, as the residuals tell. The neurons are
  /// moved again when it is made, which costs no more than to keep where all are.
  struct Motion: ResidualMotion {
    /// r̃_i after the motion.
    let residual: [Double]
    fileprivate let fields: [SpaceField]
  }

  /// Moves all neurons, one by one.
  func motion(along pieces: [Impulse]) -> Motion {
    let fields = pieces.map { SpaceField($0.samples, samples) }
    return Motion(residual: residual(of: function(after: fields)), fields: fields)
  }

  /// Makes a motion that was worked out for the present state.
  mutating func advance(_ motion: Motion) {
    if !isKnownUniquelyReferenced(&neurons) { neurons = NeuronRows(neurons) }
    _ = function(after: motion.fields, writes: true)
    residual = motion.residual
    observe()
  }
}

extension ReLUEnsemble: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(initialSquared)
    for number in offset { try writer.write(number) }
    for numbers in [neurons.a, neurons.z, neurons.c] {
      for i in 0..<numbers.count { try writer.write(numbers.start[i]) }
    }
    for sets in [neurons.active, neurons.sliding] {
      for i in 0..<sets.count { try writer.write(sets.start[i]) }
    }
  }
}

// MARK: What observables need

extension ReLUEnsemble {
  /// What has happened to a neuron.
  struct NeuronChange {
    /// â.
    let a: Double
    /// w − w(0), d̃ numbers.
    let displacement: [Double]
    /// w·x̃_i at the samples.
    let products: [Double]
    /// The samples at which it is active.
    let active: [Int]
    /// The samples on whose kinks it slides.
    let sliding: [Int]
  }

  /// The state of a neuron.
  func neuron(_ k: Int) -> NeuronChange {
    let rows = samples.stride * k..<samples.stride * k + samples.count
    var displacement = [Double](repeating: 0, count: samples.inputCount)
    for (i, row) in rows.enumerated() {
      let c = neurons.c.start[row]
      for j in displacement.indices { displacement[j] += c * samples.input[i][j] }
    }
    func members(_ sets: RowMemory<UInt64>) -> [Int] {
      (0..<samples.count).filter { sets.start[samples.words * k + $0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    }
    return NeuronChange(
      a: neurons.a.start[k], displacement: displacement, products: rows.map { neurons.z.start[$0] },
      active: members(neurons.active), sliding: members(neurons.sliding))
  }
}
