import Model
import RealModule

/// Ticks, numbers and names along the lower and the left side of a plane.
struct PlaneAxes {
  /// A mark with its number.
  struct Tick {
    var value: Double
    var label: RichText
  }

  /// Along the abscissa and the ordinate; a strip has no ordinate.
  let x, y: [Tick]
  private let abscissa, ordinate: Name?

  /// The name of an axis.
  private struct Name {
    var text: RichText
    /// Whether it is a symbol, as short as one: such a one stands upright beside the ordinate.
    var isSymbol: Bool

    init(_ parameter: Parameter) {
      text = RichText(name: parameter.symbol)
      isSymbol =
        text.pieces.allSatisfy { $0.form == .symbol }
        && text.width(size: Style.symbolSize) <= PlaneAxes.maxSymbol
    }

    init(typed words: String) {
      text = RichText(typed: words)
      isSymbol = false
    }

    var size: Double { isSymbol ? Style.symbolSize : nameSize }
  }

  private static let tick = 5.0
  private static let labelGap = 4.0
  private static let nameSize = 15.0
  private static let nameGap = 12.0
  /// The width of a symbol beside the ordinate.
  private static let maxSymbol = 28.0

  /// The axes of a plane, named by its parameters unless a user has other words.
  ///
  /// With equal units the step is the same on both; an axis too short for two ticks of that step
  /// has a finer one of its own.
  init(of plane: PhasePlane, context: FigureContext, words: FigureWords = FigureWords()) {
    abscissa = words.abscissa.map(Name.init(typed:)) ?? Name(context.parameter(context.plane.x))
    ordinate =
      plane.form == .strip
      ? nil
      : words.ordinate.map(Name.init(typed:)) ?? context.plane.y.map { Name(context.parameter($0)) }
    let longer = plane.frame.width >= plane.frame.height ? plane.x : plane.y
    let shared = plane.hasEqualUnits ? longer : nil
    x = Self.ticks(plane.x, sharing: shared, length: plane.frame.width, sideBySide: true)
    y =
      plane.form == .strip
      ? [] : Self.ticks(plane.y, sharing: shared, length: plane.frame.height, sideBySide: false)
  }

  /// The ticks of an axis.
  ///
  /// - Parameters:
  ///   - shared: an axis whose step is to be used; nil: one of its own.
  ///   - length: of the axis on the page.
  ///   - sideBySide: whether numbers stand beside each other, and need room for their width.
  private static func ticks(
    _ scale: PlaneScale, sharing shared: PlaneScale?, length: Double, sideBySide: Bool
  )
    -> [Tick]
  {
    let limit = length < 300 ? 5 : 7
    let (low, high) = (scale.range.lowerBound, scale.range.upperBound)
    if scale.isLogarithmic {
      let ticks = LogTicks(from: Double.exp10(low), to: Double.exp10(high), atMost: limit)
      return ticks.values.map { Tick(value: $0, label: LogTicks.label($0)) }
    }
    let other = (shared ?? scale).range
    var ticks = Ticks(
      from: low, to: high, step: TidyStep(from: other.lowerBound, to: other.upperBound, atMost: limit))
    if ticks.values.count < 2 {
      ticks = Ticks(from: low, to: high, step: TidyStep(from: low, to: high, atMost: 4))
    }
    func width(_ ticks: Ticks) -> Double {
      ticks.labels.map { TextMetrics.width($0, size: Style.textSize) }.max() ?? 0
    }
    while sideBySide && width(ticks) + 10 > ticks.step.value * scale.unit {
      ticks = Ticks(from: low, to: high, step: ticks.step.next)
    }
    return zip(ticks.values, ticks.labels).map { Tick(value: $0, label: RichText($1)) }
  }

  private static func maxWidth(_ ticks: [Tick]) -> Double {
    ticks.map { $0.label.width(size: Style.textSize) }.max() ?? 0
  }

  /// How far they reach to the left of the plane.
  var leftReach: Double {
    guard ordinate != nil else { return Self.maxWidth(x) / 2 }
    return Self.tick + Self.labelGap + Self.maxWidth(y) + Self.nameGap + Style.symbolSize
  }
  /// How far the number below its right end may reach beyond the plane.
  var rightReach: Double { Self.maxWidth(x) / 2 }
  /// How far they reach below the plane.
  static let lowerReach = 50.0

  /// The axes around a plane; one that stands beside or above others of the same axes has marks
  /// alone on the sides that they share.
  func draw(around plane: PhasePlane, theme: Theme, isLeft: Bool = true, isLowest: Bool = true) -> Element {
    let frame = plane.frame
    var group = Element("g", ["class": "axes"])
    func add(_ element: Element) { group.content.append(.element(element)) }
    for tick in x {
      let place = frame.minX + plane.x.distance(tick.value)
      let end = Point(x: place, y: frame.maxY + Self.tick)
      add(.line(Segment(from: Point(x: place, y: frame.maxY), to: end), ["stroke": theme.ink]))
      guard isLowest else { continue }
      add(.text(tick.label, at: Point(x: place, y: end.y + 16), anchor: .middle, fill: theme.softInk))
    }
    for tick in y {
      let place = frame.maxY - plane.y.distance(tick.value)
      let end = Point(x: frame.minX - Self.tick, y: place)
      add(.line(Segment(from: Point(x: frame.minX, y: place), to: end), ["stroke": theme.ink]))
      guard isLeft else { continue }
      add(
        .text(
          tick.label, at: Point(x: end.x - Self.labelGap, y: place + 5), anchor: .end, fill: theme.softInk))
    }
    if isLowest, let abscissa {
      add(
        .text(
          abscissa.text.truncated(size: abscissa.size, to: frame.width),
          at: Point(x: frame.centre.x, y: frame.maxY + 44), size: abscissa.size, anchor: .middle))
    }
    let left = frame.minX - leftReach + 2
    if isLeft, let ordinate {
      add(
        ordinate.isSymbol
          ? .text(ordinate.text, at: Point(x: left, y: frame.centre.y + 5), size: ordinate.size)
          : .text(
            ordinate.text.truncated(size: ordinate.size, to: frame.height),
            at: Point(x: left + 13, y: frame.centre.y), size: ordinate.size, anchor: .middle, turned: true))
    }
    return group
  }
}
