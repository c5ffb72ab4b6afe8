import Foundation
import Model
import Networks
import Orchestration

/// The table that `gammaplane flow` prints: a row whenever time has doubled.
struct FlowTable {
  private let isShown: Bool
  private let columns: [String]
  /// The time of the last row.
  private var printed: Double?
  private var row = ""

  /// - Parameter columns: those of the trajectory; the first is the time.
  init(isShown: Bool, columns: [String] = []) {
    self.isShown = isShown
    self.columns = columns
  }

  /// Adds the state after a step.
  mutating func add(_ state: FlowState) {
    guard isShown, let sample = state.sample, let time = sample.first else { return }
    if let printed, time < 2 * printed { return }
    show(sample, steps: state.steps)
  }

  private mutating func show(_ sample: [Double], steps: Int) {
    if printed == nil {
      let heads = ["steps"] + (columns.isEmpty ? sample.indices.map { "\($0)" } : columns)
      Console.print(heads.map { Self.padded($0) }.joined(separator: " "))
    }
    printed = sample.first
    let cells = ["\(steps)"] + sample.map { String(format: "%.6g", $0) }
    let next = cells.map { Self.padded($0) }.joined(separator: " ")
    // States that differ only in digits that are not shown.
    if next != row { Console.print(next) }
    row = next
  }

  private static func padded(_ text: String) -> String {
    String(repeating: " ", count: max(0, 13 - text.count)) + text
  }

  /// Shows the last state and how the run ended.
  mutating func close(_ ending: FlowEnding) {
    let result = ending.result
    if let last = ending.arrays.trajectory?.points.last, last.first != printed {
      show(last, steps: result.steps)
    }
    let quantities = result.quantities.pairs.map { "\($0.name) \(String(format: "%.10g", $0.value))" }
    Console.print(
      "\(result.outcome.rawValue): \(result.reason)\n\(quantities.joined(separator: ", "))\n"
        + String(
          format: "%d steps in %.3f s, of which initial values %.3f s", result.steps, result.wallSeconds,
          result.initialSeconds))
  }
}
