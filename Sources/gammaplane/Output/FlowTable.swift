import Foundation
import Model
import Networks
import Orchestration

/// The table that `gammaplane flow` prints: a row whenever time has doubled.
struct FlowTable {
  private let isShown: Bool
  private let description: FamilyDescription
  /// Those of the trajectory; empty where the family has none.
  private let columns: [Quantity]
  /// The time of the last row.
  private var printed: Double?
  private var widths: [Int] = []
  private var row = ""

  /// A table of a run.
  ///
  /// - Parameter measured: the quantities that trajectories have because they were asked for.
  init(_ description: FamilyDescription, measured: [String] = [], isShown: Bool) {
    self.isShown = isShown
    self.description = description
    columns = description.columns(of: Trajectory.name) + measured.map(description.quantity)
  }

  /// Adds the state after a step.
  mutating func add(_ state: FlowState) {
    guard isShown else { return }
    if !columns.isEmpty {
      // Of a trajectory not every state is a point.
      if let sample = state.sample { add(sample, of: columns, steps: state.steps) }
    } else {
      let quantities = state.quantities.names.map(description.quantity)
      add([state.time] + state.quantities.values, of: [.time] + quantities, steps: state.steps)
    }
  }

  private mutating func add(_ values: [Double], of columns: [Quantity], steps: Int) {
    if let printed, let time = values.first {
      if time >= printed, time < 2 * printed || time == printed { return }
      if time < printed { Console.print("at rest; the same again at a finer tolerance") }
    }
    show(values, of: columns, steps: steps)
  }

  private mutating func show(_ values: [Double], of columns: [Quantity], steps: Int) {
    if printed == nil {
      let heads = columns.map(\.symbol) + ["steps"]
      widths = heads.map { max(12, $0.count) }
      Console.print(padded(heads))
    }
    printed = values.first
    let next = padded(values.map { String(format: "%.6g", $0) } + ["\(steps)"])
    // States that differ only in digits that are not shown.
    if next != row { Console.print(next) }
    row = next
  }

  private func padded(_ cells: [String]) -> String {
    zip(cells, widths).map { String(repeating: " ", count: max(0, $1 - $0.count)) + $0 }
      .joined(separator: "  ")
  }

  /// Shows the last state and how the run ended.
  mutating func close(_ ending: FlowEnding) {
    let result = ending.result
    if isShown, let last = ending.arrays.trajectory?.points.last, last.first != printed {
      show(last, of: columns, steps: result.steps)
    }
    let names = description.quantities.map(\.name).filter { result.quantities[$0] != nil }
    let others = result.quantities.names.filter { !names.contains($0) }
    // Names: two quantities may have one symbol.
    let quantities = (names + others).map {
      "\($0) \(String(format: "%.10g", result.quantities[$0] ?? 0))"
    }
    Console.print(
      "\(result.outcome.rawValue): \(result.reason)\n\(quantities.joined(separator: ", "))\n"
        + String(
          format: "%d steps in %.3f s, of which initial values %.3f s", result.steps, result.wallSeconds,
          result.initialSeconds))
  }
}
