import RealModule

/// The limit of one quantity as a ladder of widths gives it.
public struct LimitEstimate: Hashable, Sendable {
  /// The limit of the quantity itself.
  public struct Value: Hashable, Sendable {
    /// Its log₁₀.
    public var log10: Double
    /// Its relative error.
    public var error: Double
  }

  /// S = lim d log q / d log m.
  public var exponent: Double
  /// Half of the 95 % interval, positive.
  public var halfWidth: Double
  /// lim q, where it is finite and not zero.
  public var limit: Value?
  /// log₁₀ of the width beyond which the local slope stays within
  /// ``LimitRule/crossoverTolerance`` of S; nil: not known.
  public var log10Crossover: Double?

  /// The interval.
  public var interval: ClosedRange<Double> { exponent - halfWidth...exponent + halfWidth }
}

/// From values at widths to an exponent with an interval (`docs/limit.md`): pure functions.
public enum LimitRule {
  /// How near to the exponent local slopes stay beyond the crossover width.
  public static let crossoverTolerance = 0.02
  /// The least half of an interval, for what no comparison sees.
  public static let minHalfWidth = 1e-3

  /// A quantity at a width, both as log₁₀.
  public struct Point: Hashable, Sendable {
    /// log₁₀ m.
    public var x: Double
    /// log₁₀ q.
    public var y: Double

    /// A point.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// The exponent from at least four points at equal distances in log m.
  ///
  /// Corrections to a power law decay as powers of m, so that successive slopes approach S
  /// geometrically: Aitken's extrapolation of the last three. A slope that stands out from its
  /// neighbours belongs to a change of the final state between two widths, which changes the
  /// constant and not the exponent: it does not count.
  ///
  /// - Parameters:
  ///   - points: ascending.
  ///   - nodesError: by how much other nodes change the slope.
  public static func exponent(_ points: [Point], nodesError: Double) -> (value: Double, halfWidth: Double) {
    let all = slopes(points)
    guard let last = all.last else { return (0, .infinity) }
    guard all.count >= 3 else { return (last, spread(all) + nodesError + minHalfWidth) }
    let median = all.sorted()[all.count / 2]
    let rest = all.map { abs($0 - median) }.sorted()
    // Half of the slopes lie that near to their median.
    let typical = max(rest[all.count / 2], 1e-3)
    let kept = all.filter { abs($0 - median) <= 8 * typical }
    guard kept.count >= 3 else { return (median, spread(all) + nodesError + minHalfWidth) }
    let (first, second, third) = (kept[kept.count - 3], kept[kept.count - 2], kept[kept.count - 1])
    let change = third - second
    let ratio = second == first ? 0 : change / (second - first)
    let isGeometric = (0...0.8).contains(ratio)
    let correction = isGeometric ? change * ratio / (1 - ratio) : 0
    let isBroken = kept.count < all.count
    let halfWidth =
      (isGeometric ? abs(change) + abs(correction) : 2 * max(abs(change), isBroken ? spread(kept) : 0))
      + nodesError + minHalfWidth
    return (third + correction, halfWidth)
  }

  private static func spread(_ values: [Double]) -> Double {
    (values.max() ?? 0) - (values.min() ?? 0)
  }

  /// The slopes between successive points.
  public static func slopes(_ points: [Point]) -> [Double] {
    zip(points, points.dropFirst()).map { ($1.y - $0.y) / ($1.x - $0.x) }
  }

  /// log₁₀ of the least width beyond which the local slope stays within ``crossoverTolerance`` of
  /// an exponent: interpolated between the middles of the last interval whose slope does not and
  /// the one above it.
  ///
  /// - Parameter points: ascending in width.
  /// - Returns: the first width if all slopes are that near; nil if the last is not.
  public static func crossover(_ points: [Point], exponent: Double) -> Double? {
    let far = slopes(points).map { abs($0 - exponent) - crossoverTolerance }
    guard let index = far.lastIndex(where: { $0 > 0 }) else { return points.first?.x }
    guard index + 1 < far.count else { return nil }
    let (a, b) = (far[index], far[index + 1])
    let low = (points[index].x + points[index + 1].x) / 2
    let high = (points[index + 1].x + points[index + 2].x) / 2
    return low + (high - low) * a / (a - b)
  }
}
