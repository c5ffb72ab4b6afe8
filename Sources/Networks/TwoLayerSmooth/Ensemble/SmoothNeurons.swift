/// Initial values of the neurons of a smooth network: normalised, ā and w̄ of standard deviation 1.
struct SmoothNeurons: Sendable {
  /// ā, a number a neuron.
  var outputs: [Double]
  /// w̄ and bias, d̃ numbers a neuron.
  var inputs: [Double]
  /// How many neurons each stands for, or which share of them; at least 0. Nil: one.
  var multiplicities: [Double]?

  /// How many are kept.
  var count: Int { outputs.count }

  /// Given ones.
  init(outputs: [Double], inputs: [Double], multiplicities: [Double]? = nil) {
    self.outputs = outputs
    self.inputs = inputs
    self.multiplicities = multiplicities
  }

  /// Standard normal values of the stream of a seed: neuron k takes a, w_1 … and the bias from the
  /// indices 0, 1, …, d̃.
  ///
  /// - Parameter antisymmetric: the second half of the neurons repeats the first with −a, so that
  ///   f(0) = 0; the width must be even then.
  init(width: Int, dimension: Int, seed: UInt64, antisymmetric: Bool = false) {
    precondition(width >= 1 && (!antisymmetric || width % 2 == 0), "an antisymmetric width is even")
    let stream = NormalStream(seed: seed)
    let distinct = antisymmetric ? width / 2 : width
    outputs = []
    inputs = []
    outputs.reserveCapacity(width)
    inputs.reserveCapacity(width * dimension)
    for k in 0..<distinct {
      for pair in 0...dimension / 2 {
        let (first, second) = stream.pair(neuron: k, pair: pair)
        if pair == 0 { outputs.append(first) } else { inputs.append(first) }
        if 2 * pair + 1 <= dimension { inputs.append(second) }
      }
    }
    if antisymmetric {
      outputs += outputs.map { -$0 }
      inputs += inputs
    }
  }
}
