import Model

/// Normalised initial values (ā_k, w̄_k) of a two-layer network whose extended input has two
/// components: the input weight and the bias of neuron k.
public struct InitialValues: Sendable {
  /// Output weights ā, m values.
  public let a: [Double]
  /// Input weights w̄, m values.
  public let w: [Double]
  /// Biases, m values.
  public let b: [Double]

  /// m, the number of neurons.
  public var width: Int { a.count }

  /// Given values, of equal number.
  public init(a: [Double], w: [Double], b: [Double]) {
    precondition(a.count == w.count && a.count == b.count, "as many a as w as b")
    self.a = a
    self.w = w
    self.b = b
  }

  /// Standard normal values of the stream of a seed: neuron k takes a, w, b from the indices 0, 1,
  /// 2.
  ///
  /// - Parameters:
  ///   - width: m ≥ 1.
  ///   - seed: any.
  ///   - antisymmetric: the second half of the neurons repeats the first with −a, so that f(0) = 0;
  ///     the width must be even then.
  public init(width: Int, seed: UInt64, antisymmetric: Bool) {
    self.init(.sampled(width: width, seed: seed, antisymmetric: antisymmetric))
  }

  /// All values of a source.
  init(_ neurons: InitialNeurons) {
    var a = [Double](repeating: 0, count: neurons.width)
    var w = a
    var b = a
    a.withUnsafeMutableBufferPointer { a in
      w.withUnsafeMutableBufferPointer { w in
        b.withUnsafeMutableBufferPointer { b in neurons.write(0..<neurons.width, a, w, b) }
      }
    }
    self.init(a: a, w: w, b: b)
  }
}

// MARK: As arrays

extension InitialValues {
  /// The same values as those of a network whose inputs have any number of components.
  public var weights: InitialWeights {
    InitialWeights(a: a, w: zip(w, b).flatMap { [$0, $1] }, inputs: 2)
  }

  /// The arrays `a`, of m numbers, and `w`, of m × 2 with the bias last: ``FlowOptions/initial``.
  public var arrays: RecordedArrays { weights.arrays }

  /// Reads ``arrays`` for a network of so many neurons.
  ///
  /// - Throws: ``FlowRunError/initialValues(_:)``.
  init(_ arrays: RecordedArrays, width: Int) throws(FlowRunError) {
    self.init(try InitialWeights(arrays, width: width, inputs: 2))
  }

  /// The values of neurons with one input weight and a bias each.
  init(_ weights: InitialWeights) {
    precondition(weights.inputs == 2, "a weight and a bias")
    self.init(
      a: weights.a, w: weights.a.indices.map { weights.w[2 * $0] },
      b: weights.a.indices.map { weights.w[2 * $0 + 1] })
  }
}
