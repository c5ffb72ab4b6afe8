import RealModule

/// The order parameter q for m → ∞ by several models, weighted by how well each explains the data.
///
/// With μ = log q and x = log m:
///
/// - **power**: μ = a + S x.
/// - **corrected**: the same with a crossover (``Crossovers``).
/// - **constant**: S = 0, with or without a crossover: q tends to the finite value eᵃ.
///
/// The models are compared by their marginal likelihoods, which Schwarz's criterion approximates
/// (Schwarz, Ann. Stat. 6, 1978; Kass & Raftery, JASA 90, 1995): `docs/fit.md`, *The limit*.
struct LimitModels: Sendable {
  /// A run of which only a lower bound is known.
  struct Bound: Hashable, Sendable {
    /// log m.
    var x: Double
    /// log q is at least this.
    var log: Double
    /// The standard deviation of log q between seeds at this width.
    var deviation: Double
  }

  /// The prior probability of each of the three models; that of *constant* is half without
  /// crossover.
  static let prior = 1.0 / 3
  /// The prior of S is uniform over a range of this length.
  static let exponents = 4.0

  /// A curve of the family, made ready for any values of the means.
  private struct Curve: Sendable {
    /// Where its crossover is; nil: a power law from the smallest width on.
    var node: Crossovers.Node?
    /// The prior probability of the node.
    var prior: (sloped: Double, flat: Double)
    /// Columns 1, those of the crossover, x; whitened, one after the other.
    var columns: [Double]
    /// Values of the same columns at each bound.
    var atBounds: [[Double]]
    /// The factor of WᵀW + 1 for the crossover's columns. Its upper left corner is that of the
    /// curve with S = 0.
    var factor: CurveFactor
    var count: Int
  }

  private let curves: [Curve]
  private let crossovers: Crossovers
  /// The origin of x in the columns.
  private let middle: Double
  private let whitening: Cholesky
  private let bounds: [Bound]
  private let n: Int
  private let freedom: Double

  /// The models for means with a known covariance.
  ///
  /// - Parameters:
  ///   - x: log m of the means.
  ///   - covariance: of the means, by rows.
  ///   - degreesOfFreedom: those of the covariance.
  ///   - bounds: lower bounds besides.
  /// - Returns: nil if the covariance is not positive definite, or there is no mean.
  init?(x: [Double], covariance: [Double], degreesOfFreedom: Double, bounds: [Bound] = []) {
    n = x.count
    guard let whitening = Cholesky(covariance, order: n) else { return nil }
    self.whitening = whitening
    self.bounds = bounds
    freedom = degreesOfFreedom
    let all = x + bounds.map(\.x)
    guard let first = all.min(), let last = all.max() else { return nil }
    let middle = 0.5 * (first + last)
    let crossovers = Crossovers(over: first...last)
    self.middle = middle
    self.crossovers = crossovers
    let one = whitening.whiten([Double](repeating: 1, count: n))
    let line = whitening.whiten(x.map { $0 - middle })

    var curves: [Curve] = []
    let share = Self.prior / Double(crossovers.nodes.count)
    if let factor = CurveFactor(one + line, count: 2, rows: n) {
      curves.append(
        Curve(
          node: nil, prior: (Self.prior, 0.5 * Self.prior), columns: one + line,
          atBounds: bounds.map { [1, $0.x - middle] }, factor: factor, count: 2))
    }
    for node in crossovers.nodes {
      let basis = x.map { crossovers.basis(node, at: $0) }
      let columns =
        one + whitening.whiten(basis.map(\.0)) + whitening.whiten(basis.map(\.1))
        + whitening.whiten(basis.map(\.2)) + line
      guard let factor = CurveFactor(columns, count: 5, rows: n) else { continue }
      curves.append(
        Curve(
          node: node, prior: (share, 0.5 * share), columns: columns,
          atBounds: bounds.map {
            let b = crossovers.basis(node, at: $0.x)
            return [1, b.0, b.1, b.2, $0.x - middle]
          },
          factor: factor, count: 5))
    }
    self.curves = curves
  }

  /// Σ of the whitened squares of the residuals of the best curve, less 2 Σ log Φ of the bounds.
  func leastSquares(_ means: [Double]) -> Double {
    let y = whitening.whiten(means)
    let yy = dot(y, y)
    return curves.map { curve in
      let solution = solution(curve, curve.count, curve.factor.product(curve.columns, y), yy)
      return solution.squares - 2 * solution.logBounds
    }.min() ?? 0
  }

  private func solution(
    _ curve: Curve, _ k: Int, _ h: [Double], _ yy: Double
  ) -> CurveFactor.Solution {
    let start = curve.factor.solution(h, k, yy)
    return bounds.isEmpty ? start : bounded(curve, k, h, yy, from: start)
  }

  /// The exponent, averaged over the models.
  func exponent(_ means: [Double]) -> Double { posterior(means).exponent.centre }

  /// The posterior for means at the widths of this object.
  func posterior(_ means: [Double]) -> LimitPosterior {
    LimitPosterior(
      weighted(means).map { fit in
        LimitPosterior.Fit(
          model: fit.model, logWeight: fit.logWeight, location: fit.solution.parameter,
          scale: max(0, fit.solution.variance).squareRoot())
      }, degreesOfFreedom: freedom)
  }

  /// The curve μ through means at the widths of this object, averaged over the models.
  ///
  /// - Parameters:
  ///   - means: at the widths of this object.
  ///   - x: log m, anywhere; beyond the widths the curve is extrapolated.
  /// - Returns: at each x the mean of μ and its standard deviation, within the curves and between
  ///   them.
  func curve(_ means: [Double], at x: [Double]) -> [(mean: Double, deviation: Double)] {
    let fits = weighted(means)
    let peak = fits.map(\.logWeight).max() ?? 0
    let shares = fits.map { Double.exp($0.logWeight - peak) }
    let all = shares.reduce(0, +)
    return x.map { x in
      var (mean, square) = (0.0, 0.0)
      for (fit, share) in zip(fits, shares) where share > 1e-7 * all {
        let row = Array(row(curves[fit.curve], at: x).prefix(fit.solution.coefficients.count))
        let value = dot(row, fit.solution.coefficients)
        let deviations = fit.solution.factor.whiten(row)
        mean += share / all * value
        square += share / all * (value * value + dot(deviations, deviations))
      }
      return (mean, max(0, square - mean * mean).squareRoot())
    }
  }

  /// log q at other widths, averaged over the models.
  ///
  /// - Parameters:
  ///   - means: at the widths of this object.
  ///   - x: log m of the other widths.
  func prediction(_ means: [Double], at x: [Double]) -> [Double] {
    let fits = weighted(means)
    let peak = fits.map(\.logWeight).max() ?? 0
    var sums = [Double](repeating: 0, count: x.count)
    var all = 0.0
    for fit in fits {
      let weight = Double.exp(fit.logWeight - peak)
      all += weight
      for i in x.indices {
        // Without a last coefficient, S = 0.
        sums[i] += weight * dot(row(curves[fit.curve], at: x[i]), fit.solution.coefficients)
      }
    }
    return sums.map { $0 / all }
  }

  /// The columns of a curve at some log m, not whitened.
  private func row(_ curve: Curve, at x: Double) -> [Double] {
    guard let node = curve.node else { return [1, x - middle] }
    let b = crossovers.basis(node, at: x)
    return [1, b.0, b.1, b.2, x - middle]
  }

  /// A curve of one model, fitted.
  private struct Weighted {
    var model: LimitModel
    /// Its index in ``curves``.
    var curve: Int
    /// log of prior times marginal likelihood, up to a constant.
    var logWeight: Double
    var solution: CurveFactor.Solution
  }

  private func weighted(_ means: [Double]) -> [Weighted] {
    let y = whitening.whiten(means)
    let yy = dot(y, y)
    var fits: [Weighted] = []
    for (i, curve) in curves.enumerated() {
      let h = curve.factor.product(curve.columns, y)
      for sloped in [true, false] {
        let k = sloped ? curve.count : curve.count - 1
        let solution = solution(curve, k, h, yy)
        // Flat priors of a, and of S over its range. The scale σ is estimated, hence Student's t.
        let parameters: Double = sloped ? 2 : 1
        var log =
          solution.logBounds - 0.5 * solution.logDeterminant
          - 0.5 * (freedom + Double(n) - parameters)
          * Double.log(onePlus: max(0, solution.squares) / freedom)
        if sloped { log += 0.5 * Double.log(2 * Double.pi) - Double.log(Self.exponents) }
        let prior = sloped ? curve.prior.sloped : curve.prior.flat
        let model: LimitModel = sloped ? (i == 0 ? .power : .corrected) : .constant
        fits.append(
          Weighted(model: model, curve: i, logWeight: log + Double.log(prior), solution: solution))
      }
    }
    return fits
  }

  /// The same with lower bounds: Newton's method on the concave log likelihood, to which a bound
  /// adds log Φ((μ − bound) / σ). A step that does not increase it is halved.
  private func bounded(
    _ curve: Curve, _ k: Int, _ h: [Double], _ yy: Double, from start: CurveFactor.Solution
  ) -> CurveFactor.Solution {
    func normal(_ i: Int, _ j: Int) -> Double { curve.factor.normal[i * curve.count + j] }
    func squares(_ beta: [Double]) -> Double {
      var sum = yy
      for i in 0..<k {
        sum -= 2 * h[i] * beta[i]
        for j in 0..<k { sum += beta[i] * normal(i, j) * beta[j] }
      }
      return sum
    }
    func tail(_ beta: [Double], _ b: Int) -> NormalTail {
      let mean = (0..<k).reduce(0) { $0 + curve.atBounds[b][$1] * beta[$1] }
      return NormalTail((mean - bounds[b].log) / bounds[b].deviation)
    }
    func logBounds(_ beta: [Double]) -> Double {
      bounds.indices.reduce(0) { $0 + tail(beta, $1).log }
    }

    var beta = start.coefficients
    var value = squares(beta) - 2 * logBounds(beta)
    var solution = start
    for _ in 0..<200 {
      // Half of minus the gradient, and of the Hessian, of what is minimised.
      var gradient = (0..<k).map { i in h[i] - (0..<k).reduce(0) { $0 + normal(i, $1) * beta[$1] } }
      var hessian = (0..<k * k).map { normal($0 / k, $0 % k) }
      for (b, bound) in bounds.enumerated() {
        let tail = tail(beta, b)
        let row = curve.atBounds[b]
        for i in 0..<k {
          gradient[i] += row[i] * tail.hazard / bound.deviation
          for j in 0..<k {
            hessian[i * k + j] +=
              row[i] * row[j] * tail.curvature / (bound.deviation * bound.deviation)
          }
        }
      }
      guard let factor = Cholesky(hessian, order: k) else { return solution }
      let last = k == curve.count ? k - 1 : 0
      solution = CurveFactor.Solution(
        coefficients: beta, squares: squares(beta), logBounds: logBounds(beta),
        logDeterminant: factor.logDeterminant, parameter: beta[last],
        variance: factor.inverse[last * k + last], factor: factor)
      let step = factor.solve(gradient)
      guard dot(step, gradient) > 1e-10 else { break }
      var length = 1.0
      var next = beta
      var there = Double.infinity
      while length > 1e-9 {
        next = zip(beta, step).map { $0 + length * $1 }
        there = squares(next) - 2 * logBounds(next)
        if there < value { break }
        length /= 2
      }
      guard there < value else { break }
      beta = next
      value = there
    }
    return solution
  }
}
