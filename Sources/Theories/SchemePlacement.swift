import Model
import RealModule

/// Where an initialisation scheme lies in the plane of γ and γ', at one width and in the limit; a
/// row of the table that `gammaplane schemes` prints.
public struct SchemePlacement: Encodable, Sendable {
  /// The scheme's name.
  public let name: String
  /// The expressions of α, β1 and β2.
  public let alpha, beta1, beta2: String
  /// κ = β1 β2/α and κ' = β1/β2 at the width.
  public let kappa, kappaPrime: Double
  /// γ and γ' at the width.
  public let gamma, gammaPrime: Double
  /// γ and γ' for m → ∞ with the input dimension fixed.
  public let gammaLimit, gammaPrimeLimit: Double
  /// The regime of the theory at the limit.
  public let regime: String

  private enum CodingKeys: String, CodingKey {
    case name, alpha, beta1, beta2, kappa, gamma, regime
    case kappaPrime = "kappa_prime"
    case gammaPrime = "gamma_prime"
    case gammaLimit = "gamma_limit"
    case gammaPrimeLimit = "gamma_prime_limit"
  }

  /// The place of a scheme.
  ///
  /// - Parameters:
  ///   - width: m > 1.
  ///   - dimension: d ≥ 1.
  public init(_ scheme: InitialisationScheme, width: Double, dimension: Double) {
    name = scheme.name
    (alpha, beta1, beta2) = (scheme.alpha.text, scheme.beta1.text, scheme.beta2.text)
    kappa = scheme.kappa(width: width, dimension: dimension)
    kappaPrime = scheme.kappaPrime(width: width, dimension: dimension)
    let here = LuoEtAl2021.plane.point(scheme.point(width: width, dimension: dimension))
    (gamma, gammaPrime) = (here.x, here.y)
    let limit = LuoEtAl2021.plane.point(scheme.limit)
    (gammaLimit, gammaPrimeLimit) = (limit.x, limit.y)
    let theory = LuoEtAl2021(antisymmetric: false)
    regime = theory.trend(at: scheme.limit).flatMap(theory.caption) ?? ""
  }

  /// Whether κ and κ' are within the range of numbers.
  public var isFinite: Bool { gamma.isFinite && gammaPrime.isFinite }

  /// The heads of ``cells(_:)``.
  public static let heads = ["", "α", "β1", "β2", "κ", "κ'", "γ", "γ'", "lim γ", "lim γ'", "regime"]

  /// The row as texts, numbers as a function writes them.
  public func cells(_ text: (Double) -> String) -> [String] {
    [name, alpha, beta1, beta2]
      + [kappa, kappaPrime, gamma, gammaPrime, gammaLimit, gammaPrimeLimit].map(text) + [regime]
  }
}
