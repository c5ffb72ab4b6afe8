import LimitFit
import Model

/// How scaling panels of one figure are laid out and drawn: all with the same widths, and with as many decades of RD, so that
/// the same slope is as steep in all of them.
struct ScalingLayout {
  let theme: Theme
  private let plotWidth, plotHeight, slopeHeight: Double
  private let widths: PlotAxis?
  private let span: Double
  private let isLarge: Bool

  private static let gap = 14.0
  static let bandOpacity = "0.2"

  init(_ panels: [ScalingPanel], isLarge: Bool, theme: Theme) {
    self.theme = theme
    self.isLarge = isLarge
    plotWidth = Plot.frameWidth(isLarge: isLarge)
    plotHeight = isLarge ? 280 : 170
    slopeHeight = isLarge ? 120 : 84
    let places = panels.flatMap(\.widths).map(Double.init)
    widths = Decades(places).map { decades in
      let margin = max(0.08, 0.05 * decades.length)
      return PlotAxis.logarithmic(
        from: decades.low - margin,
        to: decades.high + max(margin, panels.contains { $0.curve != nil } ? ScalingFigure.decadesBeyond : 0),
        atMost: isLarge ? 8 : 5)
    }
    // 8 % of air above and below, more for the arrows of lower bounds.
    let air = panels.contains { $0.marks[.bound] != nil } ? 1.32 : 1.16
    span = max(1, air * (panels.compactMap { $0.decades?.length }.max() ?? 0))
  }

  var width: Double { Plot.leftReach + plotWidth }
  var height: Double { plotHeight + Self.gap + slopeHeight + Plot.lowerReach }

  /// A panel with its upper left corner at a point.
  func draw(_ panel: ScalingPanel, at corner: Point, _ place: PanelSheet.Place) -> [Element] {
    let upper = Box(
      minX: corner.x + Plot.leftReach, minY: corner.y, maxX: corner.x + width, maxY: corner.y + plotHeight)
    let lower = Box(
      minX: upper.minX, minY: upper.maxY + Self.gap, maxX: upper.maxX,
      maxY: upper.maxY + Self.gap + slopeHeight)
    guard let widths else {
      return [frame(upper), Plot.message("no runs", in: upper, theme), frame(lower)]
    }
    return drawValues(panel, in: upper, widths, yName: place.isLeft, nameX: corner.x + 12)
      + drawSlopes(
        panel, in: lower, widths, yName: place.isLeft, xName: place.isLowest, nameX: corner.x + 12)
  }

  private func frame(_ box: Box) -> Element {
    .rectangle(box, ["fill": "none", "stroke": theme.softInk, "stroke-width": "1"])
  }

  /// RD against the width.
  private func drawValues(
    _ panel: ScalingPanel, in frame: Box, _ widths: PlotAxis, yName: Bool, nameX: Double
  ) -> [Element] {
    let decades = (panel.decades ?? Decades(low: -0.5, high: 0.5)).stretched(to: span)
    let plot = Plot(
      frame: frame, x: widths,
      y: .logarithmic(from: decades.low, to: decades.high, atMost: isLarge ? 7 : 5), theme: theme)
    let colour = theme.series(0)
    var elements = [plot.drawGrid()]
    if let curve = panel.curve {
      let points = curve.points
      elements.append(
        plot.band(points.map { plot.page($0.width, $0.high) }, points.map { plot.page($0.width, $0.low) })
          .element(["fill": colour, "fill-opacity": Self.bandOpacity]))
      let largest = Double(panel.widths.last ?? 0)
      let measured = points.filter { $0.width <= largest * 1.0001 }
      let beyond = (measured.suffix(1) + points.filter { $0.width > largest * 1.0001 })
      for (part, isBeyond) in [(measured, false), (Array(beyond), true)] where part.count > 1 {
        elements.append(
          Self.curve(
            plot.clipped(part.map { plot.page($0.width, $0.rd) }), colour: colour, isBeyond: isBeyond))
      }
    }
    for kind in PanelMark.allCases {
      for (width, runs) in Dictionary(grouping: panel.marks[kind] ?? [], by: \.run.width).sorted(by: {
        $0.key < $1.key
      }) {
        var path = PathText()
        for (i, (_, rd)) in runs.enumerated() {
          let x = plot.pageX(Double(width))
          switch kind {
          case .value, .stalled, .bound: kind.add(to: &path, at: Point(x: x, y: plot.pageY(rd)))
          // Without a value: along the lower side, beside each other as far as they can be told apart.
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
    if panel.decades == nil { elements.append(plot.drawMessage(Self.reason(panel))) }
    return elements
      + plot.drawAxes(
        yName: yName ? "RD" : nil, xNumbers: false, yNumbers: panel.decades != nil, yNameX: nameX)
  }

  /// Why there are no values.
  private static func reason(_ panel: ScalingPanel) -> String {
    if panel.widths.isEmpty { return "no runs" }
    if panel.marks[.below] != nil { return "RD = 0 in all runs" }
    if panel.marks[.failed] != nil { return "no run has a result" }
    return "no results yet"
  }

  private static func title(_ kind: PanelMark, _ width: Int, _ runs: [(run: Run, rd: Double)]) -> String {
    let values = runs.prefix(20).map { run, rd in
      switch kind {
      case .value, .stalled: "seed \(run.seed): \(Numeral.significant(rd))"
      case .bound: "seed \(run.seed): at least \(Numeral.significant(rd))"
      case .failed: "seed \(run.seed) failed"
      case .below: "seed \(run.seed): 0"
      }
    }
    return "m = \(width): \(values.joined(separator: ", "))" + (runs.count > 20 ? ", …" : "")
      + (kind == .stalled ? " (stalled)" : "")
  }

  /// Local slopes, S and theory.
  private func drawSlopes(
    _ panel: ScalingPanel, in frame: Box, _ widths: PlotAxis, yName: Bool, xName: Bool, nameX: Double
  ) -> [Element] {
    let fit = panel.fit
    let slopes = fit.localSlopes.filter { $0.slope.isDrawable && $0.from > 0 && $0.to > 0 }
    let exponent = fit.exponent.flatMap { $0.value.isDrawable ? $0 : nil }
    let expected = fit.expectedExponent.isDrawable ? fit.expectedExponent : nil
    let centres = slopes.map(\.slope) + [exponent?.value, expected].compactMap { $0 } + [0]
    let (low, high) = (centres.min() ?? 0, centres.max() ?? 0)
    let size = max(high - low, 0.2)
    // Intervals are shown whole unless they would make everything else small.
    let ends = (slopes.flatMap { [$0.low, $0.high] } + [exponent?.low, exponent?.high]).compactMap { $0 }
      .filter { $0 > low - size && $0 < high + size }
    let bottom = min(low, ends.min() ?? low)
    let top = max(high, ends.max() ?? high)
    let margin = 0.12 * max(top - bottom, 0.2)
    let plot = Plot(
      frame: frame, x: widths,
      y: .linear(from: bottom - margin, to: top + margin, atMost: isLarge ? 5 : 4), theme: theme)
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
    for slope in slopes {
      let x = plot.pageX((Double(slope.from) * Double(slope.to)).squareRoot())
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
              text: "m = \(slope.from) to \(slope.to): slope \(Numeral.fixed(slope.slope))\(interval ?? "")"))
        ]
      }
      elements += mark
    }
    return elements
      + plot.drawAxes(
        xName: xName ? "width  " + .symbol("m") : nil, yName: yName ? "slope" : nil, yNameX: nameX)
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

  /// A slope with its interval.
  static func slope(at c: Point, low: Double, high: Double, colour: String) -> [Element] {
    var bar = PathText()
    if low - high > 0.5 {
      bar.polyline([Point(x: c.x, y: high), Point(x: c.x, y: low)])
      bar.polyline([Point(x: c.x - 3.5, y: high), Point(x: c.x + 3.5, y: high)])
      bar.polyline([Point(x: c.x - 3.5, y: low), Point(x: c.x + 3.5, y: low)])
    }
    var dot = PathText()
    dot.dot(at: c)
    var elements: [Element] = []
    if !bar.isEmpty {
      elements.append(bar.element(["fill": "none", "stroke": colour, "stroke-width": "1.5"]))
    }
    elements.append(
      dot.element(["fill": "none", "stroke": colour, "stroke-width": "7", "stroke-linecap": "round"]))
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
