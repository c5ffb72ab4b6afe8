import Foundation
import Model
import RealModule
import Testing

@testable import Networks

/// Three-layer networks, from problems to results.
struct ThreeLayerTests {
  private let family = ThreeLayerTanh()
  private static let slow = ProcessInfo.processInfo.environment["GAMMAPLANE_SLOW_TESTS"] != nil
  private static let everything = RecordNames(ThreeLayerTanh().description.recordables.map(\.name))

  private func problem(
    _ network: [String: JSONValue] = [:], samples: SampleSet? = nil, tolerance: Double = 1e-3
  ) throws -> Problem {
    Problem(
      method: ThreeLayerTanh.method, network: family.withDefaults(network),
      samples: try samples ?? SampleSet(x: [-1.0, -0.3, 0.4, 1.0], y: [0.2, -0.4, 0.6, -0.1]),
      tolerance: tolerance)
  }

  private func run(
    _ gamma3: Double, _ g12: Double = 0, _ g23: Double = 0, width: Double, seed: UInt64 = 0
  ) -> Run {
    Run(["gamma3": gamma3, "g12": g12, "g23": g23], width: width, seed: seed)
  }

  private func train(_ run: Run, _ problem: Problem, _ options: FlowOptions = FlowOptions()) throws
    -> RunResult
  {
    try family.check(problem)
    try family.check(run, of: problem)
    var flow = try family.start(run, of: problem, options: options)
    return flow.run(within: .default).result
  }

  /// The network of a run with its weights moved at random, so that no layer is as at the start.
  private func ensemble(
    _ run: Run, _ problem: Problem, moving: (inout LayerChanges) -> Void = { _ in }
  ) throws -> ThreeLayerEnsemble {
    let samples = SmoothSamples(try #require(problem.samples), bias: true)
    let width = Int(run.width)
    let network = ThreeLayerNetwork(
      samples: samples, activation: .tanh,
      scales: try #require(LayerScales(run.setting, alpha: 0, width: run.width)),
      initial: InitialLayers(width: width, inputs: samples.dimension, seed: run.seed, pool: .serial),
      pool: .serial)
    var changes = LayerChanges(width: width, inputs: samples.dimension)
    moving(&changes)
    return ThreeLayerEnsemble(network, changes, tolerance: problem.tolerance)
  }

  @Test func isChosenByItsLayers() throws {
    let families = NetworkFamilies.builtIn
    #expect(families.family(method: nil, network: ["layers": .number(3)], inputs: 2) is ThreeLayerTanh)
    #expect(families.family(method: nil, network: [:], inputs: 2) is TwoLayerReLU)
    #expect(
      families.family(method: nil, network: ["layers": .number(3), "nodes": .number(64)], inputs: 1) == nil)
    #expect(throws: FlowRunError.self) { try family.check(problem(["activation": .string("gelu")])) }
    #expect(throws: FlowRunError.self) { try family.check(run(1, width: 30_000), of: problem()) }
    #expect(throws: FlowRunError.self) { try family.check(run(1, width: 2.5), of: problem()) }
  }

  // MARK: Right values

  private struct Reference: Decodable {
    struct Initial: Decodable { var w1: [Double], w2: [Double], a: [Double] }
    struct Case: Decodable {
      var gamma3: Double, rd_1: Double, rd_2: Double, rd_a: Double, rd_2_operator: Double, time: Double
    }
    var width: Int, x: [Double], y: [Double], initial: Initial, cases: [Case]
  }

  /// As gradient flow of the raw weights by small steps: `Reference/three-layers.py`.
  @Test(arguments: slow ? [1, 1.5, 2.1, 3] : [1.0])
  func agreesWithSmallSteps(gamma3: Double) throws {
    let url = try #require(
      Bundle.module.url(forResource: "three-layers", withExtension: "json", subdirectory: "Reference"))
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
    let m = reference.width
    let initial: RecordedArrays = [
      "w1": NumericArray(reference.initial.w1, shape: [m, 2]),
      "w2": NumericArray(reference.initial.w2, shape: [m, m]),
      "a": NumericArray(reference.initial.a, shape: [m]),
    ]
    #expect(try family.width(ofInitial: initial) == Double(m))
    let expected = try #require(reference.cases.first { $0.gamma3 == gamma3 })
    let problem = try problem(samples: SampleSet(x: reference.x, y: reference.y))
    let result = try train(
      run(gamma3, width: Double(m)), problem, FlowOptions(initial: initial))
    #expect(result.outcome == .converged)
    let values = [
      ("rd_1", expected.rd_1), ("rd_2", expected.rd_2), ("rd_a", expected.rd_a),
      ("rd_2_operator", expected.rd_2_operator), ("time", expected.time),
    ]
    for (name, value) in values {
      let found = try #require(result.quantities[name])
      #expect(abs(found / value - 1) < (name == "time" ? 5e-3 : 2e-4), "\(name): \(found), expected \(value)")
    }
  }

  /// r̃ changes along an impulse q by −K q, and |θ_l|² by what the rates say.
  @Test(arguments: [(1.0, 0.0, 0.0), (2.0, 0.5, -0.25)])
  func kernelIsTheDerivativeOfTheResidual(gamma3: Double, g12: Double, g23: Double) throws {
    let problem = try problem()
    let start = try ensemble(run(gamma3, g12, g23, width: 24, seed: 3), problem)
    // Away from the start, where no layer is as it was.
    var moved = start
    moved.advance(
      start.motion(along: [
        Impulse(samples: start.residual.map { 0.5 * $0 / start.mobility(Impulse(samples: start.residual)) })
      ]))
    let n = moved.sampleCount
    let kernel = moved.kernel()
    let size = 1e-4 / moved.mobility(Impulse(samples: [1, 1, 1, 1]))
    for j in 0..<n {
      func along(_ step: Double) -> [Double] {
        moved.residual(along: [Impulse(samples: (0..<n).map { $0 == j ? step : 0 })])
      }
      let (after, before) = (along(size), along(-size))
      let largest = kernel.map(\.magnitude).max() ?? 0
      for i in 0..<n {
        #expect(abs((after[i] - before[i]) / (2 * size) + kernel[i * n + j]) < 1e-5 * largest)
      }
    }
    let time = 1e-4 / moved.mobility(Impulse(samples: moved.residual))
    func tracked(_ time: Double) -> [Double] {
      var other = moved
      other.advance(moved.motion(along: [Impulse(samples: moved.residual.map { time * $0 })]))
      return other.tracked
    }
    let (after, before) = (tracked(time), tracked(-time))
    for (i, rate) in moved.squaredRates.enumerated() {
      let expected = (after[i] * after[i] - before[i] * before[i]) / (2 * time)
      #expect(abs(rate - expected) < 1e-3 * abs(expected), "\(ThreeLayerEnsemble.trackedNames[i])")
    }
  }

  /// The residual is that of the network with its weights written out.
  @Test func residualIsThatOfTheWeights() throws {
    let problem = try problem()
    let run = run(1.5, 0.25, -0.5, width: 17, seed: 5)
    var network = try ensemble(run, problem)
    let impulse = Impulse(
      samples: network.residual.map { 2 * $0 / network.mobility(Impulse(samples: network.residual)) })
    network.advance(network.motion(along: [impulse]))
    let (m, d) = (17, 2)
    let initial = network.network.initial
    // β_3 of α = 1, β_2 and β_1.
    let width = Double(m)
    let beta3 = Double.pow(width, (-1.5 + 0.25 - 1) / 3)
    let beta2 = beta3 * .pow(width, 0.5)
    let beta1 = beta2 * .pow(width, -0.25)
    let changes = network.changes
    for (i, y) in [0.2, -0.4, 0.6, -0.1].enumerated() {
      let x = [[-1.0, 1], [-0.3, 1], [0.4, 1], [1, 1]][i]
      let h1 = (0..<m).map { k in
        Double.tanh(
          beta1
            * (0..<d).reduce(0) {
              $0 + x[$1] * (initial.first.values[$1 * m + k] + changes.first.values[$1 * m + k])
            })
      }
      let h2 = (0..<m).map { j in
        Double.tanh(
          beta2
            * (0..<m).reduce(0) { sum, k in
              let change = (0..<changes.rank).reduce(0) {
                $0 + changes.left.values[$1 * m + j] * changes.right.values[$1 * m + k]
              }
              return sum + h1[k] * (initial.second.values[j * m + k] + change)
            })
      }
      let f = beta3 * (0..<m).reduce(0) { $0 + h2[$1] * (initial.output[$1] + changes.output.values[$1]) }
      #expect(abs(network.residual[i] - (f - y) / 2) < 1e-12)
    }
  }

  // MARK: Laws

  /// Neurons of both hidden layers may change places.
  @Test func orderOfNeuronsDoesNotMatter() throws {
    let m = 20
    let weights = InitialLayers(width: m, inputs: 2, seed: 7, pool: .serial)
    let (one, two) = ((0..<m).map { ($0 * 7 + 3) % m }, (0..<m).map { ($0 * 3 + 1) % m })
    func arrays(_ one: [Int], _ two: [Int]) -> RecordedArrays {
      [
        "w1": NumericArray(
          one.flatMap { k in (0..<2).map { weights.first.values[$0 * m + k] } }, shape: [m, 2]),
        "w2": NumericArray(
          two.flatMap { j in one.map { weights.second.values[j * m + $0] } }, shape: [m, m]),
        "a": NumericArray(two.map { weights.output[$0] }, shape: [m]),
      ]
    }
    let run = run(1.75, 0.25, 0.25, width: Double(m), seed: 7)
    let plain = try train(run, problem())
    let given = try train(run, problem(), FlowOptions(initial: arrays(Array(0..<m), Array(0..<m))))
    let moved = try train(run, problem(), FlowOptions(initial: arrays(one, two)))
    for name in ThreeLayerEnsemble.trackedNames {
      let value = try #require(plain.quantities[name])
      #expect(given.quantities[name] == value)
      #expect(abs(try #require(moved.quantities[name]) / value - 1) < 1e-6)
    }
  }

  /// A linear network is homogeneous: only γ₃ and the ratios of the β count, not α.
  @Test func outputScaleOfALinearNetworkDoesNotMatter() throws {
    let samples = try SampleSet(x: [-1.0, 0.5], y: [0.3, 0.1])
    let run = run(1.75, 0.25, 0, width: 20)
    let linear: [String: JSONValue] = ["activation": .string("linear")]
    let one = try train(run, problem(linear, samples: samples))
    let other = try train(
      run, problem(linear.merging(["fixed_exponent": .number(1)]) { $1 }, samples: samples))
    let tanh = try train(run, problem(samples: samples))
    let shifted = try train(run, problem(["fixed_exponent": .number(1)], samples: samples))
    for name in ThreeLayerEnsemble.trackedNames + ["time"] {
      let (a, b) = (try #require(one.quantities[name]), try #require(other.quantities[name]))
      #expect(abs(a / b - 1) < 1e-9)
    }
    #expect(abs((shifted.quantities["rd_1"] ?? 0) / (tanh.quantities["rd_1"] ?? 1) - 1) > 0.01)
  }

  /// |θ̄_l|²/η_l grows alike in all layers of a linear network.
  @Test func layersOfALinearNetworkAreBalanced() throws {
    let problem = try problem(
      ["activation": .string("linear")], samples: SampleSet(x: [-1.0, 0.5], y: [0.3, 0.1]))
    let run = run(1.75, 0.25, -0.5, width: 20)
    let scales = try #require(LayerScales(run.setting, alpha: 0, width: 20))
    var flow = try #require(
      try family.start(run, of: problem, options: FlowOptions())
        as? ImpulseFlow<ThreeLayerEnsemble, ThreeLayerRecorder>)
    _ = flow.run(within: .default)
    let ensemble = flow.ensemble
    let (changes, initial) = (ensemble.changes, ensemble.network.initial)
    func growth(_ start: [Double], _ change: [Double]) -> Double {
      zip(start, change).reduce(0) { $0 + $1.1 * (2 * $1.0 + $1.1) }
    }
    let first = growth(initial.first.values, changes.first.values) / scales.rates.first
    let second =
      growth(initial.second.values, changes.left.matrix(times: changes.right)) / scales.rates.second
    let output = growth(initial.output, changes.output.values) / scales.rates.output
    #expect(abs(second / first - 1) < 1e-3)
    #expect(abs(output / first - 1) < 1e-3)
  }

  /// Wider networks begin with the same neurons.
  @Test func initialValuesAreNested() {
    let narrow = InitialLayers(width: 9, inputs: 3, seed: 2, pool: .serial)
    let wide = InitialLayers(width: 30, inputs: 3, seed: 2, pool: ThreadPool(threadCount: 2))
    #expect(narrow.output == Array(wide.output.prefix(9)))
    for j in 0..<9 {
      #expect(narrow.second.values[j * 9..<j * 9 + 9] == wide.second.values[j * 30..<j * 30 + 9])
    }
    let values = wide.second.values
    #expect(abs(values.reduce(0, +)) < 4 * 30)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 900 - 1) < 0.2)
    #expect(Set(values).count == 900)
  }

  // MARK: Products

  @Test(arguments: [1, 3])
  func productsAreRight(threads: Int) {
    let pool = ThreadPool(threadCount: threads)
    let (rows, columns) = (370, 401)
    func number(_ i: Int) -> Double { Double((i * 7919) % 1009) / 1009 - 0.5 }
    let matrix = DenseRows((0..<rows * columns).map(number), columns: columns)
    for count in [1, 4, 6] {
      let x = DenseRows((0..<count * columns).map { number($0 + 5) }, columns: columns)
      let f = DenseRows((0..<count * rows).map { number($0 + 9) }, columns: rows)
      let (products, sums) = (matrix.products(with: x, pool: pool), matrix.combinations(f, pool: pool))
      for s in 0..<count {
        for j in [0, 11, rows - 1] {
          let expected = (0..<columns).reduce(0) {
            $0 + matrix.values[j * columns + $1] * x.values[s * columns + $1]
          }
          #expect(abs(products.values[s * rows + j] - expected) < 1e-12)
        }
        for k in [0, 13, columns - 1] {
          let expected = (0..<rows).reduce(0) {
            $0 + matrix.values[$1 * columns + k] * f.values[s * rows + $1]
          }
          #expect(abs(sums.values[s * columns + k] - expected) < 1e-12)
        }
      }
    }
    let serial = matrix.combinations(DenseRows((0..<rows).map(number), columns: rows), pool: .serial)
    #expect(
      matrix.combinations(DenseRows((0..<rows).map(number), columns: rows), pool: pool).values
        == serial.values)
  }

  @Test func largestSingularValueIsRight() {
    // diag(1, …, 9, 20) between two reflections.
    let n = 10
    var matrix = DenseRows(count: n, columns: n)
    func reflection(_ i: Int, _ j: Int, _ v: [Double]) -> Double { (i == j ? 1 : 0) - 2 * v[i] * v[j] }
    func unit(_ seed: Int) -> [Double] {
      let v = (0..<n).map { Double(($0 * seed + 3) % 7) - 2.5 }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return v.map { $0 / norm }
    }
    let (u, v) = (unit(3), unit(5))
    for i in 0..<n {
      for j in 0..<n {
        matrix.values[i * n + j] = (0..<n).reduce(0) {
          $0 + reflection(i, $1, u) * ($1 == n - 1 ? 20 : Double($1 + 1)) * reflection($1, j, v)
        }
      }
    }
    #expect(abs(matrix.largestSingularValue(pool: .serial) - 20) < 1e-8)
    #expect(abs(DenseRows([3], columns: 1).largestSingularValue(pool: .serial) - 3) < 1e-12)
  }

  /// A change keeps its matrix when it is compressed.
  @Test func compressionKeepsTheMatrix() {
    let m = 12
    func number(_ i: Int) -> Double { Double((i * 7919) % 1009) / 1009 - 0.5 }
    var changes = LayerChanges(width: m, inputs: 2)
    for round in 0..<3 {
      let rows = DenseRows((0..<4 * m).map { number($0 + 77 * round) }, columns: m)
      changes.left.append(rows, factors: [1, 1, 0, 1])
      // The last two depend on the first.
      changes.left.append(DenseRows((0..<m).map { 2 * rows.values[$0] }, columns: m), factors: [1])
      changes.right.append(
        DenseRows((0..<5 * m).map { number($0 + 31 * round) }, columns: m), factors: [1, 1, 1, 1, 1])
      let before = changes.left.matrix(times: changes.right)
      changes.compress(share: 1e-7)
      let after = changes.left.matrix(times: changes.right)
      #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-6 })
      #expect(changes.rank <= min(m, 3 * (round + 1)) && changes.orthonormal == changes.rank)
      let gram = changes.left.products(with: changes.left)
      for i in 0..<changes.rank {
        for j in 0..<changes.rank {
          #expect(abs(gram.values[i * changes.rank + j] - (i == j ? 1 : 0)) < 1e-12)
        }
      }
    }
  }

  // MARK: Suspended runs

  @Test func goesOnAsIfNothingHadHappened() throws {
    let problem = try problem()
    let run = run(1.75, width: 24, seed: 4)
    let options = FlowOptions(record: Self.everything)
    var whole = try family.start(run, of: problem, options: options)
    let expected = whole.run(within: .default)
    #expect(expected.result.outcome == .converged)
    #expect(expected.arrays[Trajectory.name] != nil)
    for stop in [0, 1, expected.result.steps / 2] {
      var first = try family.start(run, of: problem, options: options)
      for _ in 0..<stop { #expect(first.step(within: .default) == nil) }
      var bytes: [UInt8] = []
      try Checkpoint.write(first, run, of: problem, initial: nil) { bytes += $0 }
      var second = try Checkpoint.resume(run, of: problem, by: family, options: options) {
        defer { bytes = [] }
        return bytes
      }
      let found = second.run(within: .default)
      #expect(found.result.quantities == expected.result.quantities)
      #expect(found.arrays == expected.arrays)
    }
  }

  /// Threads change no digit.
  @Test func threadsChangeNothing() throws {
    let run = run(1.5, width: 400)
    var one = try ensemble(run, problem())
    let samples = SmoothSamples(try #require(problem().samples), bias: true)
    let network = ThreeLayerNetwork(
      samples: samples, activation: .tanh, scales: one.network.scales, initial: one.network.initial,
      pool: ThreadPool(threadCount: 2))
    var two = ThreeLayerEnsemble(network, LayerChanges(width: 400, inputs: 2), tolerance: 1e-3)
    let impulse = Impulse(
      samples: one.residual.map { 0.1 * $0 / one.mobility(Impulse(samples: one.residual)) })
    one.advance(one.motion(along: [impulse]))
    two.advance(two.motion(along: [impulse]))
    #expect(one.residual == two.residual && one.tracked == two.tracked)
  }
}

extension DenseRows {
  /// Σ_j u_j v_jᵀ, row by row.
  fileprivate func matrix(times other: DenseRows) -> [Double] {
    (0..<columns).flatMap { i in
      (0..<columns).map { k in
        (0..<count).reduce(0) { $0 + values[$1 * columns + i] * other.values[$1 * columns + k] }
      }
    }
  }
}
