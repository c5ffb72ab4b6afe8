import Foundation
import Model
import RealModule
import Testing

@testable import Networks

/// Data in ℝᵈ that are wilder than data usually are.
@Suite struct SpaceExtremeTests {
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  /// A network drawn at random: everything follows from the seed.
  private func network(_ seed: UInt64) -> (SpaceNetwork, String) {
    let stream = NormalStream(seed: 70_000 + seed)
    func uniform(_ index: Int) -> Double { stream.uniforms(neuron: index, pair: 0).1 }
    let d = 1 + Int(5 * uniform(0))
    let n = 1 + Int(Double.pow(30, uniform(1)))
    let bias = d == 1 ? false : uniform(2) < 0.6
    var network = SpaceNetwork(
      dimension: d, samples: n, width: 1 + Int(Double.pow(300, uniform(3))), gamma: 3 * uniform(4),
      gammaPrime: -1 + 2 * uniform(5), seed: 900 + seed, bias: bias)
    let kinds = ["normal", "collinear", "close", "repeated", "opposite", "sizes", "zero", "grid"]
    let kind = kinds[Int(seed) % kinds.count]
    for i in 0..<n {
      switch kind {
      case "collinear": network.x[i] = network.x[0].map { $0 * (1 + Double(i)) }
      case "close" where i % 2 == 1:
        network.x[i] = network.x[i - 1].map { $0 + Double.pow(10, -8 * uniform(100 + i)) }
      case "repeated" where i % 3 == 2: (network.x[i], network.y[i]) = (network.x[i - 1], network.y[i - 1])
      case "opposite" where i % 2 == 1: network.x[i] = network.x[i - 1].map { -$0 }
      case "sizes": network.x[i] = network.x[i].map { $0 * Double.pow(10, 4 * uniform(100 + i) - 2) }
      case "zero" where i == 0: network.x[i] = network.x[i].map { _ in 0 }
      case "grid": network.x[i] = network.x[i].map { $0.rounded() }
      default: break
      }
    }
    // A function of the input.
    if kind == "grid" { network.y = network.x.map { $0.reduce(0) { Double.sin(2 * $0 + $1) } } }
    return (network, "\(kind), d \(d), n \(n), m \(network.a.count), bias \(bias), seed \(seed)")
  }

  private func checkAll(_ seeds: Range<UInt64>, steps: Int) throws {
    var endless = 0
    for seed in seeds {
      let (network, name) = network(seed)
      var integrator = try network.integrator(tolerance: 1e-3, target: 1e-4)
      let first = integrator.meanSquaredResidual
      var last = first
      var ends = false
      for _ in 0..<steps where !ends {
        ends = integrator.step() != .continues
        let loss = integrator.meanSquaredResidual
        let numbers = [loss, integrator.ensemble.relativeChange, integrator.time]
        #expect(numbers.allSatisfy { $0.isFinite && $0 >= 0 }, "\(name): \(numbers)")
        #expect(loss <= last * (1 + 1.1e-3) + 1e-20 * first, "\(name)")
        last = loss
      }
      if !ends { print("does not end in \(steps) steps: \(name)") }
      endless += ends ? 0 : 1
    }
    #expect(steps < 1000 || endless * 10 <= seeds.count)
  }

  @Test func randomNetworksEnd() throws { try checkAll(0..<16, steps: 100) }

  @Test(.enabled(if: slow)) func manyRandomNetworksEnd() throws { try checkAll(100..<500, steps: 5000) }
}
