import RealModule

/// The range of a positive semidefinite matrix of low rank: A = Q [B 0; 0 0] Qᵀ with Q orthogonal
/// and B of order k, by Cholesky factorisation with diagonal pivoting, A = L Lᵀ, and Householder
/// reduction of L.
///
/// Source: Golub, Van Loan, *Matrix computations*, 4th ed., sections 4.2.8 and 5.2.2.
struct RangeFactor {
  /// k.
  let rank: Int
  /// Q, made of k reflectors.
  let basis: Reflectors
  /// B: row-major k × k, symmetric.
  let block: [Double]

  /// What is left of the trace when the matrix counts as exhausted: what rounding leaves of the
  /// diagonal.
  private static var negligible: Double { 0x1p-49 }

  /// Factors a row-major, symmetric n × n matrix, unless its rank exceeds the limit or a pivot
  /// turns out negative by more than rounding.
  init?(_ matrix: [Double], n: Int, limit: Int) {
    var diagonal = (0..<n).map { matrix[$0 * n + $0] }
    let threshold = diagonal.reduce(0, +) * Self.negligible
    // Row j is column j of L.
    var rows: [Double] = []
    rows.reserveCapacity(limit * n)
    var rank = 0
    while true {
      var pivot = 0
      var remaining = 0.0
      for i in 0..<n {
        remaining += max(diagonal[i], 0)
        if diagonal[i] > diagonal[pivot] { pivot = i }
      }
      if !(remaining > threshold) { break }
      guard rank < limit else { return nil }
      rows.append(contentsOf: matrix[pivot * n..<(pivot + 1) * n])
      let root = diagonal[pivot].squareRoot()
      rows.withUnsafeMutableBufferPointer { rows in
        guard let base = rows.baseAddress else { return }
        let row = base + rank * n
        for j in 0..<rank { RowKernels.add(-base[j * n + pivot], base + j * n, to: row, n) }
        for i in 0..<n {
          row[i] /= root
          diagonal[i] -= row[i] * row[i]
        }
      }
      // Rounding must not let an element be chosen twice.
      diagonal[pivot] = 0
      rank += 1
    }
    guard diagonal.allSatisfy({ $0 >= -4 * threshold }) else { return nil }
    self.rank = rank
    var block = [Double](repeating: 0, count: rank * rank)
    rows.withUnsafeMutableBufferPointer { rows in
      block.withUnsafeMutableBufferPointer { block in
        guard let rows = rows.baseAddress, let block = block.baseAddress else { return }
        Self.reduce(rows, rank, n, into: block)
      }
    }
    self.block = block
    basis = Reflectors(rows: rows, count: rank, offset: 0, n: n)
  }

  /// Turns the rows of Lᵀ into reflectors with Lᵀ Q = [G 0], G lower triangular, and adds up B = Gᵀ
  /// G.
  private static func reduce(
    _ rows: Reflectors.Pointer, _ rank: Int, _ n: Int, into block: Reflectors.Pointer
  ) {
    for j in 0..<rank {
      let row = rows + j * n
      let corner = Reflectors.make(row + j, n - j)
      for i in j + 1..<max(rank, j + 1) {
        Reflectors.reflect(row + j, rows + i * n + j, n - j)
      }
      // Row j of G: the elements left of the reflector, and the corner.
      for i in 0..<j {
        RowKernels.add(row[i], row, to: block + i * rank, j)
        block[i * rank + j] += row[i] * corner
        block[j * rank + i] += row[i] * corner
      }
      block[j * rank + j] += corner * corner
    }
  }
}
