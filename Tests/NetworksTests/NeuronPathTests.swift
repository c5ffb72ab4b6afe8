import Model
import Testing

@testable import Networks

/// The exact path of one neuron against tiny steps of gradient descent under the same constant
/// residuals.
struct NeuronPathTests {
  @Test(arguments: 0..<300)
  func agreesWithTinySteps(seed: Int) throws {
    let stream = NormalStream(seed: UInt64(seed))
    let n = 1 + seed % 6
    let samples = (0..<n).map { stream.pair(neuron: $0, pair: 0) }
    let geometry = ConeGeometry(try SampleSet(x: samples.map(\.0), y: samples.map(\.1)))
    let q = (0..<n).map { stream.pair(neuron: $0, pair: 1).0 * 2 }
    let (a, w) = stream.pair(neuron: 100, pair: 0)
    let b = stream.pair(neuron: 100, pair: 1).0
    let start = NeuronState(a, w, b)

    var place = Place.cone(geometry.cone(of: start.w))
    var state = start
    let field = ImpulseField(q, geometry)
    withExtendedLifetime(field) { _ = NeuronPath(field).move(&place, &state) }

    let coarse = tinySteps(start, geometry, q, count: 20_000)
    let fine = tinySteps(start, geometry, q, count: 40_000)
    let distance = { (u: NeuronState, v: NeuronState) in (u - v).dot(u - v).squareRoot() }
    // Where tiny steps do not settle, the path is sensitive: it went through w = 0 or â = 0 on a
    // ray.
    guard distance(coarse, fine) < 1e-3 else { return }
    #expect(distance(state, fine) < 5e-3, "seed \(seed)")
    #expect(abs((state.x * state.x - state.w.dot(state.w)) - (a * a - w * w - b * b)) < 1e-9, "seed \(seed)")
  }

  private func tinySteps(
    _ start: NeuronState, _ geometry: ConeGeometry, _ q: [Double], count: Int
  ) -> NeuronState {
    var state = start
    let h = 1 / Double(count)
    for _ in 0..<count {
      var rate = NeuronState.zero
      for i in 0..<geometry.n {
        let s = state.w.dot(geometry.x[i])
        if s > 0 {
          rate.x -= q[i] * s
          rate -= NeuronState(0, q[i] * state.x * geometry.x[i])
        }
      }
      state += h * rate
    }
    return state
  }
}
