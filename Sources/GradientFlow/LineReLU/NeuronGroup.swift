import RealModule

/// Neurons that move alike: those of a cone, or those that slide on a ray with equal sign of â.
///
/// A neuron's state is θ = M θ̃ with the frame M of its group, so that moving the group changes M alone. The
/// group leaves its place where one of two functionals v·θ turns negative. Members are kept in order of the
/// slack they had when last ordered, so that only a prefix must be looked at: v·θ cannot turn negative while
/// the functional has turned by less than the slack.
struct NeuronGroup {
  /// Σ θ̃ θ̃ᵀ, Σ θ̃ dᵀ and Σ |d|² over the members, where d = (θ̃ − θ(0)) in its input weights, 0 in â.
  struct Moments {
    var state = Matrix3.zero
    var offset = Matrix3.zero
    var offsetSquared = 0.0

    @inline(__always)
    mutating func add(_ state: NeuronState, offset d: PlaneVector, weight: Double) {
      self.state.addOuter(state, state, weight: weight)
      if d != .zero {
        offset.addOuter(state, NeuronState(0, d), weight: weight)
        offsetSquared += weight * d.dot(d)
      }
    }
  }

  /// M.
  private(set) var frame = Frame()
  private(set) var moments = Moments()
  /// θ̃ by components, and the index k of each member; parallel.
  private(set) var a: [Double] = []
  private(set) var w: [Double] = []
  private(set) var b: [Double] = []
  private(set) var index: [UInt32] = []
  /// `atMost[j]`: how many ordered members have a slack below 2^−j; the members beyond the ordered ones are fresh.
  private var atMost: [Int] = []
  private var ordered = 0
  /// Members looked at since the last ordering.
  private var inspected = 0

  private static let bins = 48

  var count: Int { a.count }
  var isEmpty: Bool { a.isEmpty }

  /// θ of the member at a position.
  @inline(__always) func state(at position: Int) -> NeuronState {
    frame.apply(pulledBack(at: position))
  }

  @inline(__always) func pulledBack(at position: Int) -> NeuronState {
    NeuronState(a[position], w[position], b[position])
  }

  /// A group without members.
  init() {}

  /// A group at the start of the flow, ordered by the slack against two unit functionals on θ.
  ///
  /// - Parameters:
  ///   - members: the indices of its neurons.
  ///   - v1: a functional that is positive on all members.
  ///   - v2: another.
  ///   - state: θ of a neuron.
  init(
    _ members: ArraySlice<UInt32>, _ v1: SIMD3<Double>, _ v2: SIMD3<Double>, state: (Int) -> NeuronState
  ) {
    members.withUnsafeBufferPointer { members in
      fill(members.count, v1, v2, index: { members[$0] }, state: { state(Int(members[$0])) })
    }
  }

  /// Adds a neuron by its present state θ; `initial` is its (w, b) at the start.
  mutating func insert(_ state: NeuronState, index k: UInt32, initial: PlaneVector) {
    if isEmpty { self = NeuronGroup() }
    let pulled = frame.pullBack(state)
    append(pulled, k)
    moments.add(pulled, offset: pulled.w - initial, weight: 1)
  }

  @inline(__always) private mutating func append(_ pulled: NeuronState, _ k: UInt32) {
    a.append(pulled.x)
    w.append(pulled.y)
    b.append(pulled.z)
    index.append(k)
  }

  /// Removes the member at a position; others may change places.
  mutating func remove(at position: Int, initial: PlaneVector) {
    let pulled = pulledBack(at: position)
    moments.add(pulled, offset: pulled.w - initial, weight: -1)
    var hole = position
    if hole < ordered {
      // The last ordered member has the largest slack: it may stand anywhere before.
      ordered -= 1
      fill(hole, from: ordered)
      hole = ordered
    }
    fill(hole, from: count - 1)
    a.removeLast()
    w.removeLast()
    b.removeLast()
    index.removeLast()
    if isEmpty { self = NeuronGroup() }
  }

  @inline(__always) private mutating func fill(_ hole: Int, from source: Int) {
    a[hole] = a[source]
    w[hole] = w[source]
    b[hole] = b[source]
    index[hole] = index[source]
  }

  /// Moves all members together.
  mutating func advance(to next: Frame, inspected: Int) {
    frame = next
    self.inspected += inspected
  }

  /// Whether it has cost more to look at members out of order than to order them.
  var wantsOrdering: Bool { inspected > 4 * count + 64 }

  /// Applies the frame to all members and orders them by their slack against two unit functionals on θ.
  mutating func order(_ v1: SIMD3<Double>, _ v2: SIMD3<Double>) {
    let old = self
    // d + (M − 1) θ̃ takes the place of d, in its input weights; no need to visit the initial values.
    let n = frame.change
    var moved = moments.state * n.transposed + moments.offset
    moved.c0 = .zero
    let offset = moved + n * moved
    let offsetSquared = squaredDisplacement
    old.withMembers { a, w, b, index in
      fill(
        old.count, v1, v2, index: { index[$0] },
        state: { old.frame.apply(NeuronState(a[$0], w[$0], b[$0])) })
    }
    moments.offset = offset
    moments.offsetSquared = offsetSquared
  }

  private typealias Doubles = UnsafeBufferPointer<Double>

  private func withMembers(_ body: (Doubles, Doubles, Doubles, UnsafeBufferPointer<UInt32>) -> Void) {
    a.withUnsafeBufferPointer { a in
      w.withUnsafeBufferPointer { w in
        b.withUnsafeBufferPointer { b in
          index.withUnsafeBufferPointer { body(a, w, b, $0) }
        }
      }
    }
  }

  /// Replaces the members by those of a source, ordered, in a frame that is the identity; offsets count as 0.
  @inline(__always)
  private mutating func fill(
    _ count: Int, _ v1: SIMD3<Double>, _ v2: SIMD3<Double>, index indexOf: (Int) -> UInt32,
    state: (Int) -> NeuronState
  ) {
    frame = Frame()
    moments = Moments()
    inspected = 0
    ordered = count
    var bins = [UInt8](repeating: 0, count: count)
    var size = [Int](repeating: 0, count: Self.bins + 1)
    for i in 0..<count {
      let state = state(i)
      moments.state.addOuter(state, state, weight: 1)
      let bin = Self.bin(ofSlack: Swift.min(v1.dot(state), v2.dot(state)) / state.dot(state).squareRoot())
      bins[i] = UInt8(bin)
      size[bin] += 1
    }
    // The smallest slacks first.
    var start = [Int](repeating: 0, count: Self.bins + 1)
    atMost = start
    var total = 0
    for bin in stride(from: Self.bins, through: 0, by: -1) {
      start[bin] = total
      total += size[bin]
      atMost[bin] = total
    }
    a = [Double](repeating: 0, count: count)
    w = a
    b = a
    index = [UInt32](repeating: 0, count: count)
    for i in 0..<count {
      let position = start[Int(bins[i])]
      start[Int(bins[i])] += 1
      let state = state(i)
      a[position] = state.x
      w[position] = state.y
      b[position] = state.z
      index[position] = indexOf(i)
    }
  }

  /// The bin j of the slacks in [2^−(j+1), 2^−j); the last one holds all that are smaller.
  @inline(__always) private static func bin(ofSlack slack: Double) -> Int {
    slack > 0 ? Swift.min(bins, Swift.max(0, -Int(slack.exponent) - 1)) : bins
  }

  /// Appends to `found`, in ascending order, the positions of the members for which one of two functionals on θ may turn negative
  /// on the way through the given frames.
  ///
  /// - Parameters:
  ///   - v1: a unit functional on θ.
  ///   - v2: another.
  ///   - frames: the frames after the pieces of the motion.
  ///   - rapidity: the length of the longest piece; within it the functionals may dip by ν² e^ν / 8 |θ| below
  ///     their values at its ends.
  /// - Returns: how many members had to be looked at.
  func findLeaving(
    _ v1: SIMD3<Double>, _ v2: SIMD3<Double>, frames: [Frame], rapidity: Double, into found: inout [Int]
  ) -> Int {
    var dip = 0.0
    var turn = 0.0
    for frame in frames {
      let turned1 = frame.functionalChange(v1)
      let turned2 = frame.functionalChange(v2)
      turn = Swift.max(turn, turned1.dot(turned1), turned2.dot(turned2))
      dip = Swift.max(dip, 1 + frame.change.norm)
    }
    dip *= rapidity * rapidity / 8 * Double.exp(rapidity)
    let functionals = frames.flatMap { [$0.functional(v1), $0.functional(v2)] }
    let prefix = prefix(slackBelow: turn.squareRoot() + dip)
    for range in [0..<prefix, ordered..<count] {
      collect(range, functionals, dipSquared: dip * dip, into: &found)
    }
    return prefix + count - ordered
  }

  private func collect(
    _ range: Range<Int>, _ functionals: [SIMD3<Double>], dipSquared: Double, into found: inout [Int]
  ) {
    a.withUnsafeBufferPointer { a in
      w.withUnsafeBufferPointer { w in
        b.withUnsafeBufferPointer { b in
          for i in range {
            var s = Double.infinity
            for f in functionals { s = Swift.min(s, f.x * a[i] + f.y * w[i] + f.z * b[i]) }
            let norm = a[i] * a[i] + w[i] * w[i] + b[i] * b[i]
            if s < 0 || s * s < dipSquared * norm { found.append(i) }
          }
        }
      }
    }
  }

  private func prefix(slackBelow turn: Double) -> Int {
    guard ordered > 0, turn > 0 else { return 0 }
    return Swift.min(atMost[Self.bin(ofSlack: turn)], ordered)
  }

  /// M (Σ θ̃ θ̃ᵀ) Mᵀ = Σ θ θᵀ in the given frame.
  @inline(__always) func secondMoment(in frame: Frame) -> Matrix3 {
    // M S = S + N S; (M S) Mᵀ = M S + (M S) Nᵀ.
    let ms = moments.state + frame.change * moments.state
    return ms + ms * frame.change.transposed
  }

  /// Σ |w − w(0)|² over the members.
  var squaredDisplacement: Double {
    // w − w(0) is N θ̃ + d in its input weights.
    let n = frame.change
    let moved = n * moments.state * n.transposed
    let mixed = n * moments.offset
    let cross = mixed.c1.y + mixed.c2.z
    return moved.c1.y + moved.c2.z + 2 * cross + moments.offsetSquared
  }
}
