/// The training data: n samples (x_i, y_i), x_i ∈ ℝ^d, y_i ∈ ℝ, in the order the user gave.
public struct SampleSet: Hashable, Sendable, Codable {
  /// The inputs: n rows of d numbers each, finite.
  public let x: [[Double]]
  /// The targets: n finite numbers.
  public let y: [Double]

  /// A set of samples.
  ///
  /// - Throws: ``SampleSetError`` if there are none, the lengths differ, a number is not finite, or
  ///   two samples have the same input and different targets (no function passes through both).
  public init(x: [[Double]], y: [Double]) throws(SampleSetError) {
    guard !x.isEmpty else { throw .empty }
    guard x.count == y.count else { throw .unequalLengths(x: x.count, y: y.count) }
    for (i, row) in x.enumerated() {
      guard row.count == x[0].count, !row.isEmpty else {
        throw .unequalDimensions(sample: i, expected: x[0].count, found: row.count)
      }
      guard row.allSatisfy(\.isFinite), y[i].isFinite else { throw .notFinite(sample: i) }
    }
    var seen: [[Double]: Int] = [:]
    for (i, row) in x.enumerated() {
      if let first = seen[row] {
        guard y[first] == y[i] else { throw .contradiction(first: first, second: i) }
      } else {
        seen[row] = i
      }
    }
    self.x = x
    self.y = y
  }

  /// Samples with inputs on a line (d = 1).
  public init(x: [Double], y: [Double]) throws(SampleSetError) {
    try self.init(x: x.map { [$0] }, y: y)
  }

  /// n, the number of samples.
  public var count: Int { y.count }

  /// d, the dimension of the inputs (without the constant 1 of a bias).
  public var dimension: Int { x[0].count }

  /// The samples ordered by input, then by target.
  var inOrder: [(x: [Double], y: Double)] {
    zip(x, y).map { (x: $0, y: $1) }.sorted { a, b in
      a.x == b.x ? a.y < b.y : a.x.lexicographicallyPrecedes(b.x)
    }
  }

  enum CodingKeys: String, CodingKey { case x, y }

  /// Decodes and checks, as ``init(x:y:)-([[Double]],_)`` does.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      x: container.decode([[Double]].self, forKey: .x), y: container.decode([Double].self, forKey: .y))
  }
}

/// Why numbers are not a set of samples. Indices count from 0.
public enum SampleSetError: Error, Equatable, CustomStringConvertible {
  /// There is no sample.
  case empty
  /// As many inputs as targets are needed.
  case unequalLengths(x: Int, y: Int)
  /// All inputs need the same dimension, at least 1.
  case unequalDimensions(sample: Int, expected: Int, found: Int)
  /// A number is NaN or infinite.
  case notFinite(sample: Int)
  /// Two samples have equal inputs and different targets.
  case contradiction(first: Int, second: Int)

  /// One sentence for the user; samples count from 1 there.
  public var description: String {
    switch self {
    case .empty:
      "there are no samples; give at least one"
    case .unequalLengths(let x, let y):
      "x has \(x) values and y has \(y); every sample needs one of each"
    case .unequalDimensions(let sample, let expected, let found):
      "the input of sample \(sample + 1) has \(found) components, the first has \(expected)"
    case .notFinite(let sample):
      "sample \(sample + 1) holds a number that is not finite"
    case .contradiction(let first, let second):
      "samples \(first + 1) and \(second + 1) have the same x and different y, so that no function passes "
        + "through both; remove one or average them"
    }
  }
}
