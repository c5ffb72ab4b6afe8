import Model
import RealModule
import Testing

@testable import Networks

/// Laws of the gradient flow that hold for any network with inputs in ℝᵈ.
@Suite struct SpaceLawTests {
  static let points = [(0.5, 0.0), (1.25, 0.5), (1.5, -0.5), (1.75, 0)]

  private func network(
    _ point: (Double, Double), dimension: Int = 3, samples: Int = 5, width: Int = 60, seed: UInt64 = 3,
    bias: Bool = true
  ) -> SpaceNetwork {
    SpaceNetwork(
      dimension: dimension, samples: samples, width: width, gamma: point.0, gammaPrime: point.1, seed: seed,
      bias: bias)
  }

  private func rd(_ network: SpaceNetwork, target: Double = 1e-4) throws -> Double {
    let end = try #require(try network.end(target: target))
    return end.rd
  }

  /// x ↦ O x and w ↦ O w with a rotation O that turns all pairs of neighbouring axes.
  @Test(arguments: points) func rotationsChangeNothing(_ point: (Double, Double)) throws {
    let original = network(point)
    var rotated = original
    func rotate(_ v: inout [Double], _ d: Int) {
      for j in 0..<d - 1 {
        let (c, s) = (Double.cos(1 + Double(j)), Double.sin(1 + Double(j)))
        (v[j], v[j + 1]) = (c * v[j] - s * v[j + 1], s * v[j] + c * v[j + 1])
      }
    }
    for i in rotated.x.indices { rotate(&rotated.x[i], 3) }
    for k in rotated.w.indices { rotate(&rotated.w[k], 3) }
    #expect(abs(try rd(rotated) / rd(original) - 1) < 1e-8)
  }

  @Test(arguments: points) func orderOfSamplesAndNeuronsIsFree(_ point: (Double, Double)) throws {
    let original = network(point)
    var reversed = original
    reversed.x.reverse()
    reversed.y.reverse()
    reversed.a.reverse()
    reversed.w.reverse()
    #expect(abs(try rd(reversed) / rd(original) - 1) < 1e-8)
  }

  /// A neuron θ in the parts θ cos φ and θ sin φ acts as before.
  @Test(arguments: points) func neuronsSplit(_ point: (Double, Double)) throws {
    let original = network(point)
    var split = original
    let (c, s) = (Double.cos(0.7), Double.sin(0.7))
    split.a = original.a.flatMap { [c * $0, s * $0] }
    split.w = original.w.flatMap { w in [w.map { c * $0 }, w.map { s * $0 }] }
    #expect(abs(try rd(split) / rd(original) - 1) < 1e-8)
  }

  /// Neurons twice as large and targets four times: the same course, four times as fast.
  @Test(arguments: points) func sizesScale(_ point: (Double, Double)) throws {
    let original = network(point)
    var larger = original
    larger.a = original.a.map { 2 * $0 }
    larger.w = original.w.map { $0.map { 2 * $0 } }
    larger.y = original.y.map { 4 * $0 }
    let one = try #require(try original.end(target: 1e-4))
    let two = try #require(try larger.end(target: 16e-4))
    #expect(abs(two.rd / one.rd - 1) < 1e-8)
    #expect(abs(4 * two.time / one.time - 1) < 1e-8)
  }

  /// Weights of inputs that are always zero do not move, but count in ‖θ_w(0)‖; and inputs in a
  /// plane of a larger space are inputs of the plane.
  @Test(arguments: points) func onlyTheSpanOfTheSamplesMatters(_ point: (Double, Double)) throws {
    let original = network(point, bias: false)
    var embedded = original
    let (c, s) = (Double.cos(0.4), Double.sin(0.4))
    func embed(_ v: [Double], _ more: Double) -> [Double] {
      [c * v[0] - s * more, v[1], s * v[0] + c * more, v[2]]
    }
    embedded.x = original.x.map { embed($0, 0) }
    embedded.w = original.w.enumerated().map { embed($1, 0.3 + Double($0)) }
    let (one, two) = (try #require(try original.end()), try #require(try embedded.end()))
    #expect(two.ensemble.samples.rank == 3)
    let ratio = (two.ensemble.initialSquared / one.ensemble.initialSquared).squareRoot()
    #expect(ratio > 2 && abs(two.rd * ratio / one.rd - 1) < 1e-8)
  }

  @Test(arguments: points) func repeatedSamplesHaveLargerShares(_ point: (Double, Double)) throws {
    let original = network(point)
    var twice = original
    twice.x += original.x.reversed()
    twice.y += original.y.reversed()
    #expect(try twice.ensemble().sampleCount == 5)
    #expect(abs(try rd(twice) / rd(original) - 1) < 1e-8)
    var once = original
    once.x.append(original.x[1])
    once.y.append(original.y[1])
    let end = try #require(try once.end())
    #expect(abs(end.rd / (try rd(original)) - 1) > 1e-6)
  }

  /// â² − |w|² of every neuron.
  @Test(arguments: points) func boostsConserve(_ point: (Double, Double)) throws {
    let original = network(point, samples: 8)
    let end = try #require(try original.end(target: 1e-6))
    for k in original.a.indices {
      let neuron = end.ensemble.neuron(k)
      let w = zip(original.w[k], neuron.displacement).map { $0 + $1 }
      func squared(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 } }
      let a = original.kappaPrime * original.a[k]
      let (before, after) = (a * a - squared(original.w[k]), neuron.a * neuron.a - squared(w))
      #expect(abs(after - before) < 1e-10 * (squared(w) + squared(original.w[k]) + a * a))
    }
  }

  /// What is kept of a neuron is that of its w, on the right side of every kink.
  @Test(arguments: points) func productsAreThoseOfTheWeights(_ point: (Double, Double)) throws {
    for bias in [true, false] {
      let original = network(point, samples: 8, bias: bias)
      let end = try #require(try original.end(target: 1e-6))
      for k in original.a.indices {
        let neuron = end.ensemble.neuron(k)
        let w = zip(original.w[k], neuron.displacement).map { $0 + $1 }
        let size = w.reduce(0) { $0 + abs($1) }
        for (i, x) in end.ensemble.samples.input.enumerated() {
          let z = zip(w, x).reduce(0) { $0 + $1.0 * $1.1 }
          #expect(abs(z - neuron.products[i]) < 1e-11 * size)
          let isActive = neuron.active.contains(i)
          #expect(isActive ? neuron.products[i] >= 0 : neuron.products[i] <= 0)
          #expect(!neuron.sliding.contains(i) || !isActive && neuron.products[i] == 0)
        }
      }
    }
  }

  /// One sample and one neuron: â² − |w|² and the direction of motion fix the end.
  @Test(arguments: [(1.2, 0.7, 0.4), (0.3, 1.5, -0.2), (2.0, 0.1, 0.6)])
  func oneNeuronHasAClosedForm(a: Double, w: Double, v: Double) throws {
    let (x, y, target) = ([0.8, -0.5], 2.5, 1e-10)
    var network = SpaceNetwork(x: [x], y: [y], a: [a], w: [[w, -v]], gamma: 0, gammaPrime: 0)
    network.bias = false
    let end = try #require(try network.end(tolerance: 1e-6, target: target))
    let norm = Double.hypot(x[0], x[1])
    let p0 = (w * x[0] - v * x[1]) / norm
    let c = a * a - p0 * p0
    let product = (y - target.squareRoot()) / norm
    let p = ((-c + (c * c + 4 * product * product).squareRoot()) / 2).squareRoot()
    #expect(abs(end.rd / (abs(p - p0) / Double.hypot(w, v)) - 1) < 1e-9)
  }

  @Test func tinyDisplacementsKeepTheirDigits() throws {
    let rd = try [1000, 10_000].map { width in
      try self.rd(network((0.5, 2), dimension: 2, samples: 4, width: width), target: 1e-4)
    }
    #expect(rd[1] < 1e-16)
    #expect(abs(Double.log10(rd[1] / rd[0]) + 4.5) < 0.3)
  }

  /// dr̃/dτ = −K r̃ and d(RD²)/dτ, at a state with neurons that slide, against a short motion.
  @Test(arguments: points) func ratesAreThoseOfShortMotions(_ point: (Double, Double)) throws {
    var integrator = try network(point, samples: 8, width: 40).integrator(target: 1e-6)
    for _ in 0..<12 where integrator.step() == .continues {}
    let ensemble = integrator.ensemble
    let n = ensemble.sampleCount
    let (r, kernel) = (ensemble.residual, ensemble.kernel())
    let size = 1e-7 / ensemble.mobility(Impulse(samples: r))
    var moved = ensemble
    moved.advance(ensemble.motion(along: [Impulse(samples: r.map { size * $0 })]))
    let expected = (0..<n).map { i in (0..<n).reduce(0) { $0 - kernel[i * n + $1] * r[$1] } }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    for i in 0..<n { #expect(abs((moved.residual[i] - r[i]) / size - expected[i]) < 1e-5 * scale) }
    let (before, after) = (ensemble.relativeChange, moved.relativeChange)
    let rate = (after * after - before * before) / size
    #expect(abs(rate - ensemble.squaredChangeRate) < 1e-5 * abs(ensemble.squaredChangeRate))
    #expect(ensemble.relativeChange == integrator.ensemble.relativeChange)
  }

  @Test(arguments: points) func lossFalls(_ point: (Double, Double)) throws {
    var integrator = try network(point, samples: 12, width: 30).integrator(target: 1e-6)
    var last = integrator.meanSquaredResidual
    for _ in 0..<2000 {
      guard integrator.step() == .continues else { break }
      #expect(integrator.meanSquaredResidual <= last * (1 + 1e-6))
      last = integrator.meanSquaredResidual
    }
  }
}
