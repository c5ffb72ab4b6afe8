/// Where the initial values of the m neurons come from, in portions of any size.
struct InitialNeurons: Sendable {
  /// m.
  let width: Int
  private let source: Source
  /// Whether w̄ and the biases are coordinates of ``InputFrame`` already.
  private(set) var areTurned = false

  private enum Source {
    case given(InitialValues)
    case sampled(NormalStream, distinct: Int)
  }

  /// Values that are there already.
  ///
  /// - Parameter areTurned: whether they are coordinates of ``InputFrame``, not (w̄, b).
  static func given(_ values: InitialValues, areTurned: Bool = false) -> InitialNeurons {
    InitialNeurons(width: values.width, source: .given(values), areTurned: areTurned)
  }

  /// Standard normal values of the stream of a seed: neuron k takes a, w, b from the indices 0, 1,
  /// 2.
  ///
  /// - Parameters:
  ///   - width: m ≥ 1.
  ///   - seed: any.
  ///   - antisymmetric: the second half of the neurons repeats the first with −a, so that f(0) = 0;
  ///     the width must be even then.
  static func sampled(width: Int, seed: UInt64, antisymmetric: Bool) -> InitialNeurons {
    precondition(width >= 1 && (!antisymmetric || width % 2 == 0), "an antisymmetric width is even")
    return InitialNeurons(
      width: width,
      source: .sampled(NormalStream(seed: seed), distinct: antisymmetric ? width / 2 : width))
  }

  /// Values of some neurons, in their order.
  typealias Values = UnsafeBufferPointer<Double>
  /// Room for such values.
  typealias Room = UnsafeMutableBufferPointer<Double>

  /// Writes ā, w̄ and the biases of the neurons of a range, in order.
  func write(_ range: Range<Int>, _ a: Room, _ w: Room, _ b: Room) {
    switch source {
    case .given(let values):
      for (room, values) in [(a, values.a), (w, values.w), (b, values.b)] {
        _ = room.update(fromContentsOf: values[range])
      }
    case .sampled(let stream, let distinct):
      for (i, k) in range.enumerated() {
        let original = k < distinct ? k : k - distinct
        let pair = stream.pair(neuron: original, pair: 0)
        a[i] = k < distinct ? pair.0 : -pair.0
        w[i] = pair.1
        b[i] = stream.pair(neuron: original, pair: 1).0
      }
    }
  }

  /// Calls `body` once with ā, w̄ and the biases of the neurons of a range, in order.
  func withValues(in range: Range<Int>, _ body: (Values, Values, Values) -> Void) {
    if case .given(let values) = source {
      values.a[range].withUnsafeBufferPointer { a in
        values.w[range].withUnsafeBufferPointer { w in
          values.b[range].withUnsafeBufferPointer { b in body(a, w, b) }
        }
      }
      return
    }
    let size = range.count
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * size) { room in
      let a = Room(rebasing: room[..<size])
      let w = Room(rebasing: room[size..<2 * size])
      let b = Room(rebasing: room[(2 * size)...])
      write(range, a, w, b)
      body(Values(a), Values(w), Values(b))
    }
  }
}
