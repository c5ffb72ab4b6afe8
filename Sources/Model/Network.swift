/// The activation function σ of the hidden layer.
public enum Activation: String, Sendable, Codable, CaseIterable {
  /// σ(z) = max(0, z).
  case relu
}

/// The network family a phase diagram is about: everything but the exponents and the width.
public struct Network: Hashable, Sendable, Codable {
  /// σ.
  public var activation: Activation
  /// Whether an input x is extended to (x, 1), so that every neuron has a bias among its input weights.
  public var bias: Bool
  /// Whether the second half of the neurons repeats the first half with −a, so that f vanishes at the
  /// start. Needs an even width.
  public var antisymmetric: Bool

  /// A network family.
  public init(activation: Activation = .relu, bias: Bool = true, antisymmetric: Bool = false) {
    self.activation = activation
    self.bias = bias
    self.antisymmetric = antisymmetric
  }
}
