import RealModule

/// What RD does as m → ∞ by several models, weighted by how well each explains the data.
///
/// - **power**: μ = a + S x.
/// - **corrected**: the same with a crossover (``Crossovers``).
/// - **constant**: S = 0, with or without a crossover: RD tends to the finite value eᵃ.
///
/// The models are compared by their marginal likelihood, which is what Schwarz's criterion approximates
/// (Schwarz, Ann. Stat. 6, 1978; Kass & Raftery, JASA 90, 1995): `docs/fit.md`, *The limit*.
struct LimitModels: Sendable {
  /// A run of which only a lower bound is known.
  struct Bound: Hashable, Sendable {
    /// log m.
    var x: Double
    /// log RD is at least this.
    var log: Double
    /// The standard deviation of log RD between seeds at this width.
    var deviation: Double
  }

  /// Before the data, each of the three models is as likely as the others; *constant* is half without crossover.
  static let prior = 1.0 / 3
  /// Before the data, S is anywhere in a range of this length.
  static let exponents = 4.0

  /// A curve of the family, made ready for any values of the means.
  private struct Curve: Sendable {
    /// The prior probability of the node.
    var prior: (sloped: Double, flat: Double)
    /// Columns 1, those of the crossover, x; whitened, one after the other.
    var columns: [Double]
    /// Values of the same columns at each bound.
    var atBounds: [[Double]]
    /// The crossover; nil for a power law.
    var node: Crossovers.Node?
    /// The factor of WᵀW + 1 for the crossover's columns. Its upper left corner is that of the curve with S = 0.
    var factor: Factor
    var count: Int
  }

  private let curves: [Curve]
  private let crossovers: Crossovers
  /// Where the columns count x from.
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
  ///   - degreesOfFreedom: how well the covariance is known.
  ///   - bounds: lower bounds besides.
  /// - Returns: nil if the covariance is none.
  init?(x: [Double], covariance: [Double], degreesOfFreedom: Double, bounds: [Bound] = []) {
    n = x.count
    guard let whitening = Cholesky(covariance, order: n) else { return nil }
    self.whitening = whitening
    self.bounds = bounds
    freedom = degreesOfFreedom
    let all = x + bounds.map(\.x)
    guard let smallest = all.min(), let largest = all.max() else { return nil }
    let middle = 0.5 * (smallest + largest)
    let crossovers = Crossovers(smallest: smallest, largest: largest)
    self.middle = middle
    self.crossovers = crossovers
    let one = whitening.whiten([Double](repeating: 1, count: n))
    let line = whitening.whiten(x.map { $0 - middle })

    var curves: [Curve] = []
    let share = Self.prior / Double(crossovers.nodes.count)
    if let factor = Factor(one + line, count: 2, rows: n) {
      curves.append(
        Curve(
          prior: (Self.prior, 0.5 * Self.prior), columns: one + line,
          atBounds: bounds.map { [1, $0.x - middle] }, factor: factor, count: 2))
    }
    for node in crossovers.nodes {
      let basis = x.map { crossovers.basis(node, at: $0) }
      let columns =
        one + whitening.whiten(basis.map(\.0)) + whitening.whiten(basis.map(\.1))
        + whitening.whiten(basis.map(\.2)) + line
      guard let factor = Factor(columns, count: 5, rows: n) else { continue }
      curves.append(
        Curve(
          prior: (share, 0.5 * share), columns: columns,
          atBounds: bounds.map {
            let b = crossovers.basis(node, at: $0.x)
            return [1, b.0, b.1, b.2, $0.x - middle]
          },
          node: node, factor: factor, count: 5))
    }
    self.curves = curves
  }

  /// Σ of the squares that the best curve leaves of the means, and −2 log of what it leaves of the bounds.
  func leastSquares(_ means: [Double]) -> Double {
    let y = whitening.whiten(means)
    let yy = dot(y, y)
    return curves.map { curve in
      let solution = solution(curve, curve.count, curve.factor.product(curve.columns, y), yy)
      return solution.squares - 2 * solution.logBounds
    }.min() ?? 0
  }

  private func solution(_ curve: Curve, _ k: Int, _ h: [Double], _ yy: Double) -> Factor.Solution {
    let start = curve.factor.solution(h, k, yy)
    return bounds.isEmpty ? start : bounded(curve, k, h, yy, from: start)
  }

  /// The exponent, averaged over the models; what is quick enough for a bootstrap.
  func exponent(_ means: [Double]) -> Double { posterior(means).exponent.centre }

  /// What the models say about means at the widths of this object.
  func posterior(_ means: [Double]) -> LimitPosterior {
    LimitPosterior(fits(means).map(\.fit), degreesOfFreedom: freedom)
  }

  /// log RD at other widths, averaged over the models.
  ///
  /// - Parameters:
  ///   - means: at the widths of this object.
  ///   - x: log m of the other widths.
  func prediction(_ means: [Double], at x: [Double]) -> [Double] {
    let fits = fits(means)
    let most = fits.map(\.fit.logWeight).max() ?? 0
    var sums = [Double](repeating: 0, count: x.count)
    var all = 0.0
    for (fit, curve, coefficients) in fits {
      let weight = Double.exp(fit.logWeight - most)
      all += weight
      for i in x.indices {
        // Without a last coefficient, S = 0.
        sums[i] += weight * zip(row(curve, at: x[i]), coefficients).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    return sums.map { $0 / all }
  }

  /// The columns of a curve at x, not whitened.
  private func row(_ curve: Curve, at x: Double) -> [Double] {
    guard let node = curve.node else { return [1, x - middle] }
    let basis = crossovers.basis(node, at: x)
    return [1, basis.0, basis.1, basis.2, x - middle]
  }

  /// Every curve, with and without S, fitted to means.
  private func fits(
    _ means: [Double]
  ) -> [(fit: LimitPosterior.Fit, curve: Curve, coefficients: [Double])] {
    let y = whitening.whiten(means)
    let yy = dot(y, y)
    var fits: [(fit: LimitPosterior.Fit, curve: Curve, coefficients: [Double])] = []
    for (i, curve) in curves.enumerated() {
      let h = curve.factor.product(curve.columns, y)
      for sloped in [true, false] {
        let k = sloped ? curve.count : curve.count - 1
        let solution = solution(curve, k, h, yy)
        // Flat prior in a, and in S over its range; both scales known but for σ, of which t takes care.
        let parameters: Double = sloped ? 2 : 1
        var log =
          solution.logBounds - 0.5 * solution.logDeterminant
          - 0.5 * (freedom + Double(n) - parameters) * Double.log(onePlus: max(0, solution.squares) / freedom)
        if sloped { log += 0.5 * Double.log(2 * Double.pi) - Double.log(Self.exponents) }
        let prior = sloped ? curve.prior.sloped : curve.prior.flat
        let model: LimitModel = sloped ? (i == 0 ? .power : .corrected) : .constant
        let fit = LimitPosterior.Fit(
          model: model, logWeight: log + Double.log(prior), location: solution.parameter,
          scale: max(0, solution.variance).squareRoot())
        fits.append((fit, curve, solution.coefficients))
      }
    }
    return fits
  }

  /// The same with lower bounds: Newton's method on the concave log likelihood, where a bound adds log Φ((μ − bound) / σ). A
  /// step that does not help is halved.
  private func bounded(
    _ curve: Curve, _ k: Int, _ h: [Double], _ yy: Double, from start: Factor.Solution
  ) -> Factor.Solution {
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
    func logBounds(_ beta: [Double]) -> Double { bounds.indices.reduce(0) { $0 + tail(beta, $1).log } }

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
            hessian[i * k + j] += row[i] * row[j] * tail.curvature / (bound.deviation * bound.deviation)
          }
        }
      }
      guard let factor = Cholesky(hessian, order: k) else { return solution }
      let last = k == curve.count ? k - 1 : 0
      solution = Factor.Solution(
        coefficients: beta, squares: squares(beta), logBounds: logBounds(beta),
        logDeterminant: factor.logDeterminant, parameter: beta[last],
        variance: factor.inverse[last * k + last])
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

/// The normal equations of a curve, factorised: columns 1, crossover …, x, the crossover's with a standard normal prior.
private struct Factor: Sendable {
  /// What follows for a curve with all columns, or all but x.
  struct Solution {
    var coefficients: [Double]
    /// The least squares, priors included.
    var squares: Double
    /// Σ log Φ of lower bounds.
    var logBounds = 0.0
    /// log det of the normal matrix.
    var logDeterminant: Double
    /// S, or a where S = 0.
    var parameter: Double
    /// Its variance.
    var variance: Double
  }

  let count: Int
  /// The normal matrix by rows.
  let normal: [Double]
  private let cholesky: Cholesky

  init?(_ columns: [Double], count: Int, rows: Int) {
    var normal = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0...i {
        var sum = 0.0
        for r in 0..<rows { sum += columns[i * rows + r] * columns[j * rows + r] }
        if i == j && i > 0 && i < count - 1 { sum += 1 }
        normal[i * count + j] = sum
        normal[j * count + i] = sum
      }
    }
    guard let cholesky = Cholesky(normal, order: count) else { return nil }
    self.count = count
    self.normal = normal
    self.cholesky = cholesky
  }

  /// Wᵀ y.
  func product(_ columns: [Double], _ y: [Double]) -> [Double] {
    let rows = y.count
    return (0..<count).map { i in
      var sum = 0.0
      for r in 0..<rows { sum += columns[i * rows + r] * y[r] }
      return sum
    }
  }

  /// The curve of the first k columns.
  func solution(_ h: [Double], _ k: Int, _ yy: Double) -> Solution {
    let leading = cholesky.leading(k)
    let z = leading.whiten(Array(h.prefix(k)))
    // S is the last coefficient; where S = 0, a is the first.
    let parameter = k < count ? 0 : k - 1
    var unit = [Double](repeating: 0, count: k)
    unit[parameter] = 1
    let coefficients = leading.unwhiten(z)
    return Solution(
      coefficients: coefficients, squares: yy - dot(z, z), logDeterminant: leading.logDeterminant,
      parameter: coefficients[parameter], variance: leading.solve(unit)[parameter])
  }
}

/// Φ, the standard normal distribution, at z, also far out in its tail.
struct NormalTail: Hashable, Sendable {
  /// log Φ(z).
  let log: Double
  /// φ(z) / Φ(z), the derivative of log Φ.
  let hazard: Double
  /// Minus the second derivative: hazard (hazard + z), from 0 to 1.
  let curvature: Double

  /// The tail at any finite z.
  init(_ z: Double) {
    let square = z * z
    let logDensity = -0.5 * square - 0.5 * Double.log(2 * Double.pi)
    if z > -20 {
      log = Double.log(0.5 * Double.erfc(-z / 2.0.squareRoot()))
      hazard = Double.exp(logDensity - log)
      curvature = min(1, max(0, hazard * (hazard + z)))
    } else {
      // Φ(z) = φ(z) / |z| (1 − e): Abramowitz & Stegun 26.2.12.
      let inverse = 1 / square
      let e = inverse * (1 - inverse * (3 - inverse * (15 - inverse * 105)))
      log = logDensity - Double.log(-z) + Double.log(onePlus: -e)
      hazard = -z / (1 - e)
      curvature = hazard * -z * e / (1 - e)
    }
  }
}
