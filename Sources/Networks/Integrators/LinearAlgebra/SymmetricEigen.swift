import RealModule

/// The eigenvalues of a real symmetric, positive semidefinite matrix A = V Λ Vᵀ, and products with
/// V and Vᵀ.
///
/// V stays a product of reflectors and rotations: forming it would cost more than all else, and a
/// product costs O(n²) either way. A matrix of low rank, as kernels of condensed networks are, is
/// reduced to its range before. Right to rounding beside the largest eigenvalue.
struct SymmetricEigen {
  /// The order n.
  let n: Int
  /// The n eigenvalues, in no particular order.
  let values: [Double]
  /// Onto the range of A; none if A is not of low rank.
  private let range: Reflectors?
  private let reduction: Reflectors
  private let rotations: Rotations

  /// Decomposes a row-major, symmetric n × n matrix, positive semidefinite but for rounding.
  init(_ matrix: [Double], n: Int) {
    self.n = n
    // Squares of elements must neither overflow nor underflow.
    let maxElement = matrix.reduce(0) { max($0, Swift.abs($1)) }
    let exponent = maxElement.isNormal ? min(max(maxElement.exponent, -1000), 1000) : 0
    let unit = Double(sign: .plus, exponent: -exponent, significand: 1)
    let scaled = matrix.map { $0 * unit }
    let range = n < Self.minReduced ? nil : RangeFactor(scaled, n: n, limit: n / 2)
    let tridiagonal = TridiagonalReduction(range?.block ?? scaled, n: range?.rank ?? n)
    var values = tridiagonal.diagonal
    var offDiagonal = tridiagonal.offDiagonal
    self.range = range?.basis
    reduction = tridiagonal.basis
    rotations = Rotations(diagonalising: &values, &offDiagonal)
    self.values = values.map { $0 / unit } + [Double](repeating: 0, count: n - values.count)
  }

  /// Below this order, looking for the range costs more than it saves.
  private static var minReduced: Int { 16 }

  /// Vᵀ x: the components of x along the eigenvectors.
  func components(of x: [Double]) -> [Double] {
    var result = x
    result.withUnsafeMutableBufferPointer { x in
      guard let x = x.baseAddress else { return }
      range?.applyTransposed(x)
      reduction.applyTransposed(x)
      rotations.applyTransposed(x)
    }
    return result
  }

  /// V c: the vector with the given components.
  func vector(_ c: [Double]) -> [Double] {
    var result = c
    result.withUnsafeMutableBufferPointer { x in
      guard let x = x.baseAddress else { return }
      rotations.apply(x)
      reduction.apply(x)
      range?.apply(x)
    }
    return result
  }
}
