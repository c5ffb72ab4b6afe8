import Model

/// How inputs are scaled before anything is done with them. What is trained on is the scaled set.
enum SampleScale: Equatable {
  /// Every input has |x| = 1; one of 0 stays.
  case unit
  /// The largest |x| is 1.
  case largest
  /// All inputs times a number.
  case factor(Double)

  /// The words for the first two.
  static let unitName = "unit", largestName = "largest"

  /// The scaled inputs.
  func scaled(_ x: [[Double]]) -> [[Double]] {
    func norm(_ row: [Double]) -> Double {
      // Squares of large components must not overflow.
      let top = row.reduce(0) { max($0, $1.magnitude) }
      guard top > 0 else { return 0 }
      return top * row.reduce(0) { $0 + ($1 / top) * ($1 / top) }.squareRoot()
    }
    let norms = x.map(norm)
    let largest = norms.max() ?? 0
    return zip(x, norms).map { row, norm in
      switch self {
      case .unit: norm > 0 ? row.map { $0 / norm } : row
      case .largest: largest > 0 ? row.map { $0 / largest } : row
      case .factor(let factor): row.map { $0 * factor }
      }
    }
  }
}
