/// Where the parts of a phase map lie on the page: heading, planes with their axes, colour bar to
/// the right, legend below.
struct PhaseMapLayout {
  let page: Box
  /// Positions on base lines.
  let title, subtitle: Point
  /// The colours of the bar; nil without one.
  let bar: Box?
  /// The upper left corner of the legend.
  let legend: Point

  /// White space along the border of the page.
  static let margin = 22.0
  /// The height of title and subtitle.
  private static let headingHeight = 54.0
  /// Of the names above the colour bar, or above panels.
  private static let nameHeight = 26.0
  private static let barGap = 28.0
  private static let columnGap = 24.0
  private static let minWidth = 420.0
  /// The length of the longer side of a plane that stands alone.
  private static let side = 480.0

  /// Where a plane stands among the others.
  struct Position {
    /// Its upper left corner.
    var corner: Point
    /// Whether it begins a row.
    var isLeft: Bool
    /// Whether no other is below it.
    var isLowest: Bool
  }

  /// The columns in which so many planes stand; strips stand below each other.
  static func columns(_ count: Int, _ form: PhasePlane.Form) -> Int {
    form == .strip ? 1 : PanelSheet.columns(count)
  }

  /// The length of the longer side of a plane in so many columns.
  static func side(columns: Int) -> Double {
    switch columns {
    case 1: side
    case 2: 340
    case 3: 270
    default: 215
    }
  }

  /// Where planes of one size stand.
  ///
  /// - Parameters:
  ///   - size: their frame, with its corner anywhere.
  ///   - areNamed: whether each has a name above.
  ///   - hasHeading: whether there is a title above all.
  ///   - hasBar: whether there is a colour bar.
  static func positions(
    count: Int, columns: Int, size: Box, axes: PlaneAxes, areNamed: Bool, hasHeading: Bool, hasBar: Bool
  ) -> [Position] {
    let left = margin + axes.leftReach
    let above = hasBar || areNamed ? nameHeight : hasHeading ? 8 : 0
    let top = margin + (hasHeading ? headingHeight : 0) + above
    // Numbers at neighbouring ends of two axes need room for half of each.
    let gap = max(columnGap, 2 * axes.rightReach + 8)
    return (0..<count).map { i in
      Position(
        corner: Point(
          x: left + Double(i % columns) * (size.width + gap),
          y: top + Double(i / columns) * (size.height + nameHeight + 10)),
        isLeft: i % columns == 0, isLowest: i + columns >= count)
    }
  }

  /// The layout around planes that lie where they are to be.
  ///
  /// - Parameters:
  ///   - frames: at least one.
  ///   - barReach: how far the colour bar reaches to the right of its colours; nil without one.
  ///   - heading: may be empty.
  init(frames: [Box], axes: PlaneAxes, barReach: Double?, legend: Legend, heading: String) {
    let frame = frames.dropFirst().reduce(frames[0]) { $0.union($1) }
    let barX = frame.maxX + max(Self.barGap, axes.rightReach + 8)
    bar = barReach.map { _ in
      Box(minX: barX, minY: frame.minY, maxX: barX + ColourBar.width, maxY: frame.maxY)
    }
    let right = barReach.map { barX + ColourBar.width + $0 } ?? frame.maxX + axes.rightReach
    let headingWidth = TextMetrics.width(heading, size: Style.titleSize, bold: true)
    let width = max(
      right + Self.margin, Self.minWidth, legend.minWidth + 2 * Self.margin,
      min(headingWidth, Self.side) + 2 * Self.margin)
    let legendTop = frame.maxY + PlaneAxes.lowerReach + 14
    let height = legendTop + legend.height(width: width - 2 * Self.margin) + Self.margin - 6
    page = Box(minX: 0, minY: 0, maxX: width.rounded(.up), maxY: height.rounded(.up))
    title = Point(x: Self.margin, y: 38)
    subtitle = Point(x: Self.margin, y: 62)
    self.legend = Point(x: Self.margin, y: legendTop)
  }
}
