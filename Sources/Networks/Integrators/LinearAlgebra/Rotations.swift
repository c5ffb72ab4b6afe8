import RealModule

/// The orthogonal matrix W of T = W Λ Wᵀ for a symmetric tridiagonal T, as the rotations of the QL
/// algorithm with implicit shifts. W itself is never formed.
///
/// Source: Golub, Van Loan, *Matrix computations*, 4th ed., section 8.3.3.
struct Rotations {
  /// (cos, sin) of all rotations.
  private var angles: [SIMD2<Double>] = []
  /// A sweep rotates the planes (i, i + 1) downwards from `top − 1` to `bottom`; `end` is the end
  /// of its angles.
  private struct Sweep {
    let bottom: Int
    let top: Int
    let end: Int
  }
  private var sweeps: [Sweep] = []

  /// Diagonalises T: `d` becomes the eigenvalues, `e` is destroyed.
  init(diagonalising d: inout [Double], _ e: inout [Double]) {
    let n = d.count
    angles.reserveCapacity(3 * n * n / 2)
    // What is this small beside the whole matrix is lost in its rounding anyway.
    let floor = zip(d, e).reduce(0) { max($0, max(Swift.abs($1.0), Swift.abs($1.1))) } * 0x1p-54
    for l in 0..<n {
      // Fifty sweeps are never needed; the bound only makes the loop finite whatever the input.
      for _ in 0..<50 {
        var m = l
        while m < n - 1, Swift.abs(e[m]) > max((Swift.abs(d[m]) + Swift.abs(d[m + 1])) * 0x1p-53, floor) {
          m += 1
        }
        if m == l { break }
        sweep(&d, &e, l, m)
      }
    }
  }

  private mutating func sweep(_ d: inout [Double], _ e: inout [Double], _ l: Int, _ m: Int) {
    var g = (d[l + 1] - d[l]) / (2 * e[l])
    let root = Double.hypot(g, 1)
    g = d[m] - d[l] + e[l] / (g + (g >= 0 ? root : -root))
    var s = 1.0
    var c = 1.0
    var p = 0.0
    var bottom = l
    for i in stride(from: m - 1, through: l, by: -1) {
      let f = s * e[i]
      let b = c * e[i]
      let r = (f * f + g * g).squareRoot()
      e[i + 1] = r
      if r == 0 {
        d[i + 1] -= p
        bottom = i + 1
        break
      }
      s = f / r
      c = g / r
      angles.append(SIMD2(c, s))
      g = d[i + 1] - p
      let t = (d[i] - g) * s + 2 * c * b
      p = s * t
      d[i + 1] = g + p
      g = c * t - b
    }
    if bottom == l {
      d[l] -= p
      e[l] = g
    }
    e[m] = 0
    sweeps.append(Sweep(bottom: bottom, top: m, end: angles.count))
  }

  typealias Pointer = UnsafeMutablePointer<Double>

  /// x ← Wᵀ x.
  func applyTransposed(_ x: Pointer) {
    angles.withUnsafeBufferPointer { angles in
      var k = 0
      for sweep in sweeps {
        var carried = x[sweep.top]
        var i = sweep.top - 1
        while k < sweep.end {
          let (c, s) = (angles[k].x, angles[k].y)
          let lower = x[i]
          x[i + 1] = s * lower + c * carried
          carried = c * lower - s * carried
          i -= 1
          k += 1
        }
        x[sweep.bottom] = carried
      }
    }
  }

  /// x ← W x.
  func apply(_ x: Pointer) {
    angles.withUnsafeBufferPointer { angles in
      var k = angles.count
      for j in stride(from: sweeps.count - 1, through: 0, by: -1) {
        let sweep = sweeps[j]
        let start = j == 0 ? 0 : sweeps[j - 1].end
        var carried = x[sweep.bottom]
        var i = sweep.bottom
        while k > start {
          k -= 1
          let (c, s) = (angles[k].x, angles[k].y)
          let upper = x[i + 1]
          x[i] = c * carried + s * upper
          carried = c * upper - s * carried
          i += 1
        }
        x[sweep.top] = carried
      }
    }
  }
}
