/// The course of the impulse over one step, known by its components along the eigenvectors of the kernel:
///
///     q(s) = s φ1(−sK) r̃ + 2 s³/h² φ3(−sK) δ,   0 ≤ s ≤ h
///
/// Neurons feel the path, not only its end: the drives of different directions do not commute. A straight path would
/// make the whole method second order. Over an interval in which q grows by Δ and has the mean ⟨q⟩ beyond its value
/// at the beginning, two straight pieces with the corner 2 ⟨q⟩ − ½ Δ make the product of the two motions right to
/// fourth order.
///
/// Source: Blanes, Moan, *Fourth- and sixth-order commutator-free Magnus integrators*, Appl. Numer. Math. 56,
/// 2006, for two exponentials.
struct ImpulsePath {
  /// The eigenvalues of K, ≥ 0.
  let rates: [Double]
  /// The components of r̃.
  let residual: [Double]
  /// The components of δ.
  let deviation: [Double]
  /// h.
  let length: Double

  /// The angles between the two pieces of a whole step above which it is cut into four and into eight intervals.
  private static var smallTurn: Double { 0.002 }
  private static var largeTurn: Double { 0.05 }

  /// The components of the straight pieces, two for every interval.
  ///
  /// Which side of a ray pushes a neuron away is decided once for every piece. Where the residual turns, that may change
  /// within the step, and the order of the pieces says nothing about the error: then the step is cut into intervals,
  /// shorter ones at the beginning, where the stiff modes decay.
  func pieces() -> [[Double]] {
    let whole = pieces(intervals: 1)
    let turn = Self.angle(whole[0], whole[1])
    let count = turn > Self.largeTurn ? 8 : turn > Self.smallTurn ? 4 : 1
    return count == 1 ? whole : pieces(intervals: count)
  }

  /// The same for a given number of intervals.
  func pieces(intervals: Int) -> [[Double]] {
    var pieces = [[Double]](repeating: [Double](repeating: 0, count: rates.count), count: 2 * intervals)
    for j in rates.indices {
      var start = (s: 0.0, impulse: 0.0, integral: 0.0)
      for k in 0..<intervals {
        let root = Double(k + 1) / Double(intervals)
        let s = root * root
        let phi = Phi(-length * s * rates[j])
        // q and its integral, the time in units of h.
        let impulse = length * s * (phi.one * residual[j] + 2 * s * s * phi.three * deviation[j])
        let integral = length * s * s * (phi.two * residual[j] + 2 * s * s * phi.four * deviation[j])
        let growth = impulse - start.impulse
        let mean = (integral - start.integral) / (s - start.s) - start.impulse
        pieces[2 * k][j] = 2 * mean - growth / 2
        pieces[2 * k + 1][j] = 1.5 * growth - 2 * mean
        start = (s, impulse, integral)
      }
    }
    return pieces
  }

  /// 2 sin(half the angle) between two vectors; 0 if one of them vanishes.
  private static func angle(_ a: [Double], _ b: [Double]) -> Double {
    let (a, b) = (unit(a), unit(b))
    guard let a, let b else { return 0 }
    return zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// The direction of a vector, whatever its magnitude; nil if it has none.
  private static func unit(_ v: [Double]) -> [Double]? {
    let largest = v.reduce(0) { max($0, Swift.abs($1)) }
    guard largest.isNormal else { return nil }
    let norm = v.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot() * largest
    return norm.isFinite ? v.map { $0 / norm } : nil
  }
}
