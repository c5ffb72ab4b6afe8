import LimitFit
import Model

/// How scaling panels of one figure are laid out and drawn: all with the same widths, and with as
/// many decades of the order parameter, so that the same slope is as steep in all of them.
struct ScalingLayout {
  let theme: Theme
  private let quantity: Quantity
  private let plotWidth, plotHeight, slopeHeight: Double
  private let widths: PlotAxis?
  private let span: Double
  private let isLarge: Bool
  /// Room for the numbers of all panels.
  private let leftReach: Double

  private static let gap = 14.0
  static let bandOpacity = "0.2"

  init(_ panels: [ScalingPanel], quantity: Quantity, isLarge: Bool, theme: Theme) {
    self.theme = theme
    self.quantity = quantity
    self.isLarge = isLarge
    plotWidth = Plot.frameWidth(isLarge: isLarge)
    plotHeight = isLarge ? 280 : 170
    slopeHeight = quantity.isSigned ? 0 : isLarge ? 120 : 84
    let shown = panels.flatMap { $0.widths + $0.rungs.map { Double.exp10($0.logWidth) } }
    widths = Decades(shown).map { decades in
      let margin = max(0.08, 0.05 * decades.length)
      return PlotAxis.logarithmic(
        from: decades.low - margin,
        to: decades.high + max(margin, panels.contains { $0.curve != nil } ? ScalingFigure.decadesBeyond : 0),
        atMost: isLarge ? 8 : 5)
    }
    // 8 % of air above and below, more for the arrows of lower bounds.
    let air = panels.contains { $0.marks[.bound] != nil } ? 1.32 : 1.16
    let span = max(1, air * (panels.compactMap { $0.decades?.length }.max() ?? 0))
    self.span = span
    leftReach = Plot.leftReach(
      panels.map { Self.ordinate($0, quantity, span: span, isLarge: isLarge) }
        + panels.map { Self.slopes($0, isLarge: isLarge).axis })
  }

  var width: Double { leftReach + plotWidth }
  var height: Double { plotHeight + (slopeHeight > 0 ? Self.gap : 0) + slopeHeight + Plot.lowerReach }

  /// A panel with its upper left corner at a point.
  func draw(_ panel: ScalingPanel, at corner: Point, _ position: PanelSheet.Position) -> [Element] {
    let upper = Box(
      minX: corner.x + leftReach, minY: corner.y, maxX: corner.x + width, maxY: corner.y + plotHeight)
    let lower = Box(
      minX: upper.minX, minY: upper.maxY + Self.gap, maxX: upper.maxX,
      maxY: upper.maxY + Self.gap + slopeHeight)
    let hasSlopes = slopeHeight > 0
    guard let widths else {
      return [frame(upper), Plot.message("no runs", in: upper, theme)] + (hasSlopes ? [frame(lower)] : [])
    }
    let values = drawValues(
      panel, in: upper, widths, yName: position.isLeft, xName: position.isLowest && !hasSlopes,
      xNumbers: !hasSlopes, nameX: corner.x + 12)
    guard hasSlopes else { return values }
    return values
      + drawSlopes(
        panel, in: lower, widths, yName: position.isLeft, xName: position.isLowest, nameX: corner.x + 12)
  }

  private func frame(_ box: Box) -> Element {
    .rectangle(box, ["fill": "none", "stroke": theme.softInk, "stroke-width": "1"])
  }

  /// The axis of the values of a panel.
  private static func ordinate(_ panel: ScalingPanel, _ quantity: Quantity, span: Double, isLarge: Bool)
    -> PlotAxis
  {
    let limit = isLarge ? 7 : 5
    guard quantity.isSigned else {
      let decades = (panel.decades ?? Decades(low: -0.5, high: 0.5)).stretched(to: span)
      return .logarithmic(from: decades.low, to: decades.high, atMost: limit)
    }
    let (low, high) = (panel.range?.lowerBound ?? -1, panel.range?.upperBound ?? 1)
    let margin = 0.08 * max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-9)
    return .linear(from: low - margin, to: high + margin, atMost: limit)
  }

  /// The order parameter against the width.
  private func drawValues(
    _ panel: ScalingPanel, in frame: Box, _ widths: PlotAxis, yName: Bool, xName: Bool, xNumbers: Bool,
    nameX: Double
  ) -> [Element] {
    let plot = Plot(
      frame: frame, x: widths, y: Self.ordinate(panel, quantity, span: span, isLarge: isLarge), theme: theme)
    let colour = theme.series(0)
    var elements = [plot.drawGrid()]
    if let curve = panel.curve {
      let points = curve.points
      elements.append(
        plot.band(points.map { plot.page($0.width, $0.high) }, points.map { plot.page($0.width, $0.low) })
          .element(["fill": colour, "fill-opacity": Self.bandOpacity]))
      let largest = panel.widths.last ?? 0
      let measured = points.filter { $0.width <= largest * 1.0001 }
      let beyond = (measured.suffix(1) + points.filter { $0.width > largest * 1.0001 })
      for (part, isBeyond) in [(measured, false), (Array(beyond), true)] where part.count > 1 {
        elements.append(
          Self.curve(
            plot.clipped(part.map { plot.page($0.width, $0.value) }), colour: colour, isBeyond: isBeyond))
      }
    }
    if let crossover = panel.crossover, widths.low < crossover, crossover < widths.high {
      let x = plot.pageX(crossover)
      var line = Self.crossover([Point(x: x, y: frame.minY), Point(x: x, y: frame.maxY)], theme: theme)
      line.content = [.element(Element("title", text: "crossover at m = \(Numeral.width(crossover))"))]
      elements.append(line)
    }
    if !panel.rungs.isEmpty {
      let points = panel.rungs.map { plot.page(Double.exp10($0.logWidth), Double.exp10($0.logValue)) }
      elements += Self.rungs(points, colour: theme.series(1))
    }
    for kind in PanelMark.allCases {
      for (width, runs) in Dictionary(grouping: panel.marks[kind] ?? [], by: \.run.width).sorted(by: {
        $0.key < $1.key
      }) {
        var path = PathText()
        for (i, (_, value)) in runs.enumerated() {
          let x = plot.pageX(width)
          switch kind {
          case .value, .stationary, .bound: kind.add(to: &path, at: Point(x: x, y: plot.pageY(value)))
          // Without a value: along the lower side, beside each other as far as they can be told
          // apart.
          case .failed, .below:
            guard i < 3 else { continue }
            let shift = (Double(i) - Double(min(runs.count, 3) - 1) / 2) * 10
            kind.add(to: &path, at: Point(x: x + shift, y: frame.maxY - (kind == .below ? 3 : 9)))
          }
        }
        var mark = kind.element(path, colour: kind == .failed ? theme.ink : colour, paper: theme.paper)
        mark.content = [.element(Element("title", text: Self.title(kind, width, runs)))]
        elements.append(mark)
      }
    }
    let hasValues = panel.decades != nil || panel.range != nil
    if !hasValues { elements.append(plot.drawMessage(reason(panel))) }
    return elements
      + plot.drawAxes(
        xName: xName ? Self.widthName : nil,
        yName: yName ? quantity.axisName.truncated(size: Plot.nameSize, to: frame.height) : nil,
        xNumbers: xNumbers, yNumbers: hasValues, yNameX: nameX)
  }

  private static let widthName: RichText = "width  " + .symbol("m")

  /// Why there are no values.
  private func reason(_ panel: ScalingPanel) -> String {
    if panel.widths.isEmpty { return "no runs" }
    if panel.marks[.below] != nil { return "\(quantity.symbol) = 0 in all runs" }
    if panel.marks[.failed] != nil { return "no run has a result" }
    return "no results yet"
  }

  private static func title(_ kind: PanelMark, _ width: Double, _ runs: [ScalingPanel.Mark]) -> String {
    let values = runs.prefix(20).map { run, value in
      switch kind {
      case .value, .stationary: "seed \(run.seed): \(Numeral.significant(value))"
      case .bound: "seed \(run.seed): at least \(Numeral.significant(value))"
      case .failed: "seed \(run.seed) failed"
      case .below: "seed \(run.seed): 0"
      }
    }
    return "m = \(Numeral.width(width)): \(values.joined(separator: ", "))" + (runs.count > 20 ? ", …" : "")
      + (kind == .stationary ? " (stationary)" : "")
  }

  /// What there is to show of slopes, and the axis that it needs.
  private static func slopes(_ panel: ScalingPanel, isLarge: Bool) -> (
    slopes: [LocalSlope], exponent: PointFit.Estimate?, expected: Double?, axis: PlotAxis
  ) {
    let fit = panel.fit
    let slopes = fit.localSlopes.filter { $0.slope.isDrawable && $0.from > 0 && $0.to > 0 }
    let exponent = fit.exponent.flatMap { $0.value.isDrawable ? $0 : nil }
    let expected = fit.expectedExponent.flatMap { $0.isDrawable ? $0 : nil }
    let centres =
      slopes.map(\.slope) + panel.rungs.compactMap(\.slope) + [exponent?.value, expected].compactMap { $0 }
      + [0]
    let (low, high) = (centres.min() ?? 0, centres.max() ?? 0)
    let size = max(high - low, 0.2)
    // Intervals are shown whole unless they would make everything else small.
    let ends = (slopes.flatMap { [$0.low, $0.high] } + [exponent?.low, exponent?.high]).compactMap { $0 }
      .filter { $0 > low - size && $0 < high + size }
    let bottom = min(low, ends.min() ?? low)
    let top = max(high, ends.max() ?? high)
    let margin = 0.12 * max(top - bottom, 0.2)
    return (
      slopes, exponent, expected,
      .linear(from: bottom - margin, to: top + margin, atMost: isLarge ? 5 : 4)
    )
  }

  /// Local slopes, S and theory.
  private func drawSlopes(
    _ panel: ScalingPanel, in frame: Box, _ widths: PlotAxis, yName: Bool, xName: Bool, nameX: Double
  ) -> [Element] {
    let (slopes, exponent, expected, axis) = Self.slopes(panel, isLarge: isLarge)
    let plot = Plot(frame: frame, x: widths, y: axis, theme: theme)
    let colour = theme.series(0)
    var elements = [plot.drawGrid()]
    if let exponent {
      let centre = plot.pageY(exponent.value)
      let box = Box(
        minX: frame.minX, minY: max(frame.minY, plot.pageY(exponent.high ?? exponent.value)),
        maxX: frame.maxX,
        maxY: min(frame.maxY, plot.pageY(exponent.low ?? exponent.value)))
      elements += Self.exponent(box, at: centre, colour: theme.softInk)
    }
    var zero = Element.polyline(frame.across(at: plot.pageY(0)))
    zero.attributes += [("stroke", theme.softInk), ("stroke-width", "1"), ("fill", "none")]
    elements.append(zero)
    if let expected { elements.append(Self.theory(frame.across(at: plot.pageY(expected)), theme: theme)) }
    let rungs = panel.rungs.compactMap { rung in
      rung.slope.map { plot.page(Double.exp10(rung.logWidth), $0) }
    }
    if !rungs.isEmpty { elements += Self.rungs(rungs, colour: theme.series(1)) }
    for slope in slopes {
      let x = plot.pageX((slope.from * slope.to).squareRoot())
      let at = Point(x: x, y: plot.pageY(slope.slope))
      var mark = Self.slope(
        at: at, low: min(frame.maxY, plot.pageY(slope.low ?? slope.slope)),
        high: max(frame.minY, plot.pageY(slope.high ?? slope.slope)), colour: colour)
      if mark.count > 0 {
        let interval = slope.low.flatMap { low in
          slope.high.map { " (95 %: \(Numeral.fixed(low)) to \(Numeral.fixed($0)))" }
        }
        mark[mark.count - 1].content = [
          .element(
            Element(
              "title",
              text: "m = \(Numeral.width(slope.from)) to \(Numeral.width(slope.to)): slope "
                + "\(Numeral.fixed(slope.slope))\(interval ?? "")"))
        ]
      }
      elements += mark
    }
    return elements
      + plot.drawAxes(
        xName: xName ? Self.widthName : nil, yName: yName ? "slope" : nil, yNameX: nameX)
  }

  // What the legend shows, too.

  /// The fitted curve.
  static func curve(_ points: [Point], colour: String, isBeyond: Bool = false) -> Element {
    var path = PathText()
    path.polyline(points)
    return curve(path, colour: colour, isBeyond: isBeyond)
  }

  private static func curve(_ path: PathText, colour: String, isBeyond: Bool) -> Element {
    var element = path.element(["fill": "none", "stroke": colour, "stroke-width": "2"])
    if isBeyond { element.attributes.append(("stroke-dasharray", "2 4")) }
    return element
  }

  /// The way to a computed limit: a line with a dot at each width.
  static func rungs(_ points: [Point], colour: String) -> [Element] {
    var dots = PathText()
    for point in points { dots.dot(at: point) }
    var line = curve(points, colour: colour)
    line.attributes.append(("stroke-opacity", "0.7"))
    return [
      line,
      dots.element(["fill": "none", "stroke": colour, "stroke-width": 4.5, "stroke-linecap": "round"]),
    ]
  }

  /// A line at the crossover width, upwards.
  static func crossover(_ line: [Point], theme: Theme) -> Element {
    var element = Element.polyline(line)
    element.attributes += [
      ("stroke", theme.softInk), ("stroke-width", "1.5"), ("stroke-dasharray", "1 4"), ("fill", "none"),
      ("stroke-linecap", "round"),
    ]
    return element
  }

  private static let dotRadius = 3.5

  /// A slope with its interval.
  static func slope(at c: Point, low: Double, high: Double, colour: String) -> [Element] {
    var bar = PathText()
    if low - high > 0.5 { bar.polyline([Point(x: c.x, y: high), Point(x: c.x, y: low)]) }
    // Caps that touch the dot would make a square of it.
    for end in [high, low] where (end - c.y).magnitude > dotRadius + 2 {
      bar.polyline([Point(x: c.x - dotRadius, y: end), Point(x: c.x + dotRadius, y: end)])
    }
    var dot = PathText()
    dot.dot(at: c)
    var elements: [Element] = []
    if !bar.isEmpty {
      elements.append(bar.element(["fill": "none", "stroke": colour, "stroke-width": "1.5"]))
    }
    elements.append(
      dot.element([
        "fill": "none", "stroke": colour, "stroke-width": 2 * dotRadius, "stroke-linecap": "round",
      ]))
    return elements
  }

  /// S and its interval, across.
  static func exponent(_ box: Box, at y: Double, colour: String) -> [Element] {
    var line = Element.polyline(box.across(at: y))
    line.attributes += [("stroke", colour), ("stroke-width", "1.6"), ("fill", "none")]
    guard box.height > 0 else { return [line] }
    return [.rectangle(box, ["fill": colour, "fill-opacity": bandOpacity]), line]
  }

  /// The exponent of theory.
  static func theory(_ line: [Point], theme: Theme) -> Element {
    var element = Element.polyline(line)
    element.attributes += [
      ("stroke", theme.theory), ("stroke-width", "2"), ("stroke-dasharray", "7 5"), ("fill", "none"),
    ]
    return element
  }
}
