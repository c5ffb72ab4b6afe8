import RealModule

/// The factor L of a symmetric positive definite matrix A = L Lᵀ with few rows: widths, or
/// parameters of a curve.
struct Cholesky: Sendable {
  /// The number of rows.
  let order: Int
  /// L by rows, its upper half without meaning.
  private let factor: [Double]

  /// Factorises a matrix.
  ///
  /// - Parameters:
  ///   - matrix: A by rows; only its lower half is read.
  ///   - order: the number of rows.
  /// - Returns: nil if A is not positive definite in the arithmetic at hand.
  init?(_ matrix: [Double], order: Int) {
    var factor = matrix
    for i in 0..<order {
      for j in 0...i {
        var sum = factor[i * order + j]
        for k in 0..<j { sum -= factor[i * order + k] * factor[j * order + k] }
        if i == j {
          guard sum > 0, sum.isFinite else { return nil }
          factor[i * order + i] = sum.squareRoot()
        } else {
          factor[i * order + j] = sum / factor[j * order + j]
        }
      }
    }
    self.order = order
    self.factor = factor
  }

  /// log det A.
  var logDeterminant: Double {
    2 * (0..<order).reduce(0) { $0 + Double.log(factor[$1 * order + $1]) }
  }

  /// L⁻¹ b: what has covariance A gets covariance 1.
  func whiten(_ b: [Double]) -> [Double] {
    var x = b
    for i in 0..<order {
      var sum = x[i]
      for k in 0..<i { sum -= factor[i * order + k] * x[k] }
      x[i] = sum / factor[i * order + i]
    }
    return x
  }

  /// A⁻¹ b.
  func solve(_ b: [Double]) -> [Double] { unwhiten(whiten(b)) }

  /// L⁻ᵀ b.
  func unwhiten(_ b: [Double]) -> [Double] {
    var x = b
    for i in stride(from: order - 1, through: 0, by: -1) {
      var sum = x[i]
      for k in i + 1..<order { sum -= factor[k * order + i] * x[k] }
      x[i] = sum / factor[i * order + i]
    }
    return x
  }

  /// The factor of the first k rows and columns of A.
  func leading(_ k: Int) -> Cholesky {
    guard k < order else { return self }
    return Cholesky(factor: (0..<k * k).map { factor[$0 / k * order + $0 % k] }, order: k)
  }

  private init(factor: [Double], order: Int) {
    self.factor = factor
    self.order = order
  }

  /// A⁻¹ by rows.
  var inverse: [Double] {
    var result = [Double](repeating: 0, count: order * order)
    for j in 0..<order {
      var unit = [Double](repeating: 0, count: order)
      unit[j] = 1
      for (i, value) in solve(unit).enumerated() { result[i * order + j] = value }
    }
    return result
  }
}
