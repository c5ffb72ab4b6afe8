/// A neuron, or a node that stands for several, as measures of condensation see it. Factors that
/// all neurons share are left out.
struct CondensationState {
  /// How many neurons it stands for, beside what its weights contain of that.
  var multiplicity: Double
  /// ā.
  var output: Double
  /// w̄, the bias last, in orthonormal coordinates of a space that holds all samples.
  var input: UnsafeBufferPointer<Double>
  /// The signs of w·x̃_i, in any size; exactly 0 on a kink.
  var products: UnsafeBufferPointer<Double>
  /// √ω_i σ(w·x̃_i), n numbers, with the share ω_i of each sample.
  var features: UnsafeBufferPointer<Double>
}

/// Neurons whose condensation can be measured.
protocol CondensingNeurons {
  /// How many neurons, or nodes, there are.
  var neuronCount: Int { get }
  /// How many coordinates ``CondensationState/input`` has.
  var inputCount: Int { get }
  /// n.
  var sampleCount: Int { get }
  /// Whether σ is odd or even, but for its value at 0: then opposite neurons are of one
  /// orientation.
  var hasOpposites: Bool { get }
  /// Whether nodes that stand for many neurons of one direction have the root of the sum of their
  /// squares as weights, as homogeneous neurons can.
  var gathersNeurons: Bool { get }
  /// √ω_i y_i.
  var shareTargets: [Double] { get }
  /// The unit vector of Σ ω_i y_i x̃_i in the coordinates of ``CondensationState/input``.
  var growthDirection: [Double] { get }

  /// K of dr̃/dt̄ = −K r̃ in the normalised time, n × n, row-major.
  func normalisedKernel() -> [Double]

  /// Calls `body` with the index and the state of every neuron, in any order that depends on the
  /// state alone.
  func forEachState(_ body: (Int, CondensationState) -> Void)
}
