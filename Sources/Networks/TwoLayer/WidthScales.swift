import Model
import RealModule
import Theories

/// The scales of a network f(x) = (1/α) Σ a_k σ(w_k·x), a_k ~ N(0, β1²), w_k ~ N(0, β2² I), at a
/// width: κ = β1 β2 / α = m^−γ and κ' = β1 / β2 = m^−γ', both dimensionless, and the units in which
/// its neurons are kept.
///
/// Source: Luo, Xu, Ma, Zhang, JMLR 22(71), 2021, eq. 9.
struct WidthScales: Sendable {
  /// κ = τ/t̄, or the end of the range of double precision.
  let kappa: Double
  /// â = `kappaPrime` ā in the units of the neurons: κ' where these are 1.
  let kappaPrime: Double
  /// c of f_i = c Σ_k â_k σ(w_k·x_i) in the units of the neurons: κ/κ' where these are 1.
  let outputScale: Double
  /// w = `inputUnit` w̄ in the units of the neurons.
  var inputUnit = 1.0
  /// ā|w̄| of the neurons that a kept one stands for, by â|w| / `kappaPrime` of the kept one.
  var amplitudeUnit = 1.0
  /// ‖ā‖ by ‖â‖ / `kappaPrime` of the kept ones.
  var outputUnit = 1.0
}

extension WidthScales {
  /// The scales of a run whose neurons are kept one by one; nil if its setting lacks γ or γ'.
  init?(_ run: Run) {
    guard let exponents = Exponents(run.setting) else { return nil }
    self.init(
      kappa: .pow(run.width, -exponents.gamma), kappaPrime: .pow(run.width, -exponents.gammaPrime))
  }

  /// The scales of neurons that are kept one by one.
  init(kappa: Double, kappaPrime: Double) {
    self.init(kappa: kappa, kappaPrime: kappaPrime, outputScale: kappa / kappaPrime)
  }

  /// The scales of weighted nodes, which carry the shares p_j of the neurons, not m p_j neurons: m
  /// is a factor of c. Where â is the larger at the start, the units are such that â|w| is O(1):
  /// then squares of both stay in range the longest.
  init(_ exponents: Exponents, log10Width: Double) {
    let log10 = Logarithms(exponents, log10Width: log10Width)
    let unit = Swift.min(0, -log10.kappaPrime / 2)
    kappa = Swift.min(
      .greatestFiniteMagnitude,
      Swift.max(.leastNonzeroMagnitude, .exp10(-exponents.gamma * log10Width)))
    kappaPrime = .exp10(log10.kappaPrime + unit)
    outputScale = .exp10(log10.output - 2 * unit)
    inputUnit = .exp10(unit)
    let neurons = Double.exp10(Swift.min(300, log10Width))
    amplitudeUnit = neurons / inputUnit
    outputUnit = neurons.squareRoot()
  }

  /// log₁₀ of what is a power of the width.
  struct Logarithms {
    /// κ'.
    let kappaPrime: Double
    /// c m = m^(1−γ+γ').
    let output: Double

    init(_ exponents: Exponents, log10Width: Double) {
      kappaPrime = -exponents.gammaPrime * log10Width
      output = (1 - exponents.gamma + exponents.gammaPrime) * log10Width
    }

    /// The scale of the kernel at the start: c m max(1, κ'²).
    var kernel: Double { output + Swift.max(0, 2 * kappaPrime) }
  }
}

/// γ and γ'.
struct Exponents: Hashable, Sendable {
  var gamma: Double
  var gammaPrime: Double

  /// Those of a setting; nil if it lacks one.
  init?(_ setting: Setting) {
    guard let gamma = setting[LuoEtAl2021.gamma], let gammaPrime = setting[LuoEtAl2021.gammaPrime]
    else { return nil }
    self.gamma = gamma
    self.gammaPrime = gammaPrime
  }

  /// The setting with these.
  var setting: Setting { [LuoEtAl2021.gamma: gamma, LuoEtAl2021.gammaPrime: gammaPrime] }
}
