import RealModule

/// The functions φ of exponential integrators, at z ≤ 0: φ1 = (e^z − 1)/z, φ_{k+1} = (φ_k − 1/k!)/z.
///
/// Source: Hochbruck, Ostermann, *Exponential integrators*, Acta Numerica 19, 2010, eq. 2.10.
enum Phi {
  /// φ1(z) for any finite z; φ1(0) = 1.
  static func one(_ z: Double) -> Double {
    z == 0 ? 1 : Double.expMinusOne(z) / z
  }

  /// φ2(z) for any finite z; φ2(0) = 1/2.
  static func two(_ z: Double) -> Double {
    Swift.abs(z) < 1 ? series(2, z) / 2 : (one(z) - 1) / z
  }

  /// φ3(z) for any finite z; φ3(0) = 1/6.
  static func three(_ z: Double) -> Double {
    Swift.abs(z) < 1 ? series(3, z) / 6 : (two(z) - 0.5) / z
  }

  /// φ4(z) for any finite z; φ4(0) = 1/24.
  static func four(_ z: Double) -> Double {
    Swift.abs(z) < 1 ? series(4, z) / 24 : (three(z) - 1 / 6.0) / z
  }

  /// k! φ_k(z) = Σ z^j k!/(j + k)! near 0, where the recurrence loses k times log10(1/|z|) digits.
  private static func series(_ k: Double, _ z: Double) -> Double {
    var sum = 0.0
    for j in stride(from: 16.0, through: 1, by: -1) { sum = (1 + sum) * z / (j + k) }
    return 1 + sum
  }
}
