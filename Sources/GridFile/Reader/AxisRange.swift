#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The values of one axis before they are expanded, so that a huge axis can be refused for nothing.
///
/// Every case holds numbers that are finite and in the order and range that the grid reader has
/// checked.
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
      ((log10(to) - log10(from)) * Double(perDecade) - Self.slack).rounded(.up) + 1
    }
  }

  /// Whether the values between the ends are computed, not counted off in steps that the user
  /// chose.
  var isComputed: Bool {
    switch self {
    case .list, .stepped: false
    case .spaced, .logarithmic: true
    }
  }

  /// The values, ascending and each once. Those that are written out, the ends among them, stay as
  /// they are; what is computed is rounded to what was meant: 0.1 · 3 is 0.3, and grids that
  /// overlap have equal runs.
  ///
  /// - Parameter wholeBetweenWholeEnds: whether computed values become whole where both ends are.
  func values(wholeBetweenWholeEnds: Bool) -> [Double] {
    let number = Int(count)
    var result: [Double] = []
    result.reserveCapacity(number)
    func add(_ value: Double) {
      // −0 is 0.
      if result.last.map({ $0 < value }) ?? true { result.append(value + 0) }
    }
    func isWhole(_ from: Double, _ to: Double) -> Bool {
      wholeBetweenWholeEnds && from.rounded() == from && to.rounded() == to
    }
    switch self {
    case .list(let values):
      for value in values.sorted() { add(value) }
    case .stepped(let from, let to, let step):
      let decimals = Self.decimals(spacing: step)
      add(from)
      for i in 1..<max(1, number) {
        add(min(rounded(from + Double(i) * step, decimals: decimals), to))
      }
    case .spaced(let from, let to, _):
      let decimals = isWhole(from, to) ? 0 : Self.decimals(spacing: (to - from) / Double(max(1, number - 1)))
      add(from)
      for i in 1..<max(1, number - 1) {
        let value = from + (to - from) * (Double(i) / Double(number - 1))
        add(min(rounded(value, decimals: decimals), to))
      }
      add(to)
    case .logarithmic(let from, let to, let perDecade):
      let isWhole = isWhole(from, to)
      add(from)
      for i in 1..<max(1, number - 1) {
        // In two factors, as a range may have more decades than a double.
        let half = Double(i) / Double(perDecade) / 2
        let value = half < 100 ? from * pow(10, 2 * half) : from * pow(10, half) * pow(10, half)
        add(min(isWhole ? value.rounded() : rounded(value, digits: 12), to))
      }
      add(to)
    }
    return result
  }

  /// 12 decimals, and more where neighbours are so near that 6 digits of their distance would be
  /// lost.
  private static func decimals(spacing: Double) -> Int {
    spacing > 0 && spacing.isFinite ? max(12, 6 - Int(log10(spacing).rounded(.down))) : 12
  }
}

/// A number rounded to so many decimals, and to 15 digits where those are fewer.
private func rounded(_ value: Double, decimals: Int) -> Double {
  guard value != 0, value.isFinite else { return value }
  let places = min(decimals, 14 - Int(log10(abs(value)).rounded(.down)))
  let scaled = places >= 0 ? value * pow(10, Double(places)) : value / pow(10, Double(-places))
  guard abs(scaled) < 0x1p53 else { return value }
  // Powers of ten up to 10²² are exact, and so is the nearest double of the quotient.
  if (0...22).contains(places) { return scaled.rounded() / pow(10, Double(places)) }
  return Double("\(Int(scaled.rounded()))e\(-places)") ?? value
}

/// A positive number rounded to so many digits.
private func rounded(_ value: Double, digits: Int) -> Double {
  guard value.isFinite else { return value }
  return rounded(value, decimals: digits - 1 - Int(log10(value).rounded(.down)))
}
