import Model
import RealModule

/// The scales of a network f(x) = (1/α) Σ a_k σ(w_k·x), a_k ~ N(0, β1²), w_k ~ N(0, β2² I), that is
/// trained by steps. It is kept as ā = a/β1 and w̄ = w/β2:
///
///     f_i = c Σ_k ā_k h_ki,   h_ki = offset + g(w̄_k·x_i),   g(z) = (σ(s z) − σ(0))/s^p
///
/// A step of the rate η of a and w is one of the normalised time t̄ = η / (β1 β2), in which the
/// gradients with respect to ā and w̄ have the rates 1/κ' and κ'.
struct DescentScales: Hashable, Sendable {
  /// κ' = β1/β2.
  let kappaPrime: Double
  /// c.
  let outputScale: Double
  /// s; 1 for ReLU, which is homogeneous.
  let inputScale: Double
  /// σ(0)/s^p.
  let offset: Double
  /// β1 and β2.
  let beta: (output: Double, input: Double)

  /// t̄ of a step with the raw rate 1.
  var timeOfRate: Double { 1 / (beta.output * beta.input) }

  /// The scales of a width.
  ///
  /// - Parameters:
  ///   - activation: nil: ReLU.
  ///   - exponents: γ and γ'.
  ///   - alpha: e of α = m^e.
  ///   - width: m.
  init(_ activation: SmoothActivation?, _ exponents: Exponents, alpha: Double, width: Double) {
    let log10Width = Double.log10(width)
    let input = SmoothScales.beta2(exponents, alpha: alpha)
    let output = input - exponents.gammaPrime
    kappaPrime = .exp10(-exponents.gammaPrime * log10Width)
    beta = (.exp10(output * log10Width), .exp10(input * log10Width))
    guard let activation else {
      (inputScale, offset) = (1, 0)
      outputScale = .exp10(-exponents.gamma * log10Width)
      return
    }
    let p = Double(activation.multiplicity)
    inputScale = beta.input
    outputScale = .exp10((output + p * input - alpha) * log10Width)
    offset = activation.valueAtZero == 0 ? 0 : activation.valueAtZero * .exp10(-p * input * log10Width)
  }

  /// Whether all scales and their squares are numbers of double precision.
  var areInRange: Bool {
    [kappaPrime, outputScale, inputScale, beta.output, beta.input, beta.output * beta.input]
      .allSatisfy { $0 > 1e-150 && $0 < 1e150 } && offset < 1e150
  }

  static func == (a: Self, b: Self) -> Bool {
    a.kappaPrime == b.kappaPrime && a.outputScale == b.outputScale && a.inputScale == b.inputScale
      && a.offset == b.offset && a.beta == b.beta
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(kappaPrime)
    hasher.combine(outputScale)
    hasher.combine(inputScale)
  }
}
