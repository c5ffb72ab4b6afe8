import Model

/// What networks learned, at one phase point or several: f before and after training, through the samples, in one colour for
/// each width.
public struct FunctionFigure: Figure {
  /// The function of one run.
  public struct Line: Sendable {
    /// m.
    public var width: Int
    /// The seed.
    public var seed: UInt64
    /// f before and after.
    public var function: FunctionSnapshot

    /// A line.
    public init(width: Int, seed: UInt64, function: FunctionSnapshot) {
      self.width = width
      self.seed = seed
      self.function = function
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
  /// The training data; drawn if their inputs are numbers.
  public var samples: SampleSet
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
    entries: [Entry], samples: SampleSet, title: String?, provenance: Provenance, theme: Theme = .light,
    size: PanelSize = .automatic
  ) {
    self.entries = entries
    self.samples = samples
    self.title = title
    self.provenance = provenance
    self.theme = theme
    self.size = size
  }

  /// The picture.
  public var document: FigureDocument {
    let colours = WidthColours(entries.flatMap { $0.lines.map(\.width) }, beside: widthsBeside, theme: theme)
    let layout = FunctionLayout(
      colours: colours, samples: samples.dimension == 1 ? zip(samples.x, samples.y).map { ($0[0], $1) } : [],
      isLarge: size.isLarge(entries.count))
    let columns = PanelSheet.columns(entries.count, panelWidth: layout.width)
    let sheet = PanelSheet(
      title: title, subtitle: "the function of the network before and after training, and the samples",
      panels: entries.enumerated().map { i, entry in
        PanelSheet.Panel(
          name: PanelSheet.name(of: entry.point),
          remarks: [RichText(PanelSheet.runs(entry.lines.count, of: "functions"))]
        ) {
          layout.draw(entry, at: $0, yName: i % columns == 0, xName: i + columns >= entries.count)
        }
      },
      panelWidth: layout.width, panelHeight: layout.height, legend: legend(colours),
      isNamed: size != .small)
    return sheet.document(
      id: "functions", description: description, provenance: provenance, theme: theme,
      name: title.flatMap { $0.isEmpty ? nil : $0 } ?? "Learned functions")
  }

  private var description: String {
    "The function f that the network computes against its input x: before training (dashed) and after it (solid), and the "
      + "\(samples.count) samples. "
      + entries.prefix(40).map {
        "\(PanelSheet.name(of: $0.point).plain); \(PanelSheet.runs($0.lines.count, of: "functions"))."
      }
      .joined(separator: " ")
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let theme = theme
    var entries = colours.lines
    guard !entries.isEmpty else { return Legend(entries: []) }
    entries.append(
      .init(text: "before training") {
        [
          FunctionLayout.line(
            [
              Point(x: $0.minX, y: $0.centre.y), Point(x: $0.maxX, y: $0.centre.y),
            ], colour: theme.softInk, isBefore: true)
        ]
      })
    if samples.dimension == 1 {
      entries.append(.init(text: "sample") { [FunctionLayout.sample(at: $0.centre, theme: theme)] })
    }
    return Legend(entries: entries)
  }
}

/// How function panels are laid out and drawn.
struct FunctionLayout {
  let colours: WidthColours
  let samples: [(x: Double, y: Double)]
  let isLarge: Bool

  private var theme: Theme { colours.theme }
  private var plotWidth: Double { isLarge ? 460 : 232 }
  private var plotHeight: Double { isLarge ? 320 : 180 }
  private static let left = 66.0

  var width: Double { Self.left + plotWidth + 16 }
  var height: Double { plotHeight + Plot.lowerReach }

  /// A panel with its upper left corner at a point.
  func draw(_ entry: FunctionFigure.Entry, at corner: Point, yName: Bool, xName: Bool) -> [Element] {
    let x = corner.x + Self.left
    let frame = Box(minX: x, minY: corner.y, maxX: x + plotWidth, maxY: corner.y + plotHeight)
    let points = entry.lines.flatMap(\.function.points)
    let xs = points.map { Double($0.x) } + samples.map(\.x)
    // The samples and what was learned of them are shown whole; what was there before may go far beyond.
    let wanted = points.map { Double($0.after) } + samples.map(\.y)
    let (low, high) = (wanted.min() ?? -1, wanted.max() ?? 1)
    let size = max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-9)
    let before = points.map { Double($0.before) }
    let bottom = max(min(low, before.min() ?? low), low - 0.6 * size)
    let top = min(max(high, before.max() ?? high), high + 0.6 * size)
    let margin = 0.08 * max(top - bottom, size)
    let (left, right) = (xs.min() ?? -1, xs.max() ?? 1)
    let plot = Plot(
      frame: frame, x: .linear(from: left, to: right, atMost: isLarge ? 8 : 5),
      y: .linear(from: bottom - margin, to: top + margin, atMost: isLarge ? 7 : 5), theme: theme)
    var elements = [plot.drawGrid()]
    // The widest first, so that narrow networks, which scatter, lie above.
    let lines = entry.lines.sorted { ($1.width, $1.seed) < ($0.width, $0.seed) }
    for isBefore in [true, false] {
      for (i, line) in lines.enumerated() {
        let places = line.function.points.sorted { $0.x < $1.x }.map {
          plot.page(Double($0.x), Double(isBefore ? $0.before : $0.after))
        }
        let path = plot.clipped(Simplification.simplified(places, within: 0.2))
        guard !path.isEmpty else { continue }
        var element = Self.line(
          path, colour: colours.colour(line.width), isBefore: isBefore,
          width: Stacking.width(lines.count - 1 - i))
        element.content = [
          .element(
            Element(
              "title", text: "m = \(line.width), seed \(line.seed), \(isBefore ? "before" : "after")"))
        ]
        elements.append(element)
      }
    }
    elements += samples.map { plot.page($0.x, $0.y) }.filter(plot.contains).map {
      Self.sample(at: $0, theme: theme)
    }
    if entry.lines.isEmpty { elements.append(plot.drawMessage("nothing kept")) }
    return elements
      + plot.drawAxes(
        xName: xName ? .symbol("x") : nil, yName: yName ? .symbol("f") + " (" + .symbol("x") + ")" : nil,
        yNameX: corner.x + 12)
  }

  /// A function.
  static func line(_ points: [Point], colour: String, isBefore: Bool) -> Element {
    var path = PathText()
    path.polyline(points)
    return line(path, colour: colour, isBefore: isBefore)
  }

  private static func line(_ path: PathText, colour: String, isBefore: Bool, width: Double = 2) -> Element {
    var element = path.element(["fill": "none", "stroke": colour, "stroke-linejoin": "round"])
    element.attributes +=
      isBefore
      ? [("stroke-width", "1.3"), ("stroke-dasharray", "4 3")] : [("stroke-width", width.attributeText)]
    return element
  }

  /// A sample.
  static func sample(at place: Point, theme: Theme) -> Element {
    Element(
      "circle",
      [
        "cx": place.x, "cy": place.y, "r": "4", "fill": theme.paper, "stroke": theme.ink,
        "stroke-width": "1.6",
      ])
  }
}
