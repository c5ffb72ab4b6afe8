import Model
import RealModule

/// The exponents of the relative changes of all layers of a fully connected network, of any depth,
/// by a scaling argument.
///
/// With Θ_l = θ_l / β_l, a layer changes by D_l = η_l Y Π_{k≠l} p_k, where p_k = max(1, D_k) is by
/// how much a layer has grown (both in the operator norm, beside √m), and the target is met when
/// m^{L/2 − γ_L} max_l D_l Π_{k≠l} p_k = 1. With e_l = log_m η_l and ρ = γ_L − L/2 this makes the
/// exponents of D_l those of ``exponents`` (`docs/three-layer.md`).
public struct LayerScaling: Hashable, Sendable {
  /// γ_L: Π β_l / α = m^−γ_L.
  public let gamma: Double
  /// e_l, the exponents of the rates Π_k β_k^{2/L} / β_l²; their sum is 0.
  public let rates: [Double]
  /// Whether f vanishes at the start.
  public let antisymmetric: Bool

  /// The scaling of a network.
  ///
  /// - Parameters:
  ///   - gamma: γ_L.
  ///   - ratios: g_l of β_l / β_{l+1} = m^−g_l, one fewer than there are layers, of which there
  ///     are at least two.
  ///   - antisymmetric: whether f vanishes at the start.
  public init(gamma: Double, ratios: [Double], antisymmetric: Bool) {
    self.gamma = gamma
    self.antisymmetric = antisymmetric
    // Exponents of 1/β_l but for a constant.
    let depths = ratios.indices.reversed().reduce(into: [0.0]) { depths, l in
      depths.insert(depths[0] + ratios[l], at: 0)
    }
    let mean = depths.reduce(0, +) / Double(depths.count)
    rates = depths.map { 2 * ($0 - mean) }
  }

  /// L.
  public var depth: Int { rates.count }

  /// ρ = γ_L − L/2.
  public var excess: Double { gamma - Double(depth) / 2 }

  /// S_l of the change of each layer in the operator norm, relative to its initial value.
  public var exponents: [Double] {
    let top = rates.max() ?? 0
    guard excess > 0 else {
      // f(0) = O(m^((L−1)/2−γ_L)) must be unlearned where it is large.
      let unlearning = antisymmetric ? 0 : max(0, Double(depth - 1) / 2 - gamma)
      return rates.map { excess + $0 - top + unlearning }
    }
    let level = level
    return rates.map { $0 + level >= 0 ? ($0 + level) / 2 : $0 + level }
  }

  /// ζ with Σ_l max(0, e_l + ζ) / 2 = ρ > 0.
  private var level: Double {
    let sorted = rates.sorted(by: >)
    var sum = 0.0
    for (count, rate) in sorted.enumerated() {
      sum += rate
      // With so many layers active.
      let level = (2 * excess - sum) / Double(count + 1)
      if count + 1 == depth || sorted[count + 1] + level <= 0 { return level }
    }
    return 0
  }

  /// S_l in the Frobenius norm. A matrix between hidden layers changes by a product of few vectors,
  /// whose norms are alike, while those of its initial values differ by √m / 2.
  public var frobeniusExponents: [Double] {
    exponents.enumerated().map { l, exponent in
      l == 0 || l == depth - 1 ? exponent : exponent - 0.5
    }
  }

  /// γ_L above which a layer's change grows in the operator norm: layer l diverges where
  /// α ≫ m^{L/2} Π_k max(β_k, β_l).
  public var thresholds: [Double] { rates.indices.map { threshold(of: $0, exponent: 0) } }

  /// γ_L at which a layer's change has an exponent in the operator norm.
  ///
  /// - Parameter exponent: at least 0.
  func threshold(of layer: Int, exponent: Double) -> Double {
    Double(depth) / 2 + rates.reduce(0) { $0 + max(0, $1 - rates[layer] + 2 * exponent) / 2 }
  }
}
