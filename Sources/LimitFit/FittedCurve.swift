import Model
import RealModule

/// The curve that the fit draws through the runs of a setting: the order parameter against the
/// width, averaged over the models.
public struct FittedCurve: Hashable, Sendable {
  /// The curve at one width.
  public struct Point: Hashable, Sendable {
    /// m, not necessarily whole.
    public var width: Double
    /// The order parameter, e^μ, μ being the posterior mean of its logarithm.
    public var value: Double
    /// The ends of its 95 % interval, pointwise: e^(μ ± t s) with the standard deviation s of μ,
    /// over models and within each. It is about the curve, not about single runs.
    public var low: Double, high: Double

    /// A point.
    public init(width: Double, value: Double, low: Double, high: Double) {
      self.width = width
      self.value = value
      self.low = low
      self.high = high
    }
  }

  /// Ascending in width; at least two.
  public var points: [Point]

  /// A curve; the points are taken as they are.
  public init(points: [Point]) { self.points = points }
}

/// The fitted curves of a sweep, made when they are asked for.
public struct FittedCurves: Sendable {
  private let points: [Setting: PointData]
  private let isNested: Bool

  /// Curves through the given runs.
  ///
  /// - Parameter observations: all runs of the sweep, in any order: whether seeds are nested is
  ///   decided over all of them.
  public init(_ observations: some Sequence<Observation>) {
    let data = Dictionary(grouping: observations, by: \.run.setting).sorted { $0.key < $1.key }
      .map { PointData(setting: $0.key, observations: $0.value) }
    isNested = PointData.areNested(data)
    points = Dictionary(data.map { ($0.setting, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The curve at a setting: eight points a decade of widths, from the first width that has a run
  /// to the last, both included, and four beyond.
  ///
  /// - Parameters:
  ///   - setting: one of the sweep's.
  ///   - decadesBeyond: how far beyond the last width, where the curve is what the models expect;
  ///     positive.
  /// - Returns: nil where there are too few widths, or the dispersion of seeds is not known.
  public func curve(at setting: Setting, decadesBeyond: Double) -> FittedCurve? {
    guard let data = points[setting], let low = data.measurements.x.first,
      let high = data.measurements.x.last,
      high > low, decadesBeyond > 0
    else { return nil }
    let decade = Double.log(10)
    let steps = max(4, Int((8 * (high - low) / decade).rounded(.up)))
    let inside = (0...steps).map { low + (high - low) * Double($0) / Double(steps) }
    let beyond = (1...4).map { high + decadesBeyond * decade * Double($0) / 4 }
    let curve = PointFitter(data, isNested: isNested).curve(at: inside + beyond)
    return curve.isEmpty ? nil : FittedCurve(points: curve)
  }
}
