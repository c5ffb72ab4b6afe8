import Model

/// What networks learned, at one phase point or several: f before and after training, through the samples, in one colour for
/// each width.
public struct FunctionFigure: Figure {
  /// The runs.
  public var panels: RunPanels<FunctionSnapshot>
  /// The training data; drawn if their inputs are numbers.
  public var samples: SampleSet

  /// A figure.
  public init(_ panels: RunPanels<FunctionSnapshot>, samples: SampleSet) {
    self.panels = panels
    self.samples = samples
  }

  /// The picture.
  public var document: FigureDocument {
    let colours = panels.colours
    let layout = FunctionLayout(
      colours: colours, samples: samples.dimension == 1 ? zip(samples.x, samples.y).map { ($0[0], $1) } : [],
      isLarge: panels.isLarge)
    let sheet = panels.sheet(
      layout, subtitle: "the function of the network before and after training, and the samples",
      legend: legend(colours)
    ) { [RichText($0.count(of: "functions"))] }
    return sheet.document(id: "functions", name: "Learned functions", description: description)
  }

  private var description: String {
    "The function f that the network computes against its input x: before training (dashed) and after it (solid), and the "
      + "\(samples.count) samples. "
      + panels.entries.prefix(40).map {
        "\(PanelSheet.name(of: $0.point).plain); \($0.count(of: "functions"))."
      }
      .joined(separator: " ")
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let theme = colours.theme
    var entries = colours.lines
    guard !entries.isEmpty else { return Legend(entries: []) }
    entries.append(
      .init(text: "before training") {
        [FunctionLayout.line($0.across(), colour: theme.softInk, isBefore: true)]
      })
    if samples.dimension == 1 {
      entries.append(.init(text: "sample") { [FunctionLayout.sample(at: $0.centre, theme: theme)] })
    }
    return Legend(entries: entries)
  }
}

/// How function panels are laid out and drawn.
struct FunctionLayout: RunLayout {
  let colours: WidthColours
  let samples: [(x: Double, y: Double)]
  let isLarge: Bool

  private var theme: Theme { colours.theme }
  private var plotWidth: Double { Plot.frameWidth(isLarge: isLarge) }
  private var plotHeight: Double { isLarge ? 320 : 180 }

  var width: Double { Plot.leftReach + plotWidth + 16 }
  var height: Double { plotHeight + Plot.lowerReach }

  func draw(_ entry: RunPanels<FunctionSnapshot>.Entry, at corner: Point, _ place: PanelSheet.Place)
    -> [Element]
  {
    let x = corner.x + Plot.leftReach
    let frame = Box(minX: x, minY: corner.y, maxX: x + plotWidth, maxY: corner.y + plotHeight)
    let points = entry.runs.flatMap(\.kept.points)
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
    let runs = entry.descending
    for isBefore in [true, false] {
      for (i, run) in runs.enumerated() {
        let places = run.kept.points.sorted { $0.x < $1.x }.map {
          plot.page(Double($0.x), Double(isBefore ? $0.before : $0.after))
        }
        let path = plot.clipped(Simplification.simplified(places, within: 0.2))
        guard !path.isEmpty else { continue }
        var element = Self.line(
          path, colour: colours.colour(run.width), isBefore: isBefore,
          width: Stacking.width(runs.count - 1 - i))
        element.content = [
          .element(
            Element(
              "title", text: "m = \(run.width), seed \(run.seed), \(isBefore ? "before" : "after")"))
        ]
        elements.append(element)
      }
    }
    elements += samples.map { plot.page($0.x, $0.y) }.filter(plot.contains).map {
      Self.sample(at: $0, theme: theme)
    }
    if entry.runs.isEmpty { elements.append(plot.drawMessage("nothing kept")) }
    return elements
      + plot.drawAxes(
        xName: place.isLowest ? .symbol("x") : nil,
        yName: place.isLeft ? .symbol("f") + " (" + .symbol("x") + ")" : nil,
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
