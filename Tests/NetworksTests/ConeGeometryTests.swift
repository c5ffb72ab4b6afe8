import Model
import Testing

@testable import Networks

struct ConeGeometryTests {
  private func geometry(_ n: Int, seed: UInt64) throws -> ConeGeometry {
    let stream = NormalStream(seed: seed)
    let values = (0..<n).map { stream.pair(neuron: $0, pair: 0) }
    return ConeGeometry(try SampleSet(x: values.map(\.0), y: values.map(\.1)))
  }

  /// The samples with w·x̃ > 0, by the definition of the cones.
  private func activeSet(_ cone: Int, n: Int) -> Set<Int> {
    cone < n ? Set(cone..<n) : Set(0..<cone - n)
  }

  @Test(arguments: [1, 2, 3, 10, 200])
  func conesAreTheActiveSets(n: Int) throws {
    let geometry = try geometry(n, seed: 5)
    let stream = NormalStream(seed: 11)
    for k in 0..<500 {
      let (x, y) = stream.pair(neuron: k, pair: 0)
      let w = PlaneVector(x, y)
      let active = Set((0..<n).filter { w.dot(geometry.x[$0]) > 0 })
      #expect(activeSet(geometry.cone(of: w), n: n) == active)
    }
  }

  @Test(arguments: [1, 2, 5])
  func raysLieBetweenTheirCones(n: Int) throws {
    let geometry = try geometry(n, seed: 6)
    for ray in 0..<geometry.circle.count {
      let i = geometry.circle.sample(ofRay: ray)
      let e = geometry.ray[ray]
      #expect(abs(e.dot(geometry.x[i])) < 1e-15)
      #expect(abs(e.norm - 1) < 1e-15)
      let normal = geometry.normal[i] * 1e-7
      #expect(geometry.cone(of: e + normal) == geometry.circle.activeSide(ofRay: ray))
      #expect(geometry.cone(of: e - normal) == geometry.circle.inactiveSide(ofRay: ray))
      #expect(geometry.ray[geometry.circle.opposite(ofRay: ray)] == -e)
    }
  }

  @Test func repeatedSamplesShareOneLine() throws {
    let geometry = ConeGeometry(try SampleSet(x: [1, 0, 1, 1], y: [2, 3, 2, 2]))
    #expect(geometry.n == 2)
    // Shares 1/4 and 3/4, as square roots.
    #expect(geometry.x == [PlaneVector(0, 0.5), PlaneVector(0.75.squareRoot(), 0.75.squareRoot())])
    #expect(geometry.y == [1.5, 2 * 0.75.squareRoot()])
  }
}
