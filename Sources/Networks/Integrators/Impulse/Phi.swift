import RealModule

/// The functions φ of exponential integrators, at one z ≤ 0:
///
///     φ1 = (e^z − 1)/z    φ_{k+1} = (φ_k − 1/k!)/z
///
/// Source: Hochbruck, Ostermann, *Exponential integrators*, Acta Numerica 19, 2010, eq. 2.10.
struct Phi {
  /// φ1; 1 at z = 0.
  let one: Double
  /// φ2; 1/2 at z = 0.
  let two: Double
  /// φ3; 1/6 at z = 0.
  let three: Double
  /// φ4; 1/24 at z = 0.
  let four: Double

  /// The functions at any finite z ≤ 0.
  init(_ z: Double) {
    if Swift.abs(z) < 1 {
      // Upwards, the recurrence would lose k times log10(1/|z|) digits; downwards it loses none.
      // 4! φ4(z) = Σ z^j 4!/(j + 4)!.
      var sum = 0.0
      for j in stride(from: 16.0, through: 1, by: -1) { sum = (1 + sum) * z / (j + 4) }
      four = (1 + sum) / 24
      three = four * z + 1 / 6.0
      two = three * z + 0.5
      one = two * z + 1
    } else {
      one = Double.expMinusOne(z) / z
      two = (one - 1) / z
      three = (two - 0.5) / z
      four = (three - 1 / 6.0) / z
    }
  }
}
