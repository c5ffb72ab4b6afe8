import ArgumentParser
import Model

/// What a run in the foreground may spend.
struct BudgetOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Give up after this many steps.")
  var steps = Budget.default.steps

  @Option(
    parsing: .unconditional,
    help: "Give up after this many seconds; counted anew when resumed from a checkpoint.")
  var wallSeconds = Budget.default.wallSeconds

  @Option(parsing: .unconditional, help: "End at this normalised time t̄ (default: no limit).")
  var time: Double?

  @Option(
    parsing: .unconditional,
    help: "Give up after all samples were used so often, where a method has epochs (default: no limit).")
  var epochs: Double?

  func validate() throws {
    guard steps >= 1, wallSeconds > 0 else {
      throw ValidationError("--steps and --wall-seconds must be positive")
    }
    if let epochs, !(epochs > 0) { throw ValidationError("--epochs must be positive") }
    if let time, !(time > 0) { throw ValidationError("--time must be positive") }
  }

  /// The budget.
  var budget: Budget { Budget(steps: steps, wallSeconds: wallSeconds, time: time, epochs: epochs) }
}
