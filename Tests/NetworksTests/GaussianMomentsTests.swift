import Model
import RealModule
import Testing

@testable import Networks

/// Means over Gaussian neurons are the same by cones of a line as by points of a sphere.
struct GaussianMomentsTests {
  @Test(arguments: 0..<6)
  func conesAndSphereAgree(seed: Int) throws {
    let numbers = RandomNumbers(seed: UInt64(seed)).normal(count: 2 + seed, columns: 2)
    let geometry = ConeGeometry(try SampleSet(x: numbers.map { $0[0] }, y: numbers.map { $0[1] }))
    let cones = ConeMoments(geometry)
    let sphere = SphereMoments(geometry.x.map { [$0.x, $0.y] }, inputs: 2)
    for (a, b) in [(cones.inputKernel, sphere.inputKernel), (cones.outputKernel, sphere.outputKernel)] {
      for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-13) }
    }
    let n = geometry.n
    let impulse = (0..<n).map { Double.sin(Double(3 * $0 + 1)) }
    let pairs = (0..<n * n).map { Double.cos(Double(5 * $0)) }
    let (a, b) = (
      cones.squares(impulse: impulse, pairs: pairs), sphere.squares(impulse: impulse, pairs: pairs)
    )
    #expect(abs(a.odd / b.odd - 1) < 1e-12)
    #expect(abs(a.even / b.even - 1) < 0.02)
    // Points may miss the cone that moves most.
    #expect(b.change <= a.change * (1 + 1e-12) && b.change > 0.3 * a.change)
  }

  /// What does not lie in the span never moves, and counts in ‖θ_w(0)‖².
  @Test func furtherInputsDiluteTheChange() {
    let points = [[1.0, 0.5], [-0.3, 0.8]]
    let (few, many) = (SphereMoments(points, inputs: 2), SphereMoments(points, inputs: 20))
    let a = few.squares(impulse: [1, 2], pairs: [1, 0, 0, 1])
    let b = many.squares(impulse: [1, 2], pairs: [1, 0, 0, 1])
    #expect(abs(a.odd / b.odd - 10) < 1e-12 && abs(a.even / b.even - 10) < 1e-12 && a.change == b.change)
  }

  /// Amounts have the means and variances of their law, at widths that are counted and beyond.
  @Test(
    arguments: [(3, 50.0), (3, 1e6), (3, 1e18), (7, 1e3), (nil, 50), (nil, 1e6), (nil, 1e18)]
      as [(Int?, Double)])
  func gatheredNeuronsHaveTheirLaw(normals: Int?, width: Double) {
    let nodes = 200, seeds = 400
    let weights = [Double](repeating: 1 / Double(nodes), count: nodes)
    let k = Double(normals ?? 1)
    let mean = k / Double(nodes)
    let variance = (normals == nil ? 1 : k * (k + 2)) / Double(nodes) / width
    var (sum, squares, worst) = (0.0, 0.0, 0.0)
    for seed in 0..<seeds {
      let gathered = GatheredNeurons(
        fluctuating: weights, normals: normals, width: width, seed: UInt64(seed), antisymmetric: false)
      for (amount, excess) in zip(gathered.amounts, gathered.excesses) {
        sum += excess
        squares += excess * excess
        worst = max(worst, abs(amount - max(0, mean + excess)) / mean)
      }
      if normals == nil, width < 1e15 {
        #expect(abs(gathered.amounts.reduce(0, +) * width - width) < 1e-9 * width)
      }
    }
    let count = Double(nodes * seeds)
    #expect(abs(sum / count) < 5 * (variance / count).squareRoot())
    #expect(abs(squares / count / variance - 1) < 0.1)
    #expect(worst < 1e-12)
  }
}
