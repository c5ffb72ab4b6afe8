import Model
import RealModule

/// How far the fitted boundary lies from the theoretical one, in the (γ, γ') plane.
public struct BoundaryDistance: Hashable, Sendable, Codable {
  /// Root mean square over the length of the fitted boundary, and maximum, of the distance to the theoretical one.
  public var rms: Double, maximum: Double
  /// The same the other way round, over the part of the theoretical boundary that lies within the axes: a fitted boundary with
  /// gaps is far from it.
  public var rmsFromTheory: Double, maximumFromTheory: Double
  /// The length of the fitted boundary.
  public var length: Double
  /// The mean width of its 95 % band; nil where there is none.
  public var bandWidth: Double?

  private enum CodingKeys: String, CodingKey {
    case rms, length
    case maximum = "max"
    case rmsFromTheory = "rms_from_theory"
    case maximumFromTheory = "max_from_theory"
    case bandWidth = "band_width"
  }

  /// The distances for a map; nil if it has no boundary, or the theory has none there.
  public init?(_ map: PhaseMap) {
    let gamma = map.points.map(\.point.x)
    let gammaPrime = map.points.map(\.point.y)
    guard !map.boundary.isEmpty, let left = gamma.min(), let right = gamma.max(),
      let bottom = gammaPrime.min(),
      let top = gammaPrime.max()
    else { return nil }
    var fitted = Samples()
    for line in map.boundary {
      for (a, b) in zip(line.points, line.points.dropFirst()) {
        fitted.add(from: a, to: b) { $0.distanceToTheoreticalBoundary }
      }
    }
    var theory = Samples()
    let lines = map.boundary.map(\.points)
    func toFitted(_ point: PlanePoint) -> Double { lines.map { point.distance(to: $0) }.min() ?? 0 }
    if left <= 1, right >= 1, bottom < min(0, top) {
      theory.add(
        from: PlanePoint(x: 1, y: bottom), to: PlanePoint(x: 1, y: min(0, top)),
        toFitted)
    }
    // (1 + t, t) from t ≥ 0.
    let (start, end) = (max(0, left - 1, bottom), min(right - 1, top))
    if start < end {
      theory.add(
        from: PlanePoint(x: 1 + start, y: start),
        to: PlanePoint(x: 1 + end, y: end),
        toFitted)
    }
    guard fitted.length > 0, theory.length > 0 else { return nil }
    rms = fitted.rms
    maximum = fitted.maximum
    rmsFromTheory = theory.rms
    maximumFromTheory = theory.maximum
    length = fitted.length
    let widths = map.boundary.flatMap(\.vertices).compactMap { vertex -> Double? in
      guard let a = vertex.towardsVanishing, let b = vertex.towardsGrowing else { return nil }
      return Double.hypot(a.x - b.x, a.y - b.y)
    }
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
        let d = distance(
          PlanePoint(
            gamma: a.x + t * (b.x - a.x),
            gammaPrime: a.y + t * (b.y - a.y)))
        length += whole / Double(pieces)
        squares += d * d * whole / Double(pieces)
        maximum = max(maximum, d)
      }
    }
  }
}
