import Foundation
import Model
import Networks
import Orchestration

/// A run in the foreground, which an interrupt suspends where there is a checkpoint file.
struct ForegroundFlow {
  var run: Run
  var problem: Problem
  var family: any NetworkFamily
  /// Given initial values; nil: those of the seed.
  var initial: RecordedArrays?
  var threads: Int
  var budget: Budget
  /// Whether everything is recorded that can be, not only the trajectory.
  var recordsAll: Bool
  /// The quantities to measure that results have only where they are asked for.
  var measured: [String] = []
  /// The path of the checkpoint; nil: none.
  var checkpoint: String?

  /// Runs to the end of the run.
  ///
  /// - Parameter observe: is called with the first state and with that after every step.
  /// - Throws: ``Failure`` if the run cannot be made, or was suspended.
  func run(observe: (FlowState) -> Void) throws -> FlowEnding {
    let file = checkpoint.map { CheckpointFile(path: $0) }
    var flow = try resumed(file) ?? started()
    try checkBudget(flow.state)
    let interruption = FlowInterruption()
    if file != nil { interruption.watch() }
    observe(flow.state)
    while true {
      let ending = flow.step(within: budget)
      observe(flow.state)
      if let ending {
        if ending.result.outcome == .budgetExhausted, let file { try write(flow, to: file) }
        return ending
      }
      if let file, interruption.hasCome {
        try write(flow, to: file)
        throw Failure(
          .interrupted, "interrupted; run the same command again to resume from \(file.path)")
      }
    }
  }

  /// Removes the checkpoint of a run that does not go on.
  func removeCheckpoint(after ending: FlowEnding) {
    guard let checkpoint, ending.result.outcome != .budgetExhausted else { return }
    CheckpointFile(path: checkpoint).remove()
  }

  private var options: FlowOptions {
    let all = family.description.recordables.filter { !$0.isQuantity }.map(\.name)
    return FlowOptions(
      record: RecordNames((recordsAll ? all : all.filter { $0 == Trajectory.name }) + measured),
      threads: threads, initial: initial)
  }

  private func started() throws -> any Flow {
    do {
      try family.check(problem)
      try family.check(run, of: problem)
      return try family.start(run, of: problem, options: options)
    } catch {
      throw Failure(.usage, "\(error)")
    }
  }

  /// The run at the state in the file; nil if there is no file.
  private func resumed(_ file: CheckpointFile?) throws -> (any Flow)? {
    guard let file else { return nil }
    do {
      return try file.resume(run, of: problem, by: family, options: options)
    } catch let error as CheckpointError {
      throw Failure(
        .noInput, "cannot resume from \(file.path): \(error). Name another file, or remove this one")
    } catch let error as CheckpointFileError {
      throw Failure(.noInput, error.description)
    } catch {
      throw Failure(.usage, "\(error)")
    }
  }

  private func write(_ flow: any Flow, to file: CheckpointFile) throws {
    do {
      try file.write(flow, run, of: problem, initial: initial)
    } catch let error as CheckpointFileError {
      throw Failure(.inputOutput, error.description)
    }
  }

  private func checkBudget(_ state: FlowState) throws {
    if let time = budget.time, state.time > time {
      throw Failure(
        .usage,
        "the checkpoint is at the time \(state.time), beyond --time \(time); leave --time out, or raise it")
    }
    if state.steps > budget.steps {
      throw Failure(
        .usage,
        "the checkpoint is at step \(state.steps), beyond --steps \(budget.steps); leave --steps out, or "
          + "raise it")
    }
  }
}
