import RealModule

/// The straight line through log RD against log m at one phase point, by ordinary least squares.
///
/// The formulae and the choice of the interval are explained in `docs/fit.md`.
struct SlopeFit: Hashable, Sendable {
  /// Distinct widths.
  let widths: Int
  /// Measurements.
  let count: Int
  /// d log RD / d log m; nil with fewer than two widths.
  let slope: Double?
  /// Half the length of the 95 % interval around the slope; nil with fewer than three widths, because two
  /// widths cannot show whether the curve is bent.
  let halfInterval: Double?

  /// Fits a line.
  ///
  /// - Parameter measurements: pairs of a width m ≥ 1 and an RD > 0. The result does not depend on their
  ///   order, to the last bit.
  init(_ measurements: [(width: Int, rd: Double)]) {
    let groups = Dictionary(grouping: measurements, by: \.width)
      .map { width, group in Group(width: width, logs: group.map { Double.log($0.rd) }.sorted()) }
      .sorted { $0.width < $1.width }
    widths = groups.count
    count = measurements.count

    // Sums over groups, each weighted with its number of seeds: the slope is that of all single runs.
    let n = Double(measurements.count)
    let meanX = groups.sum { $0.weight * $0.x } / n
    let meanY = groups.sum { $0.weight * $0.mean } / n
    let sumXX = groups.sum { $0.weight * ($0.x - meanX) * ($0.x - meanX) }
    let sumXY = groups.sum { $0.weight * ($0.x - meanX) * ($0.mean - meanY) }
    guard groups.count >= 2 else {
      slope = nil
      halfInterval = nil
      return
    }
    let slope = sumXY / sumXX
    self.slope = slope
    guard groups.count >= 3 else {
      halfInterval = nil
      return
    }

    // Two ideas of the noise: what is left of the runs, and what is left of the widths' means. Seeds scatter
    // little, and there are many of them; where the curve is bent only the second is honest. Where it is
    // straight by luck, the first is.
    let lackOfFit = groups.sum { group in
      let residual = group.mean - meanY - slope * (group.x - meanX)
      return group.weight * residual * residual
    }
    let scatter = groups.sum { $0.scatter }
    let runs = Self.half(
      squares: lackOfFit + scatter, degreesOfFreedom: measurements.count - 2, sumXX: sumXX)
    let means = Self.half(squares: lackOfFit, degreesOfFreedom: groups.count - 2, sumXX: sumXX)
    halfInterval = max(runs, means)
  }

  /// t_{0.975, ν} √(Σ residual² / ν / Σ (x − x̄)²).
  private static func half(squares: Double, degreesOfFreedom nu: Int, sumXX: Double) -> Double {
    let t = StudentT(degreesOfFreedom: Double(nu)).quantile(0.5 + Verdict.confidence / 2)
    return t * (squares / Double(nu) / sumXX).squareRoot()
  }

  /// The runs of one width.
  private struct Group {
    let width: Int
    /// log m.
    let x: Double
    /// The number of runs.
    let weight: Double
    /// The mean of log RD.
    let mean: Double
    /// Σ (log RD − mean)².
    let scatter: Double

    init(width: Int, logs: [Double]) {
      self.width = width
      x = Double.log(Double(width))
      let weight = Double(logs.count)
      let mean = logs.sum { $0 } / weight
      self.weight = weight
      self.mean = mean
      scatter = logs.sum { ($0 - mean) * ($0 - mean) }
    }
  }
}

extension Array {
  /// The sum of a number for each element, in order.
  fileprivate func sum(_ number: (Element) -> Double) -> Double { reduce(0) { $0 + number($1) } }
}
