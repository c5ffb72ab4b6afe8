/// Ticks, numbers and names along the lower and the left side of a phase plane.
struct PlaneAxes {
  let gamma, gammaPrime: Ticks
  /// The names of the axes that a user gave; nil: γ and γ′.
  let abscissa, ordinate: RichText?

  private static let tick = 5.0
  private static let labelGap = 4.0
  private static let nameSize = 15.0
  private static let nameGap = 12.0

  /// Axes with the same step on both, as the plane has the same scale on both; an axis too short for two
  /// ticks of that step has a finer one of its own.
  init(of plane: PhasePlane, words: FigureWords = FigureWords()) {
    abscissa = words.abscissa.map(RichText.init(typed:))
    ordinate = words.ordinate.map(RichText.init(typed:))
    let longer = plane.frame.width >= plane.frame.height ? plane.gamma : plane.gammaPrime
    let step = TidyStep(from: longer.lowerBound, to: longer.upperBound, atMost: 7)
    func ticks(_ range: ClosedRange<Double>, sideBySide: Bool) -> Ticks {
      let (low, high) = (range.lowerBound, range.upperBound)
      var ticks = Ticks(from: low, to: high, step: step)
      if ticks.values.count < 2 {
        ticks = Ticks(from: low, to: high, step: TidyStep(from: low, to: high, atMost: 4))
      }
      while sideBySide && Self.widest(ticks) + 10 > ticks.step.value * plane.scale {
        ticks = Ticks(from: low, to: high, step: ticks.step.next)
      }
      return ticks
    }
    gamma = ticks(plane.gamma, sideBySide: true)
    gammaPrime = ticks(plane.gammaPrime, sideBySide: false)
  }

  private static func widest(_ ticks: Ticks) -> Double {
    ticks.labels.map { TextMetrics.width($0, size: Style.textSize) }.max() ?? 0
  }

  private var labelWidth: Double { Self.widest(gammaPrime) }

  /// How far they reach to the left of the plane.
  var leftReach: Double { Self.tick + Self.labelGap + labelWidth + Self.nameGap + Style.symbolSize }
  /// How far the number below its right end may reach beyond the plane.
  var rightReach: Double { Self.widest(gamma) / 2 }
  /// How far they reach below the plane.
  static let lowerReach = 50.0

  /// The axes around a plane.
  func draw(around plane: PhasePlane, theme: Theme) -> Element {
    let frame = plane.frame
    var group = Element("g", ["class": "axes"])
    func add(_ element: Element) { group.content.append(.element(element)) }
    for (value, label) in zip(gamma.values, gamma.labels) {
      let x = frame.minX + (value - plane.gamma.lowerBound) * plane.scale
      let end = Point(x: x, y: frame.maxY + Self.tick)
      add(.line(Segment(from: Point(x: x, y: frame.maxY), to: end), ["stroke": theme.ink]))
      add(.text(RichText(label), at: Point(x: x, y: end.y + 16), anchor: .middle, fill: theme.softInk))
    }
    for (value, label) in zip(gammaPrime.values, gammaPrime.labels) {
      let y = frame.maxY - (value - plane.gammaPrime.lowerBound) * plane.scale
      let end = Point(x: frame.minX - Self.tick, y: y)
      add(.line(Segment(from: Point(x: frame.minX, y: y), to: end), ["stroke": theme.ink]))
      add(
        .text(
          RichText(label), at: Point(x: end.x - Self.labelGap, y: y + 5), anchor: .end, fill: theme.softInk))
    }
    let below = Point(x: frame.centre.x, y: frame.maxY + 44)
    if let abscissa {
      add(
        .text(
          abscissa.truncated(size: Self.nameSize, to: frame.width), at: below, size: Self.nameSize,
          anchor: .middle))
    } else {
      add(.text(.symbol("γ"), at: below, size: Style.symbolSize, anchor: .middle))
    }
    let left = frame.minX - leftReach + 2
    if let ordinate {
      add(
        .text(
          ordinate.truncated(size: Self.nameSize, to: frame.height),
          at: Point(x: left + 13, y: frame.centre.y),
          size: Self.nameSize, anchor: .middle, turned: true))
    } else {
      add(.text(.symbol("γ′"), at: Point(x: left, y: frame.centre.y + 5), size: Style.symbolSize))
    }
    return group
  }
}
