import Foundation
import Model
import RealModule
import Testing

@testable import Networks

/// Measures of condensation of runs, of all families of two-layer networks.
struct CondensationRunTests {
  private static let names = CondensationMeasure.recordables.map(\.name)
  private static let methods = [
    (TwoLayerReLULine.method, "relu", 1), (TwoLayerReLU.method, "relu", 3),
    (TwoLayerSmooth.method, "tanh", 2),
    ("descent/1", "relu", 1), ("descent/1", "tanh", 2),
  ]

  private func family(_ method: String) throws -> any NetworkFamily {
    try #require(NetworkFamilies.builtIn.all.first { $0.description.methods.contains(method) })
  }

  private func problem(_ method: String, _ activation: String, inputs d: Int, law: String? = nil) throws
    -> Problem
  {
    let x: [[Double]] = (0..<6).map { i in
      (0..<d).map { j -> Double in
        let place = Double(i * d + j)
        return Double.sin(0.7 * place * place + 0.3)
      }
    }
    let y: [Double] = x.indices.map { Double.cos(2.1 * Double($0)) }
    let samples = try SampleSet(x: x, y: y)
    var network: [String: JSONValue] = ["activation": .string(activation)]
    if let law { network["law"] = .string(law) }
    return Problem(
      method: method, network: try family(method).withDefaults(network), samples: samples,
      target: 1e-4, tolerance: 1e-3)
  }

  private func quantities(
    _ problem: Problem, _ setting: [String: Double] = [:], width: Double = 40, seed: UInt64 = 5, steps: Int,
    record: RecordNames? = nil, initial: RecordedArrays? = nil
  ) throws -> FlowEnding {
    let family = try family(problem.method)
    let defaults: [String: Double] = ["gamma": 1, "gamma_prime": 0, "rate": 0.5]
    let setting = family.description.parameters.map { parameter in
      (
        name: parameter.name,
        value: setting[parameter.name] ?? parameter.defaultValue ?? defaults[parameter.name] ?? 0.5
      )
    }
    var flow = try family.start(
      Run(Setting(setting), width: width, seed: seed), of: problem,
      options: FlowOptions(record: record ?? RecordNames(Self.names), initial: initial))
    return flow.run(within: Budget(steps: steps, wallSeconds: 600))
  }

  @Test(arguments: methods)
  func rangesAreKept(method: String, activation: String, d: Int) throws {
    let problem = try problem(method, activation, inputs: d)
    for steps in [0, 5, 3000] {
      let q = try quantities(problem, steps: steps).result.quantities
      func value(_ name: String) throws -> Double { try #require(q[name], "\(name)") }
      #expect((1...6).contains(try value("effective_rank")))
      #expect((1...6).contains(try value("epsilon_rank")))
      #expect((1...40).contains(try value("clusters")))
      for name in ["alignment", "kernel_alignment", "kernel_distance", "pattern_change"] {
        #expect((0...1).contains(try value(name)), "\(name) after \(steps) steps")
      }
      #expect(try value("sharpness") > 0)
      if steps == 0 {
        #expect(try value("kernel_distance") == 0)
        #expect(try value("pattern_change") == 0)
      } else {
        #expect(try value("kernel_distance") > 0)
      }
    }
  }

  /// What is recorded changes no other number; with a trajectory, it is a column of that.
  @Test(arguments: methods)
  func measuringChangesNothing(method: String, activation: String, d: Int) throws {
    let problem = try problem(method, activation, inputs: d)
    let plain = try quantities(problem, steps: 400, record: [])
    let measured = try quantities(
      problem, steps: 400, record: ["clusters(0.9, 0.5)", "trajectory", "alignment"])
    let other = measured.result.quantities.without(["clusters(0.9, 0.5)", "alignment"])
    #expect(other == plain.result.quantities && measured.result.steps == plain.result.steps)
    let trajectory = try #require(measured.arrays.trajectory)
    let column = try #require(trajectory.columns.firstIndex(of: "alignment"))
    #expect(trajectory.columns.contains("clusters(0.9, 0.5)"))
    #expect(trajectory.points.last?[column] == measured.result.quantities["alignment"])
  }

  private func initial(_ width: Int, _ inputs: Int) -> (arrays: RecordedArrays, a: [Double], w: [[Double]]) {
    let a = (0..<width).map { Double.sin(2.3 * Double($0) + 1) }
    let w = (0..<width).map { k in (0..<inputs).map { Double.cos(1.9 * Double(k * inputs + $0)) } }
    return (
      [
        "a": NumericArray(a, shape: [width]),
        "w": NumericArray(w.flatMap { $0 }, shape: [width, inputs]),
      ], a, w
    )
  }

  /// The definitions, sum by sum, at given initial values.
  @Test(arguments: methods)
  func valuesAreThoseOfTheDefinitions(method: String, activation: String, d: Int) throws {
    let problem = try problem(method, activation, inputs: d)
    let samples = try #require(problem.samples)
    let (arrays, a, w) = initial(40, d + 1)
    let q = try quantities(problem, steps: 0, initial: arrays).result.quantities
    // α = 1 and γ = 1: β2 is a power of the width.
    let scale = activation == "relu" ? 1 : Double.pow(40, -0.5)
    let x = samples.x.map { $0 + [1] }
    let n = x.count
    func sum(_ u: [Double], _ v: [Double]) -> Double { zip(u, v).reduce(0) { $0 + $1.0 * $1.1 } }
    var features = [Double](repeating: 0, count: n * n)
    var kernel = features
    for k in a.indices {
      let z = x.map { sum(w[k], $0) }
      let s = z.map { activation == "relu" ? max(0, $0) : .tanh(scale * $0) / scale }
      let ds = z.map { activation == "relu" ? ($0 > 0 ? 1 : 0) : 1 - .pow(Double.tanh(scale * $0), 2) }
      for i in 0..<n {
        for j in 0..<n {
          features[i * n + j] += a[k] * a[k] * s[i] * s[j]
          kernel[i * n + j] += s[i] * s[j] + a[k] * a[k] * ds[i] * ds[j] * sum(x[i], x[j])
        }
      }
    }
    let expected = FeatureSpectrum(features, n: n).effectiveRank
    #expect(abs((q["effective_rank"] ?? 0) / expected - 1) < 1e-9)
    let norm = sum(kernel, kernel).squareRoot()
    var yKy = 0.0
    for i in 0..<n { for j in 0..<n { yKy += samples.y[i] * kernel[i * n + j] * samples.y[j] } }
    #expect(abs((q["kernel_alignment"] ?? 0) - yKy / norm / sum(samples.y, samples.y)) < 1e-9)
    let largest = SymmetricEigen(kernel, n: n).values.max() ?? 0
    // κ = 1/40; of dr/dt̄ = −K r with K_ij = (κ/κ')²κ' ….
    #expect(abs((q["sharpness"] ?? 0) / (largest / Double(n) / 1600) - 1) < 1e-9)
    let z = (0...d).map { c in (0..<n).reduce(0) { $0 + samples.y[$1] * x[$1][c] } }
    let unit = z.map { $0 / sum(z, z).squareRoot() }
    let share =
      w.reduce(0) { $0 + sum($1, unit) * sum($1, unit) } / w.reduce(0) { $0 + sum($1, $1) }
    #expect(abs((q["alignment"] ?? 0) - share) < 1e-12)
    let cover = OrientationCover(cosine: 0.95, share: 0.99, joinsOpposites: activation == "tanh")
    let amplitudes = zip(a, w).map { abs($0) * sum($1, $1).squareRoot() }
    #expect(
      q["clusters"] == Double(cover.count(inputs: w.flatMap { $0 }, dimension: d + 1, amplitudes: amplitudes))
    )
  }

  /// Weighted nodes have the values of as many neurons as they stand for.
  @Test(arguments: methods.filter { !$0.0.hasPrefix("descent") })
  func nodesMeasureAsTheirNeurons(method: String, activation: String, d: Int) throws {
    let width = 40_000.0
    let names = ["effective_rank", "alignment", "kernel_alignment", "sharpness"]
    let record = RecordNames(d == 1 ? names + ["clusters"] : names)
    let sampled = try quantities(
      try problem(method, activation, inputs: d), width: width, steps: 0, record: record)
    let nodes = try quantities(
      try problem(method, activation, inputs: d, law: "mean"), width: width, seed: 0, steps: 0,
      record: record)
    for name in names {
      let (a, b) = (sampled.result.quantities[name] ?? 0, nodes.result.quantities[name] ?? 0)
      #expect(abs(a / b - 1) < 0.03, "\(name): \(a), nodes \(b)")
    }
    guard d == 1 else { return }
    let clusters = [sampled, nodes].map { $0.result.quantities["clusters"] ?? 0 }
    // Neurons that are spread evenly are covered greedily by more cones than the ten they need.
    #expect(clusters.allSatisfy { (10...15).contains($0) }, "\(clusters)")
  }

  @Test func moreSamplesThanCanBeDecomposedAreRefused() throws {
    let count = CondensationMeasure.maxSamples + 1
    let samples = try SampleSet(
      x: (0..<count).map { Double($0) / Double(count) }, y: (0..<count).map { Double($0 % 2) })
    var problem = try problem("descent/1", "relu", inputs: 1)
    problem.samples = samples
    problem.network["rate_unit"] = .string("raw")
    #expect(throws: FlowRunError.self) { try quantities(problem, steps: 0, record: ["effective_rank"]) }
    #expect(try quantities(problem, steps: 0, record: ["clusters"]).result.quantities["clusters"] != nil)
  }
}
