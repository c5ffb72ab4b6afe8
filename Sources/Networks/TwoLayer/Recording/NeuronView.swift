import Model

/// A neuron of a network in any number of dimensions, normalised, as recorders see it.
struct NeuronView {
  /// ā.
  var output: Double
  /// |w̄|², over all d̃ input weights.
  var inputSquared: Double
  /// w̄·(1, …, 1)/√d̃ and w̄·ẑ with ẑ the direction of Σ_i y_i x̃_i, in the order of
  /// ``Model/NeuronCosines/Direction``.
  var products: (diagonal: Double, target: Double)
  /// The two input weights, the bias last, of networks that have two; else of no meaning.
  var plane: (w: Double, b: Double)
}

extension NeuronView {
  /// A neuron with all its input weights.
  ///
  /// - Parameters:
  ///   - output: ā.
  ///   - input: w̄, d̃ numbers.
  ///   - growth: ẑ.
  init(output: Double, input: UnsafeBufferPointer<Double>, growth: [Double]) {
    var (square, sum, product) = (0.0, 0.0, 0.0)
    for c in input.indices {
      square += input[c] * input[c]
      sum += input[c]
      product += input[c] * growth[c]
    }
    self.init(
      output: output, inputSquared: square,
      products: (sum / Double(input.count).squareRoot(), product),
      plane: input.count == 2 ? (input[0], input[1]) : (0, 0))
  }

  /// The unit vector of a weighted sum of inputs, as ẑ is; zero if the sum vanishes.
  ///
  /// - Parameters:
  ///   - inputs: x̃_i, n rows of d̃ numbers, one after the other.
  ///   - weights: n numbers.
  ///   - dimension: d̃.
  static func growthDirection(_ inputs: [Double], weights: [Double], dimension: Int) -> [Double] {
    var sum = [Double](repeating: 0, count: dimension)
    for i in weights.indices {
      for c in 0..<dimension { sum[c] += weights[i] * inputs[i * dimension + c] }
    }
    let norm = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? sum.map { $0 / norm } : sum
  }
}

/// Ensembles whose neurons can be looked at one by one.
protocol ViewedNeurons {
  /// RD and other tracked quantities.
  var relativeChange: Double { get }

  /// How many neurons, or nodes, there are.
  var neuronCount: Int { get }

  /// ‖ā‖² over all neurons.
  var outputSquared: Double { get }

  /// Whether neurons have one input weight and a bias, so that their angle tells all.
  var isPlanar: Bool { get }

  /// Calls `body` with the index and the view of every neuron, in the order of the initial values.
  func forEachNeuron(_ body: (Int, NeuronView) -> Void)
}
