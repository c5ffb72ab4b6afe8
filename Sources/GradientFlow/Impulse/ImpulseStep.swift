import RealModule

/// One step of the impulse method: the exponential Rosenbrock method of order 3 with an embedded error
/// estimate, for dq/dτ = r̃(q).
///
/// With K the kernel at the start of the step of length h (flow of `docs/method.md`, section 3):
///
///     q¹ = h φ1(−hK) r̃(τ)        δ = r̃(after q¹) − e^{−hK} r̃(τ)        q² = q¹ + 2h φ3(−hK) δ
///
/// Source: Hochbruck, Ostermann, Schweitzer, *Exponential Rosenbrock-type methods*, SIAM J. Numer. Anal. 47,
/// 2009 (scheme exprb32).
struct ImpulseStep<E: Ensemble> {
  /// h.
  let length: Double
  /// q².
  let impulse: [Double]
  /// The motion by q².
  let motion: E.Motion
  /// |q² − q¹| as a relative change of neurons: the estimate of the error.
  let correction: Double
  /// What a further correction by the residual after q² would add, as a relative change of neurons. It sees
  /// neurons that cross or stop only on the corrected way.
  let defect: Double
  /// The relative change of any neuron, to first order.
  let change: Double
}

/// What is common to all steps that start at the same state: the residual and the spectrum of the kernel.
struct StepStart {
  /// The eigenvalues of K, clamped to ≥ 0, and its eigenvectors.
  private let eigen: SymmetricEigen
  private let rates: [Double]
  /// The components of r̃ along the eigenvectors.
  private let components: [Double]

  init(_ ensemble: some Ensemble) {
    eigen = SymmetricEigen(ensemble.kernel(), n: ensemble.sampleCount)
    rates = eigen.values.map { max(0, $0) }
    components = eigen.components(of: ensemble.residual)
  }

  /// r̃ᵀ K r̃: minus half the rate at which the mean squared residual changes.
  var decay: Double { zip(rates, components).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } }

  /// The mean squared residual after time h, were the kernel constant.
  func meanSquaredResidual(after h: Double) -> Double {
    zip(rates, components).reduce(0) { sum, mode in
      let r = Double.exp(-h * mode.0) * mode.1
      return sum + r * r
    }
  }

  /// A step of length h.
  func step<E: Ensemble>(_ ensemble: E, length h: Double) -> ImpulseStep<E> {
    let first = eigen.vector(zip(rates, components).map { h * Phi.one(-h * $0) * $1 })
    let expected = zip(rates, components).map { Double.exp(-h * $0) * $1 }
    let actual = eigen.components(of: ensemble.motion(by: first).residual)
    let deviation = zip(actual, expected).map { $0 - $1 }
    let correction = correctingImpulse(of: deviation, length: h)
    let impulse = zip(first, correction).map { $0 + $1 }
    let motion = ensemble.motion(by: impulse)
    let found = eigen.components(of: motion.residual)
    let defect = zip(found, actual).map { $0 - $1 }
    return ImpulseStep(
      length: h, impulse: impulse, motion: motion, correction: ensemble.mobility(correction),
      defect: ensemble.mobility(correctingImpulse(of: defect, length: h)), change: ensemble.mobility(impulse))
  }

  /// 2h φ3(−hK) δ for the components of δ.
  private func correctingImpulse(of deviation: [Double], length h: Double) -> [Double] {
    eigen.vector(zip(rates, deviation).map { 2 * h * Phi.three(-h * $0) * $1 })
  }
}
