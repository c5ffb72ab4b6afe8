import RealModule

/// The eigenvalues and eigenvectors of K = B Bᵀ from B, that is the singular values of B: small
/// ones are right to rounding beside themselves as long as the columns of B, each divided by its
/// norm, are well conditioned; in K itself those below 2⁻²⁶ of the largest are lost.
///
/// B P = Q [R; 0] with pivoting, then one-sided Jacobi rotations of the rows of R until they are
/// orthogonal: Rᵀ J = G with σ_j = |G_j|.
///
/// Source: Drmač, Veselić, *New fast and accurate Jacobi SVD algorithm*, SIAM J. Matrix Anal. Appl.
/// 29, 2008; Golub, Van Loan, *Matrix computations*, 4th ed., sections 5.4.2 and 8.6.3.
struct FactorSpectrum {
  /// The order n of K.
  let n: Int
  /// The n eigenvalues of K; those behind the rank are zero.
  let values: [Double]
  /// No direction that counts as none of the range has a larger eigenvalue: zero if the columns are
  /// too few to span more, else what rounding leaves of columns that depend on others.
  let floor: Double
  /// k, the number of directions that the columns span.
  private let rank: Int
  private let basis: Reflectors
  /// J, by columns; k × k.
  private var rotation: [[Double]]
  /// G, by columns; k of as many numbers as B has columns.
  private var images: [[Double]]

  /// Factors K = B Bᵀ.
  init(_ factor: KernelFactor) {
    n = factor.rows
    let reduced = TriangularReduction(factor)
    rank = reduced.rank
    floor = reduced.floor
    basis = Reflectors(rows: reduced.reflectors, count: rank, offset: 0, n: n)
    images = reduced.rows
    rotation = (0..<reduced.rank).map { i in (0..<reduced.rank).map { $0 == i ? 1.0 : 0 } }
    Self.orthogonalise(&images, &rotation)
    values =
      images.map { reduced.unit * reduced.unit * Self.squared($0) }
      + [Double](repeating: 0, count: n - reduced.rank)
    for j in images.indices { for i in images[j].indices { images[j][i] *= reduced.unit } }
  }

  private static func squared(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 } }

  /// Rotates pairs of the rows of Rᵀ until all are orthogonal to rounding.
  private static func orthogonalise(_ g: inout [[Double]], _ j: inout [[Double]]) {
    // After pivoting a few sweeps suffice; the bound only makes the loop finite whatever the input.
    for _ in 0..<30 {
      var rotated = false
      for p in g.indices {
        for q in g.indices.dropFirst(p + 1) {
          let (alpha, beta) = (squared(g[p]), squared(g[q]))
          let gamma = zip(g[p], g[q]).reduce(0) { $0 + $1.0 * $1.1 }
          guard Swift.abs(gamma) > 0x1p-51 * (alpha * beta).squareRoot() else { continue }
          rotated = true
          let zeta = (beta - alpha) / (2 * gamma)
          let t = (zeta >= 0 ? 1 : -1) / (Swift.abs(zeta) + (1 + zeta * zeta).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          rotate(&g, p, q, c, c * t)
          rotate(&j, p, q, c, c * t)
        }
      }
      if !rotated { return }
    }
  }

  private static func rotate(_ columns: inout [[Double]], _ p: Int, _ q: Int, _ c: Double, _ s: Double) {
    for i in columns[p].indices {
      let (x, y) = (columns[p][i], columns[q][i])
      columns[p][i] = c * x - s * y
      columns[q][i] = s * x + c * y
    }
  }

  /// Vᵀ x: the components of x along the eigenvectors.
  func components(of x: [Double]) -> [Double] {
    var y = x
    y.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { basis.applyTransposed(base) } }
    let inRange = rotation.map { column in zip(column, y).reduce(0) { $0 + $1.0 * $1.1 } }
    return inRange + y[rank...]
  }

  /// V c: the vector with the given components.
  func vector(_ c: [Double]) -> [Double] {
    var x = Self.combine(rotation, c, count: rank) + c[rank...]
    x.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { basis.apply(base) } }
    return x
  }

  /// Bᵀ V c, without forming V c.
  func reach(_ c: [Double]) -> [Double] { Self.combine(images, c, count: images.first?.count ?? 0) }

  private static func combine(_ columns: [[Double]], _ c: [Double], count: Int) -> [Double] {
    var sum = [Double](repeating: 0, count: count)
    for (column, c) in zip(columns, c) { for i in 0..<count { sum[i] += c * column[i] } }
    return sum
  }
}

/// B P = Q [R; 0] by Householder reflections with pivoting of columns.
private struct TriangularReduction {
  /// k, the number of rows of R.
  private(set) var rank = 0
  /// What R is in units of.
  let unit: Double
  /// The rows of R in the order of the columns of B, P being undone.
  private(set) var rows: [[Double]] = []
  /// u_0, u_1, … as ``Reflectors`` take them.
  private(set) var reflectors: [Double] = []
  /// The largest eigenvalue of K that may have been lost.
  private(set) var floor = 0.0

  /// The error of elements of B, and of each reflection, beside the norm of the column.
  private static var rounding: Double { 0x1p-51 }

  /// Smaller columns, beside the largest, are as good as none.
  private static var negligible: Double { 1e-140 }

  init(_ factor: KernelFactor) {
    let n = factor.rows
    let maxElement = factor.columns.reduce(0) { $1.reduce($0) { max($0, Swift.abs($1)) } }
    let exponent = maxElement.isNormal ? maxElement.exponent : 0
    unit = Double(sign: .plus, exponent: exponent, significand: 1)
    let scale = 1 / unit
    var columns = factor.columns.map { $0.map { $0 * scale } }
    // What rounding may have made of the rest of each column.
    let norms = columns.map { Self.squared($0[...]).squareRoot() }
    var errors = norms.map { Self.rounding * $0 }
    var open: [Int] = []
    for j in columns.indices {
      if norms[j] > Self.negligible {
        open.append(j)
      } else {
        columns[j] = [Double](repeating: 0, count: n)
      }
    }
    while rank < n {
      var pivot: Int?
      var largest = 0.0
      var rest: [Int] = []
      for j in open {
        let size = Self.squared(columns[j][rank...]).squareRoot()
        if size <= errors[j] * Double(n) {
          floor += errors[j] * errors[j] * Double(n * n)
          for i in rank..<n { columns[j][i] = 0 }
        } else {
          rest.append(j)
          if size > largest { (largest, pivot) = (size, j) }
        }
      }
      guard let pivot else { break }
      open = rest.filter { $0 != pivot }
      reflect(&columns, by: pivot, open, n)
      // The new direction is right to the error of the column beside what was left of it; so much
      // of other columns' components along it may be outside.
      let tilt = errors[pivot] / largest
      for j in open { errors[j] += tilt * Swift.abs(columns[j][rank]) }
      rank += 1
    }
    floor = rank < n ? floor * unit * unit : 0
    rows = (0..<rank).map { k in columns.map { $0[k] } }
  }

  /// Maps the rest of a column to a multiple of a unit vector.
  private mutating func reflect(_ columns: inout [[Double]], by pivot: Int, _ open: [Int], _ n: Int) {
    var u = [Double](repeating: 0, count: n)
    for i in rank..<n { u[i] = columns[pivot][i] }
    u.withUnsafeMutableBufferPointer { u in
      guard let u = u.baseAddress.map({ $0 + rank }) else { return }
      let corner = Reflectors.make(u, n - rank)
      for j in open {
        columns[j].withUnsafeMutableBufferPointer { column in
          if let base = column.baseAddress { Reflectors.reflect(u, base + rank, n - rank) }
        }
      }
      columns[pivot][rank] = corner
    }
    for i in rank + 1..<max(n, rank + 1) { columns[pivot][i] = 0 }
    reflectors += u
  }

  private static func squared(_ v: ArraySlice<Double>) -> Double { v.reduce(0) { $0 + $1 * $1 } }
}
