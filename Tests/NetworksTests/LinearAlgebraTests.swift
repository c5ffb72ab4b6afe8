import Model
import RealModule
import Testing

@testable import Networks

struct LinearAlgebraTests {
  /// φ_k(z) = ∫₀¹ e^{z(1−s)} s^{k−1}/(k−1)! ds by Gauss–Legendre on many intervals.
  private func integral(_ k: Int, _ z: Double) -> Double {
    let n = 4000
    let node = 0.5 / 3.0.squareRoot()
    var sum = 0.0
    for i in 0..<n {
      for offset in [0.5 - node, 0.5 + node] {
        let s = (Double(i) + offset) / Double(n)
        var term = 1.0
        for j in 1..<max(k, 1) { term *= s / Double(j) }
        sum += term * Double.exp(z * (1 - s)) / (2 * Double(n))
      }
    }
    return sum
  }

  @Test(arguments: [0, -1e-9, -1e-4, -0.3, -0.999, -1.001, -3, -20, -200])
  func phiFunctionsAreTheirIntegrals(z: Double) {
    #expect(abs(Phi(z).one / integral(1, z) - 1) < 1e-8)
    #expect(abs(Phi(z).two / integral(2, z) - 1) < 1e-8)
    #expect(abs(Phi(z).three / integral(3, z) - 1) < 1e-8)
    #expect(abs(Phi(z).four / integral(4, z) - 1) < 1e-8)
  }

  @Test func phiDecaysForStiffModes() {
    #expect(abs(Phi(-1e12).three * -1e12 / -0.5 - 1) < 1e-9)
    #expect(Phi(-1e300).one > 0)
  }

  /// The rows are the eigenvectors, in the order of the eigenvalues.
  private func vectors(_ eigen: SymmetricEigen) -> [[Double]] {
    (0..<eigen.n).map { k in eigen.vector((0..<eigen.n).map { $0 == k ? 1 : 0 }) }
  }

  /// The eigenvectors are orthonormal, they restore the matrix, and `components` is the inverse of
  /// `vector`.
  private func verify(_ matrix: [Double], n: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    let eigen = SymmetricEigen(matrix, n: n)
    let v = vectors(eigen)
    let scale = eigen.values.reduce(0) { max($0, abs($1)) }
    var restored = 0.0
    var orthonormal = 0.0
    for i in 0..<n {
      for j in i..<n {
        // Divided before the products, which would overflow.
        let sum = (0..<n).reduce(0) { $0 + v[$1][i] * (scale == 0 ? 0 : eigen.values[$1] / scale) * v[$1][j] }
        restored = max(restored, abs(sum - (scale == 0 ? 0 : matrix[i * n + j] / scale)))
        let product = (0..<n).reduce(0) { $0 + v[i][$1] * v[j][$1] }
        orthonormal = max(orthonormal, abs(product - (i == j ? 1 : 0)))
      }
    }
    #expect(restored < 1e-14 * Double(n), sourceLocation: sourceLocation)
    #expect(orthonormal < 1e-14 * Double(n), sourceLocation: sourceLocation)
    let x = normal(n, 77)
    let inverse = eigen.components(of: eigen.vector(x))
    #expect(zip(x, inverse).allSatisfy { abs($0 - $1) < 1e-13 * Double(n) }, sourceLocation: sourceLocation)
  }

  private func normal(_ count: Int, _ seed: UInt64) -> [Double] {
    let stream = NormalStream(seed: seed)
    return (0..<count).map { stream.pair(neuron: $0, pair: 0).0 }
  }

  /// Q diag(values) Qᵀ with a random orthogonal Q.
  private func matrix(_ values: [Double], seed: UInt64) -> [Double] {
    let n = values.count
    var q = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0 } }
    for k in 0..<3 {
      let u = normal(n, seed + UInt64(1000 * k))
      let squared = u.reduce(0) { $0 + $1 * $1 }
      for i in 0..<n {
        let factor = 2 * zip(q[i], u).reduce(0) { $0 + $1.0 * $1.1 } / squared
        for j in 0..<n { q[i][j] -= factor * u[j] }
      }
    }
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in i..<n {
        let value = (0..<n).reduce(0) { $0 + q[i][$1] * values[$1] * q[j][$1] }
        result[i * n + j] = value
        result[j * n + i] = value
      }
    }
    return result
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 16, 41, 64], [0.1, 0.4, 1])
  func decompositionRestoresGramMatrices(n: Int, share: Double) {
    // Spanning many orders of magnitude, as kernels do.
    let rank = Int((Double(n) * share).rounded(.up))
    var matrix = [Double](repeating: 0, count: n * n)
    for k in 0..<rank {
      let v = normal(n, UInt64(n + 100 * k)).map { $0 * Double.exp(-Double(k)) }
      for i in 0..<n { for j in 0..<n { matrix[i * n + j] += v[i] * v[j] } }
    }
    verify(matrix, n: n)
  }

  /// Spectra of 40 eigenvalues: graded, repeated, of low rank, even.
  static let spectra: [[Double]] = {
    let rules: [(Int) -> Double] = [
      { Double.pow(10, 16 - 32 * Double($0) / 39) },
      { Double.pow(10, Double($0) / 2) },
      { 1 / Double.pow(Double($0 + 1), 4) },
      { Double($0 / 10) },
      { $0 % 2 == 0 ? 1 : 2 },
      { $0 < 3 ? 5 : 0 },
      { $0 == 0 ? 1e16 : 1e-16 },
      { _ in 3 },
      { Double($0) },
    ]
    return rules.map { (0..<40).map($0) }
  }()

  @Test(arguments: spectra)
  func eigenvaluesAreTheOnesOfTheConstruction(values: [Double]) {
    let scale = values.reduce(0) { max($0, abs($1)) }
    for seed: UInt64 in 0..<3 {
      let matrix = matrix(values, seed: seed)
      let found = SymmetricEigen(matrix, n: values.count).values
      for (a, b) in zip(found.sorted(), values.sorted()) {
        #expect(abs(a - b) < 1e-13 * scale, "seed \(seed)")
      }
      verify(matrix, n: values.count)
    }
  }

  /// The second difference matrix: 2 − 2 cos(π k / (n + 1)).
  @Test(arguments: [1, 2, 3, 10, 33, 100])
  func spectrumOfTheSecondDifference(n: Int) {
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      matrix[i * n + i] = 2
      if i + 1 < n {
        matrix[i * n + i + 1] = -1
        matrix[(i + 1) * n + i] = -1
      }
    }
    let found = SymmetricEigen(matrix, n: n).values.sorted()
    for (k, value) in found.enumerated() {
      #expect(
        abs(value - (2 - 2 * Double.cos(Double.pi * Double(k + 1) / Double(n + 1)))) < 1e-14 * Double(n))
    }
  }

  @Test(arguments: [1, 3, 20])
  func nothingIsLostAtTheEndsOfTheRange(n: Int) {
    verify([Double](repeating: 0, count: n * n), n: n)
    let values = (0..<n).map { 1 / Double($0 + 1) }
    for factor in [1e-300, 1e-160, 1e160, 1e300] {
      verify(matrix(values, seed: 5).map { $0 * factor }, n: n)
      // Of low rank, too.
      verify([Double](repeating: factor, count: n * n), n: n)
    }
  }

  /// Directions that a matrix of low rank does not reach have eigenvalues of zero, and keep their
  /// share of a vector.
  @Test(arguments: [(20, 2), (64, 9), (100, 40)])
  func nullSpaceIsSeparated(n: Int, rank: Int) {
    let values = (0..<n).map { $0 < rank ? Double.exp(-Double($0) / 4) : 0 }
    let matrix = matrix(values, seed: UInt64(n))
    let eigen = SymmetricEigen(matrix, n: n)
    let x = normal(n, 3)
    let image = (0..<n).map { i in (0..<n).reduce(0) { $0 + matrix[i * n + $1] * x[$1] } }
    let components = eigen.components(of: image)
    let outside = zip(eigen.values, components).filter { abs($0.0) < 1e-13 }
    #expect(outside.count == n - rank)
    #expect(outside.allSatisfy { abs($0.1) < 1e-13 })
  }
}

struct ImpulsePathTests {
  private func path(rates: [Double], deviation: Double = 0.1, length: Double = 1) -> ImpulsePath {
    ImpulsePath(
      rates: rates, residual: rates.indices.map { $0 % 2 == 0 ? 1 : -0.7 },
      deviation: rates.map { _ in deviation }, length: length)
  }

  /// However the step is cut, the pieces add up to h φ1(−hK) r̃ + 2h φ3(−hK) δ.
  @Test(arguments: [[0, 0], [0.1, 0.2], [1, 30], [0, 1e4], [1e-9, 2, 1e9]])
  func piecesAddUpToTheImpulse(rates: [Double]) {
    for (length, intervals) in [(1e-3, 1), (1, 1), (40, 1), (1e-3, 8), (1, 8), (40, 8)] {
      let path = path(rates: rates, length: length)
      let pieces = path.pieces(intervals: intervals)
      for j in rates.indices {
        let phi = Phi(-length * rates[j])
        let end = length * (phi.one * path.residual[j] + 2 * phi.three * path.deviation[j])
        let sum = pieces.reduce(0) { $0 + $1[j] }
        #expect(abs(sum - end) <= 1e-12 * pieces.reduce(0) { $0 + abs($1[j]) })
      }
    }
  }

  /// A path is cut where a ray pushes to different sides on the way.
  @Test func onlyPathsThatPushToDifferentSidesAreCut() throws {
    let ensemble = LineReLUEnsemble(
      samples: try SampleSet(x: [-1, 0.5, 2], y: [1, -1, 0.5]), kappa: 1, kappaPrime: 1,
      values: InitialValues(width: 100, seed: 1, antisymmetric: false))
    let q = [0.1, -0.2, 0.05]
    #expect(!ensemble.isUndecided(along: []))
    func isUndecided(_ pieces: [[Double]]) -> Bool {
      ensemble.isUndecided(along: pieces.map { Impulse(samples: $0) })
    }
    #expect(!isUndecided([q, q.map { 3 * $0 }]))
    #expect(isUndecided([q, q.map { -$0 }]))
    #expect(isUndecided([q, q, [0.1, -0.2, -0.05]]))
  }

  /// Drives of different directions do not commute: moving along the pieces is right to fourth
  /// order.
  @Test func motionAlongThePiecesIsOfFourthOrder() {
    func end(_ pieces: [[Double]]) -> Frame {
      pieces.reduce(Frame()) { $0.followed(by: Boost(PlaneVector($1[0], $1[1]))) }
    }
    func error(_ length: Double) -> Double {
      // δ is of second order in the length.
      let path = path(rates: [0.1, 1.1], deviation: 0.4 * length * length, length: length)
      let parts = 4000
      var exact = Frame()
      var before = [0.0, 0.0]
      for k in 1...parts {
        let s = Double(k) / Double(parts)
        let q = [0, 1].map { j in
          let phi = Phi(-length * s * path.rates[j])
          return length * s * (phi.one * path.residual[j] + 2 * s * s * phi.three * path.deviation[j])
        }
        exact = exact.followed(by: Boost(PlaneVector(q[0] - before[0], q[1] - before[1])))
        before = q
      }
      let found = end(path.pieces(intervals: 1)).change
      let (a, b) = (found, exact.change)
      return
        ((a.c0 - b.c0).dot(a.c0 - b.c0) + (a.c1 - b.c1).dot(a.c1 - b.c1) + (a.c2 - b.c2).dot(a.c2 - b.c2))
        .squareRoot()
    }
    let order = Double.log2(error(1) / error(0.5))
    #expect(order > 4.5, "the local error is of order five, found \(order)")
  }
}
