/// The course of the impulse over one step, known by its components along the eigenvectors of the
/// kernel:
///
///     q(s) = s φ1(−sK) r̃ + 2 s³/h² φ3(−sK) δ,   0 ≤ s ≤ h
///
/// Neurons feel the path, not only its end: the drives of different directions do not commute. A
/// straight path would make the whole method second order. Over an interval in which q grows by Δ
/// and has the mean ⟨q⟩ beyond its value at the beginning, two straight pieces with the corner
/// 2 ⟨q⟩ − ½ Δ make the product of the two motions right to fourth order.
///
/// Source: Blanes, Moan, *Fourth- and sixth-order commutator-free Magnus integrators*, Appl. Numer.
/// Math. 56, 2006, for two exponentials.
struct ImpulsePath {
  /// The eigenvalues of K, ≥ 0.
  let rates: [Double]
  /// The components of r̃.
  let residual: [Double]
  /// The components of δ.
  let deviation: [Double]
  /// h.
  let length: Double

  /// The components of the straight pieces, two for every interval.
  ///
  /// Intervals are shorter at the beginning, where the stiff modes decay.
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
}
