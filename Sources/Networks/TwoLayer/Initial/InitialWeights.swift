import Model

/// Normalised initial values (ā_k, w̄_k) of a two-layer network: standard normal numbers, or given
/// ones.
public struct InitialWeights: Sendable {
  /// Output weights ā, m values.
  public let a: [Double]
  /// Input weights w̄, m × d̃ values, neuron by neuron, the bias last.
  public let w: [Double]
  /// d̃, the number of input weights of a neuron, its bias among them.
  public let inputs: Int

  /// m, the number of neurons.
  public var width: Int { a.count }

  /// Given values.
  ///
  /// - Parameters:
  ///   - a: m values.
  ///   - w: m × d̃ values, d̃ ≥ 1.
  public init(a: [Double], w: [Double], inputs: Int) {
    precondition(inputs >= 1 && w.count == a.count * inputs, "d̃ input weights a neuron")
    self.a = a
    self.w = w
    self.inputs = inputs
  }

  private static let outputName = "a", inputName = "w"

  /// The arrays `a`, of m numbers, and `w`, of m × d̃ with the bias last: ``FlowOptions/initial``.
  public var arrays: RecordedArrays {
    [
      Self.outputName: NumericArray(a, shape: [width]),
      Self.inputName: NumericArray(w, shape: [width, inputs]),
    ]
  }

  /// m of ``arrays``.
  ///
  /// - Throws: ``FlowRunError/initialValues(_:)`` if there is no array `a` with one axis.
  static func width(of arrays: RecordedArrays) throws(FlowRunError) -> Double {
    guard let array = arrays[outputName] else { throw .initialValues("there is no array “\(outputName)”") }
    guard array.shape.count == 1, array.count > 0 else {
      throw .initialValues("the array “\(outputName)” must be a list of at least one number")
    }
    return Double(array.count)
  }

  /// Reads ``arrays`` for a network of so many neurons.
  ///
  /// - Parameters:
  ///   - width: m.
  ///   - inputs: d̃.
  /// - Throws: ``FlowRunError/initialValues(_:)``.
  init(_ arrays: RecordedArrays, width: Int, inputs: Int) throws(FlowRunError) {
    func values(_ name: String, shape: [Int]) throws(FlowRunError) -> [Double] {
      let expected = "“\(name)” of shape (\(shape.map { "\($0)" }.joined(separator: ", ")))"
      guard let array = arrays[name] else { throw .initialValues("there is no array \(expected)") }
      guard array.shape == shape, array.fields.count == 1 else {
        let found = array.shape.map { "\($0)" }.joined(separator: ", ")
        throw .initialValues("expected the array \(expected), found (\(found))")
      }
      let values = array.values
      guard values.allSatisfy({ $0.isFinite }) else {
        throw .initialValues("the array “\(name)” holds a number that is not finite")
      }
      return values
    }
    let input = try values(Self.inputName, shape: [width, inputs])
    self.init(a: try values(Self.outputName, shape: [width]), w: input, inputs: inputs)
  }
}

/// Where the initial values of the m neurons come from, in portions of any size: those of a wide
/// network in many dimensions need not be in memory at once.
struct InitialWeightSource: Sendable {
  /// m.
  let width: Int
  /// d̃.
  let inputs: Int
  private let source: Source

  private enum Source {
    case given(InitialWeights)
    case sampled(NormalStream, distinct: Int)
  }

  /// Values that are there already.
  init(_ weights: InitialWeights) {
    width = weights.width
    inputs = weights.inputs
    source = .given(weights)
  }

  /// Standard normal values of the stream of a seed: neuron k takes a, w_1 … w_d̃ from the indices
  /// 0 … d̃.
  ///
  /// - Parameters:
  ///   - width: m ≥ 1.
  ///   - inputs: d̃ ≥ 1.
  ///   - seed: any.
  ///   - antisymmetric: the second half of the neurons repeats the first with −a, so that f(0) = 0;
  ///     the width must be even then.
  init(width: Int, inputs: Int, seed: UInt64, antisymmetric: Bool) {
    precondition(width >= 1 && (!antisymmetric || width % 2 == 0), "an antisymmetric width is even")
    self.width = width
    self.inputs = inputs
    source = .sampled(NormalStream(seed: seed), distinct: antisymmetric ? width / 2 : width)
  }

  /// Writes ā and w̄ of a neuron.
  ///
  /// - Parameter w: room for d̃ values.
  /// - Returns: ā.
  func write(_ neuron: Int, _ w: UnsafeMutableBufferPointer<Double>) -> Double {
    switch source {
    case .given(let weights):
      for i in 0..<inputs { w[i] = weights.w[neuron * inputs + i] }
      return weights.a[neuron]
    case .sampled(let stream, let distinct):
      let original = neuron < distinct ? neuron : neuron - distinct
      let first = stream.pair(neuron: original, pair: 0)
      w[0] = first.1
      var i = 1
      while i < inputs {
        let pair = stream.pair(neuron: original, pair: (i + 1) / 2)
        w[i] = pair.0
        if i + 1 < inputs { w[i + 1] = pair.1 }
        i += 2
      }
      return neuron < distinct ? first.0 : -first.0
    }
  }

  /// All values.
  var weights: InitialWeights {
    var w = [Double](repeating: 0, count: width * inputs)
    let a = w.withUnsafeMutableBufferPointer { w in
      (0..<width).map { k in write(k, .init(rebasing: w[k * inputs..<(k + 1) * inputs])) }
    }
    return InitialWeights(a: a, w: w, inputs: inputs)
  }
}
