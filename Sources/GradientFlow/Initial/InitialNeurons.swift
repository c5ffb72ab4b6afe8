/// Where the initial values of the m neurons come from, in portions of any size.
public struct InitialNeurons: Sendable {
  /// m.
  public let width: Int
  private let source: Source

  private enum Source {
    case given(InitialValues)
    case sampled(NormalStream, distinct: Int)
  }

  /// Values that are there already.
  public static func given(_ values: InitialValues) -> InitialNeurons {
    InitialNeurons(width: values.width, source: .given(values))
  }

  /// Standard normal values of the stream of a seed: neuron k takes a, w, b from the indices 0, 1, 2.
  ///
  /// - Parameters:
  ///   - width: m ≥ 1.
  ///   - seed: any.
  ///   - antisymmetric: the second half of the neurons repeats the first with −a, so that f(0) = 0; the
  ///     width must be even then.
  public static func sampled(width: Int, seed: UInt64, antisymmetric: Bool) -> InitialNeurons {
    precondition(width >= 1 && (!antisymmetric || width % 2 == 0), "an antisymmetric width is even")
    return InitialNeurons(
      width: width,
      source: .sampled(NormalStream(seed: seed), distinct: antisymmetric ? width / 2 : width))
  }

  /// Calls `body` with k, ā, w̄ and the bias of every neuron of a range, in order.
  @inline(__always)
  func forEach(in range: Range<Int>, _ body: (Int, Double, Double, Double) -> Void) {
    switch source {
    case .given(let values):
      values.a.withUnsafeBufferPointer { a in
        values.w.withUnsafeBufferPointer { w in
          values.b.withUnsafeBufferPointer { b in
            for k in range { body(k, a[k], w[k], b[k]) }
          }
        }
      }
    case .sampled(let stream, let distinct):
      for k in range {
        let original = k < distinct ? k : k - distinct
        let (a, w) = stream.pair(neuron: original, pair: 0)
        let b = stream.pair(neuron: original, pair: 1).0
        body(k, k < distinct ? a : -a, w, b)
      }
    }
  }
}
