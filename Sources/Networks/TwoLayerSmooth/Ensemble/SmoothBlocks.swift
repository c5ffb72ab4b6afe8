import VectorKernels

/// Neurons in blocks of eight, component by component, as the kernels take them.
struct SmoothBlocks {
  /// Multiplicities and w(0), by block.
  private(set) var fixed: [Double]
  /// â and w − w(0), by block.
  private(set) var moving: [Double]

  private static let lanes = Int(smooth_lanes)

  /// How many numbers a block has in each.
  static func size(dimension: Int) -> Int { lanes * (1 + dimension) }

  /// How many blocks so many neurons fill.
  static func count(neurons: Int) -> Int { (neurons + lanes - 1) / lanes }

  /// Where a component of a neuron is: 0 for multiplicity or â, then the input weights.
  static func position(neuron: Int, component: Int, dimension: Int) -> Int {
    neuron / lanes * size(dimension: dimension) + component * lanes + neuron % lanes
  }

  /// Neurons at their initial values.
  ///
  /// - Parameters:
  ///   - dimension: d̃.
  ///   - outputUnit: by which ā is multiplied.
  init(_ neurons: SmoothNeurons, dimension d: Int, outputUnit: Double) {
    // What is missing in the last block has multiplicity zero.
    fixed = [Double](repeating: 0, count: Self.count(neurons: neurons.count) * Self.size(dimension: d))
    moving = fixed
    for k in 0..<neurons.count {
      let first = Self.position(neuron: k, component: 0, dimension: d)
      fixed[first] = neurons.multiplicities?[k] ?? 1
      moving[first] = outputUnit * neurons.outputs[k]
      for c in 0..<d { fixed[first + (1 + c) * Self.lanes] = neurons.inputs[k * d + c] }
    }
  }

  /// Σ M |w(0)|².
  static func squaredInputs(_ fixed: [Double], dimension d: Int) -> Double {
    var sum = 0.0
    for first in stride(from: 0, to: fixed.count, by: size(dimension: d)) {
      for lane in first..<first + lanes {
        var square = 0.0
        for c in 1...max(d, 1) { square += fixed[lane + c * lanes] * fixed[lane + c * lanes] }
        sum += fixed[lane] * square
      }
    }
    return sum
  }
}
