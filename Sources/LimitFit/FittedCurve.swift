import Model
import RealModule

/// The curve that the fit draws through the runs of a phase point: RD against the width, averaged over the models.
public struct FittedCurve: Hashable, Sendable {
  /// The curve at one width.
  public struct Point: Hashable, Sendable {
    /// m, not necessarily whole.
    public var width: Double
    /// RD = e^μ, μ being the posterior mean of log RD.
    public var rd: Double
    /// The ends of its 95 % interval, pointwise: e^(μ ± t s) with the standard deviation s of μ, over models and within
    /// each. It is about the curve, not about single runs.
    public var low: Double, high: Double
  }

  /// Ascending in width; at least two.
  public var points: [Point]
}

/// The fitted curves of a sweep, made when they are asked for.
public struct FittedCurves: Sendable {
  private let points: [PhasePoint: PointData]
  private let isNested: Bool

  /// Curves through the given runs.
  ///
  /// - Parameter observations: all runs of the sweep, in any order: whether seeds are nested is decided over all of them.
  public init(_ observations: some Sequence<Observation>) {
    let data = Dictionary(grouping: observations, by: \.run.point).sorted { $0.key < $1.key }
      .map { PointData(point: $0.key, observations: $0.value) }
    isNested = PointData.areNested(data)
    points = Dictionary(data.map { ($0.point, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The curve at a phase point.
  ///
  /// - Parameters:
  ///   - point: one of the sweep's.
  ///   - from: the smallest width; positive.
  ///   - to: the greatest; beyond the widths that were run, the curve is what the models expect.
  ///   - count: how many points, evenly spaced in log m; at least two.
  /// - Returns: nil where there are too few widths, or nothing tells how seeds scatter.
  public func curve(at point: PhasePoint, from: Double, to: Double, count: Int) -> FittedCurve? {
    guard let data = points[point], from > 0, to > from, count >= 2 else { return nil }
    let (low, high) = (Double.log(from), Double.log(to))
    let places = (0..<count).map { low + (high - low) * Double($0) / Double(count - 1) }
    let curve = PointFitter(data, isNested: isNested).curve(at: places)
    return curve.isEmpty ? nil : FittedCurve(points: curve)
  }
}
