import Model

/// What networks learned, at one setting or several: f before and after training, through the
/// samples, in one colour for each width.
public struct FunctionFigure: Figure {
  /// The runs.
  public var panels: RunPanels<FunctionSnapshot>
  /// The training data, drawn if their inputs are numbers; nil: the worker has data of its own.
  public var samples: SampleSet?

  /// A figure.
  public init(_ panels: RunPanels<FunctionSnapshot>, samples: SampleSet?) {
    self.panels = panels
    self.samples = samples
  }

  /// The samples that are drawn.
  private var shownSamples: [(x: Double, y: Double)] {
    guard let samples, samples.dimension == 1 else { return [] }
    return zip(samples.x, samples.y).map { ($0[0], $1) }
  }

  /// The picture.
  public var document: FigureDocument {
    let colours = panels.colours
    let layout = FunctionLayout(
      panels.entries, colours: colours, samples: shownSamples, isLarge: panels.isLarge)
    let sheet = panels.sheet(
      layout,
      subtitle: "the function of the network before and after training"
        + (shownSamples.isEmpty ? "" : ", and the samples"),
      legend: legend(colours)
    ) { [RichText($0.count(of: "functions"))] }
    return sheet.document(kind: "functions", name: "Learned functions", description: description)
  }

  private var description: String {
    "The function f that the network computes against its input x: before training (dashed) and after it "
      + "(solid)"
      + (samples.map { ", and the \($0.count) samples" } ?? "") + ". "
      + panels.described { $0.count(of: "functions") }
  }

  private func legend(_ colours: WidthColours) -> Legend {
    let theme = colours.theme
    var entries = colours.lines
    guard !entries.isEmpty else { return Legend(entries: []) }
    entries.append(
      .init(text: "before training") {
        [FunctionLayout.line($0.across(), colour: theme.softInk, isBefore: true)]
      })
    if !shownSamples.isEmpty {
      entries.append(.init(text: "sample") { [FunctionLayout.sample(at: $0.centre, theme: theme)] })
    }
    return Legend(entries: entries)
  }
}

/// How function panels are laid out and drawn.
struct FunctionLayout: RunLayout {
  private let colours: WidthColours
  private let samples: [(x: Double, y: Double)]
  private let isLarge: Bool
  /// Room for the numbers of all panels.
  private let leftReach: Double

  init(
    _ entries: [RunPanels<FunctionSnapshot>.Entry], colours: WidthColours, samples: [(x: Double, y: Double)],
    isLarge: Bool
  ) {
    self.colours = colours
    self.samples = samples
    self.isLarge = isLarge
    leftReach = Plot.leftReach(entries.map { Self.axes(of: $0, samples, isLarge: isLarge).y })
  }

  private var theme: Theme { colours.theme }
  private var plotWidth: Double { Plot.frameWidth(isLarge: isLarge) }
  private var plotHeight: Double { isLarge ? 320 : 180 }

  var width: Double { leftReach + plotWidth + 16 }
  var height: Double { plotHeight + Plot.lowerReach }

  /// What is seen. The samples and what was learned of them are shown whole; what was there before
  /// may go far beyond.
  private static func axes(
    of entry: RunPanels<FunctionSnapshot>.Entry, _ samples: [(x: Double, y: Double)], isLarge: Bool
  ) -> (x: PlotAxis, y: PlotAxis) {
    let points = entry.runs.flatMap(\.record.points)
    let xs = points.map { Double($0.x) } + samples.map(\.x)
    let wanted = points.map { Double($0.after) } + samples.map(\.y)
    let (low, high) = (wanted.min() ?? -1, wanted.max() ?? 1)
    let size = max(high - low, 1e-6 * max(abs(low), abs(high)), 1e-9)
    let before = points.map { Double($0.before) }
    let bottom = max(min(low, before.min() ?? low), low - 0.6 * size)
    let top = min(max(high, before.max() ?? high), high + 0.6 * size)
    let margin = 0.08 * max(top - bottom, size)
    return (
      .linear(from: xs.min() ?? -1, to: xs.max() ?? 1, atMost: isLarge ? 8 : 5),
      .linear(from: bottom - margin, to: top + margin, atMost: isLarge ? 7 : 5)
    )
  }

  func draw(
    _ entry: RunPanels<FunctionSnapshot>.Entry, at corner: Point, _ position: PanelSheet.Position
  ) -> [Element] {
    let x = corner.x + leftReach
    let frame = Box(minX: x, minY: corner.y, maxX: x + plotWidth, maxY: corner.y + plotHeight)
    let axes = Self.axes(of: entry, samples, isLarge: isLarge)
    let plot = Plot(frame: frame, x: axes.x, y: axes.y, theme: theme)
    var elements = [plot.drawGrid()]
    let runs = entry.descending
    for isBefore in [true, false] {
      for (i, run) in runs.enumerated() {
        let places = run.record.points.sorted { $0.x < $1.x }.map {
          plot.page(Double($0.x), Double(isBefore ? $0.before : $0.after))
        }
        let path = plot.clipped(Simplification.simplified(places, within: 0.2))
        guard !path.isEmpty else { continue }
        var element = Self.line(
          path, colour: colours.colour(run.width), isBefore: isBefore,
          width: Stacking.width(runs.count - 1 - i))
        element.content = [
          .element(Element("title", text: "\(run.name), \(isBefore ? "before" : "after")"))
        ]
        elements.append(element)
      }
    }
    elements += samples.map { plot.page($0.x, $0.y) }.filter(plot.contains).map {
      Self.sample(at: $0, theme: theme)
    }
    if entry.runs.isEmpty { elements.append(plot.drawMessage("nothing recorded")) }
    return elements
      + plot.drawAxes(
        xName: position.isLowest ? .symbol("x") : nil,
        yName: position.isLeft ? .symbol("f") + " (" + .symbol("x") + ")" : nil,
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
