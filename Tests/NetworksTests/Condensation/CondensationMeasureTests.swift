import Foundation
import Model
import RealModule
import Testing

@testable import Networks

/// Random numbers that are the same every time.
private struct Numbers {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / 9_007_199_254_740_992
  }

  mutating func normal() -> Double {
    (-2 * .log(1 - uniform())).squareRoot() * .cos(2 * .pi * uniform())
  }
}

/// What covers and spectra are, whatever the network.
struct CondensationMeasureTests {
  /// Neurons: input weights one after the other, and amplitudes.
  private struct Neurons {
    var d: Int
    var w: [Double]
    var amplitudes: [Double]
    var count: Int { amplitudes.count }

    func row(_ k: Int) -> [Double] { Array(w[k * d..<(k + 1) * d]) }

    init(d: Int, count: Int, seed: UInt64, directions: Int? = nil) {
      self.d = d
      var numbers = Numbers(seed)
      let axes = (0..<(directions ?? 0)).map { _ in (0..<d).map { _ in numbers.normal() } }
      w = []
      amplitudes = []
      for k in 0..<count {
        let row =
          axes.isEmpty
          ? (0..<d).map { _ in numbers.normal() } : axes[k % axes.count].map { $0 + 0.1 * numbers.normal() }
        w += row
        amplitudes.append(abs(numbers.normal()))
      }
    }

    init(d: Int, rows: [[Double]], amplitudes: [Double]) {
      self.d = d
      w = rows.flatMap { $0 }
      self.amplitudes = amplitudes
    }

    func clusters(cosine: Double = 0.95, share: Double = 0.99, opposites: Bool = false) -> Int {
      OrientationCover(cosine: cosine, share: share, joinsOpposites: opposites)
        .count(inputs: w, dimension: d, amplitudes: amplitudes)
    }

    /// The definition, pair by pair.
    func clustersByPairs(cosine: Double = 0.95, share: Double = 0.99, opposites: Bool = false) -> Int {
      let units = (0..<count).map { k -> [Double] in
        let norm = row(k).reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row(k).map { $0 / norm }
      }
      func near(_ a: Int, _ b: Int) -> Bool {
        let product = zip(units[a], units[b]).reduce(0) { $0 + $1.0 * $1.1 }
        return (opposites ? abs(product) : product) >= cosine - 1e-13
      }
      let total = amplitudes.reduce(0, +)
      var left = Set(0..<count)
      var clusters = 0
      while left.reduce(0, { $0 + amplitudes[$1] }) > (1 - share) * total * (1 + 1e-9) {
        let best = left.sorted().map { axis in
          (axis, left.filter { near(axis, $0) }.reduce(0) { $0 + amplitudes[$1] })
        }.max { $0.1 < $1.1 * (1 - 1e-12) || $0.1 <= $1.1 && $0.0 > $1.0 }
        guard let axis = best?.0 else { break }
        left = left.filter { !near(axis, $0) }
        clusters += 1
      }
      return clusters
    }
  }

  @Test(arguments: [2, 3, 5], [1, 2, 3, 4] as [UInt64])
  func coverIsTheDefinition(d: Int, seed: UInt64) {
    for directions in [nil, 1, 4, 9] {
      let neurons = Neurons(d: d, count: 80, seed: 100 * UInt64(d) + seed, directions: directions)
      for opposites in [false, true] {
        for (cosine, share) in [(0.95, 0.99), (0.9, 0.8), (0.999, 1)] {
          #expect(
            neurons.clusters(cosine: cosine, share: share, opposites: opposites)
              == neurons.clustersByPairs(cosine: cosine, share: share, opposites: opposites),
            "\(directions ?? 0) directions, opposites \(opposites), \(cosine), \(share)")
        }
      }
    }
  }

  @Test(arguments: [2, 4], [11, 12, 13] as [UInt64])
  func clustersDoNotDependOnHowNeuronsAreWritten(d: Int, seed: UInt64) {
    let neurons = Neurons(d: d, count: 200, seed: seed, directions: 6)
    let expected = neurons.clusters()
    var numbers = Numbers(seed + 50)
    // Split: every third neuron in two of the same orientation, that share its amplitude.
    var split = Neurons(d: d, rows: [], amplitudes: [])
    for k in 0..<neurons.count {
      let share = k % 3 == 0 ? numbers.uniform() : 1
      split.w += neurons.row(k)
      split.amplitudes.append(share * neurons.amplitudes[k])
      guard share < 1 else { continue }
      split.w += neurons.row(k)
      split.amplitudes.append((1 - share) * neurons.amplitudes[k])
    }
    #expect(split.clusters() == expected)
    let order = (0..<neurons.count).sorted { a, b in (a * 7919) % 200 < (b * 7919) % 200 }
    let permuted = Neurons(
      d: d, rows: order.map(neurons.row), amplitudes: order.map { neurons.amplitudes[$0] })
    #expect(permuted.clusters() == expected)
    // a σ(w·x) = (a/c) σ(c w·x): the amplitude is the same.
    var scaled = neurons
    for k in 0..<neurons.count {
      let c = Double.exp(3 * numbers.normal())
      for j in 0..<d { scaled.w[k * d + j] *= c }
    }
    #expect(scaled.clusters() == expected)
    scaled.amplitudes = scaled.amplitudes.map { 1e-200 * $0 }
    #expect(scaled.clusters() == expected)
  }

  @Test func knownCovers() {
    let axes: [[Double]] = [[1, 0], [0, 1], [-1, 0]]
    func count(_ rows: [[Double]], _ amplitudes: [Double], opposites: Bool = false, share: Double = 0.99)
      -> Int
    {
      Neurons(d: rows[0].count, rows: rows, amplitudes: amplitudes).clusters(
        share: share, opposites: opposites)
    }
    #expect(count(axes, [1, 1, 1]) == 3)
    #expect(count(axes, [1, 1, 1], opposites: true) == 2)
    // What carries less than a hundredth is left out.
    #expect(count(axes, [1, 0.009, 0]) == 1)
    #expect(count(axes, [1, 0.011, 0]) == 2)
    #expect(count(axes, [1, 0.009, 0], share: 1) == 2)
    #expect(count(axes, [0, 0, 0]) == 0)
    #expect(count([[0, 0], [3, 4]], [1, 1]) == 1)
    // Beside the half-angle, and across the angle 0.
    let half = Double.acos(0.95)
    func ray(_ angle: Double) -> [Double] { [.cos(angle), .sin(angle)] }
    #expect(count([ray(0.01), ray(0.01 - half + 1e-9)], [1, 1]) == 1)
    #expect(count([ray(0.01), ray(0.01 - half - 1e-9)], [1, 1]) == 2)
    // All around the circle: nine whole cones of 36.4°, and one for the rest.
    #expect(
      count((0..<3600).map { ray(2 * .pi * Double($0) / 3600) }, [Double](repeating: 1, count: 3600)) == 10)
    // In space, every orientation by itself.
    let basis = (0..<6).map { i in (0..<6).map { $0 == i ? 1.0 : 0 } }
    #expect(count(basis, [1, 1, 1, 1, 1, 1]) == 6)
    #expect(
      count(basis + basis.map { $0.map { -$0 } }, [Double](repeating: 1, count: 12), opposites: true) == 6)
  }

  /// Beyond as many neurons as are compared, condensed ones are found as well.
  @Test func manyNeuronsInSpace() {
    let count = OrientationCover.maxCandidates + 500
    let neurons = Neurons(d: 5, count: count, seed: 3, directions: 4)
    #expect(neurons.clusters(cosine: 0.9) == 4)
  }

  @Test func knownSpectra() {
    let n = 5
    func diagonal(_ values: [Double]) -> FeatureSpectrum {
      FeatureSpectrum((0..<n * n).map { $0 / n == $0 % n ? values[$0 / n] : 0 }, n: n)
    }
    #expect(abs(diagonal([2, 2, 2, 2, 2]).effectiveRank - 5) < 1e-12)
    #expect(diagonal([0, 0, 3, 0, 0]).effectiveRank == 1)
    #expect(diagonal([0, 0, 0, 0, 0]).effectiveRank == 0)
    // Entropy of (½, ¼, ¼) is 1.5 log 2.
    #expect(abs(diagonal([2, 1, 1, 0, 0]).effectiveRank - .exp(1.5 * .log(2))) < 1e-12)
    #expect(diagonal([1, 1e-5, 1e-7, 0, 0]).rank(above: 1e-6) == 2)
    #expect(diagonal([1, 1e-5, 1e-7, 0, 0]).rank(above: 1e-8) == 3)
  }

  @Test func knownKernels() {
    let identity: [Double] = [1, 0, 0, 1]
    #expect(KernelComparison.distance(identity, identity.map { 3 * $0 }) == 0)
    #expect(abs(KernelComparison.distance(identity, [1, 0, 0, 0]) - (1 - 1 / 2.0.squareRoot())) < 1e-15)
    #expect(abs(KernelComparison.alignment([1, -2, -2, 4], [-2, 4]) - 1) < 1e-15)
    #expect(abs(KernelComparison.alignment(identity, [3, 4]) - 1 / 2.0.squareRoot()) < 1e-15)
    #expect(KernelComparison.alignment([1e300, 0, 0, 1e300], [3, 4]).isFinite)
  }

  @Test(arguments: [
    ("clusters", "clusters"), ("clusters(0.95,0.990)", "clusters"),
    ("clusters( 0.9 , 0.99)", "clusters(0.9, 0.99)"),
    ("epsilon_rank(1e-6)", "epsilon_rank"), ("epsilon_rank(0.01)", "epsilon_rank(0.01)"),
  ])
  func namesHaveArguments(asked: String, canonical: String) {
    for family in NetworkFamilies.builtIn.all where family.description.recordable("clusters") != nil {
      #expect(family.description.canonicalRecordName(asked) == canonical)
    }
    #expect(NamedNumbers.isName(canonical))
    #expect(CondensationMeasure(named: canonical) != nil)
  }

  @Test(arguments: [
    "clusters(0.9)", "clusters(0.9, 1.5)", "clusters(0, 0.5)", "clusters(0.9, 0.99", "clusters()", "rd(1)",
    "effective_rank(2)", "clusters(a, b)",
  ])
  func otherArgumentsAreRefused(name: String) {
    #expect(TwoLayerReLULine().description.canonicalRecordName(name) == nil)
  }
}
