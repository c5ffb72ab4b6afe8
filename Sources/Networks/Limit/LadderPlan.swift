import Model
import RealModule

/// Which widths a ladder needs, and what follows from them: a pure function of the flows that are
/// finished, which asks for the next one that is not (``Rungs/Missing``).
///
/// Where the linear regime can hold for all large widths, the ladder is climbed until a flow agrees
/// with the closed form; from there on that is the quantity at every width. Elsewhere the exponent
/// is that to which slopes between widths settle.
struct LadderPlan {
  let source: any LadderSource
  let rungs: Rungs

  /// What is known when no flow is missing.
  struct Verdict {
    /// For each quantity; nil where nothing could be told.
    var estimates: [LimitEstimate?]
    /// How the exponents were found.
    var note: String
    /// log₁₀ of the quotient of the first quantity with and without fluctuations.
    var instability: Double
  }

  /// The limit.
  ///
  /// - Throws: ``Rungs/Missing`` if another flow is needed.
  func verdict() throws(Rungs.Missing) -> Verdict {
    let verdict = try exponents()
    // Beyond, only where the exponent depends on it: a flow more at every width would take as long
    // as half of the ladder.
    for rung in rungs.recorded
    where rung.request.log10Width <= Self.maxMeasured && rungs.partner(of: rung) == nil {
      let nodes: RungRequest.Nodes = rung.request.nodes == .graded ? .sparseGraded : .sparse
      _ = try rungs[RungRequest(log10Width: rung.request.log10Width, nodes: nodes)]
    }
    return verdict
  }

  /// log₁₀ m up to which the error of the nodes is measured at every width.
  private static let maxMeasured = 10.0

  private func exponents() throws(Rungs.Missing) -> Verdict {
    if isLinear {
      if let verdict = try linearVerdict() { return verdict }
      return try settledVerdict(linearExponents: true)
    }
    return try settledVerdict(linearExponents: false)
  }

  // MARK: Where the regime is linear

  /// A width at which only pure powers are left of the closed form.
  private static let farLog10Width = 1e7

  /// Whether the closed form becomes ever more right as the width grows.
  private var isLinear: Bool {
    guard let a = source.linear(at: Self.farLog10Width), let b = source.linear(at: 2 * Self.farLog10Width)
    else { return false }
    func falls(_ a: Double, _ b: Double) -> Bool { b - a < -1e-9 * Self.farLog10Width }
    return falls(a.log10Change, b.log10Change)
      && source.quantities.allSatisfy { falls(a.log10[$0] ?? 0, b.log10[$0] ?? 0) }
  }

  /// The exponents of the closed form.
  private func linearExponent(_ name: String) -> Double {
    let (low, high) = (Self.farLog10Width, 2 * Self.farLog10Width)
    let (a, b) = (source.linear(at: low)?.log10[name], source.linear(at: high)?.log10[name])
    return ((b ?? .nan) - (a ?? .nan)) / (high - low)
  }

  /// log₁₀ m of the flows that are compared with the closed form.
  private static let comparedWidths = [
    1.5, 2, 3, 4, 5, 7, 10, 14, 20, 30, 45, 70, 100, 150, 220, 330, 500, 750, 1100, 1700, 2500,
  ]
  private static let firstCompared = 10.0
  /// By how much the difference of flow and closed form, in ln q, may change from a width to the
  /// next. A constant one is that of the nodes, and of a step that goes all the way.
  private static let steadiness = 2e-3

  /// How far a flow is from the closed form, in ln q; nil if there is no flow.
  private func deviation(_ index: Int, at width: Double) throws(Rungs.Missing) -> Double? {
    let rung = try plain(width)
    guard rung.outcome != nil, let closed = source.linear(at: width)?.log10[source.quantities[index]]
    else { return nil }
    return (rung.log10[index] - closed) * Double.log(10)
  }

  private func plain(_ width: Double) throws(Rungs.Missing) -> Rung {
    try rungs[RungRequest(log10Width: width, nodes: .plain)]
  }

  /// Widths of comparison at which a flow stays in range.
  private var comparable: [Double] {
    Self.comparedWidths.filter { width in
      width <= source.maxLog10Width && source.linear(at: width)?.isInRange ?? false
    }
  }

  private func linearVerdict() throws(Rungs.Missing) -> Verdict? {
    let widths = comparable
    guard widths.count >= 2 else { return nil }
    var index = widths.firstIndex { $0 >= Self.firstCompared } ?? widths.count - 2
    index = min(index, widths.count - 2)
    var agreed: (index: Int, deviation: Double)?
    while index + 1 < widths.count {
      guard let low = try deviation(0, at: widths[index]), let high = try deviation(0, at: widths[index + 1])
      else { return nil }
      if abs(high) <= source.agreement, abs(high - low) <= Self.steadiness {
        agreed = (index + 1, high - low)
        break
      }
      index += 1
    }
    guard let agreed else { return nil }
    let width = widths[agreed.index]
    // What finite networks show on the way; the exponent does without.
    for shown in Self.shownWidths where shown < width { _ = try plain(shown) }
    var estimates: [LimitEstimate?] = []
    for (q, name) in source.quantities.enumerated() {
      let exponent = linearExponent(name)
      let error = abs(agreed.deviation) / (width * .log(10))
      estimates.append(
        LimitEstimate(
          exponent: exponent, halfWidth: Self.linearHalfWidth + error,
          log10Crossover: try linearCrossover(q, exponent, widths, agreed.index)))
    }
    return Verdict(
      estimates: estimates,
      note: "linear regime: flow and closed form go together to \(Self.short(abs(agreed.deviation))) at m = "
        + "10^\(formattedNumber(width))", instability: 0)
  }

  /// log₁₀ m of flows between sampled networks and the limit.
  private static let shownWidths = [2.0, 3, 4, 5, 6, 8]

  /// Half of the interval of an exponent that is known in closed form.
  private static let linearHalfWidth = 1e-4

  private static func short(_ value: Double) -> String { "\(Float(value))" }

  /// The crossover width where flows agree with the closed form from a width on.
  private func linearCrossover(
    _ q: Int, _ exponent: Double, _ widths: [Double], _ agreed: Int
  ) throws(Rungs.Missing) -> Double? {
    let name = source.quantities[q]
    if let width = closedCrossover(name, exponent), width >= widths[agreed] { return width }
    // Down to where the flow begins to differ.
    var top = agreed
    let constant = try deviation(q, at: widths[agreed]) ?? 0
    while top > 0, abs((try deviation(q, at: widths[top - 1]) ?? 1) - constant) <= Self.negligible {
      top -= 1
    }
    return try crossover(q, exponent, from: widths[top]) { _ in .plain }
  }

  /// Where the difference of flow and closed form differs by less from that far up, in ln q, their
  /// slopes do not differ by what counts.
  private static let negligible = 5e-3

  /// The crossover width of the closed form; nil if it has none from m = 10 on.
  private func closedCrossover(_ name: String, _ exponent: Double) -> Double? {
    func excess(_ width: Double) -> Double {
      guard let a = source.linear(at: width - 0.25)?.log10[name],
        let b = source.linear(at: width + 0.25)?.log10[name]
      else { return -1 }
      return abs((b - a) / 0.5 - exponent) - LimitRule.crossoverTolerance
    }
    var high = Self.maxCrossover
    while high > 1, excess(high) <= 0 { high /= 1.5 }
    guard high > 1 else { return nil }
    var low = high
    high = min(high * 1.5, Self.maxCrossover)
    for _ in 0..<20 {
      let middle = (low + high) / 2
      if excess(middle) > 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private static let maxCrossover = 1e4

  // MARK: Crossover

  /// The crossover width by flows, downwards from a width above which slopes are near the exponent.
  private func crossover(
    _ q: Int, _ exponent: Double, from top: Double, nodes: (Double) -> RungRequest.Nodes
  ) throws(Rungs.Missing) -> Double? {
    func value(_ width: Double) throws(Rungs.Missing) -> Double? {
      let rung = try rungs[RungRequest(log10Width: width, nodes: nodes(width))]
      return rung.outcome == nil ? nil : rung.log10[q]
    }
    guard let first = try value(top) else { return nil }
    // Ascending; the last interval is beyond the crossover.
    var points = [LimitRule.Point(top, first)]
    var isFar = false
    while let low = points.first, low.x > 1 {
      let width = max(1, Self.gridded(low.x - max(1, low.x / 4)))
      guard let y = try value(width) else { return nil }
      points.insert(LimitRule.Point(width, y), at: 0)
      if abs((low.y - y) / (low.x - width) - exponent) > LimitRule.crossoverTolerance {
        isFar = true
        break
      }
    }
    guard isFar else { return points.first?.x }
    // The interval that is far, in halves down to half decades.
    while points.count >= 2, points[1].x - points[0].x > 0.5 {
      let middle = Self.gridded((points[0].x + points[1].x) / 2)
      guard middle > points[0].x, middle < points[1].x, let y = try value(middle) else { break }
      let upper = (points[1].y - y) / (points[1].x - middle)
      points.insert(LimitRule.Point(middle, y), at: 1)
      if abs(upper - exponent) > LimitRule.crossoverTolerance { points.removeFirst() }
    }
    return LimitRule.crossover(points, exponent: exponent) ?? points.last?.x
  }

  /// A whole number of quarter decades.
  private static func gridded(_ width: Double) -> Double { (width * 4).rounded() / 4 }

  // MARK: Where slopes settle

  /// log₁₀ q up to which plain nodes do.
  private static let plainLog10 = 2.0
  /// Widths of a ladder, as shares of the largest.
  private static let leastGrowth = 1e-3
  private static let shares = [0.4, 0.55, 0.7, 0.85, 1]
  private static let survey = [4.0, 10]
  private static let minTop = 16.0, restingTop = 100.0

  private func settledVerdict(linearExponents: Bool) throws(Rungs.Missing) -> Verdict {
    let limit = source.maxLog10Width
    // The larger one with graded nodes: plain ones may rest falsely.
    let survey = zip(Self.survey, [RungRequest.Nodes.plain, .graded])
    var points: [LimitRule.Point] = []
    for (width, nodes) in survey {
      let x = min(width, limit * width / 10)
      let rung = try rungs[RungRequest(log10Width: x, nodes: nodes)]
      guard rung.outcome != nil else { continue }
      points.append(LimitRule.Point(x, rung.log10[0]))
    }
    guard let last = points.last, var slope = LimitRule.slopes(points).last else {
      return Verdict(
        estimates: source.quantities.map { _ in nil }, note: "no flow stays within double precision",
        instability: 0)
    }
    func top(_ slope: Double) -> Double {
      let wanted =
        slope < Self.leastGrowth ? Self.restingTop : max(Self.minTop, source.topLog10 / slope)
      return min(limit, Self.gridded(wanted))
    }
    var width = top(slope)
    var ladder: [Rung] = []
    var origin = last
    for _ in 0..<3 {
      ladder = []
      for share in Self.shares {
        let x = Self.gridded(width * share)
        let expected = origin.y + slope * (x - origin.x)
        ladder.append(
          try rungs[RungRequest(log10Width: x, nodes: expected > Self.plainLog10 ? .graded : .plain)])
      }
      ladder.removeAll { $0.outcome == nil }
      guard ladder.count >= 2 else { break }
      let (a, b) = (ladder[ladder.count - 2], ladder[ladder.count - 1])
      slope = (b.log10[0] - a.log10[0]) / (b.request.log10Width - a.request.log10Width)
      origin = LimitRule.Point(b.request.log10Width, b.log10[0])
      // Where corrections are slow, the first slopes were those of another power.
      let next = slope < -Self.leastGrowth ? min(limit, 3 * width) : top(slope)
      guard next > 1.5 * width || next < 0.8 * width else { break }
      width = next
    }
    return try settled(ladder, surveyed: last.x, linearExponents: linearExponents)
  }

  private func settled(
    _ ladder: [Rung], surveyed width: Double, linearExponents: Bool
  ) throws(Rungs.Missing) -> Verdict {
    guard ladder.count >= 4, let first = ladder.first, let last = ladder.last else {
      return Verdict(
        estimates: source.quantities.map { _ in nil }, note: "too few widths within double precision",
        instability: 0)
    }
    let others = [try compared(with: ladder[1]), try compared(with: last)]
    var estimates: [LimitEstimate?] = []
    let converged = ladder.allSatisfy { $0.outcome == .converged }
    for q in source.quantities.indices {
      let points = ladder.map { LimitRule.Point($0.request.log10Width, $0.log10[q]) }
      let span = last.request.log10Width - ladder[1].request.log10Width
      let errors = others.map { $0.flatMap { $0.outcome == nil ? nil : $0.log10[q] } }
      var nodesError = 0.0
      if let a = errors[0], let b = errors[1] {
        nodesError = abs((b - last.log10[q]) - (a - ladder[1].log10[q])) / span
      }
      var (value, half) = LimitRule.exponent(points, nodesError: min(nodesError, 0.05))
      if linearExponents {
        // The regime is linear at last; how far the ladder is from that is the error.
        let exponent = linearExponent(source.quantities[q])
        half = max(half, abs(value - exponent))
        value = exponent
      }
      if let bounds = source.bounds {
        (value, half) = Self.bounded(value, half, by: bounds, isConfirmed: converged)
      }
      var estimate = LimitEstimate(exponent: value, halfWidth: half)
      if estimate.interval.contains(0), half < 0.01, let top = points.last,
        let below = points.dropLast().last
      {
        let finer = try rungs[RungRequest(log10Width: top.x, nodes: .finer)]
        let best = finer.outcome == nil ? top.y : finer.log10[q]
        let error = abs(best - top.y) + abs(top.y - below.y)
        estimate.limit = LimitEstimate.Value(log10: best, error: max(error * .log(10), 1e-6))
      }
      estimate.log10Crossover = try settledCrossover(q, value, ladder)
      estimates.append(estimate)
    }
    let resting = ladder.filter { $0.outcome != .converged }.count
    return Verdict(
      estimates: estimates,
      note: "slopes from m = 10^\(formattedNumber(first.request.log10Width)) to 10^"
        + formattedNumber(last.request.log10Width)
        + (resting == 0 ? "" : "; \(resting) of \(ladder.count) widths end above the target"),
      instability: try instability(width))
  }

  /// The same flow with other nodes.
  private func compared(with rung: Rung) throws(Rungs.Missing) -> Rung? {
    let nodes: RungRequest.Nodes = rung.request.nodes == .graded ? .regraded : .fewer
    return try rungs[RungRequest(log10Width: rung.request.log10Width, nodes: nodes)]
  }

  /// An exponent and half of its interval within bounds; all between the bounds if a flow that
  /// rests might go on.
  private static func bounded(
    _ value: Double, _ half: Double, by bounds: ClosedRange<Double>, isConfirmed: Bool
  ) -> (Double, Double) {
    let all = (
      (bounds.lowerBound + bounds.upperBound) / 2,
      (bounds.upperBound - bounds.lowerBound) / 2 + LimitRule.minHalfWidth
    )
    guard isConfirmed, value + half >= bounds.lowerBound, value - half <= bounds.upperBound else {
      return all
    }
    let low = max(value - half, bounds.lowerBound - LimitRule.minHalfWidth)
    let high = min(value + half, bounds.upperBound + LimitRule.minHalfWidth)
    return ((low + high) / 2, (high - low) / 2)
  }

  private func settledCrossover(
    _ q: Int, _ exponent: Double, _ ladder: [Rung]
  ) throws(Rungs.Missing) -> Double? {
    let points = ladder.map { LimitRule.Point($0.request.log10Width, $0.log10[q]) }
    let slopes = LimitRule.slopes(points)
    guard let last = slopes.last, abs(last - exponent) <= LimitRule.crossoverTolerance else { return nil }
    let far = slopes.lastIndex { abs($0 - exponent) > LimitRule.crossoverTolerance }
    let start = ladder[(far ?? -1) + 1]
    return try crossover(q, exponent, from: start.request.log10Width) { width in
      ladder.first { $0.request.log10Width == width }?.request.nodes
        ?? (start.request.nodes == .graded
          && start.log10[q] - exponent * (start.request.log10Width - width)
            > Self.plainLog10
          ? .graded : .plain)
    }
  }

  // MARK: Fluctuations

  /// log₁₀ of the factor by which the fluctuations of the initial values change the first quantity,
  /// at the larger width of the survey, where they are small and nodes can carry them; 0 where
  /// other nodes without fluctuations change it as much, as they do where there are many final
  /// states.
  private func instability(_ width: Double) throws(Rungs.Missing) -> Double {
    func value(_ nodes: RungRequest.Nodes) throws(Rungs.Missing) -> Double? {
      let rung = try rungs[RungRequest(log10Width: width, nodes: nodes)]
      return rung.outcome == nil ? nil : rung.log10[0]
    }
    guard let mean = try value(.graded), let fluctuating = try value(.fluctuating) else { return 0 }
    let effect = fluctuating - mean
    guard abs(effect) > Self.noticeable, let other = try value(.regraded) else { return effect }
    return abs(effect) > 2 * abs(other - mean) ? effect : 0
  }

  /// A difference of log₁₀ q that nodes alone hardly make.
  private static let noticeable = 0.01
}
