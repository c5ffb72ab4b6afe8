import LimitFit

/// What a phase map says in words: the line below its title, and its description for those who cannot see it.
extension PhaseMapDrawing {
  /// What is counted, in a line.
  var subtitle: String {
    ([Numeral.count(points.count, "point")] + counts).joined(separator: " · ")
  }

  private var counts: [String] {
    switch figure.quantity {
    case .exponent, .slope, .verdict: return verdicts
    case .residual:
      let residuals = points.compactMap { figure.quantity.estimate($0) }
      guard !residuals.isEmpty else { return ["no exponent yet"] }
      let square = residuals.reduce(0) { $0 + $1.value * $1.value } / Double(residuals.count)
      return [
        "RMS \(Decimal.fixed(square.squareRoot(), places: 3))",
        "theory in the 95 % interval at \(residuals.count(where: \.mayVanish)) of \(residuals.count)",
      ]
    case .orientations(let orientations):
      let values = points.compactMap { orientations.mean[$0.point] }
      guard let least = values.min(), let most = values.max() else { return ["nothing kept"] }
      func text(_ number: Double) -> String { Decimal.fixed(number, places: 0) }
      let range = text(least) == text(most) ? text(least) : "\(text(least)) to \(text(most))"
      return ["\(range) orientations"] + (values.count < points.count ? ["kept at \(values.count)"] : [])
    case .stalled:
      let stalled = points.reduce(0) { $0 + $1.counts.stalled }
      let ended = points.reduce(0) { $0 + $1.counts.converged + $1.counts.stalled + $1.counts.budget }
      return ["\(stalled) of \(ended) runs stalled"]
    }
  }

  /// How many points have which verdict.
  private var verdicts: [String] {
    Verdict.allCases.compactMap { verdict in
      let count = points.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }
  }

  /// What the figure shows.
  var description: String {
    var sentences = [quantity + beyond + ".", subtitle + "."]
    if bar != nil, case let hatched = points.count(where: cells.colouring.isHatched), hatched > 0 {
      sentences.append("Hatched (\(cells.colouring.meaningOfHatching.plain)): \(hatched).")
    }
    for kind in overlay.glyphs.kinds {
      sentences.append("Marked for \(kind.legend): \(points.count { Shortcoming(of: $0) == kind }).")
    }
    if !overlay.fitted.isEmpty {
      sentences.append(
        "The solid line is the fitted boundary S = 0"
          + (overlay.band.isEmpty ? "." : ", the area around it its 95 % band."))
    }
    if !overlay.theory.isEmpty {
      sentences.append("The dashed line is the boundary of the theory of Luo et al.")
    }
    if overlay.diagonal != nil { sentences.append("The dotted line γ′ = γ is that of E et al.") }
    let inside = Set(overlay.landmarks.map(\.name))
    let outside = figure.landmarks.map(\.name).filter { !inside.contains($0) }
    if !outside.isEmpty { sentences.append("Outside the map: \(outside.joined(separator: "; ")).") }
    return sentences.joined(separator: " ")
  }

  /// What the colours tell.
  private var quantity: String {
    let plane = "over the plane of γ (abscissa) and γ′ (ordinate)"
    let rd = "the relative change RD of the input weights"
    func ends(_ low: String, _ high: String) -> String {
      guard let scale = bar?.scale else { return "" }
      func text(_ number: Double) -> String { Decimal.typeset(Decimal.trimmed(number, places: 6)) }
      return "\(low), \(high), from \(text(scale.low)) to \(text(scale.high))"
    }
    return switch figure.quantity {
    case .exponent:
      "The order exponent S = d log RD / d log m, by which \(rd) grows with the width m, as colour \(plane): "
        + ends("blue where S < 0 (linear regime)", "red where S > 0 (condensed regime)")
    case .slope:
      "The slope of log RD against log m over the widths at hand, where RD is \(rd) and m the width, as colour \(plane): "
        + ends("blue where RD falls", "red where it grows")
    case .verdict:
      "The regime of each point, as colour \(plane): blue where \(rd) vanishes as the width grows (linear), red where it "
        + "diverges (condensed), yellow where it stays finite (critical), grey and hatched where the data do not decide"
    case .residual:
      "The exponent S of \(rd) less the one expected in theory, as colour \(plane): "
        + ends("blue where it is smaller", "red where it is larger")
    case .orientations(let counts):
      "How many orientations carry 99 % of a network of width \(counts.width) after training, as colour \(plane): "
        + ends("dark where they are few (condensed)", "pale where they are many")
    case .stalled:
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
