/// The course of a run: quantities at times that are evenly spaced in log t̄, among them the start
/// and the end.
///
/// Points are ends of accepted steps. The largest value of a quantity lies between them as a rule;
/// it is the result's running supremum.
public struct Trajectory: Hashable, Sendable {
  /// The name of the array that holds it.
  public static let name = "trajectory"
  /// The name of the first column: the normalised time t̄, dimensionless.
  public static let timeColumn = "time"
  /// The largest number of points.
  public static let maxPoints = 256

  /// The names of the columns; the first is ``timeColumn``.
  public let columns: [String]
  /// A value for each column of every point; at least one point, ascending in time, the first is
  /// the start.
  public var points: [[Double]]

  /// A trajectory; the points are taken as they are.
  public init(columns: [String], points: [[Double]]) {
    self.columns = columns
    self.points = points
  }

  /// The times of the points.
  public var times: [Double] { points.map { $0[0] } }

  /// The course of a quantity; nil if it was not recorded.
  public func values(of name: String) -> [Double]? {
    columns.firstIndex(of: name).map { index in points.map { $0[index] } }
  }

  /// The trajectory as a table of doubles.
  public var array: NumericArray {
    NumericArray(columns: columns.map { .init($0) }, rows: points)
  }

  /// Reads ``array``; nil if it cannot be a trajectory: no points or too many, no column of times,
  /// times that do not ascend, or a number that is not finite.
  public init?(_ array: NumericArray) {
    let columns = array.fields.map(\.name)
    guard array.shape.count == 1, (1...Self.maxPoints).contains(array.count),
      columns.first == Self.timeColumn
    else { return nil }
    let values = array.values
    guard values.allSatisfy(\.isFinite) else { return nil }
    let points = stride(from: 0, to: values.count, by: columns.count).map {
      Array(values[$0..<$0 + columns.count])
    }
    guard points[0][0] >= 0, zip(points, points.dropFirst()).allSatisfy({ $0[0] < $1[0] }) else { return nil }
    self.init(columns: columns, points: points)
  }
}
