import Foundation
import LimitFit
import Model
import Orchestration
import ResultStore

/// What differs between two sweeps: their definition, the results of runs with the same setting,
/// width and seed, and the exponents of points that both have.
struct SweepComparison: Encodable {
  /// A key of the grid whose values differ, as JSON.
  struct Key: Encodable {
    var key: String
    var first: String?, second: String?
  }

  /// The runs of both sweeps.
  struct Runs: Encodable {
    /// How many runs are of one sweep alone, or of both.
    var onlyFirst = 0, onlySecond = 0, both = 0
    /// How many of both have a result in both, and of these the same quantities, bit for bit.
    var compared = 0, equal = 0
    /// Pairs of outcomes that differ, such as `converged → stationary`, and how many.
    var outcomes: [String: Int] = [:]
    /// Of the order parameter, where both runs converged or are stationary: the root mean square
    /// and the largest |ln q₂ − ln q₁|; nil where there is none.
    var rms: Double?, largest: Double?
    /// The run where it is largest.
    var largestAt: Run?

    enum CodingKeys: String, CodingKey {
      case both, compared, equal, outcomes, rms, largest
      case onlyFirst = "only_first"
      case onlySecond = "only_second"
      case largestAt = "largest_at"
    }
  }

  /// A point where the sweeps contradict each other.
  struct Point: Encodable {
    var setting: Setting
    var first: PointFit.Estimate?, second: PointFit.Estimate?
    var firstTrend: String, secondTrend: String

    enum CodingKeys: String, CodingKey {
      case setting, first, second
      case firstTrend = "first_trend"
      case secondTrend = "second_trend"
    }
  }

  /// The points of both sweeps.
  struct Points: Encodable {
    var onlyFirst = 0, onlySecond = 0, both = 0
    /// How many of both have an exponent in both.
    var compared = 0
    /// How many have another trend, and how many intervals have no number in common.
    var otherTrend = 0, disjoint = 0
    /// The root mean square and the largest |S₂ − S₁|; nil without points.
    var rms: Double?, largest: Double?
    /// Points with another trend or intervals that have no number in common.
    var contradicting: [Point] = []

    enum CodingKeys: String, CodingKey {
      case both, compared, disjoint, rms, largest, contradicting
      case onlyFirst = "only_first"
      case onlySecond = "only_second"
      case otherTrend = "other_trend"
    }
  }

  var first: String
  var second: String
  var definition: [Key]
  var runs: Runs
  var orderParameter: String
  var points: Points
  private let symbols: [String: String]

  enum CodingKeys: String, CodingKey {
    case first, second, definition, runs, points
    case orderParameter = "order_parameter"
  }

  /// One of the two sweeps, with what is recorded of it.
  struct Side {
    var name: String
    var sweep: Sweep
    var map: PhaseMap
    var store: ResultStore
  }

  init(_ first: Side, _ second: Side, symbols: [String: String] = [:]) throws {
    self.first = first.name
    self.second = second.name
    self.symbols = symbols
    orderParameter = first.map.orderParameter
    definition = try Self.definition(first.sweep, second.sweep)
    runs = try Self.runs(first, second)
    points = Self.points(first.map, second.map)
  }

  // MARK: Definition

  private static func definition(_ first: Sweep, _ second: Sweep) throws -> [Key] {
    let (a, b) = (try keys(of: first), try keys(of: second))
    return Set(a.keys).union(b.keys).sorted().filter { a[$0] != b[$0] }.map {
      Key(key: $0, first: a[$0], second: b[$0])
    }
  }

  /// What a sweep consists of, by the paths of its keys.
  private static func keys(of sweep: Sweep) throws -> [String: String] {
    let value = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(sweep))
    var keys: [String: String] = [:]
    func add(_ value: JSONValue, _ path: [String]) {
      if case .object(let members) = value, !members.isEmpty {
        for (key, member) in members { add(member, path + [key]) }
      } else {
        keys[path.joined(separator: ".")] = value.canonical
      }
    }
    add(value, [])
    // They are told apart by their names.
    keys["name"] = nil
    return keys
  }

  // MARK: Results

  private static func runs(_ first: Side, _ second: Side) throws -> Runs {
    let (a, b) = (RunSet(first.sweep), RunSet(second.sweep))
    var runs = Runs()
    runs.both = a.count { b.contains($0) }
    runs.onlyFirst = a.count - runs.both
    runs.onlySecond = b.count - runs.both
    let others = Dictionary(
      try second.store.records(of: second.sweep).map { ($0.run, $0.result) }, uniquingKeysWith: { $1 })
    var squares = 0.0
    var number = 0
    for record in try first.store.records(of: first.sweep) {
      guard let other = others[record.run] else { continue }
      let own = record.result
      runs.compared += 1
      if own.outcome == other.outcome, own.quantities == other.quantities { runs.equal += 1 }
      if own.outcome != other.outcome {
        runs.outcomes["\(own.outcome.rawValue) → \(other.outcome.rawValue)", default: 0] += 1
      }
      let haveValues = [own, other].allSatisfy { $0.outcome == .converged || $0.outcome == .stationary }
      guard haveValues, let p = own.quantities[first.map.orderParameter],
        let q = other.quantities[second.map.orderParameter], p > 0, q > 0
      else { continue }
      let difference = abs(log(q / p))
      number += 1
      squares += difference * difference
      if difference > runs.largest ?? -1 {
        runs.largest = difference
        runs.largestAt = record.run
      }
    }
    if number > 0 { runs.rms = (squares / Double(number)).squareRoot() }
    return runs
  }

  // MARK: Exponents

  static func points(_ first: PhaseMap, _ second: PhaseMap) -> Points {
    var points = Points()
    let others = Dictionary(second.points.map { ($0.setting, $0) }, uniquingKeysWith: { $1 })
    points.both = first.points.count { others[$0.setting] != nil }
    points.onlyFirst = first.points.count - points.both
    points.onlySecond = others.count - points.both
    var squares = 0.0
    for a in first.points {
      guard let b = others[a.setting] else { continue }
      let hasOtherTrend = a.trend != b.trend
      if hasOtherTrend { points.otherTrend += 1 }
      var isDisjoint = false
      if let s = a.exponent, let t = b.exponent {
        points.compared += 1
        let difference = abs(t.value - s.value)
        squares += difference * difference
        points.largest = max(points.largest ?? 0, difference)
        isDisjoint = s.isDisjoint(from: t)
        if isDisjoint { points.disjoint += 1 }
      }
      guard hasOtherTrend || isDisjoint else { continue }
      points.contradicting.append(
        Point(
          setting: a.setting, first: a.exponent, second: b.exponent, firstTrend: a.trend.rawValue,
          secondTrend: b.trend.rawValue))
    }
    if points.compared > 0 { points.rms = (squares / Double(points.compared)).squareRoot() }
    return points
  }
}

extension PointFit.Estimate {
  /// Whether the intervals of two estimates have no number in common; false where one has none.
  fileprivate func isDisjoint(from other: Self) -> Bool {
    guard let low, let high, let otherLow = other.low, let otherHigh = other.high else { return false }
    return high < otherLow || otherHigh < low
  }
}

// MARK: For people

extension SweepComparison {
  /// So many points that contradict each other are listed.
  private static let pointsShown = 20
  /// A value of a key is cut to so many characters.
  private static let valueLength = 60

  /// Whether nothing differs.
  private var isEmpty: Bool {
    definition.isEmpty && runs.equal == runs.compared && points.contradicting.isEmpty
      && [runs.onlyFirst, runs.onlySecond, points.onlyFirst, points.onlySecond].allSatisfy { $0 == 0 }
  }

  /// What differs, in words.
  var text: String {
    var lines: [String] = []
    if definition.isEmpty {
      lines.append("definition: the same")
    } else {
      lines.append("definition:")
      let rows = definition.map { key in
        [key.key, Self.short(key.first), Self.short(key.second)]
      }
      lines.append(Formatting.table([["", first, second]] + rows, left: [0, 1, 2]))
    }
    lines.append(
      "runs:       \(runs.both) in both, \(runs.onlyFirst) only in \(first), \(runs.onlySecond) only in "
        + "\(second)")
    if runs.compared > 0 {
      lines.append(
        "results:    \(runs.compared) in both, \(runs.equal) of them the same bit for bit")
    }
    for (pair, count) in runs.outcomes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      lines.append("            \(Formatting.count(count, "run")) \(pair)")
    }
    if let rms = runs.rms, let largest = runs.largest, largest > 0, let run = runs.largestAt {
      lines.append(
        "            \(orderParameter) differs by \(Self.percent(rms)) RMS, \(Self.percent(largest)) at most: "
          + run.text)
    }
    lines.append(
      "points:     \(points.both) in both, \(points.onlyFirst) only in \(first), \(points.onlySecond) only in "
        + "\(second)")
    if let rms = points.rms, let largest = points.largest {
      lines.append(
        String(
          format:
            "exponents:  %d in both, |ΔS| %.2g RMS, %.2g at most; %d intervals disjoint, %d trends differ",
          points.compared, rms, largest, points.disjoint, points.otherTrend))
    } else if points.otherTrend > 0 {
      lines.append("exponents:  \(points.otherTrend) trends differ")
    }
    lines += pointLines
    if isEmpty { lines.append("nothing differs") }
    return lines.joined(separator: "\n")
  }

  private var pointLines: [String] {
    guard let names = points.contradicting.first?.setting.names else { return [] }
    let head = names.map { symbols[$0] ?? $0 } + [first, "", second, ""]
    let rows = points.contradicting.prefix(Self.pointsShown).map { point in
      point.setting.values.map(formattedNumber)
        + [Self.text(point.first), point.firstTrend, Self.text(point.second), point.secondTrend]
    }
    let more = points.contradicting.count - rows.count
    return [Formatting.table([head] + rows, left: [])]
      + (more > 0 ? ["  and \(Formatting.count(more, "more point")); --json has all"] : [])
  }

  private static func text(_ estimate: PointFit.Estimate?) -> String {
    guard let estimate else { return "–" }
    guard let low = estimate.low, let high = estimate.high else {
      return String(format: "%.3f", estimate.value)
    }
    return String(format: "%.3f [%.3f, %.3f]", estimate.value, low, high)
  }

  private static func short(_ value: String?) -> String {
    guard let value else { return "–" }
    return value.count > valueLength ? value.prefix(valueLength) + "…" : value
  }

  /// |ln q₂ − ln q₁| as a relative difference.
  private static func percent(_ difference: Double) -> String {
    String(format: "%.2g %%", 100 * (exp(difference) - 1))
  }
}
