import LimitFit
import Model

extension PointFit {
  /// The exponent S, or with too few widths the slope of the line through them.
  var best: Estimate? { (exponent ?? slope).flatMap { $0.value.isFinite ? $0 : nil } }

  /// The numbers of the point, for people who point at its cell in a map of some quantity.
  func summary(with quantity: MapQuantity, _ context: FigureContext) -> String {
    func fixed(_ number: Double) -> String { Decimal.typeset(Decimal.fixed(number, places: 3)) }
    func text(_ name: String, _ estimate: Estimate) -> String {
      guard let low = estimate.low, let high = estimate.high else {
        return "\(name) = \(fixed(estimate.value))"
      }
      return "\(name) = \(fixed(estimate.value)) (95 %: \(fixed(low)) to \(fixed(high)))"
    }
    var lines = [context.text(setting)]
    switch quantity {
    case .exponent, .slope, .trend, .difference: break
    case .residual:
      if let residual = quantity.estimate(self), let expectedExponent {
        lines.append(
          text("S − theory", residual) + "; theory: \(Numeral.coordinate(expectedExponent, places: 6))")
      }
    case .crossover:
      lines.append(
        crossoverWidth.map { "crossover at m = \(Numeral.significant($0, digits: 2))" }
          ?? "no crossover width")
    case .orientations(let counts):
      lines.append(
        counts.mean[setting].map {
          "orientations = \(Decimal.trimmed($0, places: 1)) at m = \(Numeral.width(counts.width))"
        } ?? "orientations not recorded")
    case .stationary:
      lines.append(
        shareStationary.map { "stationary: \(Decimal.trimmed(100 * $0, places: 1)) %" } ?? "no result yet")
    }
    if case .difference = quantity {
      return (lines + [exponent.map { text("difference of S", $0) } ?? "not in both"]).joined(separator: "\n")
    }
    if let exponent {
      lines.append(
        zeroInWords(fixed).map { "S = 0 (\(context.orderParameter.symbol) \($0))" } ?? text("S", exponent))
    }
    // Beside a residual the exponent says enough.
    if let slope, quantity != .residual, exponent?.isZero != true { lines.append(text("slope", slope)) }
    if slope == nil { lines.append("no slope") }
    if trend == .bounded, let limit {
      lines.append(text("\(context.orderParameter.symbol) → limit", limit).replacing(" = ", with: " "))
    }
    lines.append(
      "\(context.caption(trend)); \(runsUsed) of \(counts.total) runs, \(counted(widths, "width"))")
    if !note.isEmpty { lines.append(note) }
    return lines.joined(separator: "\n")
  }
}
