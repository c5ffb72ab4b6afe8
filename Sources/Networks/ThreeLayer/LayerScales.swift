import Model
import RealModule
import Theories

/// The names of the parameters of three-layer networks.
enum ThreeLayerParameter {
  static let gamma3 = ThreeLayerScaling.gamma3, first = ThreeLayerScaling.first
  static let second = ThreeLayerScaling.second
}

/// What initial scales do to the flow of a three-layer network in its normalised symbols
/// (`docs/three-layer.md`).
struct LayerScales: Sendable {
  /// κ = β1 β2 β3 / α = m^−γ3.
  let kappa: Double
  /// η_l = (β1 β2 β3)^(2/3) / β_l² of the first and second weights and of the output weights; their
  /// product is 1.
  let rates: (first: Double, second: Double, output: Double)
  /// The scales β1 and β1 β2 of the arguments of σ.
  let arguments: (first: Double, second: Double)

  /// The scales of a setting, with α = m^e; nil if it lacks a parameter.
  init?(_ setting: Setting, alpha e: Double, width: Double) {
    guard let gamma = setting[ThreeLayerParameter.gamma3], let first = setting[ThreeLayerParameter.first],
      let second = setting[ThreeLayerParameter.second]
    else { return nil }
    func power(_ exponent: Double) -> Double { .pow(width, exponent) }
    // Exponents of the β: their sum is e − γ3, and they differ by −g12 and −g23.
    let sum = e - gamma
    let beta3 = (sum + first + 2 * second) / 3
    let beta2 = beta3 - second
    let beta1 = beta2 - first
    kappa = power(-gamma)
    rates = (
      power(2 * sum / 3 - 2 * beta1), power(2 * sum / 3 - 2 * beta2), power(2 * sum / 3 - 2 * beta3)
    )
    arguments = (power(beta1), power(beta1 + beta2))
  }

  /// Whether squares of all of them are in the range of double precision, with room for factors.
  var areInRange: Bool {
    let squares = [kappa, rates.first, rates.second, rates.output].map { $0 * $0 }
    return squares.allSatisfy { $0 > 1e-280 && $0 < 1e280 }
      && [arguments.first, arguments.second].allSatisfy { $0 > SmoothActivation.minScale && $0 < 1e140 }
  }
}
