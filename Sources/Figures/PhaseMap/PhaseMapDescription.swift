import LimitFit
import Model

/// What a phase map says in words: the line below its title, and its description for those who
/// cannot see it.
extension PhaseMapDrawing {
  private var context: FigureContext { figure.context }

  /// What is counted, in a line, and the parameters that are fixed.
  var subtitle: String {
    ([counted(points.count, "point")] + counts + fixed + provisional).joined(separator: " · ")
  }

  /// That the map is not the last word, as runs are still to come.
  private var provisional: [String] {
    let pending = points.reduce(0) { $0 + $1.counts.pending }
    return pending > 0 ? ["provisional: \(counted(pending, "run")) pending"] : []
  }

  /// Parameters beside the plane's that all panels share, and how many slices are not shown.
  private var fixed: [String] {
    let slices = panels.compactMap(\.cells.points.first).map { context.plane.slice($0.setting) }
    let shared = FigureContext.shared(by: slices).pairs.map {
      "\(context.parameter($0.name).symbol) = \(Numeral.coordinate($0.value, places: 6))"
    }
    let all = figure.maps.reduce(0) { $0 + $1.map.slices.count }
    return shared + (all > panels.count ? ["\(panels.count) of \(all) slices"] : [])
  }

  private var counts: [String] {
    switch figure.quantity {
    case .exponent, .trend: return trends + sources
    case .slope: return trends
    case .residual:
      let residuals = points.compactMap { figure.quantity.estimate($0) }
      guard !residuals.isEmpty else { return [context.theory == nil ? "no theory" : "no exponent yet"] }
      let square = residuals.reduce(0) { $0 + $1.value * $1.value } / Double(residuals.count)
      return [
        "RMS \(Decimal.fixed(square.squareRoot(), places: 3))",
        "theory in the 95 % interval at \(residuals.count(where: \.mayVanish)) of \(residuals.count)",
      ]
    case .difference:
      let differences = points.compactMap { figure.quantity.estimate($0) }
      guard !differences.isEmpty else { return ["no point in both"] }
      let square = differences.reduce(0) { $0 + $1.value * $1.value } / Double(differences.count)
      return [
        "RMS \(Decimal.fixed(square.squareRoot(), places: 3))",
        "0 in the 95 % interval at \(differences.count(where: \.mayVanish)) of \(differences.count)",
      ]
    case .crossover:
      let widths = points.compactMap(\.crossoverWidth)
      guard !widths.isEmpty else { return ["not computed"] }
      // "Is m = 10⁴ in the limit?"
      let reached = [1e3, 1e4, 1e6].map { width in
        "\(widths.count { $0 <= width }) at m = \(Numeral.width(width))"
      }
      return ["in the limit: " + reached.joined(separator: ", ")]
    case .orientations(let orientations):
      let values = points.compactMap { orientations.mean[$0.setting] }
      guard let min = values.min(), let max = values.max() else { return ["nothing recorded"] }
      func text(_ number: Double) -> String { Decimal.fixed(number, places: 0) }
      let range = text(min) == text(max) ? text(min) : "\(text(min)) to \(text(max))"
      return ["\(range) orientations"]
        + (values.count < points.count ? ["recorded at \(values.count)"] : [])
    case .stationary:
      let stationary = points.reduce(0) { $0 + $1.counts.stationary }
      let ended = points.reduce(0) { $0 + $1.counts.ended }
      return ["\(stationary) of \(ended) runs stationary"]
    }
  }

  /// Where exponents come from, where any is computed.
  private var sources: [String] {
    let computed = points.count { $0.exponentSource == .computed }
    if computed == 0 { return [] }
    return [computed == points.count ? "computed at m → ∞" : "\(computed) computed at m → ∞"]
  }

  /// How many points have which trend.
  private var trends: [String] {
    Trend.allCases.compactMap { trend in
      let count = points.count { $0.trend == trend }
      return count == 0 ? nil : "\(count) \(context.caption(trend))"
    }
  }

  /// What the figure shows.
  var description: String {
    var sentences = [quantity + beyond + ".", subtitle + "."]
    if panels.count > 1 {
      sentences.append("A panel each: \(panels.map(\.name.plain).joined(separator: "; ")).")
    }
    if bar != nil, case let hatched = points.count(where: colouring.isHatched), hatched > 0 {
      sentences.append("Hatched (\(colouring.meaningOfHatching.plain)): \(hatched).")
    }
    for kind in PhaseMapPanel.shortcomings(of: panels) {
      sentences.append(
        "Marked for \(kind.legend(context.orderParameter.symbol)): \(points.count { Shortcoming(of: $0) == kind })."
      )
    }
    return (sentences + lines).joined(separator: " ")
  }

  /// What lies over the cells.
  private var lines: [String] {
    let overlays = panels.map(\.overlay)
    var sentences: [String] = []
    if overlays.contains(where: { !$0.fitted.isEmpty }) {
      let hasBand = overlays.contains { !$0.band.isEmpty }
      sentences.append(
        "The solid line is the fitted boundary S = 0"
          + (hasBand ? ", the area around it its 95 % band, due to \(figure.map.bandSource)." : "."))
    }
    if let theory = context.theory, overlays.contains(where: { !$0.theory.isEmpty }) {
      sentences.append("The dashed line is the boundary of the theory of \(theory.name)")
    }
    if let overlay = overlays.first(where: { $0.diagonal != nil }), let y = context.plane.y {
      let (x, y) = (context.parameter(context.plane.x).symbol, context.parameter(y).symbol)
      sentences.append("The dotted line \(y) = \(x) is that of \(overlay.diagonalName)")
    }
    let inside = Set(overlays.flatMap { $0.marks.map(\.name) })
    let outside = figure.landmarks.filter { $0.shape != .diagonal && !inside.contains($0.name) }.map(\.name)
    if !outside.isEmpty { sentences.append("Outside the map: \(outside.joined(separator: "; "))") }
    // Names may end in a point of their own.
    return sentences.map { $0.hasSuffix(".") ? $0 : $0 + "." }
  }

  /// What the colours tell.
  private var quantity: String {
    let x = context.parameter(context.plane.x).symbol
    let plane =
      context.plane.y.map {
        "over the plane of \(x) (abscissa) and \(context.parameter($0).symbol) (ordinate)"
      }
      ?? "along \(x)"
    let (symbol, explained) = (context.orderParameter.symbol, context.orderParameter.explained)
    func ends(_ low: String, _ high: String) -> String {
      guard let scale = bar?.scale else { return "" }
      func text(_ number: Double) -> String { Decimal.typeset(Decimal.trimmed(number, places: 6)) }
      return "\(low), \(high), from \(text(scale.low)) to \(text(scale.high))"
    }
    /// Theory's word for a trend in brackets.
    func regime(_ trend: Trend, _ more: String = "") -> String {
      context.theory?.caption(trend).map { " (\($0)\(more))" } ?? ""
    }
    return switch figure.quantity {
    case .exponent:
      "The order exponent S = d log \(symbol) / d log m, by which \(explained) grows with the width m, "
        + "as colour \(plane): "
        + ends(
          "blue where S < 0" + regime(.vanishing, " regime"), "red where S > 0" + regime(.growing, " regime"))
    case .slope:
      "The slope of log \(symbol) against log m over the widths at hand, where \(explained) is the order "
        + "parameter and m the width, as colour \(plane): "
        + ends("blue where \(symbol) falls", "red where it grows")
    case .trend:
      "The trend of each point, as colour \(plane): blue where \(explained) vanishes as the width grows"
        + "\(regime(.vanishing)), red where it diverges\(regime(.growing)), yellow where it stays finite"
        + "\(regime(.bounded)), grey and hatched where the data do not decide"
    case .residual:
      "The exponent S of \(explained) less the one expected in theory, as colour \(plane): "
        + ends("blue where it is smaller", "red where it is larger")
    case .difference(let other):
      "The exponent S of \(explained) less that of \(other), as colour \(plane): "
        + ends("blue where it is smaller", "red where it is larger")
    case .crossover:
      "The width m beyond which the slope of log \(symbol) against log m stays within 0.02 of its limit, as "
        + "colour \(plane): " + ends("dark where the limit sets in early", "pale where late")
    case .orientations(let counts):
      "How many orientations carry 99 % of a network of width \(Numeral.width(counts.width)) after "
        + "training, as colour \(plane): "
        + ends("dark where they are few (condensed)", "pale where they are many")
    case .stationary:
      "The share of runs that came to rest above the target, as colour \(plane): "
        + ends("pale where none did", "darker where more did")
    }
  }

  /// How many points have a colour that is not quite theirs.
  private var beyond: String {
    guard let scale = bar?.scale else { return "" }
    let count = points.count { point in
      figure.quantity.value(point).map { $0 < scale.low || $0 > scale.high } ?? false
    }
    guard count > 0 else { return "" }
    return ", which \(count) \(count == 1 ? "point lies" : "points lie") beyond, in the colours of the ends"
  }
}
