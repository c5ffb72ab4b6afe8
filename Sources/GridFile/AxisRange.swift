import RealModule

/// The values of one axis before they are expanded, so that a huge axis can be refused for nothing.
///
/// Every case holds numbers that are finite and in the order and range that the grid reader has checked.
enum AxisRange: Equatable {
  /// The values themselves.
  case list([Double])
  /// from, from + step, … up to `to`; step > 0.
  case stepped(from: Double, to: Double, step: Double)
  /// `count` equidistant values, both ends included; count ≥ 2, or from = to.
  case spaced(from: Double, to: Double, count: Int)
  /// from · 10^(i / perDecade) up to `to`, and `to` itself; from > 0.
  case logarithmic(from: Double, to: Double, perDecade: Int)

  /// A value this fraction of a step beyond the end still counts as the end.
  private static let slack = 1e-9

  /// How many values there are, before those are merged that rounding makes equal.
  var count: Double {
    switch self {
    case .list(let values): Double(values.count)
    case .stepped(let from, let to, let step): ((to - from) / step + Self.slack).rounded(.down) + 1
    case .spaced(_, _, let count): Double(count)
    case .logarithmic(let from, let to, let perDecade):
      (.log10(to / from) * Double(perDecade) - Self.slack).rounded(.up) + 1
    }
  }

  /// The values, ascending and each once.
  ///
  /// - Parameter round: a monotone rounding; values that it makes equal are merged.
  func values(rounded round: (Double) -> Double) -> [Double] {
    let number = Int(count)
    var result: [Double] = []
    result.reserveCapacity(number)
    func add(_ value: Double) {
      let value = round(value)
      if result.last != value { result.append(value) }
    }
    switch self {
    case .list(let values):
      for value in values.sorted() { add(value) }
    case .stepped(let from, let to, let step):
      for i in 0..<number { add(min(from + Double(i) * step, to)) }
    case .spaced(let from, let to, _):
      for i in 0..<number {
        add(i == number - 1 ? to : from + (to - from) * (Double(i) / Double(number - 1)))
      }
    case .logarithmic(let from, let to, let perDecade):
      for i in 0..<number {
        add(i == number - 1 ? to : min(from * .pow(10, Double(i) / Double(perDecade)), to))
      }
    }
    return result
  }

  /// Rounds to 12 decimals, so that 0.1 · 3 is 0.3 and grids that overlap have equal runs; −0 becomes 0.
  static func roundedExponent(_ value: Double) -> Double {
    (value * 1e12).rounded() / 1e12 + 0
  }
}
