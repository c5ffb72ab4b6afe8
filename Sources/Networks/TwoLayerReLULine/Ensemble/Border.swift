/// What keeps a neuron in its group: two functionals of θ that are positive as long as it stays.
///
/// In a cone they are the distances to its two rays; on a ray, |â| and |w|.
struct Border: Sendable {
  let v1: NeuronState
  let v2: NeuronState
  /// Whether it is that of a group that slides on a ray.
  let slides: Bool

  /// How many classes of slack there are; the last one holds all that is smaller than 2^−`classes`.
  static let classes = 24

  /// The class of a neuron's slack, which says how far the group may move before the neuron can
  /// leave: class j is the slacks in [2^−(j+1), 2^−j).
  ///
  /// In a cone the slack is the smaller functional over |θ|, which the functionals must turn by. On
  /// a ray it is min(|â|, |w|) / max(|â|, |w|), the hyperbolic tangent of the rapidity by which it
  /// must shrink.
  @inline(__always) func slackClass(of state: NeuronState) -> Int {
    let s1 = v1.dot(state)
    let s2 = v2.dot(state)
    let smaller = Swift.min(s1, s2)
    guard smaller > 0 else { return Self.classes }
    let scale = slides ? Swift.max(s1, s2) * Swift.max(s1, s2) : state.dot(state)
    let squared = smaller * smaller / scale
    guard squared > 0 else { return Self.classes }
    return Swift.min(Self.classes, Swift.max(0, (-1 - Int(squared.exponent)) >> 1))
  }

  /// The first class that may hold slacks up to the given one; those behind it hold smaller ones.
  static func firstClass(slackUpTo slack: Double) -> Int {
    guard slack > 0 else { return classes }
    return Swift.min(classes, Swift.max(0, -1 - Int(Swift.min(slack, 1).exponent)))
  }
}
