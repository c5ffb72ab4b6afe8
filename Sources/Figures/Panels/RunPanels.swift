import Model

/// A run and what was recorded of it.
public struct PanelRun<Record: Sendable>: Sendable {
  /// m.
  public var width: Double
  /// The seed.
  public var seed: UInt64
  /// Its neurons, its trajectory, its function.
  public var record: Record

  /// A run.
  public init(width: Double, seed: UInt64, record: Record) {
    self.width = width
    self.seed = seed
    self.record = record
  }

  /// `m = 1000, seed 0`.
  var name: String { "m = \(Numeral.width(width)), seed \(seed)" }
}

/// Runs of which the same was recorded, at one setting or several: a panel for each setting, a
/// colour for each width.
public struct RunPanels<Record: Sendable>: Sendable {
  /// What is shown of one setting.
  public struct Entry: Sendable {
    /// The parameters.
    public var setting: Setting
    /// Its runs, in any order.
    public var runs: [PanelRun<Record>]

    /// An entry.
    public init(setting: Setting, runs: [PanelRun<Record>]) {
      self.setting = setting
      self.runs = runs
    }

    /// How many runs there are; without any, what was not recorded.
    func count(of what: String) -> String {
      runs.isEmpty ? "no \(what) were recorded here" : counted(runs.count, "run")
    }

    /// The narrowest first.
    var ascending: [PanelRun<Record>] { runs.sorted { ($0.width, $0.seed) < ($1.width, $1.seed) } }
    /// In descending width, so that narrow networks, which are few neurons and vary more, lie
    /// above.
    var descending: [PanelRun<Record>] { runs.sorted { ($1.width, $1.seed) < ($0.width, $0.seed) } }
  }

  /// A panel for each.
  public var entries: [Entry]
  /// What the names mean.
  public var context: FigureContext
  /// What is around them.
  public var frame: PanelFrame
  /// Widths that have a colour, too, though they are not shown: those of figures beside this one.
  public var widthsBeside: [Double]

  /// Panels.
  public init(
    entries: [Entry], context: FigureContext, frame: PanelFrame, widthsBeside: [Double] = []
  ) {
    self.entries = entries
    self.context = context
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
  /// - Parameter remarks: what there is to say of an entry, a line each.
  func sheet<Layout: RunLayout<Record>>(
    _ layout: Layout, subtitle: String, legend: Legend, remarks: (Entry) -> [RichText]
  ) -> PanelSheet {
    PanelSheet(
      frame: frame, subtitle: subtitle,
      panels: entries.map { entry in
        PanelSheet.Panel(name: context.heading(entry.setting), remarks: remarks(entry)) {
          layout.draw(entry, at: $0, $1)
        }
      },
      panelWidth: layout.width, panelHeight: layout.height, legend: legend)
  }

  /// What descriptions say of the entries, the first 40 of them.
  func described(_ text: (Entry) -> String) -> String {
    entries.prefix(40).map { "\(context.text($0.setting)); \(text($0))." }.joined(separator: " ")
  }
}

/// How panels of runs are laid out and drawn.
protocol RunLayout<Record> {
  associatedtype Record: Sendable

  /// The size of a panel without its name and remarks.
  var width: Double { get }
  var height: Double { get }

  /// A panel with its upper left corner at a point.
  func draw(_ entry: RunPanels<Record>.Entry, at corner: Point, _ position: PanelSheet.Position) -> [Element]
}
