import RealModule
import Testing

@testable import GradientFlow

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
    #expect(abs(Phi.one(z) / integral(1, z) - 1) < 1e-8)
    #expect(abs(Phi.two(z) / integral(2, z) - 1) < 1e-8)
    #expect(abs(Phi.three(z) / integral(3, z) - 1) < 1e-8)
    #expect(abs(Phi.four(z) / integral(4, z) - 1) < 1e-8)
  }

  @Test func phiDecaysForStiffModes() {
    #expect(abs(Phi.three(-1e12) * -1e12 / -0.5 - 1) < 1e-9)
    #expect(Phi.one(-1e300) > 0)
  }

  @Test(arguments: [1, 2, 3, 7, 40])
  func decompositionRestoresTheMatrix(n: Int) {
    let stream = NormalStream(seed: UInt64(n))
    // A Gram matrix of rank about n/2, spanning many orders of magnitude, as kernels do.
    let rank = (n + 1) / 2
    var matrix = [Double](repeating: 0, count: n * n)
    for k in 0..<rank {
      let v = (0..<n).map { stream.pair(neuron: $0, pair: k).0 * Double.exp(-Double(k)) }
      for i in 0..<n { for j in 0..<n { matrix[i * n + j] += v[i] * v[j] } }
    }
    let eigen = SymmetricEigen(matrix, n: n)
    let scale = eigen.values.max() ?? 0
    for i in 0..<n {
      for j in 0..<n {
        var restored = 0.0
        var orthonormal = 0.0
        for k in 0..<n {
          restored += eigen.vectors[k * n + i] * eigen.values[k] * eigen.vectors[k * n + j]
          orthonormal += eigen.vectors[k * n + i] * eigen.vectors[k * n + j]
        }
        #expect(abs(restored - matrix[i * n + j]) < 1e-13 * scale * Double(n))
        #expect(abs(orthonormal - (i == j ? 1 : 0)) < 1e-13 * Double(n))
      }
    }
  }
}
