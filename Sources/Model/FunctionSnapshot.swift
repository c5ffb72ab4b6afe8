/// The function f that the network computes before and after a run, on an equidistant grid of x.
public struct FunctionSnapshot: Hashable, Sendable {
  /// f at one x.
  public struct Point: Hashable, Sendable, Codable {
    /// The input.
    public var x: Float
    /// f(x) at the initial values.
    public var before: Float
    /// f(x) at the end.
    public var after: Float

    /// A point.
    public init(x: Float, before: Float, after: Float) {
      self.x = x
      self.before = before
      self.after = after
    }
  }

  /// The number of points that `gammaplane-worker` takes.
  public static let standardCount = 201

  /// The largest number of points.
  public static let mostPoints = 10_000

  /// At least one and at most ``mostPoints``.
  public var points: [Point]

  /// A snapshot; the points are taken as they are.
  public init(points: [Point]) { self.points = points }

  /// The inputs at which to evaluate f for samples on a line: equidistant over their range, extended by a quarter of
  /// it (by 1, if it is 0) on both sides.
  public static func grid(for samples: SampleSet) -> [Double] {
    let inputs = samples.x.map { $0[0] }
    let (low, high) = (inputs.min() ?? 0, inputs.max() ?? 0)
    let margin = high > low ? (high - low) / 4 : 1
    let step = (high - low + 2 * margin) / Double(standardCount - 1)
    return (0..<standardCount).map { low - margin + Double($0) * step }
  }

  /// The compact form: a row of three single-precision numbers for each point, x and f before and after, lowest byte first.
  public var bytes: [UInt8] { Float.bytes(of: points.flatMap { [$0.x, $0.before, $0.after] }) }

  /// Reads ``bytes``; nil if they cannot be a snapshot: no points or too many, or a number that is not finite.
  public init?(bytes: [UInt8]) {
    let values = Float.values(in: bytes)
    guard bytes.count % 12 == 0, (1...Self.mostPoints).contains(bytes.count / 12) else { return nil }
    guard values.allSatisfy(\.isFinite) else { return nil }
    points = stride(from: 0, to: values.count, by: 3).map {
      Point(x: values[$0], before: values[$0 + 1], after: values[$0 + 2])
    }
  }
}
