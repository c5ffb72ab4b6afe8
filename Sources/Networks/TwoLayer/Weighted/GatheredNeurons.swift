import RealModule

/// How much of a network of m neurons is gathered on each of some nodes.
///
/// What is gathered is Σ|θ|² of so many normal numbers a neuron, for networks that are homogeneous
/// in θ; or the number of neurons, for those that are not. Both are shares: over m.
struct GatheredNeurons: Sendable {
  /// By node; 0 where there is none.
  private(set) var amounts: [Double]
  /// The amount less its mean, with all its digits however wide the network.
  private(set) var excesses: [Double]

  /// Every node with its mean share.
  ///
  /// - Parameters:
  ///   - weights: the probability of a neuron to be at each node; their sum is 1.
  ///   - normals: how many normal numbers a neuron has whose squares are summed; nil: neurons are
  ///     counted.
  init(mean weights: [Double], normals: Int?) {
    amounts = weights.map { Double(normals ?? 1) * $0 }
    excesses = weights.map { _ in 0 }
  }

  /// Every node with as many neurons as chance gives it: numbers c_j from the multinomial
  /// distribution, and 2 Γ(k c_j / 2), the sum of the squares of k c_j normal numbers.
  ///
  /// - Parameters:
  ///   - weights: as above.
  ///   - normals: k, as above.
  ///   - width: m; a whole number of neurons is distributed, the nearest.
  ///   - antisymmetric: m/2 neurons are, each of which has a partner that is gathered elsewhere.
  init(fluctuating weights: [Double], normals: Int?, width: Double, seed: UInt64, antisymmetric: Bool) {
    let neurons = (antisymmetric ? width / 2 : width).rounded()
    let share = neurons / width
    let k = Double(normals ?? 1)
    // Of the amount of Poisson many neurons. That of a multinomial number lacks (k p_j √m)², which
    // is the same relative change of all nodes.
    let variance = normals == nil ? 1 : k * (k + 2)
    var rest = (count: neurons, weight: 1.0)
    amounts = []
    excesses = []
    for (j, weight) in weights.enumerated() {
      var stream = NodeStream(seed: seed, node: j)
      if neurons <= Self.maxCounted {
        let isLast = j == weights.count - 1
        let count =
          isLast ? rest.count : stream.binomial(rest.count, Swift.min(1, weight / rest.weight))
        rest = (rest.count - count, Swift.max(rest.weight - weight, .leastNormalMagnitude))
        let amount = (normals == nil ? count : 2 * stream.gamma(k / 2 * count)) / width
        amounts.append(amount)
        excesses.append(amount - share * k * weight)
      } else {
        let excess = (variance * weight / neurons).squareRoot() * stream.normal()
        amounts.append(share * Swift.max(0, k * weight + excess))
        excesses.append(share * excess)
      }
    }
  }

  /// Up to here neurons are counted: beyond, counts are no whole numbers in double precision, and
  /// the normal limit is exact to all digits.
  static let maxCounted = 0x1p53
}
