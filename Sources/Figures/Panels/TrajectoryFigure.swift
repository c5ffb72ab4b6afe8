import Model
import RealModule

/// How runs went, at one phase point or several: loss, RD and the number of orientations against the time, both logarithmic,
/// in one colour for each width.
public struct TrajectoryFigure: Figure {
  /// The runs.
  public var panels: RunPanels<Trajectory>
  /// The mean squared residual at which runs converge.
  public var target: Double

  /// A figure.
  public init(_ panels: RunPanels<Trajectory>, target: Double) {
    self.panels = panels
    self.target = target
  }

  /// The picture.
  public var document: FigureDocument {
    let colours = panels.colours
    let layout = TrajectoryLayout(colours: colours, target: target, isLarge: panels.isLarge)
    let sheet = panels.sheet(
      layout, subtitle: "mean squared residual, RD and orientations against the time", legend: legend(colours)
    ) { [RichText($0.count(of: "trajectories"))] }
    return sheet.document(id: "trajectories", name: "Trajectories", description: description)
  }

  private var description: String {
    ([
      "The mean squared residual, the relative change RD of the input weights and the number of orientations that carry 99 % of "
        + "the amplitude, against the normalised time on a logarithmic axis."
    ]
      + panels.entries.prefix(40).map { entry in
        let ends = entry.ascending.prefix(12)
          .compactMap { run in
            run.kept.points.last.map {
              "m = \(run.width), seed \(run.seed): RD \(Numeral.significant($0.rd)), mean squared residual "
                + "\(Numeral.significant($0.meanSquaredResidual)) at time \(Numeral.significant($0.time))"
            }
          }
        return ([PanelSheet.name(of: entry.point).plain] + ends).joined(separator: "; ") + "."
      }).joined(separator: " ")
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let theme = colours.theme
    var entries = colours.lines
    if target > 0, !colours.widths.isEmpty {
      entries.append(
        .init(text: "target of the runs") {
          [TrajectoryLayout.target($0.across(), theme: theme)]
        })
    }
    return Legend(entries: entries)
  }
}

/// How trajectory panels are laid out and drawn: three plots with a common time.
struct TrajectoryLayout: RunLayout {
  let colours: WidthColours
  let target: Double
  let isLarge: Bool

  private typealias Quantity = (name: RichText, height: Double, value: (Trajectory.Point) -> Double)

  private var theme: Theme { colours.theme }
  private var plotWidth: Double { Plot.frameWidth(isLarge: isLarge) }
  private static let gap = 12.0

  private var quantities: [Quantity] {
    [
      ("mean sq. residual", isLarge ? 170 : 130, \.meanSquaredResidual), ("RD", isLarge ? 170 : 130, \.rd),
      ("orientations", isLarge ? 110 : 96, { Double($0.orientations) }),
    ]
  }

  var width: Double { Plot.leftReach + plotWidth + 16 }
  var height: Double {
    quantities.reduce(0) { $0 + $1.height } + 2 * Self.gap + Plot.lowerReach
  }

  func draw(_ entry: RunPanels<Trajectory>.Entry, at corner: Point, _ place: PanelSheet.Place) -> [Element] {
    let runs = entry.descending
    let times = Decades(runs.flatMap { $0.kept.points.map(\.time) })
    var y = corner.y
    var elements: [Element] = []
    for (i, quantity) in quantities.enumerated() {
      let x = corner.x + Plot.leftReach
      let frame = Box(minX: x, minY: y, maxX: x + plotWidth, maxY: y + quantity.height)
      y = frame.maxY + Self.gap
      var values = runs.flatMap { $0.kept.points.map(quantity.value) }
      if i == 0, !runs.isEmpty { values.append(target) }
      let decades = Decades(values) ?? Decades(low: -0.5, high: 0.5)
      let axis = (times ?? Decades(low: -0.5, high: 0.5))
      let plot = Plot(
        frame: frame,
        x: .logarithmic(from: axis.low, to: max(axis.high, axis.low + 1), atMost: isLarge ? 8 : 5),
        y: .logarithmic(
          from: decades.stretched(to: max(1, 1.12 * decades.length)).low,
          to: decades.stretched(to: max(1, 1.12 * decades.length)).high, atMost: 5), theme: theme)
      elements.append(plot.drawGrid())
      if i == 0, target > 0, !runs.isEmpty {
        elements.append(Self.target(frame.across(at: plot.pageY(target)), theme: theme))
      }
      elements += runs.map { draw($0, quantity.value, in: plot) }
      if times == nil { elements.append(plot.drawMessage("nothing kept")) }
      let isLast = i == quantities.count - 1
      elements += plot.drawAxes(
        xName: place.isLowest && isLast ? "normalised time" : nil, yName: place.isLeft ? quantity.name : nil,
        xNumbers: isLast && times != nil, yNumbers: times != nil, yNameX: corner.x + 12)
    }
    return elements
  }

  private func draw(
    _ run: KeptRun<Trajectory>, _ value: (Trajectory.Point) -> Double, in plot: Plot
  ) -> Element {
    let places = run.kept.points.filter { value($0) > 0 && value($0).isDrawable }
      .map { plot.page(max($0.time, plot.x.low), value($0)) }
    let path = plot.clipped(Simplification.simplified(places, within: 0.25))
    var element = path.element([
      "fill": "none", "stroke": colours.colour(run.width), "stroke-width": "1.6",
      "stroke-linejoin": "round", "stroke-opacity": "0.9",
    ])
    element.content = [.element(Element("title", text: "m = \(run.width), seed \(run.seed)"))]
    return element
  }

  /// The line of the target.
  static func target(_ line: [Point], theme: Theme) -> Element {
    var element = Element.polyline(line)
    element.attributes += [
      ("stroke", theme.softInk), ("stroke-width", "1.3"), ("stroke-dasharray", "5 4"), ("fill", "none"),
    ]
    return element
  }
}
