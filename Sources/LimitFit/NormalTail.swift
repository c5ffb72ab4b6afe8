import RealModule

/// Φ, the standard normal distribution, at z, also far out in its tail.
struct NormalTail: Hashable, Sendable {
  /// log Φ(z).
  let log: Double
  /// φ(z) / Φ(z), the derivative of log Φ.
  let hazard: Double
  /// Minus the second derivative: hazard (hazard + z), from 0 to 1.
  let curvature: Double

  /// The tail at any finite z.
  init(_ z: Double) {
    let square = z * z
    let logDensity = -0.5 * square - 0.5 * Double.log(2 * Double.pi)
    if z > -20 {
      log = Double.log(0.5 * Double.erfc(-z / 2.0.squareRoot()))
      hazard = Double.exp(logDensity - log)
      curvature = min(1, max(0, hazard * (hazard + z)))
    } else {
      // Φ(z) = φ(z) / |z| (1 − e): Abramowitz & Stegun 26.2.12.
      let inverse = 1 / square
      let e = inverse * (1 - inverse * (3 - inverse * (15 - inverse * 105)))
      log = logDensity - Double.log(-z) + Double.log(onePlus: -e)
      hazard = -z / (1 - e)
      curvature = hazard * -z * e / (1 - e)
    }
  }
}
