import Foundation
import Networks
import Model

/// The table that `gammaplane flow` prints: a row whenever time has doubled.
struct FlowTable {
  private let isShown: Bool
  private var printed: Trajectory.Point?
  private var row = ""

  init(isShown: Bool) { self.isShown = isShown }

  /// Takes in the state after a step.
  mutating func add(_ state: FlowState) {
    guard isShown, let sample = state.sample else { return }
    if printed == nil {
      Console.print(
        "        time   steps   mean sq. residual             RD      ‖θ_a‖   sliding      dead  orientations"
      )
    }
    if let printed, sample.time < 2 * printed.time { return }
    show(sample, steps: state.steps)
  }

  private mutating func show(_ sample: Trajectory.Point, steps: Int) {
    printed = sample
    let next = String(
      format: "%12.4g %7d %19.6g %14.8g %10.5g %9d %9d %13d", sample.time, steps,
      sample.meanSquaredResidual, sample.rd, sample.outputNorm, sample.sliding, sample.dead,
      sample.orientations)
    // States that differ only in digits that are not shown.
    if next != row { Console.print(next) }
    row = next
  }

  /// Shows the last state and how the run ended.
  mutating func close(_ result: RunResult, _ record: FlowRecord) {
    if let last = record.trajectory?.points.last, last != printed { show(last, steps: result.steps) }
    Console.print(
      "\(result.outcome.rawValue): \(result.reason)\n"
        + String(
          format: "RD %.10g, sup RD %.10g, %d steps in %.3f s, of which initial values %.3f s", result.rd,
          result.supRD, result.steps, result.wallSeconds, result.initialSeconds))
  }
}
