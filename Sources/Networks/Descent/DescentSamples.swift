import Model

/// The training data of descent: all samples in the given order, repeated ones as often as given.
struct DescentSamples: Sendable {
  /// x_i, followed by 1 where there is a bias; n rows of d̃ numbers, one after the other.
  let inputs: [Double]
  /// y_i.
  let targets: [Double]
  /// d̃.
  let dimension: Int
  /// Whether the last component of every input is the 1 of a bias.
  let hasBias: Bool

  /// n.
  var count: Int { targets.count }

  init(_ samples: SampleSet, bias: Bool) {
    inputs = samples.x.flatMap { $0 + (bias ? [1] : []) }
    targets = samples.y
    dimension = samples.dimension + (bias ? 1 : 0)
    hasBias = bias
  }

  /// The inputs of some samples, one after the other.
  func inputs(of indices: [Int]) -> [Double] {
    indices.flatMap { inputs[$0 * dimension..<($0 + 1) * dimension] }
  }

  /// The unit vector of Σ_i y_i x̃_i, along which small neurons grow; zero if that vanishes.
  var growthDirection: [Double] {
    NeuronView.growthDirection(inputs, weights: targets, dimension: dimension)
  }
}

/// Which samples the steps of stochastic descent use: every sample once in an epoch, in an order
/// that is a function of seed and epoch alone.
struct Batches: Sendable {
  /// n.
  let samples: Int
  /// B, from 1 to n; the last batch of an epoch may be smaller.
  let size: Int
  private let philox: Philox4x32

  /// What tells these random numbers from others of the seed.
  private static let purpose: UInt32 = 0x6261_7463

  init(samples: Int, size: Int, seed: UInt64) {
    self.samples = samples
    self.size = size
    philox = Philox4x32(key: Philox4x32.key(seed: seed, purpose: Self.purpose))
  }

  /// Steps of an epoch.
  var perEpoch: Int { (samples + size - 1) / size }

  /// The order of an epoch: Fisher and Yates' shuffle.
  func order(ofEpoch epoch: Int) -> [Int] {
    var order = Array(0..<samples)
    for i in stride(from: samples - 1, to: 0, by: -1) {
      let words = philox(
        SIMD4(UInt32(truncatingIfNeeded: epoch), UInt32(truncatingIfNeeded: epoch >> 32), UInt32(i), 1))
      let bits = UInt64(words[0]) << 32 | UInt64(words[1])
      order.swapAt(i, Int(bits.multipliedFullWidth(by: UInt64(i + 1)).high))
    }
    return order
  }
}
