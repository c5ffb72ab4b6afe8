import Model
import RealModule

/// How runs went, at one setting or several: some quantities against the time, in one colour for
/// each width.
public struct TrajectoryFigure: Figure {
  /// The runs.
  public var panels: RunPanels<Trajectory>
  /// The columns of the trajectories that are shown, in this order, a plot each.
  public var columns: [String]
  /// The mean squared residual at which runs converge.
  public var target: Double

  /// No more plots than this stand in a panel unless they are named.
  private static let maxColumns = 4
  /// The column that ``target`` is about.
  private static let residual = "mean_squared_residual"

  /// A figure.
  ///
  /// - Parameters:
  ///   - panels: the runs.
  /// - columns: what is shown; nil: what the context names, as far as it was recorded, and what was
  ///     asked for besides; else the first four columns.
  ///   - target: the mean squared residual at which runs converge.
  public init(_ panels: RunPanels<Trajectory>, columns: [String]? = nil, target: Double) {
    self.panels = panels
    self.target = target
    self.columns =
      columns ?? Self.defaultColumns(panels.entries.flatMap(\.runs), panels.context)
  }

  private static func defaultColumns(_ runs: [PanelRun<Trajectory>], _ context: FigureContext) -> [String] {
    var seen: Set<String> = [Trajectory.timeColumn]
    let all = runs.flatMap(\.record.columns).filter { seen.insert($0).inserted }
    let known = context.shownColumns.filter(all.contains) + all.filter(context.isAskedFor)
    if runs.isEmpty { return [residual] }
    return known.isEmpty ? Array(all.prefix(maxColumns)) : known
  }

  private var quantities: [Quantity] { columns.map(panels.context.quantity) }

  /// The picture.
  public var document: FigureDocument {
    let colours = panels.colours
    let layout = TrajectoryLayout(
      panels.entries, quantities: quantities, colours: colours,
      target: columns.contains(Self.residual) ? target : 0,
      targetColumn: Self.residual, isLarge: panels.isLarge)
    let sheet = panels.sheet(
      layout, subtitle: "\(Self.list(quantities.map(\.symbol))) against the time", legend: legend(colours)
    ) { [RichText($0.count(of: "trajectories"))] }
    return sheet.document(kind: "trajectories", name: "Trajectories", description: description)
  }

  /// "a, b and c".
  private static func list(_ items: [String]) -> String {
    items.count < 2
      ? items.joined() : items.dropLast().joined(separator: ", ") + " and " + items[items.count - 1]
  }

  private var description: String {
    "\(Self.list(quantities.map(\.explained))) against the normalised time on a logarithmic axis. "
      + panels.described { entry in
        let ends = entry.ascending.prefix(12).compactMap { run -> String? in
          guard let end = run.record.points.last else { return nil }
          let values = quantities.compactMap { quantity in
            run.record.values(of: quantity.name)?.last.map {
              "\(quantity.symbol) \(Numeral.significant($0))"
            }
          }
          return "\(run.name): \(values.joined(separator: ", ")) at time \(Numeral.significant(end[0]))"
        }
        return ends.isEmpty ? entry.count(of: "trajectories") : ends.joined(separator: "; ")
      }
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let theme = colours.theme
    var entries = colours.lines
    if target > 0, columns.contains(Self.residual), !colours.widths.isEmpty {
      entries.append(
        .init(text: "target of the runs") {
          [TrajectoryLayout.target($0.across(), theme: theme)]
        })
    }
    return Legend(entries: entries)
  }
}

/// How trajectory panels are laid out and drawn: a plot for each quantity, with a common time.
struct TrajectoryLayout: RunLayout {
  private let colours: WidthColours
  private let quantities: [Quantity]
  private let target: Double
  private let targetColumn: String
  private let isLarge: Bool
  /// Room for the numbers of all panels.
  private let leftReach: Double

  private static let gap = 12.0

  /// A layout.
  ///
  /// - Parameters:
  ///   - target: a line in the plot of `targetColumn`; 0: none.
  init(
    _ entries: [RunPanels<Trajectory>.Entry], quantities: [Quantity], colours: WidthColours, target: Double,
    targetColumn: String, isLarge: Bool
  ) {
    self.colours = colours
    self.quantities = quantities
    self.target = target
    self.targetColumn = targetColumn
    self.isLarge = isLarge
    leftReach = Plot.leftReach(
      entries.flatMap { entry in
        quantities.map { Self.axis(of: $0, entry.runs, target: $0.name == targetColumn ? target : 0) }
      })
  }

  private var theme: Theme { colours.theme }
  private var plotWidth: Double { Plot.frameWidth(isLarge: isLarge) }
  /// The first two quantities have more room than the others.
  private func plotHeight(_ i: Int) -> Double { i < 2 ? (isLarge ? 170 : 130) : isLarge ? 110 : 96 }

  var width: Double { leftReach + plotWidth + 16 }
  var height: Double {
    quantities.indices.reduce(0) { $0 + plotHeight($1) }
      + Double(max(0, quantities.count - 1)) * Self.gap + Plot.lowerReach
  }

  /// The ordinate of a quantity: logarithmic unless it can be negative.
  private static func axis(of quantity: Quantity, _ runs: [PanelRun<Trajectory>], target: Double) -> PlotAxis
  {
    var values = runs.flatMap { $0.record.values(of: quantity.name) ?? [] }.filter(\.isDrawable)
    if target > 0, !runs.isEmpty { values.append(target) }
    if quantity.isSigned || values.contains(where: { $0 < 0 }) {
      let (low, high) = (values.min() ?? -1, values.max() ?? 1)
      let margin = 0.06 * max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-9)
      return .linear(from: low - margin, to: high + margin, atMost: 5)
    }
    let decades = Decades(values) ?? Decades(low: -0.5, high: 0.5)
    let shown = decades.stretched(to: max(1, 1.12 * decades.length))
    return .logarithmic(from: shown.low, to: shown.high, atMost: 5)
  }

  func draw(_ entry: RunPanels<Trajectory>.Entry, at corner: Point, _ position: PanelSheet.Position)
    -> [Element]
  {
    let runs = entry.descending
    let times = Decades(runs.flatMap(\.record.times))
    let abscissa = times ?? Decades(low: -0.5, high: 0.5)
    var y = corner.y
    var elements: [Element] = []
    for (i, quantity) in quantities.enumerated() {
      let x = corner.x + leftReach
      let frame = Box(minX: x, minY: y, maxX: x + plotWidth, maxY: y + plotHeight(i))
      y = frame.maxY + Self.gap
      let target = quantity.name == targetColumn ? target : 0
      let plot = Plot(
        frame: frame,
        x: .logarithmic(
          from: abscissa.low, to: max(abscissa.high, abscissa.low + 1), atMost: isLarge ? 8 : 5),
        y: Self.axis(of: quantity, runs, target: target), theme: theme)
      elements.append(plot.drawGrid())
      if target > 0, !runs.isEmpty {
        elements.append(Self.target(frame.across(at: plot.pageY(target)), theme: theme))
      }
      elements += runs.map { draw($0, quantity.name, in: plot) }
      if times == nil {
        elements.append(plot.drawMessage(runs.isEmpty ? "nothing recorded" : "ended at the start"))
      }
      let isLast = i == quantities.count - 1
      elements += plot.drawAxes(
        xName: position.isLowest && isLast ? "normalised time" : nil,
        yName: position.isLeft ? quantity.axisName.truncated(size: Plot.nameSize, to: frame.height) : nil,
        xNumbers: isLast && times != nil, yNumbers: times != nil, yNameX: corner.x + 12)
    }
    return elements
  }

  private func draw(_ run: PanelRun<Trajectory>, _ column: String, in plot: Plot) -> Element {
    let values = run.record.values(of: column) ?? []
    let places = zip(run.record.times, values)
      .filter { $1.isDrawable && (plot.y.scale == .linear || $1 > 0) }
      .map { plot.page(max($0, plot.x.low), $1) }
    let path = plot.clipped(Simplification.simplified(places, within: 0.25))
    var element = path.element([
      "fill": "none", "stroke": colours.colour(run.width), "stroke-width": "1.6",
      "stroke-linejoin": "round", "stroke-opacity": "0.9",
    ])
    element.content = [.element(Element("title", text: run.name))]
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
