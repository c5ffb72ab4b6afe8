import RealModule

/// The dispersion of seeds about the mean curve of a point: the logarithm of the order parameter q
/// is μ(m) + ε for a seed at width m, where ε has the standard deviation σ (m / m₀)^−θ, m₀ the
/// first width, and for one seed the correlation √(m / M) between widths m < M.
///
/// The initial values of a seed are nested: the first m neurons of width M are those of width m. A
/// mean over neurons then has just that correlation, and is Markov in m. A worker that draws
/// initial values anew at each width has none.
struct SeedDispersion: Hashable, Sendable {
  /// Whether widths of one seed are correlated.
  var isNested: Bool
  /// θ: ½ where q is a mean over independent neurons, 0 where it depends on few numbers;
  /// dimensionless.
  var decay: Double

  /// The values of ``decay`` that are tried; −0.05 to 0.5 occur. More would follow the noise of few
  /// seeds.
  static let decays = [0, 0.25, 0.5]
  /// With fewer degrees of freedom between seeds, ``decay`` is not estimated but taken as ½.
  static let minDegreesOfFreedom = 4

  /// The standard deviation at a width in units of that at the first one.
  ///
  /// - Parameters:
  ///   - x: log m.
  ///   - first: log m₀.
  func relativeScale(_ x: Double, first: Double) -> Double { Double.exp(-decay * (x - first)) }

  /// The correlation of two widths of a seed, given log m of both.
  func correlation(_ x: Double, _ y: Double) -> Double {
    isNested ? Double.exp(-0.5 * abs(x - y)) : 0
  }
}

/// The mean curve of a point at its measured widths, with its covariance up to the factor σ².
///
/// Generalised least squares with a mean of its own for each width: the residuals are due to seeds
/// alone.
struct WidthMeans: Sendable {
  /// The dispersion that was assumed.
  let dispersion: SeedDispersion
  /// log m, ascending.
  let x: [Double]
  /// The widths m.
  let widths: [Double]
  /// The estimated μ(m).
  let means: [Double]
  /// Their covariance divided by σ², by rows.
  let covariance: [Double]
  /// Σ of the squares of the whitened residuals; its expectation is σ² ``degreesOfFreedom``.
  let squares: Double
  /// Values less widths.
  let degreesOfFreedom: Int
  /// The restricted log likelihood of the dispersion, at the best σ², up to a constant; 0 without
  /// degrees of freedom.
  let logLikelihood: Double

  /// The means under a given dispersion.
  ///
  /// - Parameters:
  ///   - measurements: with at least one value.
  ///   - dispersion: that of the seeds.
  ///   - weights: how often to count each seed, as in a resample; a seed without weight is left
  ///     out. Nil: each once.
  /// - Returns: nil if a width is left without value, or there is none.
  init?(
    _ measurements: Measurements, _ dispersion: SeedDispersion, weights: [UInt64: Double]? = nil
  ) {
    let measured = measurements.measured
    guard let first = measured.first else { return nil }
    let n = measured.count
    let index = Dictionary(uniqueKeysWithValues: zip(measured, 0..<n))
    let x = measured.map { measurements.x[$0] }
    let scales = x.map { dispersion.relativeScale($0, first: measurements.x[first]) }

    // Seed by seed: what a width adds to the one before is independent of all earlier ones.
    var information = [Double](repeating: 0, count: n * n)
    var right = [Double](repeating: 0, count: n)
    var logDeterminant = 0.0
    var before: (seed: UInt64, index: Int, log: Double)?
    var innovations: [Innovation] = []
    for value in measurements.values {
      let weight = weights == nil ? 1 : weights?[value.seed] ?? 0
      guard let k = index[value.width], weight > 0 else { continue }
      var innovation = Innovation(k, 1 / scales[k], nil, 0, value.log / scales[k], weight)
      if let before, before.seed == value.seed {
        let i = before.index
        let rho = dispersion.correlation(x[i], x[k])
        let rest = (1 - rho * rho).squareRoot()
        innovation = Innovation(
          k, 1 / (scales[k] * rest), i, -rho / (scales[i] * rest),
          (value.log / scales[k] - rho * before.log / scales[i]) / rest, weight)
        logDeterminant += 2 * Double.log(rest)
      }
      logDeterminant += 2 * Double.log(scales[k])
      innovations.append(innovation)
      before = (value.seed, k, value.log)
    }
    for e in innovations {
      information[e.k * n + e.k] += e.weight * e.a * e.a
      right[e.k] += e.weight * e.a * e.value
      if let i = e.i {
        information[i * n + i] += e.weight * e.b * e.b
        information[max(e.k, i) * n + min(e.k, i)] += e.weight * e.a * e.b
        right[i] += e.weight * e.b * e.value
      }
    }
    guard let factor = Cholesky(information, order: n) else { return nil }
    let means = factor.solve(right)
    squares = innovations.reduce(0) { sum, e in
      let rest = e.value - e.a * means[e.k] - (e.i.map { e.b * means[$0] } ?? 0)
      return sum + rest * rest
    }
    degreesOfFreedom = measurements.values.count - n
    logLikelihood =
      degreesOfFreedom == 0
      ? 0
      : -0.5
        * (Double(degreesOfFreedom) * Double.log(max(squares, .leastNormalMagnitude))
          + logDeterminant + factor.logDeterminant)
    self.dispersion = dispersion
    self.x = x
    self.means = means
    widths = measured.map { measurements.widths[$0] }
    covariance = factor.inverse
  }

  /// A whitened value: a μ(k) + b μ(i) plus noise of variance σ², counted `weight` times.
  private struct Innovation {
    let k: Int
    let a: Double
    let i: Int?
    let b: Double
    let value: Double
    let weight: Double

    init(_ k: Int, _ a: Double, _ i: Int?, _ b: Double, _ value: Double, _ weight: Double) {
      self.k = k
      self.a = a
      self.i = i
      self.b = b
      self.value = value
      self.weight = weight
    }
  }

  /// The means with the dispersion of the greatest likelihood.
  static func likeliest(_ measurements: Measurements, isNested: Bool) -> WidthMeans? {
    let freedom = measurements.values.count - measurements.measured.count
    let decays = freedom < SeedDispersion.minDegreesOfFreedom ? [0.5] : SeedDispersion.decays
    var best: WidthMeans?
    for decay in decays {
      let dispersion = SeedDispersion(isNested: isNested, decay: decay)
      guard let means = WidthMeans(measurements, dispersion) else { continue }
      if best.map({ means.logLikelihood > $0.logLikelihood }) ?? true { best = means }
    }
    return best
  }
}
