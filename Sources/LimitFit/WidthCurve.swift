import RealModule

/// The mean curve with the size of its noise: all estimates of a point are made from it.
struct WidthCurve: Sendable {
  /// The means and their covariance up to σ².
  let means: WidthMeans
  /// σ²: the variance of log q between seeds at the first width.
  let variance: Double
  /// Those of the variance.
  let degreesOfFreedom: Double

  /// The minimum relative error of a value of q, however well seeds agree.
  static let precision = 1e-6

  /// Estimates the noise of a mean curve from the differences between seeds; where these have fewer
  /// than ``SeedDispersion/minDegreesOfFreedom``, from the residuals of the means about a parabola
  /// as well (a straight line if there are but three means).
  ///
  /// - Returns: nil if there is nothing to estimate it from.
  init?(_ means: WidthMeans) {
    var squares = means.squares
    var freedom = means.degreesOfFreedom
    let n = means.x.count
    if freedom < SeedDispersion.minDegreesOfFreedom, n >= 3,
      let factor = Cholesky(means.covariance, order: n)
    {
      let columns = Self.powers(of: means.x, count: n > 3 ? 3 : 2)
      if let fit = LeastSquares(columns, means.means, factor) {
        squares += fit.squares
        freedom += n - columns.count
      }
    }
    guard freedom > 0 else { return nil }
    self.means = means
    variance = max(squares / Double(freedom), Self.precision * Self.precision)
    degreesOfFreedom = Double(freedom)
  }

  /// log m, ascending.
  var x: [Double] { means.x }

  /// The covariance of the means, by rows.
  var covariance: [Double] { means.covariance.map { $0 * variance } }

  /// The quantile of Student's t for the 95 % intervals of what is linear in the means.
  var t: Double {
    StudentT(degreesOfFreedom: degreesOfFreedom).quantile(0.5 + TrendRule.confidence / 2)
  }

  /// 1, x − x̄, (x − x̄)² …
  static func powers(of x: [Double], count: Int) -> [[Double]] {
    let middle = x.reduce(0, +) / Double(x.count)
    return (0..<count).map { power in
      x.map { x in (0..<power).reduce(1) { p, _ in p * (x - middle) } }
    }
  }
}

/// The straight line through the means, all widths alike.
struct StraightLine: Hashable, Sendable {
  /// d log q / d log m.
  let slope: Double
  /// Half the length of the 95 % interval; nil with fewer than three widths, as two show no bend.
  let halfInterval: Double?

  /// The line through the means of at least two widths.
  init?(_ means: WidthMeans, _ curve: WidthCurve?) {
    let n = means.x.count
    guard n >= 2 else { return nil }
    let x = WidthCurve.powers(of: means.x, count: 2)[1]
    let sumXX = dot(x, x)
    let slope = dot(x, means.means) / sumXX
    self.slope = slope
    guard n >= 3, let curve else {
      halfInterval = nil
      return
    }
    // Two sources of error: seeds, whose share is known, and the bend, which is the rest of the
    // dispersion of the means about the line (the moment estimator of a random effects model,
    // DerSimonian & Laird 1986).
    let middle = means.means.reduce(0, +) / Double(n)
    let rest = (0..<n).map { means.means[$0] - middle - slope * x[$0] }
    let covariance = curve.covariance
    var seeds = 0.0
    var expected = 0.0
    for i in 0..<n {
      for j in 0..<n {
        let c = covariance[i * n + j]
        seeds += x[i] * c * x[j] / (sumXX * sumXX)
        expected += c * ((i == j ? 1 : 0) - 1 / Double(n) - x[i] * x[j] / sumXX)
      }
    }
    let lackOfFit = max(0, dot(rest, rest) - expected) / Double(n - 2) / sumXX
    // Satterthwaite's degrees of freedom of a sum of two variances.
    let both = seeds + lackOfFit
    let freedom =
      both * both
      / (seeds * seeds / curve.degreesOfFreedom + lackOfFit * lackOfFit / Double(n - 2))
    let t = StudentT(degreesOfFreedom: freedom).quantile(0.5 + TrendRule.confidence / 2)
    halfInterval = t * both.squareRoot()
  }
}

/// The slope between two neighbouring widths.
public struct LocalSlope: Hashable, Sendable, Codable {
  /// The lower width.
  public var from: Double
  /// The upper width.
  public var to: Double
  /// d log q / d log m between them, q the order parameter.
  public var slope: Double
  /// The lower end of its 95 % interval, which is due to seeds; nil where their dispersion is not
  /// known.
  public var low: Double?
  /// The upper end of the interval.
  public var high: Double?

  /// A slope; see the properties.
  public init(from: Double, to: Double, slope: Double, low: Double?, high: Double?) {
    self.from = from
    self.to = to
    self.slope = slope
    self.low = low
    self.high = high
  }

  /// All of a curve.
  static func all(_ means: WidthMeans, _ curve: WidthCurve?) -> [LocalSlope] {
    let n = means.x.count
    return (0..<max(0, n - 1)).map { i in
      let step = means.x[i + 1] - means.x[i]
      let slope = (means.means[i + 1] - means.means[i]) / step
      var half: Double?
      if let curve {
        let c = means.covariance
        let variance = c[i * n + i] + c[(i + 1) * n + i + 1] - 2 * c[(i + 1) * n + i]
        half = curve.t * (curve.variance * variance).squareRoot() / step
      }
      return LocalSlope(
        from: means.widths[i], to: means.widths[i + 1], slope: slope, low: half.map { slope - $0 },
        high: half.map { slope + $0 })
    }
  }
}

/// Whether the slope changes with the width.
struct Drift: Hashable, Sendable {
  /// By how much the local slope changes in a decade of widths.
  let perDecade: Double
  /// The probability of a change at least as large if there were none.
  let probability: Double

  /// The test of the square in a parabola through the means, by generalised least squares.
  ///
  /// - Returns: nil with fewer than three widths, or if the noise is estimated from that parabola
  ///   alone.
  init?(_ curve: WidthCurve) {
    let n = curve.x.count
    guard n >= 3, curve.means.degreesOfFreedom + max(0, n - 3) > 0,
      let factor = Cholesky(curve.covariance, order: n),
      let fit = LeastSquares(WidthCurve.powers(of: curve.x, count: 3), curve.means.means, factor)
    else { return nil }
    perDecade = 2 * fit.coefficients[2] * Double.log(10)
    let t = fit.coefficients[2] / fit.covariance[8].squareRoot()
    probability = 2 * StudentT(degreesOfFreedom: curve.degreesOfFreedom).cumulative(-abs(t))
  }
}
