import Model
import RealModule
import VectorKernels

/// The neurons of a two-layer network that is trained by steps, and the moments of their gradients.
struct DescentNeurons {
  /// m.
  let width: Int
  /// d̃.
  let dimension: Int
  /// The training data, all of them in one batch.
  let samples: DescentSamples
  let scales: DescentScales
  /// A `SmoothKind`, or that of ReLU.
  let activation: Int32
  /// ā and w̄ in blocks of eight neurons, component by component.
  private(set) var weights: [Double]
  /// w̄(0), alike.
  private let initial: [Double]
  /// First and second moments of the gradients, in the order of the weights; empty where the rule
  /// keeps none.
  private(set) var first: [Double]
  private(set) var second: [Double]
  /// Σ |w̄(0)|².
  private let initialSquare: Double
  private let pool: ThreadPool

  private static let lanes = Int(smooth_lanes)
  /// Blocks that are moved together; sums over them are added in their order, so that results do
  /// not depend on threads.
  private static let chunk = 128

  private var blockCount: Int { weights.count / (Self.lanes * (1 + dimension)) }
  private var chunkCount: Int { (blockCount + Self.chunk - 1) / Self.chunk }

  /// Neurons at their initial values.
  ///
  /// - Throws: ``FlowRunError/noInputWeights`` if all input weights vanish.
  init(
    _ source: InitialWeightSource, of samples: DescentSamples, activation: Int32, scales: DescentScales,
    moments: Int, threads: Int
  ) throws(FlowRunError) {
    let (width, d) = (source.width, source.inputs)
    self.width = width
    dimension = d
    self.samples = samples
    self.scales = scales
    self.activation = activation
    let blocks = (width + Self.lanes - 1) / Self.lanes
    var weights = [Double](repeating: 0, count: blocks * Self.lanes * (1 + d))
    var initial = [Double](repeating: 0, count: blocks * Self.lanes * d)
    var square = 0.0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: d) { w in
      for k in 0..<width {
        let (block, lane) = (k / Self.lanes, k % Self.lanes)
        weights[block * Self.lanes * (1 + d) + lane] = source.write(k, w)
        for c in 0..<d {
          weights[(block * (1 + d) + 1 + c) * Self.lanes + lane] = w[c]
          initial[(block * d + c) * Self.lanes + lane] = w[c]
          square += w[c] * w[c]
        }
      }
    }
    guard square > 0 else { throw .noInputWeights }
    self.weights = weights
    self.initial = initial
    initialSquare = square
    first = moments > 0 ? [Double](repeating: 0, count: weights.count) : []
    second = moments > 1 ? first : []
    pool = ThreadPool(threadCount: threads)
  }

  /// A batch as the kernels see it.
  private func batch(_ inputs: UnsafePointer<Double>, count: Int, _ dropout: Dropout?) -> DescentBatch {
    Self.batch(inputs, count: count, dropout, activation, dimension, scales)
  }

  private static func batch(
    _ inputs: UnsafePointer<Double>, count: Int, _ dropout: Dropout?, _ activation: Int32, _ dimension: Int,
    _ scales: DescentScales
  ) -> DescentBatch {
    let key = dropout?.key ?? SIMD2(0, 0)
    return DescentBatch(
      activation: activation, sample_count: count, dimension: dimension, inputs: inputs,
      scale: scales.inputScale, offset: scales.offset, keep: dropout?.keep ?? 1, key: (key.x, key.y),
      step: dropout?.step ?? 0)
  }

  /// Which neurons a step keeps.
  struct Dropout {
    /// With which probability, below 1.
    var keep: Double
    /// Of the random bits.
    var key: SIMD2<UInt32>
    /// The number of the step.
    var step: UInt64
  }

  /// f at the samples of a batch, n numbers.
  ///
  /// - Parameter inputs: x_i, one after the other.
  func function(_ inputs: [Double], dropout: Dropout? = nil) -> [Double] {
    let n = inputs.count / dimension
    return sums(count: n) { blocks, sums, room in
      inputs.withUnsafeBufferPointer { inputs in
        weights.withUnsafeBufferPointer { weights in
          guard let x = inputs.baseAddress, let first = weights.baseAddress else { return }
          var batch = batch(x, count: n, dropout)
          descent_neurons_function(
            &batch, blocks.lowerBound, blocks.count, first + place(blocks), sums, room)
        }
      }
    }.map { $0 * scales.outputScale }
  }

  /// f at all samples, without dropout.
  var function: [Double] { function(samples.inputs) }

  /// Σ ā² and Σ |w̄ − w̄(0)|².
  private var squares: (output: Double, change: Double) {
    let sums = sums(count: 2) { blocks, sums, _ in
      weights.withUnsafeBufferPointer { weights in
        initial.withUnsafeBufferPointer { initial in
          guard let first = weights.baseAddress, let start = initial.baseAddress else { return }
          descent_neurons_squares(
            dimension, blocks.count, first + place(blocks),
            start + blocks.lowerBound * Self.lanes * dimension, sums)
        }
      }
    }
    return (sums[0], sums[1])
  }

  /// Makes a step.
  ///
  /// - Parameters:
  ///   - inputs: x_i of the batch.
  ///   - residuals: (f_i − y_i)/n of the batch.
  ///   - thenFunction: whether f at the same inputs is wanted, without dropout.
  /// - Returns: that; empty if it is not wanted.
  mutating func step(
    _ step: DescentStep, _ inputs: [Double], residuals: [Double], dropout: Dropout?, thenFunction: Bool
  ) -> [Double] {
    let n = residuals.count
    let (dimension, blocks, missing) = (dimension, blockCount, missingNeurons)
    let (pool, scales, activation) = (pool, scales, activation)
    let pushes = residuals.map { $0 * scales.outputScale }
    return withUnsafePointer(to: step) { step in
      Self.withPointers(&weights, &first, &second) { weights, first, second in
        inputs.withUnsafeBufferPointer { inputs in
          pushes.withUnsafeBufferPointer { pushes in
            guard let x = inputs.baseAddress, let r = pushes.baseAddress else { return [] }
            let batch = Self.batch(x, count: n, dropout, activation, dimension, scales)
            let whole = Self.batch(x, count: n, nil, activation, dimension, scales)
            return Self.sums(count: thenFunction ? n : 0, room: n, dimension, blocks: blocks, pool) {
              range, sums, room in
              let offset = range.lowerBound * Self.lanes * (1 + dimension)
              var (batch, whole) = (batch, whole)
              descent_neurons_step(
                &batch, step, range.lowerBound, range.count, weights + offset, first.map { $0 + offset },
                second.map { $0 + offset }, r, room)
              // Those that the last block lacks do not move.
              if range.upperBound == blocks, missing > 0 {
                for c in 0...dimension {
                  for lane in Self.lanes - missing..<Self.lanes {
                    weights[((blocks - 1) * (1 + dimension) + c) * Self.lanes + lane] = 0
                  }
                }
              }
              if thenFunction {
                descent_neurons_function(&whole, range.lowerBound, range.count, weights + offset, sums, room)
              }
            }.map { $0 * scales.outputScale }
          }
        }
      }
    }
  }

  /// The kernel K_ij = (1/n) ∂_θ f_i · ∂_θ f_j in the normalised time: an n × n matrix.
  func kernel() -> [[Double]] {
    let n = samples.count
    var parts = [Double](repeating: 0, count: n * (n + 1))
    var room = [Double](repeating: 0, count: descent_kernel_room(n))
    samples.inputs.withUnsafeBufferPointer { inputs in
      guard let x = inputs.baseAddress else { return }
      var batch = batch(x, count: n, nil)
      descent_neurons_kernel(&batch, blockCount, weights, &parts, &room)
    }
    let missing = Double(missingNeurons) * scales.offset * scales.offset
    var kernel = [[Double]](repeating: [Double](repeating: 0, count: n), count: n)
    var entry = 0
    for i in 0..<n {
      for j in i..<n {
        var product = 0.0
        for c in 0..<dimension {
          product += samples.inputs[i * dimension + c] * samples.inputs[j * dimension + c]
        }
        let value =
          (parts[entry] - missing) / scales.kappaPrime + scales.kappaPrime * product * parts[entry + 1]
        kernel[i][j] = value * scales.outputScale * scales.outputScale / Double(n)
        kernel[j][i] = kernel[i][j]
        entry += 2
      }
    }
    return kernel
  }

  /// How many neurons the last block lacks.
  private var missingNeurons: Int { blockCount * Self.lanes - width }

  private func place(_ blocks: Range<Int>) -> Int { blocks.lowerBound * Self.lanes * (1 + dimension) }

  private func sums(
    count: Int,
    _ body: (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    Self.sums(count: count, room: count, dimension, blocks: blockCount, pool, body)
  }

  /// Sums over all chunks of blocks, in their order.
  ///
  /// - Parameter body: takes a range of blocks, room for sums over them, and room to work in.
  private static func sums(
    count: Int, room: Int, _ dimension: Int, blocks: Int, _ pool: ThreadPool,
    _ body: (Range<Int>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    let chunks = (blocks + chunk - 1) / chunk
    let size = descent_room(room, dimension)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: chunks * max(1, count)) { sums in
      guard let start = sums.baseAddress else { return [] }
      pool.perform(chunks) { c in
        withUnsafeTemporaryAllocation(of: Double.self, capacity: size) { room in
          guard let room = room.baseAddress else { return }
          body(c * chunk..<min(blocks, (c + 1) * chunk), start + c * count, room)
        }
      }
      var result = [Double](repeating: 0, count: count)
      for c in 0..<chunks {
        for i in 0..<count { result[i] += sums[c * count + i] }
      }
      return result
    }
  }

  /// Calls `body` with the places of three arrays, of which the last two may be empty.
  private static func withPointers(
    _ weights: inout [Double], _ first: inout [Double], _ second: inout [Double],
    _ body: (
      UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?
    ) -> [Double]
  ) -> [Double] {
    weights.withUnsafeMutableBufferPointer { weights in
      first.withUnsafeMutableBufferPointer { first in
        second.withUnsafeMutableBufferPointer { second in
          guard let start = weights.baseAddress else { return [] }
          return body(
            start, first.isEmpty ? nil : first.baseAddress, second.isEmpty ? nil : second.baseAddress)
        }
      }
    }
  }
}

extension DescentNeurons: ViewedNeurons {
  var relativeChange: Double { (squares.change / initialSquare).squareRoot() }

  var neuronCount: Int { width }

  var outputSquared: Double { squares.output }

  var isPlanar: Bool { samples.hasBias && dimension == 2 }

  /// Writes w̄ of a neuron.
  ///
  /// - Parameter w: room for d̃ values.
  /// - Returns: ā.
  func write(_ k: Int, _ w: UnsafeMutableBufferPointer<Double>) -> Double {
    let first = k / Self.lanes * Self.lanes * (1 + dimension) + k % Self.lanes
    for c in 0..<dimension { w[c] = weights[first + (1 + c) * Self.lanes] }
    return weights[first]
  }

  func forEachNeuron(_ body: (Int, NeuronView) -> Void) {
    let growth = samples.growthDirection
    withUnsafeTemporaryAllocation(of: Double.self, capacity: dimension) { input in
      for k in 0..<width {
        let output = write(k, input)
        body(k, NeuronView(output: output, input: UnsafeBufferPointer(input), growth: growth))
      }
    }
  }
}

extension DescentNeurons: Checkpointed {
  func save(to writer: inout CheckpointWriter) throws {
    for numbers in [weights, first, second] {
      for number in numbers { try writer.write(number) }
    }
  }

  mutating func restore(from reader: inout CheckpointReader) throws {
    for i in weights.indices { weights[i] = try reader.double() }
    for i in first.indices { first[i] = try reader.double() }
    for i in second.indices { second[i] = try reader.double() }
  }
}
