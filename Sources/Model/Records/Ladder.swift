/// The widths at which a run of infinite width has computed quantities on its way to the limit: a
/// rung for each, ascending within each set of initial values.
public struct Ladder: Hashable, Sendable {
  /// The name of the array that holds it.
  public static let name = LimitQuantities.ladder
  /// The column of log₁₀ m.
  public static let widthColumn = "log10_width"
  /// The column of log₁₀ of a quantity.
  public static func valueColumn(of quantity: String) -> String { "log10_" + quantity }
  /// The column of the slope d log q / d log m at a rung; NaN where it is not known.
  public static func slopeColumn(of quantity: String) -> String { quantity + "_slope" }
  /// The column of the relative difference that other nodes make; NaN where it is not known.
  public static let nodesErrorColumn = "nodes_error"
  /// The column of outcomes: 0 for a rung that has converged, 1 for one that rests above the
  /// target.
  public static let outcomeColumn = "outcome"
  /// The outcome of a value of that column.
  public static func outcome(_ value: Double) -> Outcome { value == 0 ? .converged : .stationary }
  /// The column of accepted steps.
  public static let stepsColumn = "steps"
  /// The column that is 1 where nodes are graded, else 0.
  public static let gradedColumn = "graded"
  /// The largest number of rungs.
  public static let maxRungs = 1024

  /// A quantity at a width.
  public struct Rung: Hashable, Sendable {
    /// log₁₀ m.
    public var logWidth: Double
    /// log₁₀ q, which may be far below the range of a double.
    public var logValue: Double
    /// d log q / d log m; nil where it is not known.
    public var slope: Double?

    /// A rung.
    public init(logWidth: Double, logValue: Double, slope: Double?) {
      self.logWidth = logWidth
      self.logValue = logValue
      self.slope = slope
    }
  }

  /// The names of the columns; the first is ``widthColumn``.
  public let columns: [String]
  /// A value for each column of every rung.
  public let rows: [[Double]]

  /// A ladder; the rows are taken as they are.
  public init(columns: [String], rows: [[Double]]) {
    self.columns = columns
    self.rows = rows
  }

  /// The rungs as a table of doubles.
  public var array: NumericArray { NumericArray(columns: columns.map { .init($0) }, rows: rows) }

  /// Reads ``array``; nil if it cannot be a ladder: no column of widths, or too many rungs.
  public init?(_ array: NumericArray) {
    let columns = array.fields.map(\.name)
    guard array.shape.count == 1, array.count <= Self.maxRungs, columns.first == Self.widthColumn else {
      return nil
    }
    let values = array.values
    let rows = stride(from: 0, to: values.count, by: columns.count).map {
      Array(values[$0..<$0 + columns.count])
    }
    self.init(columns: columns, rows: rows)
  }

  /// The course of a quantity, by width; empty if it was not computed.
  public func rungs(of quantity: String) -> [Rung] {
    guard let value = columns.firstIndex(of: Self.valueColumn(of: quantity)) else { return [] }
    let slope = columns.firstIndex(of: Self.slopeColumn(of: quantity))
    return rows.filter { $0[value].isFinite }
      .map { row in
        Rung(
          logWidth: row[0], logValue: row[value],
          slope: slope.flatMap { row[$0].isFinite ? row[$0] : nil })
      }
      .sorted { $0.logWidth < $1.logWidth }
  }
}
