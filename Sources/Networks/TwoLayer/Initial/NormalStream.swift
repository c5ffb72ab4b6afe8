import RealModule

/// Independent standard normal numbers, each a function of (seed, neuron, index) alone.
///
/// So widths are nested — the first 1000 neurons of width 10⁶ are those of width 1000 — and nothing
/// depends on workers, order or machine. Box–Muller on 53-bit uniforms: a pair of numbers from one
/// Philox block.
struct NormalStream: Sendable {
  private let philox: Philox4x32
  /// The last word of the counter.
  private let layer: UInt32

  /// The stream of a seed.
  ///
  /// - Parameter layer: streams of different layers are independent; input and output weights of
  ///   two-layer networks are of layer 0.
  init(seed: UInt64, layer: UInt32 = 0) {
    self.layer = layer
    philox = Philox4x32(
      key: Philox4x32.key(seed: seed))
  }

  /// The normal numbers with the indices 2·pair and 2·pair + 1 of a neuron (counted from 0).
  @inline(__always)
  func pair(neuron: Int, pair: Int) -> (Double, Double) {
    let (u, v) = uniforms(neuron: neuron, pair: pair)
    let radius = (-2 * Double.log(u)).squareRoot()
    let angle = 2 * Double.pi * v
    return (radius * Double.cos(angle), radius * Double.sin(angle))
  }

  /// The uniform numbers, on (0, 1] and on [0, 1), of which ``pair(neuron:pair:)`` makes normal
  /// ones.
  @inline(__always)
  func uniforms(neuron: Int, pair: Int) -> (Double, Double) {
    let bits = philox(
      SIMD4(
        UInt32(truncatingIfNeeded: neuron), UInt32(truncatingIfNeeded: neuron >> 32),
        UInt32(truncatingIfNeeded: pair), layer))
    // Uniform on (0, 1], so that the logarithm is finite, and on [0, 1).
    let u = Double((UInt64(bits[0]) << 32 | UInt64(bits[1])) >> 11 + 1) * 0x1p-53
    let v = Double((UInt64(bits[2]) << 32 | UInt64(bits[3])) >> 11) * 0x1p-53
    return (u, v)
  }
}
