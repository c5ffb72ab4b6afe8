import Foundation
import Model
import RealModule

@testable import Networks

/// A network with inputs in ℝᵈ, its data and its initial values.
struct SpaceNetwork {
  var x: [[Double]]
  var y: [Double]
  var bias = true
  /// ā, and w̄ by rows of d̃, the bias last.
  var a: [Double]
  var w: [[Double]]
  var kappa: Double
  var kappaPrime: Double

  /// A network at a point with normal data and initial values; everything follows from the seed.
  init(
    dimension: Int, samples: Int, width: Int, gamma: Double, gammaPrime: Double, seed: UInt64,
    bias: Bool = true
  ) {
    let stream = NormalStream(seed: 1000 + seed)
    func numbers(_ row: Int, _ count: Int) -> [Double] {
      (0..<count).map { stream.pair(neuron: row, pair: $0).0 }
    }
    self.bias = bias
    x = (0..<samples).map { numbers($0, dimension) }
    y = numbers(10_000, samples)
    a = numbers(20_000, width)
    w = (0..<width).map { numbers(30_000 + $0, dimension + (bias ? 1 : 0)) }
    kappa = .pow(Double(width), -gamma)
    kappaPrime = .pow(Double(width), -gammaPrime)
  }

  /// A given network.
  init(
    x: [[Double]], y: [Double], a: [Double], w: [[Double]], width: Double? = nil, gamma: Double,
    gammaPrime: Double
  ) {
    (self.x, self.y, self.a, self.w) = (x, y, a, w)
    kappa = .pow(width ?? Double(a.count), -gamma)
    kappaPrime = .pow(width ?? Double(a.count), -gammaPrime)
  }

  var scales: WidthScales { WidthScales(kappa: kappa, kappaPrime: kappaPrime) }

  func ensemble(threads: Int = 1) throws -> ReLUEnsemble {
    let inputs = w.first?.count ?? 1
    let weights = InitialWeights(a: a, w: w.flatMap { $0 }, inputs: inputs)
    return ReLUEnsemble(
      SpaceSamples(try SampleSet(x: x, y: y), bias: bias), scales: scales,
      SpaceWeights(source: InitialWeightSource(weights)), threads: threads)
  }

  func integrator(tolerance: Double = 1e-3, target: Double = 1e-4, threads: Int = 1) throws
    -> ImpulseIntegrator<ReLUEnsemble>
  {
    ImpulseIntegrator(try ensemble(threads: threads), tolerance: tolerance, target: target)
  }

  /// The end of the flow; nil if it does not end within some steps.
  func end(
    tolerance: Double = 1e-3, target: Double = 1e-4, threads: Int = 1, steps: Int = 20_000
  ) throws -> End? {
    var integrator = try integrator(tolerance: tolerance, target: target, threads: threads)
    for _ in 0..<steps {
      let progress = integrator.step()
      if progress == .continues { continue }
      guard progress != .stuck else { return nil }
      return End(integrator, hasConverged: progress == .reachedTarget)
    }
    return nil
  }

  /// Where a flow ended.
  struct End {
    var hasConverged: Bool
    var rd: Double
    var supRD: Double
    var time: Double
    var steps: Int
    var meanSquaredResidual: Double
    var ensemble: ReLUEnsemble

    init(_ integrator: ImpulseIntegrator<ReLUEnsemble>, hasConverged: Bool) {
      self.hasConverged = hasConverged
      ensemble = integrator.ensemble
      rd = ensemble.relativeChange
      supRD = integrator.suprema[0]
      time = integrator.time
      steps = integrator.steps
      meanSquaredResidual = integrator.meanSquaredResidual
    }
  }
}

/// Reference values of another program (`Reference/space-m100.json`).
struct SpaceReference: Decodable {
  struct Samples: Decodable {
    let x: [[Double]]
    let y: [Double]
  }

  struct Value: Decodable {
    let target: Double
    let rd: Double
    let tau: Double
  }

  struct Entry: Decodable {
    let data: String
    let gamma: Double
    let gammaPrime: Double
    let values: [Value]
    let tinySteps: [Double]
  }

  let numbers: [Double]
  let data: [String: Samples]
  let runs: [Entry]

  static func load() throws -> SpaceReference {
    let folder = Bundle.module.resourceURL?.appendingPathComponent("Reference")
    guard let url = folder?.appendingPathComponent("space-m100.json") else {
      throw CocoaError(.fileNoSuchFile)
    }
    return try JSONDecoder().decode(SpaceReference.self, from: Data(contentsOf: url))
  }

  /// The network of a run.
  func network(_ run: Entry) -> SpaceNetwork? {
    guard let samples = data[run.data], let first = samples.x.first else { return nil }
    let columns = first.count + 1
    return SpaceNetwork(
      x: samples.x, y: samples.y, a: Array(numbers[..<100]),
      w: (0..<100).map { Array(numbers[(100 + $0 * columns)..<(100 + ($0 + 1) * columns)]) },
      gamma: run.gamma, gammaPrime: run.gammaPrime)
  }
}
