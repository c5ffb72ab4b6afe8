import Model
import RealModule

/// The scales of a network f(x) = (1/α) Σ a_k σ(w_k·x), a_k ~ N(0, β1²), w_k ~ N(0, β2² I), at a
/// width m.
///
/// σ is not homogeneous, so that κ = β1 β2 / α = m^−γ and κ' = β1 / β2 = m^−γ' do not determine the
/// flow: α = m^e, too, is given. In w̄ = w/β2, â = κ' a/β1 and g(z) = (σ(s z) − σ(0))/s^p with s =
/// β2, p the multiplicity of σ:
///
///     dâ_k/dτ = −(1/n) Σ_i (σ(0)/s^p + g(w̄_k·x_i)) r_i
///     dw̄_k/dτ = −(1/n) Σ_i â_k g'(w̄_k·x_i) x_i r_i
/// f_i = c Σ_k â_k (σ(0)/s^p + g(w̄_k·x_i)), c = s^(p+1)/α = (κ/κ') s^(p−1), τ = κ s^(p−1) t̄
struct SmoothScales: Hashable, Sendable {
  /// κ'.
  let kappaPrime: Double
  /// c for neurons that are kept one by one, c m for nodes that carry shares of the neurons.
  let outputScale: Double
  /// s = β2, or ``SmoothActivation/minScale`` if that is larger.
  let inputScale: Double
  /// σ(0)/s^p.
  let offset: Double
  /// τ/t̄ = κ s^(p−1), or the end of the range of double precision.
  let timeScale: Double

  /// The scales of a width.
  ///
  /// - Parameters:
  ///   - exponents: γ and γ'.
  ///   - alpha: e of α = m^e.
  ///   - log10Width: log₁₀ m.
  ///   - sharesNeurons: whether m is a factor of c.
  init(
    _ activation: SmoothActivation, _ exponents: Exponents, alpha: Double, log10Width: Double,
    sharesNeurons: Bool = false
  ) {
    let p = Double(activation.multiplicity)
    let beta2 = Self.beta2(exponents, alpha: alpha)
    kappaPrime = .exp10(-exponents.gammaPrime * log10Width)
    outputScale = .exp10(((p + 1) * beta2 - alpha + (sharesNeurons ? 1 : 0)) * log10Width)
    inputScale = max(.exp10(beta2 * log10Width), SmoothActivation.minScale)
    offset =
      activation.valueAtZero == 0 ? 0 : activation.valueAtZero * .exp10(-p * beta2 * log10Width)
    timeScale = min(
      .greatestFiniteMagnitude,
      max(.leastNonzeroMagnitude, .exp10((-exponents.gamma + (p - 1) * beta2) * log10Width)))
  }

  /// The exponent of β2 = m^b where α = m^e: b = (e − γ + γ')/2.
  static func beta2(_ exponents: Exponents, alpha: Double) -> Double {
    (alpha - exponents.gamma + exponents.gammaPrime) / 2
  }

  /// The exponent e of α = m^e where β2 = m^b.
  static func alpha(_ exponents: Exponents, beta2: Double) -> Double {
    2 * beta2 + exponents.gamma - exponents.gammaPrime
  }
}
