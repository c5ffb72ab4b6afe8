import Model
import RealModule

/// How runs went, at one phase point or several: loss, RD and the number of orientations against the time, both logarithmic,
/// in one colour for each width.
public struct TrajectoryFigure: Figure {
  /// One run.
  public struct Line: Sendable {
    /// m.
    public var width: Int
    /// The seed.
    public var seed: UInt64
    /// How it went.
    public var trajectory: Trajectory

    /// A line.
    public init(width: Int, seed: UInt64, trajectory: Trajectory) {
      self.width = width
      self.seed = seed
      self.trajectory = trajectory
    }
  }

  /// What is shown of one point.
  public struct Entry: Sendable {
    /// (γ, γ').
    public var point: PhasePoint
    /// Its runs, in any order.
    public var lines: [Line]

    /// An entry.
    public init(point: PhasePoint, lines: [Line]) {
      self.point = point
      self.lines = lines
    }
  }

  /// A panel for each.
  public var entries: [Entry]
  /// The mean squared residual at which runs converge.
  public var target: Double
  /// The heading; nil: none, for a document that has its own.
  public var title: String?
  /// What is written into the metadata.
  public var provenance: Provenance
  /// The colours.
  public var theme: Theme
  /// How large the panels are.
  public var size: PanelSize
  /// Widths that have a colour, too, though they are not shown: those of figures beside this one.
  public var widthsBeside: [Int] = []

  /// A figure.
  public init(
    entries: [Entry], target: Double, title: String?, provenance: Provenance, theme: Theme = .light,
    size: PanelSize = .automatic
  ) {
    self.entries = entries
    self.target = target
    self.title = title
    self.provenance = provenance
    self.theme = theme
    self.size = size
  }

  /// The picture.
  public var document: FigureDocument {
    let colours = WidthColours(entries.flatMap { $0.lines.map(\.width) }, beside: widthsBeside, theme: theme)
    let layout = TrajectoryLayout(colours: colours, target: target, isLarge: size.isLarge(entries.count))
    let columns = PanelSheet.columns(entries.count, panelWidth: layout.width)
    let sheet = PanelSheet(
      title: title,
      subtitle:
        "mean squared residual, RD and orientations against the time",
      panels: entries.enumerated().map { i, entry in
        PanelSheet.Panel(
          name: PanelSheet.name(of: entry.point),
          remarks: [RichText(PanelSheet.runs(entry.lines.count, of: "trajectories"))]
        ) {
          layout.draw(entry, at: $0, yNames: i % columns == 0, xName: i + columns >= entries.count)
        }
      },
      panelWidth: layout.width, panelHeight: layout.height, legend: legend(colours),
      isNamed: size != .small)
    return sheet.document(
      id: "trajectories", description: description, provenance: provenance, theme: theme,
      name: title.flatMap { $0.isEmpty ? nil : $0 } ?? "Trajectories")
  }

  private var description: String {
    ([
      "The mean squared residual, the relative change RD of the input weights and the number of orientations that carry 99 % of "
        + "the amplitude, against the normalised time on a logarithmic axis."
    ]
      + entries.prefix(40).map { entry in
        let ends = entry.lines.sorted { ($0.width, $0.seed) < ($1.width, $1.seed) }.prefix(12)
          .compactMap { line in
            line.trajectory.points.last.map {
              "m = \(line.width), seed \(line.seed): RD \(Numeral.significant($0.rd)), mean squared residual "
                + "\(Numeral.significant($0.meanSquaredResidual)) at time \(Numeral.significant($0.time))"
            }
          }
        return ([PanelSheet.name(of: entry.point).plain] + ends).joined(separator: "; ") + "."
      }).joined(separator: " ")
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let theme = theme
    var entries = colours.lines
    if target > 0, !colours.widths.isEmpty {
      entries.append(
        .init(text: "target of the runs") {
          [
            TrajectoryLayout.target(
              [Point(x: $0.minX, y: $0.centre.y), Point(x: $0.maxX, y: $0.centre.y)], theme: theme)
          ]
        })
    }
    return Legend(entries: entries)
  }
}

/// How trajectory panels are laid out and drawn: three plots with a common time.
struct TrajectoryLayout {
  let colours: WidthColours
  let target: Double
  let isLarge: Bool

  private typealias Quantity = (name: RichText, height: Double, value: (Trajectory.Point) -> Double)

  private var theme: Theme { colours.theme }
  private var plotWidth: Double { isLarge ? 460 : 232 }
  private static let left = 66.0
  private static let gap = 12.0

  private var quantities: [Quantity] {
    [
      ("mean sq. residual", isLarge ? 170 : 130, \.meanSquaredResidual), ("RD", isLarge ? 170 : 130, \.rd),
      ("orientations", isLarge ? 110 : 96, { Double($0.orientations) }),
    ]
  }

  var width: Double { Self.left + plotWidth + 16 }
  var height: Double {
    quantities.reduce(0) { $0 + $1.height } + 2 * Self.gap + Plot.lowerReach
  }

  /// A panel with its upper left corner at a point.
  func draw(_ entry: TrajectoryFigure.Entry, at corner: Point, yNames: Bool, xName: Bool) -> [Element] {
    // The widest first, so that narrow networks, which scatter, lie above.
    let lines = entry.lines.sorted { ($1.width, $1.seed) < ($0.width, $0.seed) }
    let times = Decades(lines.flatMap { $0.trajectory.points.map(\.time) })
    var y = corner.y
    var elements: [Element] = []
    for (i, quantity) in quantities.enumerated() {
      let x = corner.x + Self.left
      let frame = Box(minX: x, minY: y, maxX: x + plotWidth, maxY: y + quantity.height)
      y = frame.maxY + Self.gap
      var values = lines.flatMap { $0.trajectory.points.map(quantity.value) }
      if i == 0, !lines.isEmpty { values.append(target) }
      let decades = Decades(values) ?? Decades(low: -0.5, high: 0.5)
      let axis = (times ?? Decades(low: -0.5, high: 0.5))
      let plot = Plot(
        frame: frame,
        x: .logarithmic(from: axis.low, to: max(axis.high, axis.low + 1), atMost: isLarge ? 8 : 5),
        y: .logarithmic(
          from: decades.stretched(to: max(1, 1.12 * decades.length)).low,
          to: decades.stretched(to: max(1, 1.12 * decades.length)).high, atMost: 5), theme: theme)
      elements.append(plot.drawGrid())
      if i == 0, target > 0, !lines.isEmpty {
        let level = plot.pageY(target)
        elements.append(
          Self.target([Point(x: frame.minX, y: level), Point(x: frame.maxX, y: level)], theme: theme))
      }
      elements += lines.map { draw($0, quantity.value, in: plot) }
      if times == nil { elements.append(plot.drawMessage("nothing kept")) }
      let isLast = i == quantities.count - 1
      elements += plot.drawAxes(
        xName: xName && isLast ? "normalised time" : nil, yName: yNames ? quantity.name : nil,
        xNumbers: isLast && times != nil, yNumbers: times != nil, yNameX: corner.x + 12)
    }
    return elements
  }

  private func draw(
    _ line: TrajectoryFigure.Line, _ value: (Trajectory.Point) -> Double, in plot: Plot
  ) -> Element {
    let places = line.trajectory.points.filter { value($0) > 0 && value($0).isDrawable }
      .map { plot.page(max($0.time, plot.x.low), value($0)) }
    let path = plot.clipped(Simplification.simplified(places, within: 0.25))
    var element = path.element([
      "fill": "none", "stroke": colours.colour(line.width), "stroke-width": "1.6",
      "stroke-linejoin": "round", "stroke-opacity": "0.9",
    ])
    element.content = [.element(Element("title", text: "m = \(line.width), seed \(line.seed)"))]
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
