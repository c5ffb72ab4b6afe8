import Model
import VectorKernels

/// A two-layer ReLU network with inputs in ℝᵈ, with or without a bias, neuron by neuron.
///
/// Neurons are kept as samples see them, by z_i = w·x̃_i and w − w(0) = Σ c_i x̃_i: what is
/// orthogonal to all samples never moves. A neuron may be a weighted node, that stands for many of
/// one direction (`docs/space.md`).
struct ReLUEnsemble: ResidualDriven {
  /// The training data.
  let samples: SpaceSamples
  /// κ and κ', and the units of the neurons.
  let scales: WidthScales
  /// The initial values.
  let initialWeights: SpaceWeights
  /// ‖θ_w(0)‖².
  let initialSquared: Double
  /// r̃_i, n values.
  private(set) var residual: [Double]
  /// RD and d(RD²)/dτ, and the largest |u| under the present residual.
  private(set) var relativeChange = 0.0
  private(set) var squaredChangeRate = 0.0
  private var speed = 0.0
  private var neurons: NeuronRows
  private let views: InitialViews
  private let spare = Spare()
  /// What is subtracted from f̃, n values.
  private var offset: [Double]
  private let pool: ThreadPool

  /// The ensemble at the start of the flow.
  ///
  /// - Parameters:
  ///   - samples: the training data.
  ///   - scales: κ and κ', and the units of the neurons.
  ///   - weights: the neurons.
  ///   - threads: how many threads to use, at least 1; the results are the same with any number.
  ///   - onProgress: called now and then, when some more neurons have been drawn.
  init(
    _ samples: SpaceSamples, scales: WidthScales, _ weights: SpaceWeights, threads: Int = 1,
    onProgress: (() -> Void)? = nil
  ) {
    self.samples = samples
    self.scales = scales
    initialWeights = weights
    pool = ThreadPool(threadCount: threads)
    let width = weights.source.width
    neurons = NeuronRows(width: width, samples)
    views = InitialViews(width: width)
    let (neurons, views, starter) = (neurons, views, SpaceStarter(weights, scales, samples))
    let size = Self.sliceSize(width)
    let slices = (width + size - 1) / size
    var squared = 0.0
    for first in stride(from: 0, to: slices, by: 8) {
      let sums = pool.map(min(8, slices - first)) { slice in
        let start = (first + slice) * size
        return starter.write(start..<min(width, start + size), to: neurons, views)
      }
      squared = sums.reduce(squared, +)
      onProgress?()
    }
    initialSquared = weights.initialSquared ?? squared
    offset = []
    residual = []
    let function = function(after: [])
    offset = zip(function, weights.initialFunction ?? function).map { $0 - $1 }
    residual = residual(of: function)
    observe()
  }

  /// The ensemble at a state that was saved.
  init(
    _ samples: SpaceSamples, scales: WidthScales, initial: SpaceWeights, threads: Int,
    from reader: inout CheckpointReader
  ) throws {
    self.samples = samples
    self.scales = scales
    initialWeights = initial
    let width = initial.source.width
    pool = ThreadPool(threadCount: threads)
    initialSquared = try reader.double()
    offset = try samples.target.map { _ in try reader.double() }
    neurons = NeuronRows(width: width, samples)
    views = InitialViews(width: width)
    try neurons.restore(from: &reader, samples)
    for i in 0..<views.numbers.count { views.numbers.start[i] = try reader.double() }
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
  private static func sliceSize(_ width: Int) -> Int { max(256, (width + 63) / 64 + 7) / 8 * 8 }

  /// Calls `body` for slices of the neurons, on all threads, with room for the kernels.
  private func slices<Value>(_ body: (_ first: Int, _ count: Int, UnsafeMutablePointer<Double>) -> Value)
    -> [Value]
  {
    let size = Self.sliceSize(width)
    let count = (width + size - 1) / size
    return (count > 1 ? pool : .serial).map(count) { slice in
      let room = RowMemory<Double>(roomFor: samples.roomSize)
      return withExtendedLifetime(room) {
        body(slice * size, min(size, width - slice * size), room.start)
      }
    }
  }

  /// f̃ after some impulses.
  ///
  /// - Parameter moved: gets where the neurons are then; nil: nothing does.
  private func function(after fields: [SpaceField], to moved: NeuronRows? = nil) -> [Double] {
    let (neurons, inputs) = (neurons.view, samples.view)
    let impulses = fields.map(\.view)
    let target = moved.map { [$0.view] } ?? []
    let sums = withExtendedLifetime((self, fields, moved)) {
      slices { first, count, room in
        let sum = RowMemory<Double>(count: samples.stride)
        withUnsafePointer(to: neurons) { neurons in
          withUnsafePointer(to: inputs) { inputs in
            impulses.withUnsafeBufferPointer { impulses in
              target.withUnsafeBufferPointer { target in
                move_space_neurons(
                  neurons, first, count, inputs, impulses.baseAddress, impulses.count,
                  target.isEmpty ? nil : target.baseAddress,
                  room,
                  sum.start)
              }
            }
          }
        }
        return sum
      }
    }
    return (0..<samples.count).map { i in scales.outputScale * sums.reduce(0) { $0 + $1.start[i] } }
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
        let value = scales.outputScale * (product + weight * samples.gram.start[i * stride + j])
        result[i * n + j] = value
        result[j * n + i] = value
      }
    }
    return result
  }

  // MARK: Motion

  /// A motion along a path of impulses.
  struct Motion: ResidualMotion {
    /// r̃_i after the motion.
    let residual: [Double]
    /// The neurons after it.
    fileprivate let neurons: NeuronRows
  }

  /// Memory of neurons that are no more: to get it anew takes as long as to move them.
  private final class Spare {
    var rows: NeuronRows?
  }

  /// Moves all neurons, one by one.
  func motion(along pieces: [Impulse]) -> Motion {
    let moved = spare.rows ?? NeuronRows(roomFor: width, samples)
    spare.rows = nil
    let fields = pieces.map { SpaceField($0.samples, samples) }
    return Motion(residual: residual(of: function(after: fields, to: moved)), neurons: moved)
  }

  /// Moves all neurons, of which nothing is kept.
  func residual(along pieces: [Impulse]) -> [Double] {
    residual(of: function(after: pieces.map { SpaceField($0.samples, samples) }))
  }

  /// Makes a motion that was worked out for the present state.
  mutating func advance(_ motion: Motion) {
    // What a copy of the ensemble still has is not to be written to.
    if isKnownUniquelyReferenced(&neurons) { spare.rows = neurons }
    neurons = motion.neurons
    residual = motion.residual
    observe()
  }
}

extension ReLUEnsemble: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    try writer.write(initialSquared)
    for number in offset { try writer.write(number) }
    try neurons.save(to: &writer)
    for i in 0..<views.numbers.count { try writer.write(views.numbers.start[i]) }
  }
}

extension ReLUEnsemble {
  /// The state of a neuron.
  struct NeuronState {
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

  /// The state of neuron k.
  func neuron(_ k: Int) -> NeuronState {
    let rows = samples.stride * k..<samples.stride * k + samples.count
    var displacement = [Double](repeating: 0, count: samples.inputCount)
    for (i, row) in rows.enumerated() {
      let c = neurons.c.start[row]
      for j in displacement.indices { displacement[j] += c * samples.input[i][j] }
    }
    func members(_ sets: RowMemory<UInt64>) -> [Int] {
      (0..<samples.count).filter { sets.start[samples.words * k + $0 / 64] >> UInt64($0 % 64) & 1 == 1 }
    }
    return NeuronState(
      a: neurons.a.start[k], displacement: displacement, products: rows.map { neurons.z.start[$0] },
      active: members(neurons.active), sliding: members(neurons.sliding))
  }
}

extension ReLUEnsemble {
  /// What is kept of neuron k: â, and rows of z_i, c_i and the sets of samples.
  func rowState(_ k: Int) -> (
    a: Double, z: UnsafePointer<Double>, c: UnsafePointer<Double>, active: UnsafePointer<UInt64>,
    sliding: UnsafePointer<UInt64>
  ) {
    let (row, set) = (samples.stride * k, samples.words * k)
    return (
      neurons.a.start[k], UnsafePointer(neurons.z.start + row), UnsafePointer(neurons.c.start + row),
      UnsafePointer(neurons.active.start + set), UnsafePointer(neurons.sliding.start + set)
    )
  }
}

extension ReLUEnsemble: ViewedNeurons {
  var neuronCount: Int { width }

  var isPlanar: Bool { false }

  var outputSquared: Double {
    let unit = scales.outputUnit / scales.kappaPrime
    return unit * unit * (0..<width).reduce(0) { $0 + neurons.a.start[$1] * neurons.a.start[$1] }
  }

  func forEachNeuron(_ body: (Int, NeuronView) -> Void) {
    let components = samples.directions.map { direction in
      samples.input.map { SpaceSamples.product($0, direction) }
    }
    let outputUnit = scales.outputUnit / scales.kappaPrime
    let inputUnit = scales.amplitudeUnit / scales.outputUnit
    let way = RowMemory<Double>(roomFor: samples.rankStride)
    for k in 0..<width {
      let (c, z) = (neurons.c.start + k * samples.stride, neurons.z.start + k * samples.stride)
      let initial = views.numbers.start + 3 * k
      combine_space_rows(c, samples.count, samples.factor.start, samples.rankStride, way.start)
      // |w|² = |w(0)|² + 2 w·Δw − |Δw|².
      var (square, diagonal, target) = (initial[0], initial[1], initial[2])
      for j in 0..<samples.rank { square -= way.start[j] * way.start[j] }
      for i in 0..<samples.count {
        square += 2 * c[i] * z[i]
        diagonal += c[i] * components[0][i]
        target += c[i] * components[1][i]
      }
      body(
        k,
        NeuronView(
          output: outputUnit * neurons.a.start[k], inputSquared: inputUnit * inputUnit * max(0, square),
          products: (inputUnit * diagonal, inputUnit * target), plane: (0, 0)))
    }
  }
}
