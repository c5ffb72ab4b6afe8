import RealModule

/// One step of the impulse method: the exponential Rosenbrock method of order 3 with an embedded
/// error estimate, for dq/dτ = r̃(q).
///
/// With K the kernel at the start of the step of length h (`docs/method.md`, section 3):
///
///     q¹ = h φ1(−hK) r̃(τ)        δ = r̃(after q¹) − e^{−hK} r̃(τ)        q² = q¹ + 2h φ3(−hK) δ
///
/// Neurons are moved along a bent path to q¹ and q² (``ImpulsePath``), so that the order is not
/// lost to the turning of the residual within the step.
///
/// Source: Hochbruck, Ostermann, Schweitzer, *Exponential Rosenbrock-type methods*, SIAM J. Numer.
/// Anal. 47, 2009 (scheme exprb32).
struct ImpulseStep<E: ResidualDriven> {
  /// The step up to q², before anything is moved along the path to it.
  let plan: StepPlan
  /// The motion along the path to q².
  let motion: E.Motion
  /// What a further correction by the residual after q² would add, as a relative change of neurons.
  /// It sees neurons that cross or stop only on the corrected way.
  let defect: Double
  /// What that correction would change in the residual, as a share of the residual: it makes the
  /// error of the time at which the target is met.
  let residualDefect: Double
  /// The components of the residual after the step along the eigenvectors.
  fileprivate let found: [Double]
}

/// The first half of a step: everything up to q².
struct StepPlan {
  /// h.
  let length: Double
  /// The pieces of the path to q².
  let path: [Impulse]
  /// |q² − q¹| as a relative change of neurons: the estimate of the error.
  let correction: Double
  /// The relative change of any neuron along the path, to first order.
  let change: Double
  /// The components of r̃(after q¹) along the eigenvectors.
  fileprivate let predicted: [Double]
  /// The components of δ.
  fileprivate let deviation: [Double]
}

/// How the residual runs over a step, as far as its end tells: e^{−sK} r̃ + (s/h)² d, because
/// deviations from the linear flow grow as the square of the time.
struct ResidualCourse {
  fileprivate let rates: [Double]
  fileprivate let components: [Double]
  /// d.
  fileprivate let deviation: [Double]
  /// h.
  fileprivate let length: Double

  /// The mean squared residual at s ≥ 0.
  func meanSquaredResidual(at s: Double) -> Double {
    let share = s / length
    return rates.indices.reduce(0) { sum, j in
      let residual = Double.exp(-s * rates[j]) * components[j] + share * share * deviation[j]
      return sum + residual * residual
    }
  }

  /// Where, between two lengths, the mean squared residual should be at a value; one of the two if
  /// nowhere.
  ///
  /// - Parameter tilt: by how much the logarithm of the mean squared residual is known to rise
  ///   faster with s than here.
  func length(atMeanSquaredResidual value: Double, between low: Double, and high: Double, tilt: Double = 0)
    -> Double
  {
    var (low, high) = (low, high)
    // Bisection: the function costs nothing beside a step.
    for _ in 0..<60 {
      let middle = low + (high - low) / 2
      if meanSquaredResidual(at: middle) * Double.exp(tilt * (middle - length)) > value {
        low = middle
      } else {
        high = middle
      }
    }
    return low + (high - low) / 2
  }
}

/// The eigenvalues and eigenvectors of the kernel.
private enum KernelSpectrum {
  /// From the kernel: right to rounding beside the largest eigenvalue.
  case ofKernel(SymmetricEigen)
  /// From a factor of it: small ones are right beside themselves, too.
  case ofFactor(FactorSpectrum)

  var values: [Double] {
    switch self {
    case .ofKernel(let eigen): eigen.values
    case .ofFactor(let spectrum): spectrum.values
    }
  }

  func components(of x: [Double]) -> [Double] {
    switch self {
    case .ofKernel(let eigen): eigen.components(of: x)
    case .ofFactor(let spectrum): spectrum.components(of: x)
    }
  }

  /// The impulse with the given components.
  func impulse(_ c: [Double]) -> Impulse {
    switch self {
    case .ofKernel(let eigen): Impulse(samples: eigen.vector(c))
    case .ofFactor(let spectrum): Impulse(samples: spectrum.vector(c), reach: spectrum.reach(c))
    }
  }
}

/// What is common to all steps that start at the same state: the residual and the spectrum of the
/// kernel.
struct StepStart {
  /// The eigenvalues of K, clamped to ≥ 0, and its eigenvectors.
  private let spectrum: KernelSpectrum
  private let rates: [Double]
  /// The components of r̃ along the eigenvectors.
  private let components: [Double]
  /// Smaller eigenvalues may be any between zero and this one.
  private let floor: Double
  /// Whether small eigenvalues are as good as large ones.
  let isExact: Bool

  /// The start at the present state, with the spectrum from the kernel itself.
  init(_ ensemble: some ResidualDriven) {
    let eigen = SymmetricEigen(ensemble.kernel(), n: ensemble.sampleCount)
    self.init(.ofKernel(eigen), floor: (eigen.values.max() ?? 0) * Self.rounding, ensemble.residual)
  }

  /// The same with the spectrum from the factor of the kernel; nil if there is none.
  init?(exactly ensemble: some ResidualDriven) {
    guard let factor = ensemble.kernelFactor() else { return nil }
    let spectrum = FactorSpectrum(factor)
    self.init(.ofFactor(spectrum), floor: spectrum.floor, ensemble.residual)
  }

  private init(_ spectrum: KernelSpectrum, floor: Double, _ residual: [Double]) {
    self.spectrum = spectrum
    self.floor = floor
    if case .ofFactor = spectrum { isExact = true } else { isExact = false }
    rates = spectrum.values.map { max(0, $0) }
    components = spectrum.components(of: residual)
  }

  /// Beside the largest, eigenvalues of the kernel are right to this.
  private static var rounding: Double { 1e-13 }

  /// The largest eigenvalue.
  var maxRate: Double { rates.max() ?? 0 }

  /// r̃ᵀ K r̃: minus half the rate at which the mean squared residual changes. Directions whose
  /// eigenvalues are not known have the largest that they may have.
  var decay: Double { zip(rates, components).reduce(0) { $0 + max($1.0, floor) * $1.1 * $1.1 } }

  /// The part of the mean squared residual that lies in the range of the kernel; what may lie
  /// outside counts in ``decay``.
  var reducible: Double {
    zip(rates, components).reduce(0) { $0 + ($1.0 > floor ? $1.1 * $1.1 : 0) }
  }

  /// By how much neurons would move within a time if the flow were linear: a relative change.
  func change(of ensemble: some ResidualDriven, within time: Double) -> Double {
    ensemble.mobility(
      spectrum.impulse(zip(rates, components).map { time * Phi(-time * $0).one * $1 }))
  }

  /// The first half of a step of length h.
  func plan(_ ensemble: some ResidualDriven, length h: Double) -> StepPlan {
    let none = [Double](repeating: 0, count: rates.count)
    let predicted = spectrum.components(of: ensemble.residual(along: pieces(none, h)))
    let deviation = zip(predicted, linear(h)).map { $0 - $1 }
    return plan(ensemble, length: h, predicted: predicted, deviation: deviation)
  }

  private func plan(
    _ ensemble: some ResidualDriven, length h: Double, predicted: [Double], deviation: [Double]
  ) -> StepPlan {
    let path = decidedPieces(deviation, h, ensemble)
    return StepPlan(
      length: h, path: path, correction: ensemble.mobility(correctingImpulse(deviation, h)),
      change: path.reduce(0) { $0 + ensemble.mobility($1) }, predicted: predicted, deviation: deviation)
  }

  /// The first half of a step of almost the same length as one whose δ is known, without moving
  /// anything: δ grows as the square of the length. What that neglects is a share of the error of
  /// the step, as small as the change.
  func plan(_ ensemble: some ResidualDriven, length h: Double, like known: StepPlan) -> StepPlan {
    let share = h / known.length
    let deviation = known.deviation.map { share * share * $0 }
    let predicted = zip(deviation, linear(h)).map { $0 + $1 }
    return plan(ensemble, length: h, predicted: predicted, deviation: deviation)
  }

  /// The components of e^{−hK} r̃, to which the linear flow leads.
  private func linear(_ h: Double) -> [Double] {
    zip(rates, components).map { Double.exp(-h * $0) * $1 }
  }

  /// The second half.
  func complete<E: ResidualDriven>(_ plan: StepPlan, _ ensemble: E) -> ImpulseStep<E> {
    let motion = ensemble.motion(along: plan.path)
    let found = spectrum.components(of: motion.residual)
    let difference = zip(found, plan.predicted).map { $0 - $1 }
    let defect = correctingImpulse(difference, plan.length)
    // −K times the correcting impulse.
    let change = zip(rates, difference).map { 2 * plan.length * $0 * Phi(-plan.length * $0).three * $1 }
    return ImpulseStep(
      plan: plan, motion: motion, defect: ensemble.mobility(defect),
      residualDefect: (Self.squared(change) / max(Self.squared(found), 1e-300)).squareRoot(), found: found)
  }

  /// The residuals before and after a step as they are in the mean over a short part of it, after
  /// which modes that are faster by far have decayed.
  func settledResiduals<E>(of step: ImpulseStep<E>) -> (before: Impulse, after: Impulse) {
    // As long as the first interval of a path that is cut.
    let time = step.plan.length / Double(Self.intervals * Self.intervals)
    let shares = rates.map { Phi(-time * $0).one }
    func settled(_ components: [Double]) -> Impulse {
      spectrum.impulse(zip(shares, components).map { $0 * $1 })
    }
    return (settled(components), settled(step.found))
  }

  private static func squared(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 } }

  /// The course of the residual to the end of a step.
  func course<E>(of step: ImpulseStep<E>) -> ResidualCourse {
    let h = step.plan.length
    let deviation = zip(step.found, linear(h)).map { $0 - $1 }
    return ResidualCourse(rates: rates, components: components, deviation: deviation, length: h)
  }

  /// The course of the residual that is to be expected of a step before its second half is made.
  func course(of plan: StepPlan) -> ResidualCourse {
    let h = plan.length
    // The correcting impulse changes the residual by −K times itself.
    let deviation = rates.indices.map {
      plan.deviation[$0] * (1 - 2 * h * rates[$0] * Phi(-h * rates[$0]).three)
    }
    return ResidualCourse(rates: rates, components: components, deviation: deviation, length: h)
  }

  /// 2h φ3(−hK) δ for the components of δ.
  private func correctingImpulse(_ deviation: [Double], _ h: Double) -> Impulse {
    spectrum.impulse(zip(rates, deviation).map { 2 * h * Phi(-h * $0).three * $1 })
  }

  /// The pieces of the path of the impulse over the step for the components of δ.
  private func pieces(_ deviation: [Double], _ h: Double, intervals: Int = 1) -> [Impulse] {
    ImpulsePath(rates: rates, residual: components, deviation: deviation, length: h)
      .pieces(intervals: intervals).map(spectrum.impulse)
  }

  /// Into how many intervals the path is cut where that matters.
  private static var intervals: Int { 8 }

  /// The same, cut more finely where the residual turns so that neurons on a kink are pushed to
  /// different sides in the course of the step: that is decided once for every piece, and the order
  /// of the pieces says nothing about the error.
  private func decidedPieces(_ deviation: [Double], _ h: Double, _ ensemble: some ResidualDriven)
    -> [Impulse]
  {
    let fine = pieces(deviation, h, intervals: Self.intervals)
    return ensemble.isUndecided(along: fine) ? fine : pieces(deviation, h)
  }
}
