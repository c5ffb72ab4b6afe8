/// A = Q T Qᵀ with Q orthogonal and T tridiagonal, for a symmetric matrix A: Householder reduction.
///
/// Source: Golub, Van Loan, *Matrix computations*, 4th ed., section 8.3.1.
struct TridiagonalReduction {
  /// The diagonal of T; n elements.
  let diagonal: [Double]
  /// Element i couples i and i + 1; n elements, the last of them 0.
  let offDiagonal: [Double]
  /// Q.
  let basis: Reflectors

  /// Reduces a row-major, symmetric n × n matrix, of which the upper triangle is read.
  init(_ matrix: [Double], n: Int) {
    var a = matrix
    var d = [Double](repeating: 0, count: n)
    var e = d
    var scratch = [Double](repeating: 0, count: 2 * n)
    a.withUnsafeMutableBufferPointer { a in
      scratch.withUnsafeMutableBufferPointer { scratch in
        guard let a = a.baseAddress, let scratch = scratch.baseAddress else { return }
        Self.reduce(a, &d, &e, n, w: scratch, next: scratch + n)
      }
    }
    diagonal = d
    offDiagonal = e
    // The reflector of row k maps the elements right of the diagonal to a multiple of a unit
    // vector.
    basis = Reflectors(rows: a, count: max(n - 1, 0), offset: 1, n: n)
  }

  /// A ← (1 − u uᵀ) A (1 − u uᵀ) = A − u wᵀ − w uᵀ with p = A u and w = p − (uᵀp / 2) u, row after
  /// row. The update is made in the pass that multiplies with the next reflector.
  private static func reduce(
    _ a: Reflectors.Pointer, _ d: inout [Double], _ e: inout [Double], _ n: Int, w: Reflectors.Pointer,
    next: Reflectors.Pointer
  ) {
    var w = w
    var next = next
    // No update is pending at first.
    var u = w
    for k in 0..<n {
      let row = a + k * n
      for j in k..<n { row[j] -= u[k] * w[j] + w[k] * u[j] }
      d[k] = row[k]
      guard k + 1 < n else { return }
      e[k] = Reflectors.make(row + k + 1, n - k - 1)
      RowKernels.updateAndMultiply(a, n, from: k + 1, u: u, w: w, v: row, into: next)
      let half = RowKernels.dot(next + k + 1, row + k + 1, n - k - 1) / 2
      RowKernels.add(-half, row + k + 1, to: next + k + 1, n - k - 1)
      u = row
      swap(&w, &next)
    }
  }
}
