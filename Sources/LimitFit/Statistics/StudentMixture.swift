import RealModule

/// A mixture of Student t distributions with common degrees of freedom, shifted and scaled; a part
/// with scale 0 is an atom.
struct StudentMixture: Sendable {
  /// One of the distributions.
  struct Part: Sendable {
    /// Its share, positive.
    var weight: Double
    /// Its centre.
    var location: Double
    /// Its scale: the distance from the centre is `scale` times a t; not negative.
    var scale: Double
  }

  /// The parts; their weights add up to 1.
  let parts: [Part]
  private let student: StudentT

  /// A mixture.
  ///
  /// - Parameters:
  ///   - parts: at least one. Their weights need not add up to 1; parts below 10⁻⁷ of the whole are
  ///     left out.
  ///   - degreesOfFreedom: of all parts, positive.
  init(_ parts: [Part], degreesOfFreedom: Double) {
    let all = parts.reduce(0) { $0 + $1.weight }
    self.parts = parts.filter { $0.weight > 1e-7 * all }.map {
      Part(weight: $0.weight / all, location: $0.location, scale: $0.scale)
    }
    student = StudentT(degreesOfFreedom: degreesOfFreedom)
  }

  /// The mean of the parts' centres.
  var centre: Double { parts.reduce(0) { $0 + $1.weight * $1.location } }

  /// P(X ≤ x).
  func cumulative(_ x: Double) -> Double {
    parts.reduce(0) { sum, part in
      let distance = x - part.location
      if part.scale > 0 { return sum + part.weight * student.cumulative(distance / part.scale) }
      return distance >= 0 ? sum + part.weight : sum
    }
  }

  /// P(X < x).
  func probability(below x: Double) -> Double {
    cumulative(x) - parts.reduce(0) { $1.scale == 0 && $1.location == x ? $0 + $1.weight : $0 }
  }

  /// The minimum x with P(X ≤ x) ≥ p; exact at an atom, else to 10⁻¹⁰ of the width of the mixture.
  ///
  /// - Parameter p: a probability in (0, 1).
  func quantile(_ p: Double) -> Double {
    for atom in parts where atom.scale == 0 {
      let upTo = cumulative(atom.location)
      let here = parts.reduce(0) {
        $1.scale == 0 && $1.location == atom.location ? $0 + $1.weight : $0
      }
      if upTo >= p && upTo - here < p { return atom.location }
    }
    // The quantile of the mixture lies between those of its parts. Newton's method finds it,
    // bisection where that fails.
    let t = student.quantile(p)
    let ends = parts.map { $0.location + t * $0.scale }
    guard var low = ends.min(), var high = ends.max() else { return .nan }
    let precision = 1e-10 * (high - low)
    var x = min(max(centre, low), high)
    for _ in 0..<100 where high - low > precision {
      let excess = cumulative(x) - p
      if excess >= 0 { high = x } else { low = x }
      let next = x - excess / density(x)
      let inside = next > low && next < high
      if inside && abs(next - x) <= precision { return next }
      x = inside ? next : 0.5 * (low + high)
    }
    return high
  }

  /// The density at x, atoms left out.
  private func density(_ x: Double) -> Double {
    parts.reduce(0) { sum, part in
      part.scale > 0
        ? sum + part.weight * student.density((x - part.location) / part.scale) / part.scale : sum
    }
  }
}
