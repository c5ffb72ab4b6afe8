import RealModule

/// How seeds dispersion about the curve of a phase point: log RD of seed s at width m is μ(m) + ε, with standard deviation
/// σ (m / m₀)^−θ, m₀ the smallest width, and for one seed the correlation √(m / M) between widths m < M.
///
/// The initial values of a seed are nested: the first m neurons of width M are those of width m. What is a mean over neurons
/// then has just that correlation, and is Markov in m. Workers that draw anew at each width have none; ``isNested`` says which.
struct SeedDispersion: Hashable, Sendable {
  /// Whether widths of one seed are correlated.
  var isNested: Bool
  /// θ: ½ where RD is a mean over independent neurons, 0 where it hangs on few numbers; dimensionless.
  var decay: Double

  /// The values of ``decay`` that are tried; −0.05 to 0.5 occur. More would follow the noise of few seeds.
  static let decays = [0, 0.25, 0.5]
  /// With fewer degrees of freedom between seeds, ``decay`` is not estimated but taken for ½.
  static let fewest = 4

  /// The relative standard deviation at a width; 1 at the smallest.
  func relativeScale(_ x: Double, smallest: Double) -> Double { Double.exp(-decay * (x - smallest)) }

  /// The correlation of two widths of a seed, given log m of both.
  func correlation(_ x: Double, _ y: Double) -> Double { isNested ? Double.exp(-0.5 * abs(x - y)) : 0 }
}

/// The mean curve of a phase point at its measured widths, with its covariance up to the factor σ².
///
/// Generalised least squares with a mean of its own for each width: what is left is due to seeds alone.
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
  /// The restricted log likelihood of the dispersion, σ² at its best, up to a constant; 0 without degrees of freedom.
  let logLikelihood: Double

  /// The means under a given dispersion.
  ///
  /// - Parameters:
  ///   - measurements: with at least one value.
  ///   - dispersion: how seeds dispersion.
  ///   - weights: how often to count each seed, as in a resample; nil: once. Seeds that are not named are left out.
  /// - Returns: nil if a width is left without value, or there is none.
  init?(_ measurements: Measurements, _ dispersion: SeedDispersion, weights: [UInt64: Double]? = nil) {
    let measured = measurements.measured
    guard let first = measured.first else { return nil }
    let n = measured.count
    let place = Dictionary(uniqueKeysWithValues: zip(measured, 0..<n))
    let x = measured.map { measurements.x[$0] }
    let scales = x.map { dispersion.relativeScale($0, smallest: measurements.x[first]) }

    // Seed by seed: what a width adds to the one before is independent of all earlier ones.
    var information = [Double](repeating: 0, count: n * n)
    var right = [Double](repeating: 0, count: n)
    var logDeterminant = 0.0
    var before: (seed: UInt64, place: Int, log: Double)?
    var innovations: [Innovation] = []
    for value in measurements.values {
      let weight = weights == nil ? 1 : weights?[value.seed] ?? 0
      guard let k = place[value.width], weight > 0 else { continue }
      var innovation = Innovation(k, 1 / scales[k], nil, 0, value.log / scales[k], weight)
      if let before, before.seed == value.seed {
        let rho = dispersion.correlation(x[before.place], x[k])
        let rest = (1 - rho * rho).squareRoot()
        innovation = Innovation(
          k, 1 / (scales[k] * rest), before.place, -rho / (scales[before.place] * rest),
          (value.log / scales[k] - rho * before.log / scales[before.place]) / rest, weight)
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
        * (Double(degreesOfFreedom) * Double.log(max(squares, .leastNormalMagnitude)) + logDeterminant
          + factor.logDeterminant)
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

  /// The means with the dispersion that makes the differences between seeds likeliest.
  static func likeliest(_ measurements: Measurements, isNested: Bool) -> WidthMeans? {
    let few = measurements.values.count - measurements.measured.count < SeedDispersion.fewest
    let decays = few ? [0.5] : SeedDispersion.decays
    var best: WidthMeans?
    for decay in decays {
      guard let means = WidthMeans(measurements, SeedDispersion(isNested: isNested, decay: decay)) else {
        continue
      }
      if best.map({ means.logLikelihood > $0.logLikelihood }) ?? true { best = means }
    }
    return best
  }
}
