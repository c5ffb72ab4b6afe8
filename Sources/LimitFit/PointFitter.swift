import Model
import RealModule

/// The runs of one setting.
struct PointData: Sendable {
  let setting: Setting
  let measurements: Measurements
  let counts: PointFit.Counts
  /// The computed limit; nil without one.
  let limit: ComputedLimit?
  /// Why there is no computed limit although its run belongs to the sweep.
  let whyNoLimit: String?
  /// The mean curve if seeds are nested (``SeedDispersion``), and if they are not; nil without any
  /// value.
  let nested: WidthMeans?, independent: WidthMeans?

  init(setting: Setting, observations: [Observation]) {
    self.setting = setting
    let limit = observations.first { $0.run.isLimit }
    self.limit = limit?.limit
    whyNoLimit = limit.flatMap(Self.whyNoLimit)
    let observations = observations.filter { !$0.run.isLimit }
    measurements = Measurements(observations)
    nested = WidthMeans.likeliest(measurements, isNested: true)
    independent = WidthMeans.likeliest(measurements, isNested: false)
    var counts = PointFit.Counts()
    for observation in observations {
      switch observation.state {
      case .failed: counts.failed += 1
      case .pending: counts.pending += 1
      case .finished(let outcome, _): counts.add(outcome)
      }
    }
    self.counts = counts
  }

  private static func whyNoLimit(_ observation: Observation) -> String? {
    guard observation.limit == nil else { return nil }
    return switch observation.state {
    case .pending: "limit pending"
    case .failed: "limit failed"
    case .finished: "limit not reached"
    }
  }

  /// Whether the seeds of a sweep are nested (``SeedDispersion``): the likelier of the two over all
  /// its points; nested where both are as likely.
  static func areNested(_ points: [PointData]) -> Bool {
    points.reduce(0.0) { sum, point in
      guard let nested = point.nested, let independent = point.independent else { return sum }
      return sum + nested.logLikelihood - independent.logLikelihood
    } >= 0
  }
}

/// Computes everything about one point, and its exponent again for resampled seeds.
struct PointFitter: Sendable {
  private let data: PointData
  private let means: WidthMeans?
  private let curve: WidthCurve?
  /// The variance of what no curve explains of the means.
  private let lackOfFit: Double

  /// Prepares the fit of a point.
  ///
  /// - Parameters:
  ///   - data: its runs.
  ///   - isNested: whether widths of a seed are correlated.
  init(_ data: PointData, isNested: Bool) {
    self.data = data
    means = isNested ? data.nested : data.independent
    curve = means.flatMap { WidthCurve($0) }
    lackOfFit = curve.map { Self.lackOfFit($0, data.measurements) } ?? 0
  }

  /// The point's row.
  ///
  /// - Parameter theory: gives the expected exponent.
  func fit(theory: (any Theory)?) -> PointFit {
    var fit = PointFit(
      setting: data.setting, trend: .undecided, note: "",
      expectedExponent: theory?.expectedExponent(at: data.setting),
      widths: means?.x.count ?? 0,
      runsUsed: data.measurements.values.count, counts: data.counts)
    var notes: [String] = []
    if let means {
      fit.localSlopes = LocalSlope.all(means, curve)
      fit.slope = StraightLine(means, curve).map { line in
        PointFit.Estimate(
          value: line.slope, low: line.halfInterval.map { line.slope - $0 },
          high: line.halfInterval.map { line.slope + $0 })
      }
    }
    if let curve {
      fit.dispersion = curve.variance.squareRoot()
      fit.dispersionDecay = curve.means.dispersion.decay
      let drift = Drift(curve)
      fit.drift = drift?.perDecade
      fit.driftProbability = drift?.probability
    }
    if let models = models(), let means {
      let posterior = models.posterior(means.means)
      let tail = 0.5 - TrendRule.confidence / 2
      let (low, high) = (posterior.exponent.quantile(tail), posterior.exponent.quantile(1 - tail))
      // Where nearly all is an atom, the mean differs from it by rounding.
      let exponent = PointFit.Estimate(
        value: min(max(posterior.exponent.centre, low), high), low: low, high: high)
      fit.extrapolated = exponent
      fit.exponent = exponent
      fit.exponentSource = .extrapolated
      fit.power = posterior.weights[.power]
      fit.corrected = posterior.weights[.corrected]
      fit.constant = posterior.weights[.constant]
      fit.lackOfFit = lackOfFit.squareRoot()
      if exponent.mayVanish {
        fit.limit = PointFit.Estimate(
          value: Double.exp(posterior.logLimit.quantile(0.5)),
          low: Double.exp(posterior.logLimit.quantile(tail)),
          high: Double.exp(posterior.logLimit.quantile(1 - tail)))
      }
      let sign = posterior.sign
      fit.trend = TrendRule.trend(sign)
      notes += Self.doubts(fit, sign)
      fit.runsUsed += data.measurements.bounds.count
    } else if fit.widths < TrendRule.minWidths {
      notes.append("too few widths: \(fit.widths) of the \(TrendRule.minWidths) needed")
    } else {
      notes.append("unknown dispersion of seeds")
    }
    let missing = missing(usesBounds: fit.extrapolated != nil)
    if let limit = data.limit {
      notes = fit.take(limit, beyond: data.measurements.widths.last)
    } else if let whyNoLimit = data.whyNoLimit {
      notes.insert(whyNoLimit, at: 0)
    }
    fit.note = (notes + missing).joined(separator: "; ")
    return fit
  }

  /// The computed limit; nil without one.
  var limit: ComputedLimit? { data.limit }

  /// The exponent of resampled seeds; nil if there is none, or if a width is left without seed.
  ///
  /// - Parameters:
  ///   - weights: how often each seed is counted.
  ///   - models: those of ``models()``.
  func exponent(weights: [UInt64: Double], _ models: LimitModels) -> Double? {
    guard let means,
      let again = WidthMeans(data.measurements, means.dispersion, weights: weights)
    else { return nil }
    return models.exponent(again.means)
  }

  /// The models for this point; nil with too few widths, or where the dispersion of seeds is not
  /// known.
  func models() -> LimitModels? {
    guard let curve, curve.x.count >= TrendRule.minWidths else { return nil }
    return Self.models(curve, lackOfFit, data.measurements)
  }

  /// The fitted curve at some log m; empty where there is none.
  func curve(at x: [Double]) -> [FittedCurve.Point] {
    guard let models = models(), let curve else { return [] }
    let freedom = Self.freedom(curve.degreesOfFreedom, lackOfFit, widths: curve.x.count)
    let t = StudentT(degreesOfFreedom: freedom).quantile(0.5 + TrendRule.confidence / 2)
    return zip(x, models.curve(curve.means.means, at: x)).map { x, estimate in
      let half = t * estimate.deviation
      return FittedCurve.Point(
        width: Double.exp(x), value: Double.exp(estimate.mean),
        low: Double.exp(estimate.mean - half), high: Double.exp(estimate.mean + half))
    }
  }

  /// The trend to expect with as many seeds again: means as they are, with half their covariance.
  func trendWithTwiceTheSeeds() -> Trend {
    // Where no model fits, seeds do not help.
    guard let curve, lackOfFit == 0 else { return .undecided }
    let covariance = curve.covariance.map { 0.5 * $0 }
    return trend(
      curve, x: curve.x, means: curve.means.means, covariance: covariance, curve.degreesOfFreedom)
  }

  /// The trend to expect with further widths, each with the present seeds, if the order parameter
  /// there is what the models predict.
  ///
  /// - Parameter widths: beyond the present ones, ascending.
  func trend(withFurther widths: [Double]) -> Trend {
    guard let curve, let models = models(), let first = curve.x.first else { return .undecided }
    let dispersion = curve.means.dispersion
    let further = widths.map { Double.log($0) }
    let predicted = models.prediction(curve.means.means, at: curve.x + further)
    var x = curve.x
    var means = curve.means.means
    var covariance = curve.covariance
    for next in further {
      // What a seed adds to the width before is independent of all earlier ones
      // (``SeedDispersion``).
      let n = x.count
      let scale = dispersion.relativeScale(next, first: first)
      let correlation = dispersion.correlation(x[n - 1], next)
      let factor = correlation * scale / dispersion.relativeScale(x[n - 1], first: first)
      let last = covariance[(n - 1) * n..<n * n].map { factor * $0 }
      let variance = curve.variance * scale * scale * (1 - correlation * correlation)
      let own = variance / Double(max(1, seeds.count))
      covariance =
        (0..<n).flatMap { Array(covariance[$0 * n..<($0 + 1) * n]) + [last[$0]] } + last
        + [factor * last[n - 1] + own]
      means.append(predicted[n] + factor * (means[n - 1] - predicted[n - 1]))
      x.append(next)
    }
    let freedom = curve.degreesOfFreedom + Double(widths.count * (seeds.count - 1))
    return trend(curve, x: x, means: means, covariance: covariance, freedom)
  }

  private func trend(
    _ curve: WidthCurve, x: [Double], means: [Double], covariance: [Double], _ freedom: Double
  ) -> Trend {
    guard
      let models = Self.models(
        curve, lackOfFit, data.measurements, x: x, covariance: covariance, freedom)
    else { return .undecided }
    return TrendRule.trend(models.posterior(means).sign)
  }

  /// The widths with a value, ascending.
  var widths: [Double] { means?.widths ?? [] }

  /// The seeds with a value, ascending.
  var seeds: [UInt64] { data.measurements.seeds }

  /// The degrees of freedom of the covariance of the means, lack of fit included.
  private static func freedom(
    _ degreesOfFreedom: Double, _ lackOfFit: Double, widths: Int
  ) -> Double {
    lackOfFit > 0 ? min(degreesOfFreedom, Double(widths - 2)) : degreesOfFreedom
  }

  private static func models(
    _ curve: WidthCurve, _ lackOfFit: Double, _ measurements: Measurements
  ) -> LimitModels? {
    models(
      curve, lackOfFit, measurements, x: curve.x, covariance: curve.covariance,
      curve.degreesOfFreedom)
  }

  /// The models for a curve, at widths and with a covariance that may be others than those of its
  /// means.
  private static func models(
    _ curve: WidthCurve, _ lackOfFit: Double, _ measurements: Measurements, x: [Double],
    covariance: [Double], _ degreesOfFreedom: Double
  ) -> LimitModels? {
    let n = x.count
    var covariance = covariance
    for i in 0..<n { covariance[i * n + i] += lackOfFit }
    let freedom = freedom(degreesOfFreedom, lackOfFit, widths: n)
    let bounds = measurements.bounds.map { bound in
      let x = measurements.x[bound.width]
      let scale = curve.means.dispersion.relativeScale(x, first: curve.x[0])
      return LimitModels.Bound(
        x: x, log: bound.log, deviation: (curve.variance * scale * scale + lackOfFit).squareRoot())
    }
    return LimitModels(x: x, covariance: covariance, degreesOfFreedom: freedom, bounds: bounds)
  }

  /// The variance that has to be added to means and bounds for the best curve to fit them; 0 if an
  /// F test at 5 % does not reject that curve (Mandel & Paule, Anal. Chem. 42, 1970).
  private static func lackOfFit(_ curve: WidthCurve, _ measurements: Measurements) -> Double {
    let n = curve.x.count
    guard n > 2, let models = models(curve, 0, measurements) else { return 0 }
    let freedom = Double(n + measurements.bounds.count - 2)
    let squares = models.leastSquares(curve.means.means)
    guard fisherTail(squares / freedom, freedom, curve.degreesOfFreedom) < 1 - TrendRule.confidence
    else { return 0 }
    var (low, high) = (Double.log(WidthCurve.precision), Double.log(maxLackOfFit))
    for _ in 0..<24 {
      let middle = 0.5 * (low + high)
      guard let models = Self.models(curve, Double.exp(2 * middle), measurements) else { return 0 }
      if models.leastSquares(curve.means.means) > freedom { low = middle } else { high = middle }
    }
    return Double.exp(2 * high)
  }

  /// The maximum standard deviation that is added: e^1000 is beyond any double.
  private static let maxLackOfFit = 1000.0

  /// What a reader of the trend has to know of the exponent, in words.
  private static func doubts(_ fit: PointFit, _ sign: ExponentSign) -> [String] {
    var doubts: [String] = []
    func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
    if fit.trend == .undecided {
      let cases = [
        (sign.negative, "vanishes"), (sign.zero, "levels off at a finite limit"),
        (sign.positive, "grows"),
      ]
      let words = cases.filter { $0.0 >= 0.005 }.map { "\($0.1) with \(percent($0.0))" }
      doubts.append("the order parameter \(words.joined(separator: " or "))")
    } else if fit.trend != .bounded, fit.exponent?.mayVanish == true {
      doubts.append(
        "interval includes 0; \(fit.trend.rawValue) with \(percent(max(sign.negative, sign.positive)))")
    }
    // Only where the theory is not met: then the interval is about the widths at hand.
    if let expected = fit.expectedExponent, let low = fit.exponent?.low, let high = fit.exponent?.high,
      !(low...max(low, high)).contains(expected)
    {
      doubts.append("interval excludes the \(formattedNumber(expected)) of the theory")
    }
    return doubts
  }

  /// What is missing from the fit, in words.
  private func missing(usesBounds: Bool) -> [String] {
    func runs(_ n: Int, _ what: String) -> String? {
      n == 0 ? nil : "\(n) \(n == 1 ? "run" : "runs") \(what)"
    }
    let counts = data.counts
    let bounds = usesBounds ? data.measurements.bounds.count : 0
    return [
      runs(counts.pending, "pending"),
      runs(counts.failed, "failed"),
      runs(bounds, "out of budget, lower bounds"),
      runs(counts.budgetExhausted - bounds, "out of budget, left out"),
      runs(counts.diverged, "diverged, left out"),
      runs(data.measurements.zero, "with value 0, left out"),
      runs(data.measurements.invalid, "without a valid value, left out"),
    ].compactMap { $0 }
  }
}

extension PointFit {
  /// Takes exponent, trend and limit from where they were computed.
  ///
  /// - Parameters:
  ///   - computed: the limit.
  ///   - maxWidth: the largest width that was run; nil: none was.
  /// - Returns: what is to be said of it.
  fileprivate mutating func take(_ computed: ComputedLimit, beyond maxWidth: Double?) -> [String] {
    exponent = computed.exponent
    exponentSource = .computed
    trend = TrendRule.trend(computed: computed.exponent)
    limit = computed.value.map { Estimate(value: $0, low: nil, high: nil) }
    crossoverWidth = computed.crossoverWidth
    instability = computed.instability
    var notes: [String] = []
    if trend == .undecided { notes.append("interval includes 0") }
    if !computed.isStable {
      notes.append("fluctuations of the initial values change the limit of the mean flow")
    }
    if let crossoverWidth, let maxWidth, crossoverWidth > maxWidth {
      let decades = Double.log10(crossoverWidth).rounded()
      notes.append("crossover at m ≈ 1e\(Int(decades)), beyond the widths that were run")
    }
    return notes
  }
}
