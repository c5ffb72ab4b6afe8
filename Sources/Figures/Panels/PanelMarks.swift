/// The marks of single runs and measurements, as path data around a point.
enum PanelMark: CaseIterable {
  /// A run that converged.
  case value
  /// A run that came to rest above its target.
  case stationary
  /// A run out of budget: at least this much.
  case bound
  /// A run that failed; it has no value.
  case failed
  /// A run whose value is 0, which lies below a logarithmic axis.
  case below

  /// Half the size of a mark.
  static let radius = 3.2

  /// Adds the mark to a path.
  func add(to path: inout PathText, at c: Point) {
    func p(_ dx: Double, _ dy: Double) -> Point { Point(x: c.x + dx, y: c.y + dy) }
    let r = Self.radius
    switch self {
    case .value: path.dot(at: c)
    case .stationary: path.polygon([p(0, -1.35 * r), p(1.35 * r, 0), p(0, 1.35 * r), p(-1.35 * r, 0)])
    case .bound:
      // A tick at the bound, an arrow upwards from it.
      path.polyline([p(-3.5, 0), p(3.5, 0)])
      path.polyline([p(0, 0), p(0, -13)])
      path.polyline([p(-3.2, -9), p(0, -13), p(3.2, -9)])
    case .failed:
      path.polyline([p(-4, -4), p(4, 4)])
      path.polyline([p(-4, 4), p(4, -4)])
    case .below:
      path.polyline([p(0, -12), p(0, 0)])
      path.polyline([p(-3.2, -4), p(0, 0), p(3.2, -4)])
    }
  }

  /// A path of such marks.
  func element(_ path: PathText, colour: String, paper: String) -> Element {
    var element = path.element(["fill": self == .stationary ? paper : "none", "stroke": colour])
    switch self {
    case .value:
      element.attributes += [("stroke-width", "6.4"), ("stroke-linecap", "round")]
    case .failed: element.attributes += [("stroke-width", "1.9"), ("stroke-linecap", "round")]
    case .stationary, .bound, .below:
      element.attributes += [
        ("stroke-width", "1.5"), ("stroke-linejoin", "round"), ("stroke-linecap", "round"),
      ]
    }
    return element
  }

  /// A sample of it for a legend, in the middle of a box.
  func sample(in box: Box, colour: String, paper: String) -> Element {
    var path = PathText()
    let shift: Double = self == .bound ? 6 : self == .below ? 6 : 0
    add(to: &path, at: Point(x: box.centre.x, y: box.centre.y + shift))
    return element(path, colour: colour, paper: paper)
  }
}
