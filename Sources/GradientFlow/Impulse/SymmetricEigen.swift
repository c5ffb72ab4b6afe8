import RealModule

/// The eigenvalues and eigenvectors of a real symmetric matrix: Householder reduction to tridiagonal form,
/// then QL with implicit shifts.
///
/// Source: Golub, Van Loan, *Matrix computations*, 4th ed., sections 8.3.1 and 8.3.3.
struct SymmetricEigen {
  /// The order n.
  let n: Int
  /// The n eigenvalues, in no particular order.
  private(set) var values: [Double]
  /// Row-major n × n; column j is the unit eigenvector of `values[j]`.
  private(set) var vectors: [Double]

  /// Decomposes a row-major n × n matrix of which the lower triangle is read.
  init(_ matrix: [Double], n: Int) {
    self.n = n
    values = [Double](repeating: 0, count: n)
    vectors = matrix
    var offDiagonal = [Double](repeating: 0, count: n)
    vectors.withUnsafeMutableBufferPointer { v in
      values.withUnsafeMutableBufferPointer { d in
        offDiagonal.withUnsafeMutableBufferPointer { e in
          Self.tridiagonalise(v, d, e, n)
          Self.diagonalise(v, d, e, n)
        }
      }
    }
  }

  /// Vᵀ x: the components of x along the eigenvectors.
  func components(of x: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: n)
    for i in 0..<n {
      for j in 0..<n { result[j] += vectors[i * n + j] * x[i] }
    }
    return result
  }

  /// V c: the vector with the given components.
  func vector(_ c: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: n)
    for i in 0..<n {
      var sum = 0.0
      for j in 0..<n { sum += vectors[i * n + j] * c[j] }
      result[i] = sum
    }
    return result
  }

  private typealias Buffer = UnsafeMutableBufferPointer<Double>

  /// Overwrites `v` by the orthogonal Q of A = Q T Qᵀ, `d` and `e` by the diagonals of T (e[0] unused).
  private static func tridiagonalise(_ v: Buffer, _ d: Buffer, _ e: Buffer, _ n: Int) {
    for i in stride(from: n - 1, to: 0, by: -1) {
      var h = 0.0
      var scale = 0.0
      for k in 0..<i { scale += Swift.abs(v[i * n + k]) }
      if i == 1 || scale == 0 {
        e[i] = v[i * n + i - 1]
      } else {
        for k in 0..<i {
          v[i * n + k] /= scale
          h += v[i * n + k] * v[i * n + k]
        }
        let f = v[i * n + i - 1]
        let g = f >= 0 ? -h.squareRoot() : h.squareRoot()
        e[i] = scale * g
        h -= f * g
        v[i * n + i - 1] = f - g
        var sum = 0.0
        for j in 0..<i {
          v[j * n + i] = v[i * n + j] / h
          var g = 0.0
          for k in 0...j { g += v[j * n + k] * v[i * n + k] }
          for k in j + 1..<max(i, j + 1) { g += v[k * n + j] * v[i * n + k] }
          e[j] = g / h
          sum += e[j] * v[i * n + j]
        }
        let half = sum / (h + h)
        for j in 0..<i {
          let f = v[i * n + j]
          let g = e[j] - half * f
          e[j] = g
          for k in 0...j { v[j * n + k] -= f * e[k] + g * v[i * n + k] }
        }
      }
      d[i] = h
    }
    d[0] = 0
    for i in 0..<n {
      if d[i] != 0 {
        for j in 0..<i {
          var g = 0.0
          for k in 0..<i { g += v[i * n + k] * v[k * n + j] }
          for k in 0..<i { v[k * n + j] -= g * v[k * n + i] }
        }
      }
      d[i] = v[i * n + i]
      v[i * n + i] = 1
      for j in 0..<i {
        v[j * n + i] = 0
        v[i * n + j] = 0
      }
    }
  }

  /// QL with implicit shifts on the tridiagonal (d, e); accumulates the rotations in `v`.
  private static func diagonalise(_ v: Buffer, _ d: Buffer, _ e: Buffer, _ n: Int) {
    for i in 1..<max(n, 1) { e[i - 1] = e[i] }
    e[n - 1] = 0
    for l in 0..<n {
      // Fifty sweeps are never needed; the bound only makes the loop finite whatever the input.
      for _ in 0..<50 {
        var m = l
        while m < n - 1, Swift.abs(e[m]) > (Swift.abs(d[m]) + Swift.abs(d[m + 1])) * 0x1p-53 { m += 1 }
        if m == l { break }
        var g = (d[l + 1] - d[l]) / (2 * e[l])
        var r = Double.hypot(g, 1)
        g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r))
        var s = 1.0
        var c = 1.0
        var p = 0.0
        var deflated = false
        for i in stride(from: m - 1, through: l, by: -1) {
          let f = s * e[i]
          let b = c * e[i]
          r = Double.hypot(f, g)
          e[i + 1] = r
          if r == 0 {
            d[i + 1] -= p
            e[m] = 0
            deflated = true
            break
          }
          s = f / r
          c = g / r
          g = d[i + 1] - p
          r = (d[i] - g) * s + 2 * c * b
          p = s * r
          d[i + 1] = g + p
          g = c * r - b
          for k in 0..<n {
            let f = v[k * n + i + 1]
            v[k * n + i + 1] = s * v[k * n + i] + c * f
            v[k * n + i] = c * v[k * n + i] - s * f
          }
        }
        if deflated { continue }
        d[l] -= p
        e[l] = g
        e[m] = 0
      }
    }
  }
}
