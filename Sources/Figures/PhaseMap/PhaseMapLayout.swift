/// Where the parts of a phase map lie on the page: heading, plane with its axes, colour bar to its right,
/// legend below.
struct PhaseMapLayout {
  let page: Box
  let plane: PhasePlane
  let axes: PlaneAxes
  /// Positions on base lines.
  let title, subtitle: Point
  let bar: Box
  /// The upper left corner of the legend.
  let legend: Point

  /// The length of the longer side of the plane.
  static let side = 480.0
  /// White space along the border of the page.
  static let margin = 22.0
  private static let planeTop = 104.0
  private static let barGap = 28.0
  private static let leastWidth = 420.0

  /// The place of a plane of the given size on the page.
  static func frame(width: Double, height: Double, axes: PlaneAxes, range: SymmetricRange) -> Box {
    let x = margin + axes.leftReach
    return Box(minX: x, minY: planeTop, maxX: x + width, maxY: planeTop + height)
  }

  init(plane: PhasePlane, axes: PlaneAxes, range: SymmetricRange, legend: Legend, title heading: String) {
    let frame = plane.frame
    let barX = frame.maxX + max(Self.barGap, axes.rightReach + 8)
    bar = Box(minX: barX, minY: frame.minY, maxX: barX + ColourBar.width, maxY: frame.maxY)
    let headingWidth = TextMetrics.width(heading, size: Style.titleSize, bold: true)
    let width = max(
      bar.maxX + ColourBar.reach(range: range) + Self.margin, Self.leastWidth,
      legend.leastWidth + 2 * Self.margin, min(headingWidth, Self.side) + 2 * Self.margin)
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
