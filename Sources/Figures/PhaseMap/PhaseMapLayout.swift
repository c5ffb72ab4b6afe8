/// Where the parts of a phase map lie on the page: heading, plane with its axes, colour bar to its right,
/// legend below.
struct PhaseMapLayout {
  let page: Box
  let plane: PhasePlane
  let axes: PlaneAxes
  /// Positions on base lines.
  let title, subtitle: Point
  /// The colours of the bar; nil without one.
  let bar: Box?
  /// The upper left corner of the legend.
  let legend: Point

  /// The length of the longer side of the plane.
  static let side = 480.0
  /// White space along the border of the page.
  static let margin = 22.0
  /// The height of title and subtitle.
  private static let headingHeight = 54.0
  /// Of the names above the colour bar.
  private static let nameHeight = 26.0
  private static let barGap = 28.0
  private static let leastWidth = 420.0

  /// The upper left corner of the plane.
  ///
  /// - Parameters:
  ///   - hasHeading: whether there is a title above.
  ///   - hasBar: whether there is a colour bar.
  static func corner(axes: PlaneAxes, hasHeading: Bool, hasBar: Bool) -> Point {
    Point(
      x: margin + axes.leftReach,
      y: margin + (hasHeading ? headingHeight : 0) + (hasBar ? nameHeight : hasHeading ? 8 : 0))
  }

  /// The layout around a plane that lies where it is to be.
  ///
  /// - Parameters:
  ///   - barReach: how far the colour bar reaches to the right of its colours; nil without one.
  ///   - heading: may be empty.
  init(plane: PhasePlane, axes: PlaneAxes, barReach: Double?, legend: Legend, heading: String) {
    let frame = plane.frame
    let barX = frame.maxX + max(Self.barGap, axes.rightReach + 8)
    bar = barReach.map { _ in
      Box(minX: barX, minY: frame.minY, maxX: barX + ColourBar.width, maxY: frame.maxY)
    }
    let right = barReach.map { barX + ColourBar.width + $0 } ?? frame.maxX + axes.rightReach
    let headingWidth = TextMetrics.width(heading, size: Style.titleSize, bold: true)
    let width = max(
      right + Self.margin, Self.leastWidth, legend.leastWidth + 2 * Self.margin,
      min(headingWidth, Self.side) + 2 * Self.margin)
    let legendTop = frame.maxY + PlaneAxes.lowerReach + 14
    let height = legendTop + legend.height(width: width - 2 * Self.margin) + Self.margin - 6
    page = Box(minX: 0, minY: 0, maxX: width.rounded(.up), maxY: height.rounded(.up))
    self.plane = plane
    self.axes = axes
    title = Point(x: Self.margin, y: 38)
    subtitle = Point(x: Self.margin, y: 62)
    self.legend = Point(x: Self.margin, y: legendTop)
  }
}
