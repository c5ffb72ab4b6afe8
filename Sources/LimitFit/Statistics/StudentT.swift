import RealModule

/// Student's t distribution with ν > 0 degrees of freedom.
struct StudentT: Hashable, Sendable {
  /// ν, dimensionless, positive.
  let degreesOfFreedom: Double

  /// P(T ≤ t) = 1 − ½ I_x(ν/2, ½) with x = ν / (ν + t²) for t ≥ 0, and by symmetry for t < 0
  /// (Abramowitz & Stegun 26.7.1 and 26.5.27).
  func cumulative(_ t: Double) -> Double {
    let nu = degreesOfFreedom
    let square = t * t
    if square < min(nu, 4) {
      // Near the middle x is close to 1 and the digits of t are lost; 1 − x keeps them. Further out
      // the difference from ½ would lose the tail.
      let centre = 0.5 * regularizedIncompleteBeta(square / (nu + square), a: 0.5, b: nu / 2)
      return t < 0 ? 0.5 - centre : 0.5 + centre
    }
    let tail = 0.5 * regularizedIncompleteBeta(nu / (nu + square), a: nu / 2, b: 0.5)
    return t < 0 ? tail : 1 - tail
  }

  /// The density at t.
  func density(_ t: Double) -> Double {
    let nu = degreesOfFreedom
    let logNormalisation =
      Double.logGamma((nu + 1) / 2) - Double.logGamma(nu / 2) - 0.5 * Double.log(nu * Double.pi)
    return Double.exp(logNormalisation - (nu + 1) / 2 * Double.log(onePlus: t * t / nu))
  }

  /// The t with P(T ≤ t) = p.
  ///
  /// - Parameter p: a probability in (0, 1).
  func quantile(_ p: Double) -> Double {
    guard p >= 0.5 else { return -quantile(1 - p) }
    // Bracket the root by doubling, then Newton's method, or bisection where that leaves the
    // bracket.
    var low = 0.0
    var high = 1.0
    while cumulative(high) < p && high < 1e300 {
      low = high
      high *= 2
    }
    var t = 0.5 * (low + high)
    for _ in 0..<200 {
      let excess = cumulative(t) - p
      if excess < 0 { low = t } else { high = t }
      var next = t - excess / density(t)
      if !(next >= low && next <= high) { next = 0.5 * (low + high) }
      let step = (next - t).magnitude
      t = next
      if step <= 1e-14 * t { break }
    }
    return t
  }
}

/// I_x(a, b), the regularised incomplete beta function, for x in [0, 1] and a, b > 0.
///
/// By the continued fraction DLMF 8.17.22, evaluated with Lentz's method, on the side of the mean
/// where it converges fast; the other side follows from I_x(a, b) = 1 − I_{1−x}(b, a).
func regularizedIncompleteBeta(_ x: Double, a: Double, b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  guard x <= (a + 1) / (a + b + 2) else { return 1 - regularizedIncompleteBeta(1 - x, a: b, b: a) }

  let logBeta = Double.logGamma(a) + Double.logGamma(b) - Double.logGamma(a + b)
  let factor = Double.exp(a * Double.log(x) + b * Double.log(onePlus: -x) - logBeta) / a

  let tiny = 1e-300
  func guarded(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / guarded(1 - (a + b) * x / (a + 1))
  var fraction = d
  for m in 1...500 {
    let m = Double(m)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / guarded(1 + even * d)
    c = guarded(1 + even / c)
    fraction *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / guarded(1 + odd * d)
    c = guarded(1 + odd / c)
    fraction *= d * c
    if (d * c - 1).magnitude < 1e-16 { break }
  }
  return factor * fraction
}

/// P(F > f) for Fisher's F distribution with d1 and d2 > 0 degrees of freedom, f ≥ 0 (Abramowitz &
/// Stegun 26.6.2).
func fisherTail(_ f: Double, _ d1: Double, _ d2: Double) -> Double {
  regularizedIncompleteBeta(d2 / (d2 + d1 * f), a: d2 / 2, b: d1 / 2)
}
