import RealModule

/// Means over Gaussian neurons of a ReLU network on a line, cone by cone.
struct ConeMoments: GaussianMoments {
  private let geometry: ConeGeometry
  let inputKernel: [Double]
  let outputKernel: [Double]
  /// The probability of each cone, and E[w wᵀ] over it.
  private let shares: [Double]
  private let moments: [SIMD3<Double>]

  init(_ geometry: ConeGeometry) {
    self.geometry = geometry
    let n = geometry.n
    var inputKernel = [Double](repeating: 0, count: n * n)
    var outputKernel = inputKernel
    for i in 0..<n {
      for j in 0..<n {
        let (x, y) = (geometry.x[i], geometry.x[j])
        let dot = x.dot(y)
        let angle = i == j ? 0 : Double.atan2(y: Swift.abs(x.x * y.y - x.y * y.x), x: dot)
        inputKernel[i * n + j] =
          x.norm * y.norm * (Double.sin(angle) + (.pi - angle) * Double.cos(angle)) / (2 * .pi)
        outputKernel[i * n + j] = (.pi - angle) / (2 * .pi) * dot
      }
    }
    self.inputKernel = inputKernel
    self.outputKernel = outputKernel
    var shares: [Double] = []
    var moments: [SIMD3<Double>] = []
    for cone in 0..<geometry.circle.count {
      let (before, behind) = geometry.circle.rays(ofCone: cone)
      let (a, b) = (geometry.ray[before], geometry.ray[behind])
      let length = Swift.abs(Double.atan2(y: a.x * b.y - a.y * b.x, x: a.dot(b)))
      // The bisector, clockwise from the ray before.
      let (c, s) = (Double.cos(length / 2), Double.sin(length / 2))
      let e = PlaneVector(a.x * c + a.y * s, a.y * c - a.x * s)
      shares.append(length / (2 * .pi))
      // E|w|² = 2.
      let isotropic = (length - Double.sin(length)) / 2
      let moment =
        SIMD3(isotropic, 0, isotropic) + Double.sin(length) * SIMD3(e.x * e.x, e.x * e.y, e.y * e.y)
      moments.append(moment / .pi)
    }
    self.shares = shares
    self.moments = moments
  }

  func squares(impulse: [Double], pairs: [Double]) -> (odd: Double, even: Double, change: Double) {
    let n = geometry.n
    var (odd, even, change) = (0.0, 0.0, 0.0)
    func add(_ cone: Int, _ u: PlaneVector, _ q: (PlaneVector, PlaneVector)) {
      odd += shares[cone] * u.dot(u) / 2
      change = Swift.max(change, u.dot(u))
      // tr(Q S Qᵀ) with the rows of Q.
      let s = moments[cone]
      for row in [q.0, q.1] {
        even += (row.x * row.x * s.x + 2 * row.x * row.y * s.y + row.y * row.y * s.z) / 2
      }
    }
    // Suffixes, from the shortest; then prefixes.
    for isSuffix in [true, false] {
      var u = PlaneVector.zero
      var rows = (PlaneVector.zero, PlaneVector.zero)
      for step in 0..<(isSuffix ? n : n - 1) {
        let new = isSuffix ? n - 1 - step : step
        let x = geometry.x[new]
        u -= impulse[new] * x
        // The rows and the column that the new sample adds.
        var column = PlaneVector.zero
        var row = pairs[new * n + new] * x
        for old in isSuffix ? new + 1..<n : 0..<new {
          row += pairs[new * n + old] * geometry.x[old]
          column += pairs[old * n + new] * geometry.x[old]
        }
        rows.0 += x.x * row + column.x * x
        rows.1 += x.y * row + column.y * x
        add(isSuffix ? new : n + 1 + new, u, rows)
      }
    }
    return (odd, even, change)
  }
}

extension LinearRegime {
  /// The linear regime of a ReLU network on a line.
  init(on geometry: ConeGeometry, target: Double) {
    self.init(ConeMoments(geometry), targets: geometry.y, target: target)
  }
}
