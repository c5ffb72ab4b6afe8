import RealModule

/// Directions (ā, w̄, b̄) on the unit sphere with weights: a quadrature rule for the mean over
/// Gaussian neurons, which are uniform in direction.
///
/// A direction is (z, √(1−z²) e(φ)) with z uniform on (−1, 1) and e(φ) uniform on the circle. φ is
/// split at the 2n rays w·x̃_i = 0, beside which the flow has kinks, and z at 0. Directions come in
/// adjacent pairs (z, −z) of equal weight, so that what is odd in ā vanishes in floating point.
struct NodeLayout: Sendable {
  /// How nodes are distributed.
  enum Grading: Hashable, Sendable {
    /// Gauss and Legendre on every segment.
    case plain
    /// Geometrically towards the rays: nodes remain in the thin layers from which the neurons come
    /// that grow most. Where RD falls, they would add rounding errors instead.
    case rays
    /// Towards the rays and z = 0, where neurons stand that have hardly moved when large output
    /// weights have done their work.
    case raysAndEquator
  }

  /// Unit vectors (ā, w̄, b̄), in pairs.
  private(set) var directions: [NeuronState] = []
  /// p_j, which add up to 1.
  private(set) var weights: [Double] = []

  /// A layout for a geometry.
  ///
  /// - Parameters:
  ///   - count: how many nodes there are to be, about; a graded layout has more.
  ///   - split: moves the nodes within the segments, each segment by its own number of (0, 1): it
  ///     is cut there, and each part has half the nodes; nil: whole segments.
  init(_ geometry: ConeGeometry, count: Int, grading: Grading, split: ((Int) -> Double)? = nil) {
    let segments = geometry.circle.count
    // Twice as many nodes in z as in φ.
    let perSegment = (Double(count) / Double(segments) / 2).squareRoot()
    let z: Quadrature
    var angular: (_ length: Double) -> Quadrature
    switch grading {
    case .plain:
      z = Quadrature(length: 1, nodes: Swift.max(2, Int(perSegment.rounded())))
      let nodes = Swift.max(3, Int((Double(count) / Double(segments * 2 * z.points.count)).rounded()))
      angular = { Quadrature(length: $0, nodes: nodes) }
    case .rays, .raysAndEquator:
      let size = Swift.max(2, Int((perSegment / 6).rounded()))
      z =
        grading == .rays
        ? Quadrature(length: 1, nodes: 2 * size)
        : Quadrature(length: 1, levels: 20, outer: 2 * size, inner: 1)
      let levels = grading == .rays ? 12 : 6
      angular = { Quadrature(length: $0, levels: levels, outer: size, inner: 1) }
    }
    for segment in 0..<segments {
      // From ray `segment` to the next; n = 1: two half planes.
      let first = geometry.ray[segment]
      let next = geometry.ray[(segment + 1) % segments]
      let length = Self.angle(from: first, to: next)
      // Each part is described from the ray that is nearer, so that tiny distances keep their
      // digits.
      let cut = length * (split.map { 0.3 + 0.4 * $0(segment) } ?? 0.5)
      if grading == .plain, split == nil {
        let rule = angular(length)
        let half = rule.points.count
        for i in 0..<half {
          let (point, weight) = (rule.points[i], rule.weights[i])
          add(Self.direction(from: first, to: next, length, at: point), weight, z)
        }
        continue
      }
      for (ray, sense, part) in [(first, 1.0, cut), (next, -1.0, length - cut)] {
        let rule =
          grading != .plain
          ? angular(part) : Quadrature(length: part, nodes: Swift.max(2, (angular(1).points.count + 1) / 2))
        for (point, weight) in zip(rule.points, rule.weights) {
          add(Self.turned(ray, by: sense * point), weight, z)
        }
      }
    }
  }

  private mutating func add(_ e: PlaneVector, _ arc: Double, _ z: Quadrature) {
    for (z, share) in zip(z.points, z.weights) {
      let w = ((1 - z) * (1 + z)).squareRoot() * e
      let weight = arc / (2 * .pi) * share / 2
      directions += [NeuronState(z, w), NeuronState(-z, w)]
      weights += [weight, weight]
    }
  }

  /// The angle between neighbouring rays, in (0, π].
  private static func angle(from a: PlaneVector, to b: PlaneVector) -> Double {
    Swift.abs(Double.atan2(y: a.x * b.y - a.y * b.x, x: a.dot(b)))
  }

  private static func direction(
    from a: PlaneVector, to b: PlaneVector, _ length: Double, at angle: Double
  ) -> PlaneVector {
    angle < length / 2 ? turned(a, by: angle) : turned(b, by: angle - length)
  }

  /// Turned in the sense in which the rays follow each other, clockwise.
  private static func turned(_ e: PlaneVector, by angle: Double) -> PlaneVector {
    let (c, s) = (Double.cos(angle), Double.sin(angle))
    return PlaneVector(e.x * c + e.y * s, e.y * c - e.x * s)
  }
}
