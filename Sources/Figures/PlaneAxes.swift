/// Ticks, numbers and names along the lower and the left side of a phase plane.
struct PlaneAxes {
  let gamma, gammaPrime: Ticks

  private static let tick = 5.0
  private static let labelGap = 4.0
  private static let nameGap = 14.0

  /// Axes with the same step on both, as the plane has the same scale on both; an axis too short for two
  /// ticks of that step has a finer one of its own.
  init(of plane: PhasePlane) {
    let longer = plane.frame.width >= plane.frame.height ? plane.gamma : plane.gammaPrime
    var step = TidyStep(notAbove: (longer.upperBound - longer.lowerBound) / 7)
    while step.multiples(from: longer.lowerBound, to: longer.upperBound).count > 7 { step = step.next }
    func ticks(_ range: ClosedRange<Double>) -> Ticks {
      let common = Ticks(from: range.lowerBound, to: range.upperBound, step: step)
      if common.values.count >= 2 { return common }
      return Ticks(from: range.lowerBound, to: range.upperBound, limit: 4)
    }
    gamma = ticks(plane.gamma)
    gammaPrime = ticks(plane.gammaPrime)
  }

  private var labelWidth: Double {
    gammaPrime.labels.map { TextMetrics.width($0, size: Style.textSize) }.max() ?? 0
  }

  /// How far they reach to the left of the plane.
  var leftReach: Double { Self.tick + Self.labelGap + labelWidth + Self.nameGap + Style.symbolSize }
  /// How far they reach below the plane.
  static let lowerReach = 50.0

  /// The axes around a plane.
  func draw(around plane: PhasePlane) -> Element {
    let frame = plane.frame
    var group = Element("g", ["class": "axes"])
    func add(_ element: Element) { group.content.append(.element(element)) }
    for (value, label) in zip(gamma.values, gamma.labels) {
      let x = frame.minX + (value - plane.gamma.lowerBound) * plane.scale
      let end = Point(x: x, y: frame.maxY + Self.tick)
      add(.line(Segment(from: Point(x: x, y: frame.maxY), to: end), ["stroke": Style.ink]))
      add(.text(RichText(label), at: Point(x: x, y: end.y + 16), anchor: .middle, fill: Style.softInk))
    }
    for (value, label) in zip(gammaPrime.values, gammaPrime.labels) {
      let y = frame.maxY - (value - plane.gammaPrime.lowerBound) * plane.scale
      let end = Point(x: frame.minX - Self.tick, y: y)
      add(.line(Segment(from: Point(x: frame.minX, y: y), to: end), ["stroke": Style.ink]))
      add(
        .text(
          RichText(label), at: Point(x: end.x - Self.labelGap, y: y + 5), anchor: .end, fill: Style.softInk))
    }
    add(
      .text(
        .symbol("γ"), at: Point(x: frame.centre.x, y: frame.maxY + 44), size: Style.symbolSize,
        anchor: .middle))
    add(
      .text(
        .symbol("γ′"), at: Point(x: frame.minX - leftReach + 2, y: frame.centre.y + 5),
        size: Style.symbolSize))
    return group
  }
}
