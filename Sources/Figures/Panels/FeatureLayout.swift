import Model
import RealModule

/// How feature panels are laid out and drawn: before on the left, after on the right, below each
/// how the amplitude is spread.
struct FeatureLayout: RunLayout {
  let colours: WidthColours
  let abscissa: FeatureFigure.Abscissa
  let detail: FeatureFigure.Detail
  /// Whether what is after stands below what was before.
  let isStacked: Bool

  private var theme: Theme { colours.theme }

  private static let plotWidth = 230.0
  private static let plotHeight = 180.0
  private static let shareHeight = 66.0
  private static let gap = 14.0
  /// Between what is beside each other: the numbers at both ends have room.
  private static let columnGap = 44.0
  private static let head = 20.0
  /// The side of the squares by which neurons are told apart.
  private static let cell = 2.0
  /// No more decades of amplitude than this are shown.
  private static let maxDecades = 7.0

  var width: Double {
    Plot.leftReach + (isStacked ? 1 : 2) * Self.plotWidth + (isStacked ? 0 : Self.columnGap) + 18
  }
  var height: Double { (isStacked ? 2 : 1) * Self.half + Plot.lowerReach - Plot.numbersReach - 8 }

  /// The height of what is before, or after, with the numbers below it.
  private static let half = head + plotHeight + gap + shareHeight + Plot.numbersReach + 8

  func draw(_ entry: RunPanels<NeuronSnapshot>.Entry, at corner: Point, _ position: PanelSheet.Position)
    -> [Element]
  {
    let spreads = entry.descending.map { Spread(run: $0, amplitudes: $0.record.amplitudes) }
    let decades = Self.decades(spreads)
    let axis = abscissa.axis(reaching: spreads.map(\.reach).max() ?? 1)
    let highest = spreads.flatMap { $0.amplitudes.before.shares + $0.amplitudes.after.shares }.max() ?? 0
    return [false, true].flatMap { isAfter -> [Element] in
      let x = corner.x + Plot.leftReach + (isAfter && !isStacked ? Self.plotWidth + Self.columnGap : 0)
      let y = corner.y + Self.head + (isAfter && isStacked ? Self.half : 0)
      // Beside each other, both have the numbers on the left.
      let (isLeft, isLowest) = (isStacked || !isAfter, !isStacked || isAfter)
      let upper = Plot(
        frame: Box(minX: x, minY: y, maxX: x + Self.plotWidth, maxY: y + Self.plotHeight), x: axis,
        y: .logarithmic(from: decades.low, to: decades.high, atMost: 6), theme: theme)
      let top = upper.frame.maxY + Self.gap
      let lower = Plot(
        frame: Box(minX: x, minY: top, maxX: x + Self.plotWidth, maxY: top + Self.shareHeight),
        x: axis, y: .linear(from: 0, to: highest > 0 ? 115 * highest : 1, atMost: 4), theme: theme)
      var elements: [Element] = [
        .text(
          RichText(isAfter ? "after" : "before"), at: Point(x: upper.frame.centre.x, y: y - Self.head + 13),
          size: Plot.nameSize, anchor: .middle),
        upper.drawGrid(), lower.drawGrid(),
      ]
      for (i, spread) in spreads.enumerated() {
        let colour = colours.colour(spread.run.width)
        elements += draw(spread, isAfter, in: upper, colour: colour)
        elements += Self.shares(
          spread.side(isAfter), in: lower, colour: colour, width: Stacking.width(spreads.count - 1 - i))
      }
      if spreads.isEmpty { elements.append(upper.drawMessage("nothing recorded")) }
      elements += upper.drawAxes(
        yName: isLeft ? "amplitude" : nil, xNumbers: false, yNumbers: isLeft && !spreads.isEmpty,
        yNameX: corner.x + 12)
      elements += lower.drawAxes(
        xName: position.isLowest && isLowest ? RichText(abscissa.name) : nil,
        yName: isLeft ? RichText("% per \(abscissa == .angle ? "1°" : abscissa.bin)") : nil,
        yNumbers: isLeft && !spreads.isEmpty, yNameX: corner.x + 12)
      return elements
    }
  }

  /// A run with how the amplitude of its neurons is spread.
  private struct Spread {
    var run: PanelRun<NeuronSnapshot>
    var amplitudes: (before: OrientationShares, after: OrientationShares)

    /// The share of the abscissa, from its middle, within which all neurons lie.
    var reach: Double {
      let middle = Double(OrientationHistogram.bins) / 2
      return [amplitudes.before, amplitudes.after].flatMap { side in
        side.means.enumerated().compactMap { bin, mean in
          mean.map { _ in (abs(Double(bin) + 0.5 - middle) + 0.5) / middle }
        }
      }.max() ?? 1
    }

    func side(_ isAfter: Bool) -> OrientationShares { isAfter ? amplitudes.after : amplitudes.before }
  }

  /// The decades of amplitude to show: all but the lowest hundredth.
  private static func decades(_ spreads: [Spread]) -> Decades {
    var logs: [Double] = []
    for spread in spreads {
      if case .each(let neurons) = spread.run.record {
        for neuron in neurons {
          for size in [neuron.before.amplitude.magnitude, neuron.after.amplitude.magnitude] where size > 0 {
            logs.append(Double.log10(Double(size)))
          }
        }
      } else {
        for case let mean? in spread.amplitudes.before.means + spread.amplitudes.after.means where mean > 0 {
          logs.append(Double.log10(mean))
        }
      }
    }
    logs.sort()
    guard let high = logs.last else { return Decades(low: -1, high: 1) }
    let low = max(logs[logs.count / 100], high - maxDecades)
    return Decades(low: low, high: high).stretched(to: max(1, 1.1 * (high - low)))
  }

  private func draw(_ spread: Spread, _ isAfter: Bool, in plot: Plot, colour: String) -> [Element] {
    if case .each(let neurons) = spread.run.record, detail == .neurons {
      return Self.cloud(neurons.lazy.map { isAfter ? $0.after : $0.before }, in: plot, colour: colour)
    }
    return Self.means(spread.side(isAfter), in: plot, colour: colour)
  }

  /// Neurons by the squares they lie in; the more of them, the stronger the colour.
  private static func cloud(
    _ neurons: some Sequence<NeuronSnapshot.Neuron>, in plot: Plot, colour: String
  ) -> [Element] {
    let columns = Int(plotWidth / cell)
    let rows = Int(plotHeight / cell)
    var counts = [Int](repeating: 0, count: columns * rows)
    for neuron in neurons {
      let x = plot.pageX(Double(neuron.orientation) * 180 / .pi) - plot.frame.minX
      let y = plot.pageY(Double(neuron.amplitude.magnitude)) - plot.frame.minY
      // What is beyond the axis lies on its end.
      let column = min(max(Int(x / cell), 0), columns - 1)
      let row = min(max(Int(y / cell), 0), rows - 1)
      counts[row * columns + column] += 1
    }
    // Of few neurons every one counts; many would hide what lies below them.
    let isFew = neurons.underestimatedCount <= 2000
    let levels: [(range: ClosedRange<Int>, opacity: String)] =
      isFew ? [(1...Int.max, "0.95")] : [(1...1, "0.3"), (2...3, "0.5"), (4...Int.max, "0.85")]
    return levels.compactMap { level in
      var path = PathText()
      for row in 0..<rows {
        var column = 0
        while column < columns {
          let y = plot.frame.minY + (Double(row) + 0.5) * cell
          if isFew {
            if counts[row * columns + column] > 0 {
              path.dot(at: Point(x: plot.frame.minX + (Double(column) + 0.5) * cell, y: y))
            }
            column += 1
            continue
          }
          guard level.range.contains(counts[row * columns + column]) else {
            column += 1
            continue
          }
          let start = column
          while column < columns, level.range.contains(counts[row * columns + column]) { column += 1 }
          path.move(to: Point(x: plot.frame.minX + Double(start) * cell, y: y))
          path.line(to: Point(x: plot.frame.minX + Double(column) * cell, y: y))
        }
      }
      guard !path.isEmpty else { return nil }
      return path.element([
        "fill": "none", "stroke": colour, "stroke-width": isFew ? 1.5 * cell : cell,
        "stroke-opacity": level.opacity,
        "stroke-linecap": isFew ? "round" : "butt",
      ])
    }
  }

  /// The mean amplitude of each degree as a line; degrees without neurons are gaps.
  private static func means(_ shares: OrientationShares, in plot: Plot, colour: String) -> [Element] {
    var (path, dots) = (PathText(), PathText())
    var piece: [Point] = []
    func finish() {
      // One or two degrees are no line.
      if piece.count < 3 { piece.forEach { dots.dot(at: $0) } }
      path.polyline(Simplification.simplified(piece, within: 0.3))
      piece = []
    }
    for (bin, mean) in shares.means.enumerated() {
      if let mean, mean > 0 {
        let place = plot.page(Double(bin) - 179.5, mean)
        piece.append(plot.frame.nearest(to: place))
      } else if !piece.isEmpty {
        finish()
      }
    }
    if !piece.isEmpty { finish() }
    return [(path, "1.5"), (dots, "5")].filter { !$0.0.isEmpty }.map { path, width in
      path.element([
        "fill": "none", "stroke": colour, "stroke-width": width, "stroke-linejoin": "round",
        "stroke-linecap": "round",
      ])
    }
  }

  /// The share of each degree as the outline of steps.
  private static func shares(
    _ shares: OrientationShares, in plot: Plot, colour: String, width: Double
  ) -> [Element] {
    var points: [Point] = []
    for (bin, share) in shares.shares.enumerated() {
      let y = plot.pageY(100 * share)
      for x in [Double(bin) - 180, Double(bin) - 179] { points.append(Point(x: plot.pageX(x), y: y)) }
    }
    var path = PathText()
    path.polyline(Simplification.simplified(points, within: 0.2))
    return [
      path.element([
        "fill": "none", "stroke": colour, "stroke-width": width, "stroke-linejoin": "bevel",
      ])
    ]
  }
}
