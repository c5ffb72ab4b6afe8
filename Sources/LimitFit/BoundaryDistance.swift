import Model
import RealModule

/// How far the fitted boundary lies from that of a theory, in the plane.
public struct BoundaryDistance: Hashable, Sendable, Codable {
  /// Root mean square over the length of the fitted boundary, and maximum, of the distance to the
  /// theoretical one; in the plane's units, like all that follow.
  public var rms: Double, maximum: Double
  /// The same the other way round, over the part of the theoretical boundary in the range of the
  /// settings: a fitted boundary with gaps is far from it.
  public var rmsFromTheory: Double, maximumFromTheory: Double
  /// The length of the fitted boundary.
  public var length: Double
  /// The mean width of its 95 % band, which is due to ``PhaseMap/bandSource``; nil where there is
  /// none.
  public var bandWidth: Double?
  /// How many points of the map lie on the theoretical boundary. Where the exponents there are near
  /// 0, the fitted line passes through them, and is nearer than its resolution promises.
  public var pointsOnTheory: Int

  private enum CodingKeys: String, CodingKey {
    case rms, length
    case maximum = "max"
    case rmsFromTheory = "rms_from_theory"
    case maximumFromTheory = "max_from_theory"
    case bandWidth = "band_width"
    case pointsOnTheory = "points_on_theory"
  }

  /// The distances for a map, over all of its slices that have a boundary; nil if none has, or the
  /// theory has none there.
  public init?(_ map: PhaseMap, _ theory: any Theory) {
    var fitted = Samples()
    for line in map.boundary {
      for (a, b) in zip(line.points, line.points.dropFirst()) {
        fitted.add(from: a, to: b) { theory.distanceToBoundary($0) }
      }
    }
    var expected = Samples()
    for slice in Set(map.boundary.map(\.slice)).sorted() {
      let part = map.slice(slice)
      let points = part.points.map { map.plane.point($0.setting) }
      guard let range = PlaneRange(points) else { continue }
      let lines = part.boundary.map(\.points)
      for line in theory.boundary(in: range) {
        for (a, b) in zip(line, line.dropFirst()) {
          guard let piece = range.clip(a, b) else { continue }
          expected.add(from: piece.0, to: piece.1) { point in
            lines.map { point.distance(to: $0) }.min() ?? 0
          }
        }
      }
    }
    guard fitted.length > 0, expected.length > 0 else { return nil }
    rms = fitted.rms
    maximum = fitted.maximum
    rmsFromTheory = expected.rms
    maximumFromTheory = expected.maximum
    length = fitted.length
    let widths = map.boundary.flatMap(\.vertices).compactMap { vertex -> Double? in
      guard let a = vertex.towardsVanishing, let b = vertex.towardsGrowing else { return nil }
      return Double.hypot(a.x - b.x, a.y - b.y)
    }
    pointsOnTheory = map.points.count { theory.distanceToBoundary(map.plane.point($0.setting)) < 1e-9 }
    bandWidth = widths.isEmpty ? nil : widths.reduce(0, +) / Double(widths.count)
  }

  /// Distances at points along a line, each for a piece of its length.
  private struct Samples {
    var length = 0.0, squares = 0.0, maximum = 0.0
    var rms: Double { (squares / length).squareRoot() }

    /// Samples a segment at the middles of pieces of at most a hundredth.
    mutating func add(from a: PlanePoint, to b: PlanePoint, _ distance: (PlanePoint) -> Double) {
      let whole = Double.hypot(b.x - a.x, b.y - a.y)
      guard whole > 0 else { return }
      let pieces = max(1, Int((whole / 0.01).rounded(.up)))
      for i in 0..<pieces {
        let t = (Double(i) + 0.5) / Double(pieces)
        let middle = PlanePoint(x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y))
        let found = distance(middle)
        length += whole / Double(pieces)
        squares += found * found * whole / Double(pieces)
        maximum = max(maximum, found)
      }
    }
  }
}

extension PlaneRange {
  /// The range of some points; nil without any.
  fileprivate init?(_ points: [PlanePoint]) {
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
      let bottom = points.map(\.y).min(), let top = points.map(\.y).max()
    else { return nil }
    self.init(x: left...right, y: bottom...top)
  }

  /// The part of a segment inside the range, its border included; nil if there is none
  /// (Liang & Barsky, ACM Trans. Graph. 3, 1984).
  fileprivate func clip(_ a: PlanePoint, _ b: PlanePoint) -> (PlanePoint, PlanePoint)? {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    var (start, end) = (0.0, 1.0)
    let bounds = [
      (-dx, a.x - x.lowerBound), (dx, x.upperBound - a.x), (-dy, a.y - y.lowerBound),
      (dy, y.upperBound - a.y),
    ]
    for (direction, room) in bounds {
      if direction == 0 {
        if room < 0 { return nil }
      } else if direction < 0 {
        start = max(start, room / direction)
      } else {
        end = min(end, room / direction)
      }
    }
    guard start < end else { return nil }
    return (
      PlanePoint(x: a.x + start * dx, y: a.y + start * dy),
      PlanePoint(x: a.x + end * dx, y: a.y + end * dy)
    )
  }
}
