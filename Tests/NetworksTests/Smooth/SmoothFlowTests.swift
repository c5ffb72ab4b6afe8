import Foundation
import Model
import RealModule
import Testing

@testable import Networks

/// Flows of smooth networks against explicit integration of the flow as it is defined, and against
/// measured numbers.
struct SmoothFlowTests {
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil

  private func agrees(_ example: SmoothCase, target: Double, _ name: String, to digits: Double = 1e-3) {
    let flow = example.train(target: target, tolerance: 1e-4)
    var brute = example.bruteForce
    brute.run(to: example.time(of: flow.time / example.scales.timeScale))
    let ratio = flow.ensemble.relativeChange / brute.relativeChange
    #expect(
      abs(ratio - 1) < digits, "\(name): RD \(flow.ensemble.relativeChange), not \(brute.relativeChange)")
    let loss = flow.meanSquaredResidual / brute.meanSquaredResidual
    #expect(
      abs(loss - 1) < 20 * digits, "\(name): \(flow.meanSquaredResidual), not \(brute.meanSquaredResidual)")
  }

  /// Every activation, with and without bias, in one dimension and in three, on both sides of the
  /// boundary and with α as it comes.
  @Test(arguments: SmoothActivation.all)
  func agreesWithBruteForce(activation: SmoothActivation) throws {
    let points: [(gamma: Double, gammaPrime: Double, alpha: Double)] = [
      (0.5, 0, 0), (1, 0.2, 0), (1.2, -0.2, 0), (0.7, 0, 0.4), (0.2, 0.6, 0),
    ]
    for (k, point) in points.enumerated() {
      let example = try SmoothCase(
        activation, gamma: point.gamma, gammaPrime: point.gammaPrime, alpha: point.alpha, width: 12,
        samples: SmoothCase.samples(3, dimension: k % 2 == 0 ? 1 : 3, seed: UInt64(k)), bias: k != 3,
        seed: UInt64(10 + k))
      agrees(example, target: 0.05, "\(activation.name) at \(point)")
    }
  }

  @Test(.enabled(if: slow), arguments: SmoothActivation.all)
  func agreesWithBruteForceOnMany(activation: SmoothActivation) throws {
    for seed in 0..<30 {
      let stream = NormalStream(seed: UInt64(900 + seed))
      let (g, h) = stream.pair(neuron: 0, pair: 0)
      let example = try SmoothCase(
        activation, gamma: min(1.6, max(0, 0.8 + 0.5 * g)), gammaPrime: min(0.6, max(-0.6, 0.3 * h)),
        alpha: 0.3 * stream.pair(neuron: 1, pair: 0).0, width: [3, 10, 30][seed % 3],
        samples: SmoothCase.samples(2 + seed % 4, dimension: 1 + seed % 3, seed: UInt64(seed)),
        bias: seed % 5 != 0, seed: UInt64(seed))
      agrees(example, target: 0.02, "\(activation.name), seed \(seed)")
    }
  }

  /// n = 5 samples of tanh 3x, m = 200: a step is as long as the prototype's, and RD that of a
  /// finer tolerance.
  @Test(arguments: [(0.5, 24), (1.0, 52), (2.0, 73)])
  func takesFewSteps(gamma: Double, expected: Int) throws {
    let x = [-1.0, -0.5, 0, 0.5, 1]
    let example = try SmoothCase(
      .tanh, gamma: gamma, gammaPrime: 0, width: 200, samples: SampleSet(x: x, y: x.map { .tanh(3 * $0) }),
      seed: 0)
    let flow = example.train()
    let finer = example.train(tolerance: 1e-4)
    #expect(flow.steps < 2 * expected, "\(flow.steps) steps")
    #expect(abs(flow.ensemble.relativeChange / finer.ensemble.relativeChange - 1) < 1e-4)
  }

  /// A linear network comes to rest where a straight line fits best.
  @Test func linearNetworksRest() throws {
    let samples = try SampleSet(x: [-1.0, 0, 1, 2], y: [0.5, -0.5, 1, 2])
    let example = try SmoothCase(.linear, gamma: 1, gammaPrime: 0, width: 100, samples: samples, seed: 0)
    var flow = ImpulseIntegrator(example.ensemble(), tolerance: 1e-3, target: 1e-6)
    var progress = ImpulseIntegrator<SmoothEnsemble>.Progress.continues
    while flow.steps < 500, progress == .continues { progress = flow.step() }
    guard case .atRest = progress else {
      Issue.record("\(progress) after \(flow.steps) steps")
      return
    }
    // (Σ (y − ȳ)² − (Σ (x − x̄)(y − ȳ))²/Σ (x − x̄)²)/4.
    let best = (3.25 - 3.0 * 3.0 / 5.0) / 4
    #expect(abs(flow.meanSquaredResidual / best - 1) < 1e-6)
  }
}
