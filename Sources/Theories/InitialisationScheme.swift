import Model
import RealModule

/// How a network is initialised: the scale α and the standard deviations β1, β2 as they depend on
/// the width.
///
///     f(x) = (1/α) Σ_k a_k σ(w_k·x),   a_k ~ N(0, β1²),   w_k ~ N(0, β2² I)
///     κ = β1 β2 / α,   κ' = β1 / β2,   γ = −log κ / log m,   γ' = −log κ' / log m
///
/// Source: Luo, Xu, Ma, Zhang, JMLR 22(71), 2021, table 1.
public struct InitialisationScheme: Sendable, Hashable {
  /// The name by which it is known.
  public var name: String
  /// α; dimensionless.
  public var alpha: WidthExpression
  /// β1, the standard deviation of output weights.
  public var beta1: WidthExpression
  /// β2, the standard deviation of input weights.
  public var beta2: WidthExpression

  /// A scheme.
  public init(name: String, alpha: WidthExpression, beta1: WidthExpression, beta2: WidthExpression) {
    self.name = name
    self.alpha = alpha
    self.beta1 = beta1
    self.beta2 = beta2
  }

  /// κ at a width m ≥ 1 and an input dimension d ≥ 1.
  public func kappa(width m: Double, dimension d: Double) -> Double {
    beta1.value(width: m, dimension: d) * beta2.value(width: m, dimension: d)
      / alpha.value(width: m, dimension: d)
  }

  /// κ' at a width m ≥ 1 and an input dimension d ≥ 1.
  public func kappaPrime(width m: Double, dimension d: Double) -> Double {
    beta1.value(width: m, dimension: d) / beta2.value(width: m, dimension: d)
  }

  /// (γ, γ') at one width m > 1: where a grid has the network of this scheme.
  public func point(width m: Double, dimension d: Double) -> Setting {
    let scale = Double.log(m)
    return [
      LuoEtAl2021.gamma: 0 - Double.log(kappa(width: m, dimension: d)) / scale,
      LuoEtAl2021.gammaPrime: 0 - Double.log(kappaPrime(width: m, dimension: d)) / scale,
    ]
  }

  /// (γ, γ') for m → ∞ with d fixed.
  public var limit: Setting {
    [
      LuoEtAl2021.gamma: alpha.growth - beta1.growth - beta2.growth,
      LuoEtAl2021.gammaPrime: beta2.growth - beta1.growth,
    ]
  }

  private init(_ name: String, _ alpha: String, _ beta1: String, _ beta2: String) throws(WidthExpressionError)
  {
    self.init(
      name: name, alpha: try WidthExpression(alpha), beta1: try WidthExpression(beta1),
      beta2: try WidthExpression(beta2))
  }

  /// The named ones. E et al. have a β of the user's choice, here 1/√m; they lie on γ' = γ.
  public static let named: [InitialisationScheme] =
    (try? [
      .init("LeCun", "1", "sqrt(1/m)", "sqrt(1/d)"),
      .init("He", "1", "sqrt(2/m)", "sqrt(2/d)"),
      .init("Xavier", "1", "sqrt(2/(m+1))", "sqrt(2/(m+d))"),
      .init("NTK", "sqrt(m)", "1", "1"),
      .init("mean-field", "m", "1", "1"),
      .init("E et al.", "1", "1/sqrt(m)", "1"),
    ]) ?? []
}
