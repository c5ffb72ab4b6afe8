import RealModule

/// The eigenvalues and eigenvectors of a real symmetric matrix: Householder reduction to tridiagonal form,
/// then QL with implicit shifts. Every inner loop runs along a row, so that it is vectorised.
///
/// Source: Golub, Van Loan, *Matrix computations*, 4th ed., sections 8.3.1 and 8.3.3.
struct SymmetricEigen {
  /// The order n.
  let n: Int
  /// The n eigenvalues, in no particular order.
  private(set) var values: [Double]
  /// Row-major n × n; row j is the unit eigenvector of `values[j]`.
  private(set) var vectors: [Double]

  /// Decomposes a row-major, symmetric n × n matrix.
  init(_ matrix: [Double], n: Int) {
    self.n = n
    values = [Double](repeating: 0, count: n)
    vectors = [Double](repeating: 0, count: n * n)
    var a = matrix
    var offDiagonal = values
    a.withUnsafeMutableBufferPointer { a in
      vectors.withUnsafeMutableBufferPointer { v in
        values.withUnsafeMutableBufferPointer { d in
          offDiagonal.withUnsafeMutableBufferPointer { e in
            guard let a = a.baseAddress, let v = v.baseAddress, let d = d.baseAddress, let e = e.baseAddress
            else { return }
            Self.tridiagonalise(a, v, d, e, n)
            Self.diagonalise(v, d, e, n)
          }
        }
      }
    }
  }

  /// Vᵀ x: the components of x along the eigenvectors.
  func components(of x: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: n)
    vectors.withUnsafeBufferPointer { v in
      x.withUnsafeBufferPointer { x in
        for j in 0..<n {
          var sum = 0.0
          for k in 0..<n { sum += v[j * n + k] * x[k] }
          result[j] = sum
        }
      }
    }
    return result
  }

  /// V c: the vector with the given components.
  func vector(_ c: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: n)
    vectors.withUnsafeBufferPointer { v in
      result.withUnsafeMutableBufferPointer { result in
        for j in 0..<n {
          let c = c[j]
          for k in 0..<n { result[k] += v[j * n + k] * c }
        }
      }
    }
    return result
  }

  private typealias Pointer = UnsafeMutablePointer<Double>

  /// Writes the diagonals of T to `d` and `e` and Qᵀ to `q`, where A = Q T Qᵀ; `e[i]` couples i and i + 1.
  /// Destroys `a`.
  private static func tridiagonalise(_ a: Pointer, _ q: Pointer, _ d: Pointer, _ e: Pointer, _ n: Int) {
    // Reflector k maps row k, right of the diagonal, to a multiple of a unit vector. It stays in that row,
    // scaled so that it is 1 − u uᵀ.
    var product = [Double](repeating: 0, count: n)
    product.withUnsafeMutableBufferPointer { product in
      for k in 0..<n {
        d[k] = a[k * n + k]
        guard k + 1 < n else {
          e[k] = 0
          break
        }
        let u = a + k * n
        var squared = 0.0
        for j in k + 2..<max(n, k + 2) { squared += u[j] * u[j] }
        let head = u[k + 1]
        guard squared > 0 else {
          e[k] = head
          u[k + 1] = 0
          continue
        }
        let norm = (head * head + squared).squareRoot()
        e[k] = head > 0 ? -norm : norm
        u[k + 1] = head - e[k]
        let scale = (2 / (u[k + 1] * u[k + 1] + squared)).squareRoot()
        for j in k + 1..<n { u[j] *= scale }
        // A ← (1 − u uᵀ) A (1 − u uᵀ) = A − u wᵀ − w uᵀ with p = A u and w = p − (uᵀp / 2) u.
        for j in k + 1..<n { product[j] = 0 }
        for i in k + 1..<n {
          let row = a + i * n
          let factor = u[i]
          for j in k + 1..<n { product[j] += row[j] * factor }
        }
        var half = 0.0
        for j in k + 1..<n { half += product[j] * u[j] }
        half /= 2
        for j in k + 1..<n { product[j] -= half * u[j] }
        for i in k + 1..<n {
          let row = a + i * n
          let ui = u[i]
          let wi = product[i]
          for j in k + 1..<n { row[j] -= ui * product[j] + wi * u[j] }
        }
      }
      // Qᵀ = H_{n−2} … H_0. From the last reflector on, only the block behind it is filled.
      for i in 0..<n { q[i * n + i] = 1 }
      for k in stride(from: n - 2, through: 0, by: -1) {
        let u = a + k * n
        // Rows i > k of Q^T times (1 − u uᵀ).
        for i in k + 1..<n {
          let row = q + i * n
          var sum = 0.0
          for j in k + 1..<n { sum += row[j] * u[j] }
          for j in k + 1..<n { row[j] -= sum * u[j] }
        }
      }
    }
  }

  /// QL with implicit shifts on the tridiagonal (d, e); applies the rotations to the rows of `v`.
  private static func diagonalise(_ v: Pointer, _ d: Pointer, _ e: Pointer, _ n: Int) {
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
          r = (f * f + g * g).squareRoot()
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
          let lower = v + i * n
          let upper = lower + n
          for k in 0..<n {
            let f = upper[k]
            upper[k] = s * lower[k] + c * f
            lower[k] = c * lower[k] - s * f
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
