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
  private static let outputName = "a", inputName = "w"

  /// The arrays `a`, of m numbers, and `w`, of m × 2 with the bias last: ``FlowOptions/initial``.
  public var arrays: RecordedArrays {
    [
      Self.outputName: NumericArray(a, shape: [width]),
      Self.inputName: NumericArray(zip(w, b).flatMap { [$0, $1] }, shape: [width, 2]),
    ]
  }

  /// Reads ``arrays`` for a network of so many neurons.
  ///
  /// - Throws: ``FlowRunError/initialValues(_:)``.
  init(_ arrays: RecordedArrays, width: Int) throws(FlowRunError) {
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
    let input = try values(Self.inputName, shape: [width, 2])
    self.init(
      a: try values(Self.outputName, shape: [width]), w: (0..<width).map { input[2 * $0] },
      b: (0..<width).map { input[2 * $0 + 1] })
  }
}
