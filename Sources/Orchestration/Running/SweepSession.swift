import Foundation
import GridFile
import LimitFit
import Model
import Scheduling

/// The part of `run` in which workers live.
struct SweepSession {
  /// Where a session keeps what is not a result.
  struct Places: Hashable {
    /// Where runs are put down.
    var checkpoints: String
    /// What workers write to their standard error.
    var logs: String
    /// What the session says of itself; nil: nothing.
    var session: String?

    /// Beside the database of a sweep.
    init(_ folder: SweepFolder) {
      self.init(checkpoints: folder.checkpoints, logs: folder.logs, session: folder.session)
    }

    init(checkpoints: String, logs: String, session: String? = nil) {
      self.checkpoints = checkpoints
      self.logs = logs
      self.session = session
    }
  }

  var sweep: Sweep
  var plan: Plan
  var sink: any ResultSink
  var places: Places
  /// Is told once a second where the session stands.
  var observer: (@Sendable (SessionFile) -> Void)?
  var worker: WorkerCommand
  var workers: Int
  var memory: Machine.Bound?
  var isPinned: Bool

  /// Carries out what the plan says.
  ///
  /// - Throws: ``Failure`` if it was interrupted or the workers are of no use, and what the store throws.
  func run(_ interruption: Interruption) async throws {
    let counts = plan.counts
    Console.note(
      "\(sweep.name): \(counts.toDo) of \(Formatting.count(counts.total, "run")) to do, about "
        + "\(Formatting.duration(plan.wallSeconds(workers: workers))) with "
        + Formatting.count(workers, "worker"))
    let executor = SweepExecutor(
      worker: worker, problem: sweep.problem, budget: sweep.budget, limits: limits,
      processes: ProcessOptions(
        logs: places.logs, pinned: isPinned, guardian: ownProgram("guard")),
      checkpoints: places.checkpoints)
    let display = ProgressDisplay(
      ProgressLine(name: sweep.name, done: counts.done + counts.failed, total: counts.total))
    let view = SessionView(
      plan: counts, workers: workers, file: places.session, observer: observer, executor: executor)
    interruption.attach(executor) {
      display.note($0)
      view.isStopping = true
    }
    let clock = Task { await display.tick(remaining: executor.estimatedSecondsLeft, then: view.write) }
    defer {
      clock.cancel()
      interruption.detach()
      display.end()
      view.remove()
      // Those that hold nothing are of no use to anybody; the others stay.
      for folder in [places.checkpoints, places.logs] { rmdir(folder) }
    }
    let report = try await executor.execute(
      Array(plan.runs), sink: sink
    ) { progress, _ in
      display.update(progress)
      view.update(progress)
    }
    display.update(report.progress)
    try check(report)
  }

  private var limits: SchedulerLimits {
    SchedulerLimits(
      workers: workers, attempts: sweep.limits.attempts, memory: memory?.value,
      runMemory: sweep.limits.runMemory, answer: SchedulerLimits.answer(within: sweep.budget),
      silence: .seconds(sweep.limits.heartbeatTimeout), grace: .seconds(sweep.limits.shutdownGracePeriod))
  }

  private func check(_ report: SweepReport) throws {
    switch report.ending {
    case .completed: return
    case .interrupted:
      let done = plan.counts.done + report.progress.recorded
      let failed = plan.counts.failed + report.progress.failed
      throw Failure(
        .interrupted,
        "interrupted with \(done) of \(plan.counts.total) runs recorded\(failed > 0 ? ", \(failed) set aside" : ""); "
          + "run the same command again to resume"
      )
    case .workersUnusable(let failure, let tail):
      let lastWords = Formatting.lines(tail, last: 20)
      throw Failure(
        .unavailable,
        "the workers are of no use: \(worker.words) \(Formatting.line("\(failure)")); try `\(worker.trial)`, then run "
          + "the same command again to resume" + (lastWords.isEmpty ? "" : "\nits last words: \(lastWords)"))
    case .recordingFailed:
      throw Failure(
        .inputOutput, "results could not be recorded; run the same command again to resume")
    }
  }
}
