import Model
import RealModule
import Theories

/// κ = β1 β2 / α = m^−γ and κ' = β1 / β2 = m^−γ' of a network f(x) = (1/α) Σ a_k σ(w_k·x),
/// a_k ~ N(0, β1²), w_k ~ N(0, β2² I); both dimensionless.
///
/// Source: Luo, Xu, Ma, Zhang, JMLR 22(71), 2021, eq. 9.
struct WidthScales: Sendable {
  /// κ.
  let kappa: Double
  /// κ'.
  let kappaPrime: Double
}

extension WidthScales {
  /// The scales of a run; nil if its setting lacks γ or γ'.
  init?(_ run: Run) {
    guard let gamma = run.setting[LuoEtAl2021.gamma],
      let gammaPrime = run.setting[LuoEtAl2021.gammaPrime]
    else { return nil }
    kappa = .pow(run.width, -gamma)
    kappaPrime = .pow(run.width, -gammaPrime)
  }
}
