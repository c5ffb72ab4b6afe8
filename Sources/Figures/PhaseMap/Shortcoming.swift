import LimitFit
import Model

/// What keeps a phase point from being complete, and is marked in its cell.
enum Shortcoming: CaseIterable {
  /// Runs that failed.
  case failed
  /// Runs that diverged.
  case diverged
  /// Runs that ended with their budget.
  case budgetExhausted
  /// Runs without a result yet.
  case pending
  /// All runs ended, yet fewer than three widths can be used, and no limit has been computed.
  case tooFewWidths
  /// The same because runs ended with a value that has no logarithm: 0.
  case zero
  /// Runs that came to rest above the target; they count in the fit.
  case stationary

  /// The gravest shortcoming of a point; nil if it is complete.
  init?(of fit: PointFit) {
    if fit.counts.failed > 0 {
      self = .failed
    } else if fit.counts.diverged > 0 {
      self = .diverged
    } else if fit.counts.budgetExhausted > 0 {
      self = .budgetExhausted
    } else if fit.counts.pending > 0 {
      self = .pending
    } else if fit.widths < TrendRule.minWidths, fit.exponentSource != .computed {
      self = fit.counts.converged + fit.counts.stationary > fit.runsUsed ? .zero : .tooFewWidths
    } else if fit.counts.stationary > 0 {
      self = .stationary
    } else {
      return nil
    }
  }

  /// Its name in a legend.
  ///
  /// - Parameter symbol: that of the order parameter.
  func legend(_ symbol: String) -> String {
    switch self {
    case .failed: "failed runs"
    case .diverged: "diverged runs"
    case .budgetExhausted: "runs out of budget"
    case .pending: "pending runs"
    case .tooFewWidths: "too few widths"
    case .zero: "\(symbol) = 0"
    case .stationary: "stationary runs"
    }
  }

  /// The width of the strokes of its glyph at full size.
  var strokeWidth: Double { self == .pending ? 2.2 : 1.7 }

  /// The glyph as path data: a cross, an arrow upwards, a triangle (a lower bound: it may be
  /// higher), three dots, a diamond, a triangle on its tip (as low as can be), a square.
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
    case .diverged:
      return "M\(n(c.x)) \(n(c.y + 0.9 * r))V\(n(c.y - 0.9 * r))"
        + "M\(n(c.x - 0.65 * r)) \(n(c.y - 0.25 * r))L\(n(c.x)) \(n(c.y - 0.9 * r))"
        + "L\(n(c.x + 0.65 * r)) \(n(c.y - 0.25 * r))"
    case .budgetExhausted:
      return polygon([(0, -0.85), (0.9, 0.7), (-0.9, 0.7)])
    case .pending:
      // Round caps turn strokes of no length into dots.
      return [-0.85, 0, 0.85].map { "M\(n(c.x + $0 * r)) \(n(c.y))h0" }.joined()
    case .tooFewWidths:
      return polygon([(0, -1), (0.85, 0), (0, 1), (-0.85, 0)])
    case .zero:
      return polygon([(0, 0.85), (0.9, -0.7), (-0.9, -0.7)])
    case .stationary:
      return polygon([(-0.7, -0.7), (0.7, -0.7), (0.7, 0.7), (-0.7, 0.7)])
    }
  }
}
