/// Loops over rows of a matrix. The lanes and the order of every sum are fixed, so that results do
/// not depend on the instruction set.
enum RowKernels {
  typealias Pointer = UnsafeMutablePointer<Double>
  private typealias Lanes = SIMD4<Double>

  @inline(__always) private static func load(_ p: Pointer) -> Lanes {
    UnsafeRawPointer(p).loadUnaligned(as: Lanes.self)
  }

  @inline(__always) private static func store(_ x: Lanes, _ p: Pointer) {
    UnsafeMutableRawPointer(p).storeBytes(of: x, as: Lanes.self)
  }

  /// Σ x_j y_j.
  @inline(__always) static func dot(_ x: Pointer, _ y: Pointer, _ count: Int) -> Double {
    var lanes = Lanes.zero
    var j = 0
    while j + 4 <= count {
      lanes += load(x + j) * load(y + j)
      j += 4
    }
    var sum = lanes.sum()
    while j < count {
      sum += x[j] * y[j]
      j += 1
    }
    return sum
  }

  /// y ← y + s x.
  @inline(__always) static func add(_ s: Double, _ x: Pointer, to y: Pointer, _ count: Int) {
    for j in 0..<count { y[j] += s * x[j] }
  }

  /// A ← A − u wᵀ − w uᵀ for the rows and columns from `first` on, of which the upper triangle is
  /// kept, and p ← A v for the result: one pass over the matrix for both.
  static func updateAndMultiply(
    _ a: Pointer, _ n: Int, from first: Int, u: Pointer, w: Pointer, v: Pointer, into p: Pointer
  ) {
    for j in first..<n { p[j] = 0 }
    var i = first
    // Two rows at once: every element of u, w, v and p is then loaded half as often.
    while i + 1 < n {
      let upper = a + i * n
      let lower = upper + n
      let (u0, u1, w0, w1, v0, v1) = (u[i], u[i + 1], w[i], w[i + 1], v[i], v[i + 1])
      upper[i] -= 2 * u0 * w0
      upper[i + 1] -= u0 * w1 + w0 * u1
      lower[i + 1] -= 2 * u1 * w1
      var sum0 = upper[i] * v0 + upper[i + 1] * v1
      var sum1 = upper[i + 1] * v0 + lower[i + 1] * v1
      var lanes0 = Lanes.zero
      var lanes1 = Lanes.zero
      var j = i + 2
      while j + 4 <= n {
        let (uj, wj, vj) = (load(u + j), load(w + j), load(v + j))
        let x0 = load(upper + j) - (u0 * wj + w0 * uj)
        let x1 = load(lower + j) - (u1 * wj + w1 * uj)
        store(x0, upper + j)
        store(x1, lower + j)
        store(load(p + j) + (v0 * x0 + v1 * x1), p + j)
        lanes0 += x0 * vj
        lanes1 += x1 * vj
        j += 4
      }
      while j < n {
        upper[j] -= u0 * w[j] + w0 * u[j]
        lower[j] -= u1 * w[j] + w1 * u[j]
        p[j] += v0 * upper[j] + v1 * lower[j]
        sum0 += upper[j] * v[j]
        sum1 += lower[j] * v[j]
        j += 1
      }
      p[i] += sum0 + lanes0.sum()
      p[i + 1] += sum1 + lanes1.sum()
      i += 2
    }
    if i < n {
      a[i * n + i] -= 2 * u[i] * w[i]
      p[i] += a[i * n + i] * v[i]
    }
  }
}
