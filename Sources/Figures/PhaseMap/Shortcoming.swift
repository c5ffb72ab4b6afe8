import LimitFit

/// What keeps a phase point from being complete, and is marked in its cell.
enum Shortcoming: CaseIterable {
  /// Runs that failed: somebody has to look.
  case failed
  /// Runs that ended with their budget.
  case budget
  /// Runs without a result yet.
  case pending
  /// All runs ended, yet fewer than three widths can be used.
  case tooFewWidths
  /// Runs that came to rest above the target; they count in the fit.
  case stalled

  /// The gravest shortcoming of a point; nil if it is complete.
  init?(of fit: PointFit) {
    if fit.counts.failed > 0 {
      self = .failed
    } else if fit.counts.budget > 0 {
      self = .budget
    } else if fit.counts.pending > 0 {
      self = .pending
    } else if fit.widths < Verdict.minimumWidths {
      self = .tooFewWidths
    } else if fit.counts.stalled > 0 {
      self = .stalled
    } else {
      return nil
    }
  }

  /// Its name in a legend.
  var legend: String {
    switch self {
    case .failed: "failed runs"
    case .budget: "runs out of budget"
    case .pending: "pending runs"
    case .tooFewWidths: "fewer than \(Verdict.minimumWidths) widths"
    case .stalled: "stalled runs"
    }
  }

  /// The width of the strokes of its glyph at full size.
  var strokeWidth: Double { self == .pending ? 2.2 : 1.7 }

  /// The glyph as path data: a cross, a triangle (a lower bound: it may be higher), three dots, a diamond, a
  /// square.
  ///
  /// - Parameters:
  ///   - c: its centre.
  ///   - r: half its size.
  func path(at c: Point, radius r: Double) -> String {
    func n(_ number: Double) -> String { number.attributeText }
    func polygon(_ corners: [(Double, Double)]) -> String {
      corners.enumerated().map { i, corner in
        "\(i == 0 ? "M" : "L")\(n(c.x + corner.0 * r)) \(n(c.y + corner.1 * r))"
      }.joined() + "Z"
    }
    switch self {
    case .failed:
      let s = 0.8 * r
      return "M\(n(c.x - s)) \(n(c.y - s))L\(n(c.x + s)) \(n(c.y + s))"
        + "M\(n(c.x - s)) \(n(c.y + s))L\(n(c.x + s)) \(n(c.y - s))"
    case .budget:
      return polygon([(0, -0.85), (0.9, 0.7), (-0.9, 0.7)])
    case .pending:
      // Round caps turn strokes of no length into dots.
      return [-0.85, 0, 0.85].map { "M\(n(c.x + $0 * r)) \(n(c.y))h0" }.joined()
    case .tooFewWidths:
      return polygon([(0, -1), (0.85, 0), (0, 1), (-0.85, 0)])
    case .stalled:
      return polygon([(-0.7, -0.7), (0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)])
    }
  }
}

extension PointFit {
  /// The exponent S, or with too few widths the slope of the line through them.
  var best: Estimate? { (exponent ?? slope).flatMap { $0.value.isFinite ? $0 : nil } }

  /// The numbers of the point, for people who point at its cell in a map of some quantity.
  func summary(with quantity: MapQuantity) -> String {
    func plane(_ number: Double) -> String { Decimal.typeset(Decimal.trimmed(number, places: 6)) }
    func fixed(_ number: Double) -> String { Decimal.typeset(Decimal.fixed(number, places: 3)) }
    func text(_ name: String, _ estimate: Estimate) -> String {
      guard let low = estimate.low, let high = estimate.high else {
        return "\(name) = \(fixed(estimate.value))"
      }
      return "\(name) = \(fixed(estimate.value)) (95 %: \(fixed(low)) to \(fixed(high)))"
    }
    var lines = ["γ = \(plane(point.gamma)), γ′ = \(plane(point.gammaPrime))"]
    switch quantity {
    case .exponent, .slope, .verdict: break
    case .residual:
      if let residual = quantity.estimate(self) {
        lines.append(text("S − theory", residual) + "; theory: \(plane(expectedExponent))")
      }
    case .orientations(let counts):
      lines.append(
        counts.mean[point].map { "orientations = \(Decimal.trimmed($0, places: 1)) at m = \(counts.width)" }
          ?? "orientations not kept")
    case .stalled:
      lines.append(
        shareStalled.map { "stalled: \(Decimal.trimmed(100 * $0, places: 1)) %" } ?? "no result yet")
    }
    if let exponent { lines.append(text("S", exponent)) }
    // Beside a residual the exponent says enough.
    if let slope, quantity != .residual { lines.append(text("slope", slope)) }
    if slope == nil { lines.append("no slope") }
    if verdict == .critical, let limit { lines.append(text("RD → limit", limit).replacing(" = ", with: " ")) }
    lines.append(
      "\(verdict.rawValue); \(runsUsed) of \(counts.total) runs, \(Numeral.count(widths, "width"))")
    if !note.isEmpty { lines.append(note) }
    return lines.joined(separator: "\n")
  }
}
