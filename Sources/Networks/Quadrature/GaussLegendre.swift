import RealModule

/// The nodes and weights of Gauss and Legendre on (0, 1): exact for polynomials of degree 2n − 1.
struct GaussLegendre: Sendable {
  /// n nodes, ascending.
  let nodes: [Double]
  /// n weights, which add up to 1.
  let weights: [Double]

  /// The rule with n ≥ 1 nodes, by Newton's method on the Legendre polynomial.
  init(_ n: Int) {
    var nodes = [Double](repeating: 0.5, count: n)
    var weights = [Double](repeating: 1, count: n)
    for i in 0..<(n + 1) / 2 {
      var x = Double.cos(.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
      var slope = 1.0
      for _ in 0..<20 {
        let (value, previous) = Self.legendre(n, x)
        slope = Double(n) * (x * value - previous) / (x * x - 1)
        let step = value / slope
        x -= step
        if Swift.abs(step) < 1e-16 { break }
      }
      let weight = 1 / ((1 - x * x) * slope * slope)
      // Node and mirror image have the sum 1 to the last bit.
      nodes[i] = (1 - x) / 2
      nodes[n - 1 - i] = 1 - nodes[i]
      weights[i] = weight
      weights[n - 1 - i] = weight
    }
    if n == 1 { (nodes[0], weights[0]) = (0.5, 1) }
    self.nodes = nodes
    self.weights = weights
  }

  /// P_n(x) and P_{n−1}(x).
  private static func legendre(_ n: Int, _ x: Double) -> (Double, Double) {
    var (last, value) = (0.0, 1.0)
    for k in 0..<n {
      let k = Double(k)
      (last, value) = (value, ((2 * k + 1) * x * value - k * last) / (k + 1))
    }
    return (value, last)
  }
}

/// A quadrature rule on an interval that begins at 0: points and weights, of which the latter add
/// up to the length.
struct Quadrature: Sendable {
  /// In no particular order, all within the interval.
  private(set) var points: [Double] = []
  /// As many, positive.
  private(set) var weights: [Double] = []

  /// No points.
  init() {}

  /// Gauss and Legendre on (0, length).
  init(length: Double, nodes: Int) { add(from: 0, to: length, GaussLegendre(nodes)) }

  /// Graded towards 0: the interval is cut at length · 10^−k, k = 1 … levels, with a rule for each
  /// part.
  ///
  /// - Parameters:
  ///   - outer: nodes of the outermost part.
  ///   - inner: nodes of each other part.
  init(length: Double, levels: Int, outer: Int, inner: Int) {
    let rule = GaussLegendre(inner)
    var end = length
    for level in 0..<levels {
      add(from: end / 10, to: end, level == 0 ? GaussLegendre(outer) : rule)
      end /= 10
    }
    add(from: 0, to: end, rule)
  }

  mutating func add(from start: Double, to end: Double, _ rule: GaussLegendre) {
    for (node, weight) in zip(rule.nodes, rule.weights) {
      points.append(start + (end - start) * node)
      weights.append((end - start) * weight)
    }
  }
}
