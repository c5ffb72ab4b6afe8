import Model
import RealModule

/// The part of a plane that a figure shows, and how it lies on the page: x to the right, y upwards.
/// A plane of one parameter is a strip.
struct PhasePlane {
  /// How the axes are scaled.
  enum Form {
    /// Both linear, with units of the same length: distances in the plane mean something.
    case equalUnits
    /// Each in its own way, where units of the same length would make one of them short.
    case free
    /// One axis; the other is the height of the strip.
    case strip
  }

  let x, y: PlaneScale
  /// Where it lies on the page.
  private(set) var frame: Box
  let form: Form

  /// A plane that shows the cells of all points, with its upper left corner at the origin of the
  /// page.
  init(showing points: [PlanePoint], side: Double, form: Form = .equalUnits) {
    self = Self.planes(of: [points], side: side, form: form)[0]
  }

  /// Planes that show the same part of the plane, for points of several slices of it, each with the
  /// cells of its own points.
  ///
  /// With equal units the shorter side is widened to two fifths of the longer one, so that a single
  /// row or column of points is still seen in its surroundings.
  ///
  /// - Parameters:
  ///   - slices: finite places; at least one slice.
  ///   - side: the length of the longer side on the page.
  static func planes(of slices: [[PlanePoint]], side: Double, form: Form) -> [PhasePlane] {
    let all = slices.flatMap { $0 }
    let isFree = form != .equalUnits
    let isLogarithmic = (
      x: isFree && PlaneScale.suitsLogarithm(all.map(\.x)),
      y: form == .free && PlaneScale.suitsLogarithm(all.map(\.y))
    )
    let cells = slices.map { points -> (x: PlaneScale.Cells, y: PlaneScale.Cells) in
      let (xs, ys) = (Set(points.map(\.x)).sorted(), Set(points.map(\.y)).sorted())
      guard form != .strip else {
        return (.init(xs, isLogarithmic: isLogarithmic.x, lone: PlaneScale.loneCell), .init(strip: ys))
      }
      // A single value has no neighbour half-way to which its cell could reach; the other axis
      // lends its step.
      let areAlike = !isLogarithmic.x && !isLogarithmic.y
      let step = PlaneScale.smallestStep(xs) ?? (areAlike ? PlaneScale.smallestStep(ys) : nil)
      let yStep = PlaneScale.smallestStep(ys) ?? (areAlike ? step : nil)
      return (
        .init(xs, isLogarithmic: isLogarithmic.x, lone: step ?? PlaneScale.loneCell),
        .init(ys, isLogarithmic: isLogarithmic.y, lone: yStep ?? PlaneScale.loneCell)
      )
    }
    let wide = PlaneScale.union(cells.compactMap(\.x.range)) ?? 0...2
    let high = PlaneScale.union(cells.compactMap(\.y.range)) ?? -1...1
    var extent = Extent(x: wide, y: high, width: side, height: stripHeight(slices.count) * side)
    if form != .strip {
      let isRow = Set(all.map(\.x)).count == 1 || Set(all.map(\.y)).count == 1
      extent = Self.extent(
        wide, high, side: side, isLone: Set(all).count == 1,
        hasEqualUnits: !isFree || isLogarithmic == (false, false) && (isRow || extent.areSimilar))
    }
    return cells.map { cells in
      PhasePlane(
        x: PlaneScale(range: extent.x, length: extent.width, cells: cells.x, isLogarithmic: isLogarithmic.x),
        y: PlaneScale(range: extent.y, length: extent.height, cells: cells.y, isLogarithmic: isLogarithmic.y),
        frame: Box(minX: 0, minY: 0, maxX: extent.width, maxY: extent.height), form: form)
    }
  }

  /// What is seen along the axes, and how large that is on the page.
  private struct Extent {
    var x, y: ClosedRange<Double>
    var width, height: Double

    /// Whether neither axis is much shorter than the other.
    var areSimilar: Bool { min(x.length, y.length) >= minRatio * max(x.length, y.length) }
  }

  private static func extent(
    _ wide: ClosedRange<Double>, _ high: ClosedRange<Double>, side: Double, isLone: Bool, hasEqualUnits: Bool
  ) -> Extent {
    guard hasEqualUnits || isLone else {
      return Extent(x: wide, y: high, width: side, height: freeHeight * side)
    }
    let longer = max(wide.length, high.length)
    let minSide = isLone ? 4 * longer : minRatio * longer
    let (x, y) = (wide.widened(to: minSide), high.widened(to: minSide))
    let scale = side / max(x.length, y.length)
    return Extent(x: x, y: y, width: x.length * scale, height: y.length * scale)
  }

  /// The shorter side of a plane with equal units is at least this part of the longer one.
  private static let minRatio = 0.4
  /// The height of a plane whose units are not equal, as a part of its width.
  private static let freeHeight = 0.8
  /// That of each of some strips.
  private static func stripHeight(_ count: Int) -> Double { count == 1 ? 0.3 : count < 4 ? 0.2 : 0.1 }

  private init(x: PlaneScale, y: PlaneScale, frame: Box, form: Form) {
    self.x = x
    self.y = y
    self.frame = frame
    self.form = form
  }

  /// Whether a unit along one axis is as long as along the other.
  var hasEqualUnits: Bool { x.isLinear && y.isLinear && (x.unit / y.unit - 1).magnitude < 1e-9 }

  /// Moves its upper left corner on the page.
  mutating func move(to corner: Point) {
    frame = Box(
      minX: corner.x, minY: corner.y, maxX: corner.x + frame.width, maxY: corner.y + frame.height)
  }

  /// Where a point lies on the page.
  func page(_ point: PlanePoint) -> Point {
    Point(x: frame.minX + x.distance(point.x), y: frame.maxY - y.distance(point.y))
  }

  /// The cell of one of the points shown: half-way to its neighbours, as far beyond the outermost.
  /// Nothing for other points.
  func cell(_ point: PlanePoint) -> Box {
    let (wide, high) = (x.cell(point.x), y.cell(point.y))
    return Box(
      minX: frame.minX + wide.lowerBound, minY: frame.maxY - high.upperBound,
      maxX: frame.minX + wide.upperBound, maxY: frame.maxY - high.lowerBound)
  }

  /// A polyline on the page, cut where it leaves the frame.
  func clipped(_ line: [PlanePoint]) -> [[Point]] {
    let points = line.map(page)
    var pieces: [[Point]] = []
    for (a, b) in zip(points, points.dropFirst()) {
      guard let segment = Segment(from: a, to: b).clipped(to: frame), segment.length > 0 else { continue }
      if let last = pieces.last?.last, last == segment.from {
        pieces[pieces.count - 1].append(segment.to)
      } else {
        pieces.append([segment.from, segment.to])
      }
    }
    return pieces
  }

  /// The part of the plane inside the frame. With logarithmic axes it has no use.
  var range: PlaneRange { PlaneRange(x: x.range, y: y.range) }

  /// The line y = x inside the frame; none where units are not equal.
  var diagonal: [[Point]] {
    guard hasEqualUnits, form != .strip else { return [] }
    let low = min(x.range.lowerBound, y.range.lowerBound)
    let high = max(x.range.upperBound, y.range.upperBound)
    return clipped([PlanePoint(x: low, y: low), PlanePoint(x: high, y: high)])
  }
}
