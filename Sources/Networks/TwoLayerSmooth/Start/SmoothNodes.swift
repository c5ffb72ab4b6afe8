import Model
import RealModule

/// Weighted nodes of a smooth network: each stands for a share of the m neurons.
///
/// σ is not homogeneous, so that neurons of one direction do not act as one: a node carries a
/// multiplicity, Σ_j M_j a_j σ(w_j·x). Where σ is not linear, growth is faster than exponential and
/// the largest neurons outrun all others, so that they must be there one by one whatever m
/// (`docs/smooth.md`). Neurons are ordered by |θ̄|, θ̄ = (ā, w̄), from the largest on. Node j
/// stands for those of the ranks R_j to R_{j+1}: for one neuron up to a rank T, then for R/T
/// neurons, and for no more than a fixed share of all.
///
/// The directions of the nodes are points of a scrambled Sobol sequence as normal numbers.
struct SmoothNodes: Sendable {
  /// The nodes, with shares of the neurons as multiplicities: their sum is 1.
  let neurons: SmoothNeurons
  /// The same with other weights in the place of multiplicities: f(0) is their function. That of
  /// the nodes themselves is no property of the network.
  let initialFunction: SmoothNeurons

  /// Chance, where nodes are not to stand for the mean.
  struct Fluctuations: Hashable, Sendable {
    /// The seed.
    var seed: UInt64
    /// Whether every neuron has a partner with −ā, so that f(0) = 0.
    var antisymmetric: Bool
  }

  /// The nodes of a network.
  ///
  /// - Parameters:
  ///   - width: m, from ``InitialLaw/minWidth`` to 10³⁰⁰.
  ///   - count: how many nodes at most.
  ///   - inputs: d̃.
  ///   - scramble: which of many sets of nodes.
  /// - fluctuations: nil: the mean, at which f(0) = 0. Else scrambles, and the places of the nodes
  ///     between their ranks, are those of the seed, and f(0) is drawn with its covariance.
  init(width: Double, count: Int, inputs d: Int, scramble: UInt64, fluctuations: Fluctuations?) {
    let isPaired = fluctuations?.antisymmetric == true
    let neurons = isPaired ? width / 2 : width
    var ranks = Self.ranks(neurons, count: count)
    let seed = fluctuations?.seed
    let single = ranks.indices.dropLast().filter { ranks[$0 + 1] - ranks[$0] == 1 }.count
    if let seed { Self.scatter(&ranks, single: single, seed: seed) }
    let sobol = ScrambledSobol(
      dimensions: d + 1, scramble: seed.map { $0 &* 0x9E37_79B9_7F4A_7C15 &+ 0x534F &+ scramble } ?? scramble)
    let radii = Radius(dimensions: d + 1)
    var (outputs, inputs, shares, chance): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    for k in ranks.indices.dropLast() {
      let point = (0...d).map { sobol.normal(UInt32(truncatingIfNeeded: k), $0) }
      let size = ranks[k + 1] - ranks[k]
      var place = 0.5
      var excess = 0.0
      if let seed {
        var stream = NodeStream(seed: seed, node: k)
        place = stream.uniforms().1
        // A single neuron is what it is; of many, what they differ by from their mean.
        excess = k < single ? 1 : size.squareRoot() * stream.normal()
      }
      let norm = point.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let scale = radii.quantile(tail: (ranks[k] + place * size) / ranks[ranks.count - 1]) / norm
      outputs.append(scale * point[0])
      inputs += point[1...].map { scale * $0 }
      shares.append((k < single ? 1 : size) / neurons)
      chance.append(excess / neurons)
    }
    if isPaired {
      outputs += outputs.map { -$0 }
      inputs += inputs
      shares = (shares + shares).map { $0 / 2 }
      chance = [Double](repeating: 0, count: outputs.count)
    }
    self.neurons = SmoothNeurons(outputs: outputs, inputs: inputs, multiplicities: shares)
    initialFunction = SmoothNeurons(outputs: outputs, inputs: inputs, multiplicities: chance)
  }

  /// How many nodes there are.
  static func count(width: Double, most: Int, fluctuations: Fluctuations?) -> Int {
    let isPaired = fluctuations?.antisymmetric == true
    return (ranks(isPaired ? width / 2 : width, count: most).count - 1) * (isPaired ? 2 : 1)
  }

  /// Neurons whose function is a sample of the Gaussian field Σ_k ā_k σ(w̄_k·x) / m over m neurons,
  /// for m → ∞: the same sample at all widths.
  static func field(width: Double, inputs d: Int) -> SmoothNeurons {
    let sobol = ScrambledSobol(dimensions: d + 1, scramble: 0)
    let all = 0..<fieldCount
    return SmoothNeurons(
      outputs: all.map { sobol.normal(UInt32($0), 0) },
      inputs: all.flatMap { k in (1...d).map { sobol.normal(UInt32(k), $0) } },
      multiplicities: all.map { k in
        var stream = NodeStream(seed: Run.meanSeed, node: k)
        return stream.normal() / (Double(fieldCount) * width).squareRoot()
      })
  }

  private static let fieldCount = 1024

  /// R_0 = 0, R_1, … up to the number of neurons.
  private static func ranks(_ neurons: Double, count: Int) -> [Double] {
    let half = Double(count) / 2
    let most = max(1, neurons / half)
    let single = (half / (1 + Double.log(most))).rounded(.down)
    var ranks = [0.0]
    while let last = ranks.last, last < neurons {
      let size = last < single ? 1 : min(last / single, most)
      // No small rest.
      ranks.append(last + 1.5 * size < neurons ? last + size : neurons)
    }
    return ranks
  }

  /// Single neurons come at the intervals at which chance has them come; the others follow.
  private static func scatter(_ ranks: inout [Double], single: Int, seed: UInt64) {
    let (all, first) = (ranks[ranks.count - 1], ranks[min(single, ranks.count - 1)])
    guard single > 0, single < ranks.count - 1 else { return }
    var places = [0.0]
    for k in 0..<single {
      var stream = NodeStream(seed: seed, node: k)
      places.append(places[k] - Double.log(stream.uniforms().0))
    }
    let stretch = (all - places[single]) / (all - first)
    for k in ranks.indices {
      ranks[k] = k <= single ? places[k] : places[single] + stretch * (ranks[k] - first)
    }
  }
}

/// The distribution of |θ̄| for standard normal θ̄.
private struct Radius {
  let dimensions: Int

  /// The radius beyond which a share of all lies.
  func quantile(tail: Double) -> Double {
    // |θ̄|²/2 by bisection.
    var (low, high) = (0.0, Self.maxHalfSquare)
    for _ in 0..<64 {
      let middle = (low + high) / 2
      if self.tail(middle) > tail { low = middle } else { high = middle }
    }
    return (low + high).squareRoot()
  }

  /// Beyond, shares leave double precision.
  private static var maxHalfSquare: Double { 1000 }

  /// The share of all with |θ̄|²/2 > x: Q(a, x) with a = dimensions/2, by Q(a + 1, x) = Q(a, x) +
  /// x^a e^−x / Γ(a + 1).
  private func tail(_ x: Double) -> Double {
    let isOdd = dimensions % 2 == 1
    var a = isOdd ? 0.5 : 1
    var sum = isOdd ? Double.erfc(x.squareRoot()) : Double.exp(-x)
    var term = Double.exp(-x) * (isOdd ? 2 * (x / .pi).squareRoot() : x)
    while a + 1 <= Double(dimensions) / 2 {
      sum += term
      a += 1
      term *= x / a
    }
    return sum
  }
}
