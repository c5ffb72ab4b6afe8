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
