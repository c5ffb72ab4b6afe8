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

  /// The number of points taken by default.
  public static let defaultCount = 201

  /// The largest number of points.
  public static let maxPoints = 10_000

  /// At least one and at most ``maxPoints``.
  public var points: [Point]

  /// A snapshot; the points are taken as they are.
  public init(points: [Point]) { self.points = points }

  /// The inputs at which to evaluate f for samples on a line: equidistant over their range,
  /// extended by a quarter of it (by 1, if it is 0) on both sides.
  public static func grid(for samples: SampleSet) -> [Double] {
    let inputs = samples.x.map { $0[0] }
    let (low, high) = (inputs.min() ?? 0, inputs.max() ?? 0)
    let margin = high > low ? (high - low) / 4 : 1
    let step = (high - low + 2 * margin) / Double(defaultCount - 1)
    return (0..<defaultCount).map { low - margin + Double($0) * step }
  }

  /// The name of the array that holds it.
  public static let name = "function"

  private static let columns: [NumericArray.Field] = [
    .init("x", .float32), .init("before", .float32), .init("after", .float32),
  ]

  /// The snapshot as a table of single-precision numbers: x, and f before and after.
  public var array: NumericArray {
    NumericArray(
      columns: Self.columns, rows: points.lazy.map { [Double($0.x), Double($0.before), Double($0.after)] })
  }

  /// Reads ``array``; nil if it cannot be a snapshot: no points or too many, other columns, or a
  /// number that is not finite.
  public init?(_ array: NumericArray) {
    guard array.fields.map(\.name) == Self.columns.map(\.name), array.shape.count == 1,
      (1...Self.maxPoints).contains(array.count)
    else { return nil }
    let values = array.values.map { Float($0) }
    guard values.allSatisfy(\.isFinite) else { return nil }
    points = stride(from: 0, to: values.count, by: 3).map {
      Point(x: values[$0], before: values[$0 + 1], after: values[$0 + 2])
    }
  }
}
