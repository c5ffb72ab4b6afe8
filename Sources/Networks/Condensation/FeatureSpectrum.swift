import RealModule

/// The eigenvalues of C = Σ_k M_k a_k² σ_k σ_kᵀ, an n × n matrix, with σ_k,i = σ(w_k·x̃_i): how
/// many features a network uses.
struct FeatureSpectrum {
  /// λ/λ_max, descending; empty where C vanishes.
  let shares: [Double]

  /// The spectrum of a matrix.
  ///
  /// - Parameter matrix: C times any positive number, row-major, symmetric.
  init(_ matrix: [Double], n: Int) {
    let values = SymmetricEigen(matrix, n: n).values.map { max(0, $0) }.sorted(by: >)
    guard let largest = values.first, largest > 0, largest.isFinite else {
      shares = []
      return
    }
    shares = values.map { $0 / largest }
  }

  /// exp(−Σ p log p), p = λ/Σλ: from 1 to n; 0 where C vanishes.
  ///
  /// Source: Roy and Vetterli, *The effective rank*, EUSIPCO 2007.
  var effectiveRank: Double {
    guard !shares.isEmpty else { return 0 }
    let sum = shares.reduce(0, +)
    let entropy = shares.reduce(0) { $1 > 0 ? $0 - $1 / sum * .log($1 / sum) : $0 }
    return min(Double(shares.count), max(1, .exp(entropy)))
  }

  /// The number of λ > ε λ_max.
  func rank(above epsilon: Double) -> Int { shares.count { $0 > epsilon } }
}

/// Similarities of kernels, n × n matrices.
enum KernelComparison {
  /// 1 − ⟨K, L⟩/(‖K‖‖L‖), from 0 to 1 for positive semidefinite matrices; right to rounding however
  /// near they are.
  static func distance(_ a: [Double], _ b: [Double]) -> Double {
    let (x, y) = (unit(a), unit(b))
    // |x − y|² = 2 − 2 x·y.
    return min(1, zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2)
  }

  /// ⟨K, y yᵀ⟩/(‖K‖|y|²), from 0 to 1; 0 where K or y vanishes.
  static func alignment(_ kernel: [Double], _ targets: [Double]) -> Double {
    let (matrix, y) = (unit(kernel), unit(targets))
    let n = y.count
    var sum = 0.0
    for i in 0..<n {
      for j in 0..<n { sum += matrix[i * n + j] * y[i] * y[j] }
    }
    return min(1, max(0, sum))
  }

  /// With the norm 1; zero where it vanishes. Squares stay in range.
  private static func unit(_ x: [Double]) -> [Double] {
    let largest = x.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return x.map { _ in 0 } }
    let scaled = x.map { $0 / largest }
    let norm = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return scaled.map { $0 / norm }
  }
}
