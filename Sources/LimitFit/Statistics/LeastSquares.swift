/// Generalised least squares with a known covariance: the coefficients of a few columns.
struct LeastSquares: Sendable {
  /// The coefficients, in the order of the columns.
  let coefficients: [Double]
  /// Their covariance, by rows.
  let covariance: [Double]
  /// The squares of the whitened residuals.
  let squares: Double

  /// Fits columns to values.
  ///
  /// - Parameters:
  ///   - columns: each as long as the values.
  ///   - values: what to explain.
  ///   - factor: of the covariance of the values.
  /// - Returns: nil if the columns are linearly dependent.
  init?(_ columns: [[Double]], _ values: [Double], _ factor: Cholesky) {
    let columns = columns.map(factor.whiten)
    let values = factor.whiten(values)
    let n = columns.count
    let normal = columns.flatMap { a in columns.map { b in dot(a, b) } }
    guard let solver = Cholesky(normal, order: n) else { return nil }
    let coefficients = solver.solve(columns.map { dot($0, values) })
    let rest = values.indices.map { i in
      values[i] - (0..<n).reduce(0) { $0 + columns[$1][i] * coefficients[$1] }
    }
    self.coefficients = coefficients
    covariance = solver.inverse
    squares = dot(rest, rest)
  }
}

/// Σ a b.
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
