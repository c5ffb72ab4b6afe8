/// The normal equations of a curve, factorised: columns 1, crossover …, x, those of the crossover
/// with a standard normal prior.
struct CurveFactor: Sendable {
  /// The fit of a curve with all columns, or all but x.
  struct Solution {
    var coefficients: [Double]
    /// The minimum of the sum of squares, priors included.
    var squares: Double
    /// Σ log Φ of lower bounds.
    var logBounds = 0.0
    /// log det of the normal matrix.
    var logDeterminant: Double
    /// S, or a where S = 0.
    var parameter: Double
    /// Its variance.
    var variance: Double
    /// The factor of the normal matrix, from which all other variances follow.
    var factor: Cholesky
  }

  let count: Int
  /// The normal matrix by rows.
  let normal: [Double]
  private let cholesky: Cholesky

  init?(_ columns: [Double], count: Int, rows: Int) {
    var normal = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0...i {
        var sum = 0.0
        for r in 0..<rows { sum += columns[i * rows + r] * columns[j * rows + r] }
        if i == j && i > 0 && i < count - 1 { sum += 1 }
        normal[i * count + j] = sum
        normal[j * count + i] = sum
      }
    }
    guard let cholesky = Cholesky(normal, order: count) else { return nil }
    self.count = count
    self.normal = normal
    self.cholesky = cholesky
  }

  /// Wᵀ y.
  func product(_ columns: [Double], _ y: [Double]) -> [Double] {
    let rows = y.count
    return (0..<count).map { i in
      var sum = 0.0
      for r in 0..<rows { sum += columns[i * rows + r] * y[r] }
      return sum
    }
  }

  /// The curve of the first k columns.
  func solution(_ h: [Double], _ k: Int, _ yy: Double) -> Solution {
    let leading = cholesky.leading(k)
    let z = leading.whiten(Array(h.prefix(k)))
    // S is the last coefficient; where S = 0, a is the first.
    let parameter = k < count ? 0 : k - 1
    var unit = [Double](repeating: 0, count: k)
    unit[parameter] = 1
    let coefficients = leading.unwhiten(z)
    return Solution(
      coefficients: coefficients, squares: yy - dot(z, z), logDeterminant: leading.logDeterminant,
      parameter: coefficients[parameter], variance: leading.solve(unit)[parameter], factor: leading)
  }
}
