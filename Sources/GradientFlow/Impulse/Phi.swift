import RealModule

/// The functions φ of exponential integrators, at z ≤ 0: φ1 = (e^z − 1)/z, φ_{k+1} = (φ_k − 1/k!)/z.
///
/// Source: Hochbruck, Ostermann, *Exponential integrators*, Acta Numerica 19, 2010, eq. 2.10.
enum Phi {
  /// φ1(z) for any finite z; φ1(0) = 1.
  static func one(_ z: Double) -> Double {
    z == 0 ? 1 : Double.expMinusOne(z) / z
  }

  /// φ3(z) for any finite z; φ3(0) = 1/6.
  static func three(_ z: Double) -> Double {
    // The recurrence loses three times log10(1/|z|) digits, so near 0 the series Σ z^j / (j + 3)! serves.
    if Swift.abs(z) < 1 {
      var sum = 0.0
      for j in stride(from: 15.0, through: 1, by: -1) { sum = (1 + sum) * z / (j + 3) }
      return (1 + sum) / 6
    }
    return ((one(z) - 1) / z - 0.5) / z
  }
}
