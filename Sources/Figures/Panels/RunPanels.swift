import Model

/// A run and what was kept of it.
public struct KeptRun<Kept: Sendable>: Sendable {
  /// m.
  public var width: Int
  /// The seed.
  public var seed: UInt64
  /// Its neurons, its trajectory, its function.
  public var kept: Kept

  /// A run.
  public init(width: Int, seed: UInt64, kept: Kept) {
    self.width = width
    self.seed = seed
    self.kept = kept
  }
}

/// Runs of which the same was kept, at one phase point or several: a panel for each point, a colour for each width.
public struct RunPanels<Kept: Sendable>: Sendable {
  /// What is shown of one point.
  public struct Entry: Sendable {
    /// (γ, γ').
    public var point: PhasePoint
    /// Its runs, in any order.
    public var runs: [KeptRun<Kept>]

    /// An entry.
    public init(point: PhasePoint, runs: [KeptRun<Kept>]) {
      self.point = point
      self.runs = runs
    }

    /// How many runs there are; without any, what was not kept.
    func count(of what: String) -> String {
      runs.isEmpty ? "no \(what) were kept here" : Numeral.count(runs.count, "run")
    }

    /// The narrowest first.
    var ascending: [KeptRun<Kept>] { runs.sorted { ($0.width, $0.seed) < ($1.width, $1.seed) } }
    /// The widest first, so that narrow networks, which are few neurons and scatter, lie above.
    var descending: [KeptRun<Kept>] { runs.sorted { ($1.width, $1.seed) < ($0.width, $0.seed) } }
  }

  /// A panel for each.
  public var entries: [Entry]
  /// What is around them.
  public var frame: PanelFrame
  /// Widths that have a colour, too, though they are not shown: those of figures beside this one.
  public var widthsBeside: [Int]

  /// Panels.
  public init(entries: [Entry], frame: PanelFrame, widthsBeside: [Int] = []) {
    self.entries = entries
    self.frame = frame
    self.widthsBeside = widthsBeside
  }

  /// The colour of each width.
  var colours: WidthColours {
    WidthColours(entries.flatMap { $0.runs.map(\.width) }, beside: widthsBeside, theme: frame.theme)
  }

  /// Whether there is one panel, and room for it.
  var isLarge: Bool { frame.size.isLarge(entries.count) }

  /// The panels with what is around them.
  ///
  /// - Parameters:
  ///   - remarks: what there is to say of an entry, a line each.
  func sheet<Layout: RunLayout<Kept>>(
    _ layout: Layout, subtitle: String, legend: Legend, remarks: (Entry) -> [RichText]
  ) -> PanelSheet {
    PanelSheet(
      frame: frame, subtitle: subtitle,
      panels: entries.map { entry in
        PanelSheet.Panel(name: PanelSheet.name(of: entry.point), remarks: remarks(entry)) {
          layout.draw(entry, at: $0, $1)
        }
      },
      panelWidth: layout.width, panelHeight: layout.height, legend: legend)
  }
}

/// How panels of runs are laid out and drawn.
protocol RunLayout<Kept> {
  associatedtype Kept: Sendable

  /// The size of a panel without its name and remarks.
  var width: Double { get }
  var height: Double { get }

  /// A panel with its upper left corner at a point.
  func draw(_ entry: RunPanels<Kept>.Entry, at corner: Point, _ place: PanelSheet.Place) -> [Element]
}
