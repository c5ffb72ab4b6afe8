import Model
import RealModule
import Testing

@testable import Networks

/// What is recorded of the neurons and of the function, before and after a run.
struct SnapshotTests {
  private let point = Setting(gamma: 1.25, gammaPrime: -0.25)

  private func ensemble(width: Int, steps: Int = 40) throws -> LineReLUEnsemble {
    let ensemble = LineReLUEnsemble(
      samples: try #require(try Problem.fourSamples().samples), kappa: point.kappa(width: width),
      kappaPrime: point.kappaPrime(width: width),
      values: InitialValues(width: width, seed: 5, antisymmetric: false))
    var integrator = ImpulseIntegrator(ensemble, tolerance: 1e-3, target: 1e-6)
    for _ in 0..<steps where integrator.step() != .continues { break }
    return integrator.ensemble
  }

  private func observation(width: Int) -> NetworkObservation {
    NetworkObservation(point.scales(width: width))
  }

  @Test func neuronsAreThoseOfTheRunInTheirOrder() throws {
    let run = Run(point, width: 300, seed: 5)
    let arrays = try train(run, of: .fourSamples(), record: ["neurons"]).arrays
    guard case .each(let neurons) = arrays.neurons else {
      Issue.record("\(arrays)")
      return
    }
    let values = InitialValues(width: 300, seed: 5, antisymmetric: false)
    #expect(neurons.count == 300)
    for (k, neuron) in neurons.enumerated() {
      let norm = (values.w[k] * values.w[k] + values.b[k] * values.b[k]).squareRoot()
      #expect(abs(Double(neuron.before.amplitude) / (values.a[k] * norm) - 1) < 1e-6)
      #expect(
        abs(Double(neuron.before.orientation) - Double.atan2(y: values.b[k], x: values.w[k])) < 1e-6)
    }
    #expect(neurons.contains { abs($0.after.orientation - $0.before.orientation) > 0.1 })
  }

  /// The histogram of the wide is the sum over the neurons of the narrow, at the start and after
  /// crossings and sliding.
  @Test(arguments: [0, 40]) func histogramsAreSumsOverNeurons(_ steps: Int) throws {
    let width = 1500
    let ensemble = try ensemble(width: width, steps: steps)
    let histogram = observation(width: width).histogram(of: ensemble)
    var expected = OrientationHistogram()
    let kappaPrime = point.kappaPrime(width: width)
    for state in ensemble.neurons() {
      let degrees = Double.atan2(y: state.w.y, x: state.w.x) * 180 / .pi
      expected.add(
        bin: min(359, max(0, Int((degrees + 180).rounded(.down)))),
        amplitude: state.x * state.w.norm / kappaPrime)
    }
    #expect(histogram.total == Double(width))
    #expect(histogram.negative.count == expected.negative.count)
    #expect(histogram.positive.count == expected.positive.count)
    for (side, other) in [
      (histogram.negative, expected.negative), (histogram.positive, expected.positive),
    ] {
      for (a, b) in zip(side.amplitude, other.amplitude) { #expect(abs(a - b) <= 1e-12 * b) }
    }
  }

  @Test func wideNetworksRecordHistograms() throws {
    let width = NeuronSnapshot.maxWidthOfEach + 1
    let linear = Run(Setting(gamma: 0.5, gammaPrime: 0), width: width, seed: 0)
    let arrays = try train(
      linear, of: .fourSamples(), budget: Budget(steps: 1, wallSeconds: 60), record: ["neurons"]
    ).arrays
    guard case .histograms(let before, let after) = arrays.neurons else {
      Issue.record("neurons one by one")
      return
    }
    #expect(before.total == Double(width) && after.total == Double(width))
    #expect(arrays.neurons?.width == width)
  }

  /// The quick way to the bin of a direction is that of the arc tangent.
  @Test func binsAreThoseOfTheAngle() {
    let bins = OrientationBins()
    for i in 0..<36_000 {
      let angle = (Double(i) + 0.5) / 18_000 * .pi - .pi
      let w = PlaneVector(.cos(angle), .sin(angle)) * Double.exp10(Double(i % 41) - 20)
      #expect(bins.bin(of: w) == i / 100)
    }
    #expect(bins.bin(of: .zero) == 180)
    #expect(bins.bin(of: PlaneVector(-1, 0)) == 359 && bins.bin(of: PlaneVector(-1, -1e-300)) == 0)
    #expect(bins.bin(of: PlaneVector(1, 0)) == 180 && bins.bin(of: PlaneVector(1, -1e-9)) == 179)
  }

  /// f by prefix sums is f summed neuron by neuron, between samples and beyond them.
  @Test(arguments: [0, 1, 40]) func theFunctionIsThatOfTheNeurons(_ steps: Int) throws {
    let width = 400
    let ensemble = try ensemble(width: width, steps: steps)
    let inputs = FunctionSnapshot.grid(for: try #require(try Problem.fourSamples().samples))
    let found = observation(width: width).function(of: ensemble, at: inputs)
    let neurons = ensemble.neurons()
    let scale = point.kappa(width: width) / point.kappaPrime(width: width)
    #expect(inputs.first == -1.5 && inputs.count == 201 && abs(inputs[200] - 1.5) < 1e-12)
    for (x, value) in zip(inputs, found) {
      let terms = neurons.map { scale * $0.x * max(0, $0.w.x * x + $0.w.y) }
      let size = terms.reduce(0) { $0 + abs($1) }
      #expect(abs(value - terms.reduce(0, +)) < 1e-12 * (1 + size), "x = \(x)")
    }
  }

  @Test func theFunctionMeetsTheSamplesAtTheEnd() throws {
    let samples = try SampleSet(x: [-1.0, -0.4, 0.2, 0.8], y: [0.3, -0.1, 0.5, 0.1])
    let run = Run(Setting(gamma: 1.5, gammaPrime: 0), width: 500, seed: 2)
    let ending = try train(run, of: Problem(samples), record: ["function"])
    #expect(ending.result.outcome == .converged)
    let points = try #require(ending.arrays.function).points
    for (x, y) in zip(samples.x, samples.y) {
      let nearest = try #require(points.min { abs(Double($0.x) - x[0]) < abs(Double($1.x) - x[0]) })
      #expect(abs(Double(nearest.after) - y) < 0.05)
    }
    #expect(points.contains { $0.before != $0.after })
  }
}
