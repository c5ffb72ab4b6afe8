import Foundation
import LimitFit
import Model
import Networks
import Orchestration

/// The limit at a setting, as `gammaplane limit` prints it.
struct LimitReport: Encodable {
  private let setting: Setting
  private let result: RunResult
  private let quantity: Quantity
  private let limit: ComputedLimit?
  private let theory: (name: String, exponent: ClosedRange<Double>)?
  private let rows: [Row]

  /// A width of the ladder.
  private struct Row: Encodable {
    let log10Width: Double
    let log10Value: Double
    let slope, nodesError: Double?
    let outcome: Outcome
    let steps: Int

    private enum CodingKeys: String, CodingKey {
      case width, rd, slope, outcome, steps
      case log10Width = "log10_width"
      case log10Value = "log10_rd"
      case nodesError = "nodes_error"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      // Beyond the range of double precision there are only logarithms.
      for (key, log10) in [(CodingKeys.width, log10Width), (.rd, log10Value)] where abs(log10) < 308 {
        try container.encode(pow(10, log10), forKey: key)
      }
      try container.encode(log10Width, forKey: .log10Width)
      try container.encode(log10Value, forKey: .log10Value)
      try container.encodeIfPresent(slope, forKey: .slope)
      try container.encodeIfPresent(nodesError, forKey: .nodesError)
      try container.encode(outcome, forKey: .outcome)
      try container.encode(steps, forKey: .steps)
    }
  }

  /// The report on a run of infinite width that has ended.
  init(_ setting: Setting, _ ending: FlowEnding, family: any NetworkFamily, problem: Problem) {
    self.setting = setting
    result = ending.result
    let description = family.description
    let name = description.orderParameter ?? ""
    quantity = description.quantity(name)
    limit = ComputedLimit(result.quantities, of: name)
    let plane = description.plane.count == 2 ? Plane(x: description.plane[0], y: description.plane[1]) : nil
    theory = plane.flatMap { family.theory(of: problem, plane: $0, orderParameter: name) }.flatMap { theory in
      theory.exponentRange(at: setting).map { (theory.name, $0) }
    }
    let ladder = ending.arrays[Ladder.name].flatMap { Ladder($0) }
    rows = Self.rows(ladder, of: name)
  }

  private static func rows(_ ladder: Ladder?, of name: String) -> [Row] {
    guard let ladder else { return [] }
    func number(_ row: [Double], _ column: String) -> Double? {
      ladder.columns.firstIndex(of: column).flatMap { row[$0].isFinite ? row[$0] : nil }
    }
    return ladder.rows.compactMap { row in
      guard let width = number(row, Ladder.widthColumn), let value = number(row, Ladder.valueColumn(of: name))
      else { return nil }
      return Row(
        log10Width: width, log10Value: value, slope: number(row, Ladder.slopeColumn(of: name)),
        nodesError: number(row, Ladder.nodesErrorColumn),
        outcome: Ladder.outcome(number(row, Ladder.outcomeColumn) ?? 0),
        steps: Int(number(row, Ladder.stepsColumn) ?? 0))
    }
  }

  // MARK: JSON

  private enum CodingKeys: String, CodingKey {
    case exponent, instability, outcome, reason, widths
    case exponentLow = "exponent_low"
    case exponentHigh = "exponent_high"
    case limitValue = "limit_value"
    case crossoverWidth = "crossover_width"
    case wallSeconds = "wall_seconds"
  }

  func encode(to encoder: any Encoder) throws {
    try setting.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(limit?.exponent.value, forKey: .exponent)
    try container.encodeIfPresent(limit?.exponent.low, forKey: .exponentLow)
    try container.encodeIfPresent(limit?.exponent.high, forKey: .exponentHigh)
    try container.encodeIfPresent(limit?.value, forKey: .limitValue)
    try container.encodeIfPresent(limit?.crossoverWidth, forKey: .crossoverWidth)
    try container.encodeIfPresent(limit?.instability, forKey: .instability)
    try container.encode(result.outcome, forKey: .outcome)
    try container.encode(result.reason, forKey: .reason)
    try container.encode(result.wallSeconds, forKey: .wallSeconds)
    try container.encode(rows, forKey: .widths)
  }

  // MARK: Text

  /// Lines for people.
  var text: String {
    var lines = [setting.text, ""]
    let symbol = "sup " + quantity.symbol
    if let limit {
      let (low, high) = (limit.exponent.low ?? .nan, limit.exponent.high ?? .nan)
      lines.append(
        "exponent S of \(symbol)  "
          + String(format: "%.4f (95 %%: %.4f to %.4f)", limit.exponent.value, low, high))
      if let theory {
        let (low, high) = (theory.exponent.lowerBound, theory.exponent.upperBound)
        lines.append(
          "\(theory.name)  "
            + (low == high
              ? String(format: "%.4f", low)
              : String(format: "between %.4f and %.4f, depending on the data", low, high)))
      }
      if let value = limit.value { lines.append("lim \(symbol)  " + String(format: "%.6g", value)) }
      lines.append("crossover width  " + (limit.crossoverWidth.map(Self.width) ?? "not known"))
      if !limit.isStable {
        lines.append(
          "fluctuations of the initial values grow with the width: networks differ from the mean by a factor of "
            + String(format: "%.3g", pow(10, limit.instability ?? 0)))
      }
    }
    lines += ["\(result.outcome.rawValue): \(result.reason)", ""]
    let table = rows.map { row in
      [
        String(format: "%.6g", row.log10Width), String(format: "%.5f", row.log10Value),
        row.slope.map { String(format: "%.4f", $0) } ?? "",
        row.nodesError.map { String(format: "%.0e", $0) } ?? "", row.outcome.rawValue, "\(row.steps)",
      ]
    }
    lines.append(
      Formatting.table(
        [["log₁₀ m", "log₁₀ \(symbol)", "slope", "nodes", "outcome", "steps"]] + table, left: [4]))
    lines.append(
      String(format: "%d steps at %d widths in %.3f s", result.steps, rows.count, result.wallSeconds))
    return lines.joined(separator: "\n")
  }

  /// `10^9.8`; small widths as they are.
  private static func width(_ width: Double) -> String {
    width < 1e5 ? String(format: "%.3g", width) : String(format: "10^%.1f", log10(width))
  }
}
