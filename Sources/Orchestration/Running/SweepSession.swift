import Foundation
import GridFile
import LimitFit
import Model
import Planning
import Scheduling

/// The part of `run` in which there are workers.
package struct SweepSession {
  /// Where a session keeps what is not a result.
  package struct Paths: Hashable {
    /// The checkpoints of suspended runs.
    package var checkpoints: String
    /// What workers write to their standard error.
    package var logs: String
    /// The runs under way (``Scheduling/AttemptLog``).
    package var attempts: String
    /// The state of the session (``SessionFile``); nil: not written.
    package var session: String?

    /// Beside the database of a sweep.
    package init(_ folder: SweepFolder) {
      self.init(
        checkpoints: folder.checkpoints, logs: folder.logs, attempts: folder.attempts,
        session: folder.session)
    }

    package init(checkpoints: String, logs: String, attempts: String, session: String? = nil) {
      self.checkpoints = checkpoints
      self.logs = logs
      self.attempts = attempts
      self.session = session
    }
  }

  package var sweep: Sweep
  package var plan: Plan
  package var sink: any ResultSink
  package var paths: Paths
  /// Gets the state of the session once a second.
  package var observer: (@Sendable (SessionFile) -> Void)?
  package var worker: WorkerCommand
  package var workers: Int
  package var memory: Machine.Bound?
  package var processes: ProcessRequest
  package var display: any SweepDisplay

  /// Runs what is planned.
  ///
  /// - Throws: ``Failure`` if it was interrupted or no worker can be used, and what the store
  ///   throws.
  package func run(_ interruption: Interruption) async throws {
    let counts = plan.counts
    display.note(
      "\(sweep.name): \(counts.toDo) of \(Formatting.count(counts.total, "run")) to do, about "
        + "\(Formatting.duration(plan.wallSeconds(workers: workers))) with "
        + Formatting.count(workers, "worker"))
    let executor = SweepExecutor(
      worker: worker, problem: sweep.problem, orderParameter: sweep.orderParameter,
      budget: sweep.budget, limits: limits,
      processes: ProcessOptions(
        logs: paths.logs, pinned: processes.isPinned, watchdog: processes.watchdog),
      checkpoints: paths.checkpoints, attempts: AttemptLog(path: paths.attempts),
      trustsEstimates: sweep.worker == nil)
    let display = display
    display.begin(name: sweep.name, done: counts.done + counts.failed, total: counts.total)
    let view = SessionView(
      plan: counts, workers: workers, file: paths.session, observer: observer, executor: executor)
    interruption.attach(executor) {
      display.note($0)
      view.isStopping = true
    }
    let clock = Task {
      var notices = WaitingNotices()
      repeat {
        let awaited = executor.awaitedMessage()
        if let advice = notices.advice(on: awaited, worker) { display.note(advice) }
        display.tick(
          remaining: executor.remainingTime(), waiting: awaited.flatMap(WaitingNotices.words))
        view.write()
      } while (try? await Task.sleep(for: .seconds(1))) != nil
    }
    defer {
      clock.cancel()
      interruption.detach()
      display.end()
      view.remove()
      // Empty ones are of no use; the others stay.
      for folder in [paths.checkpoints, paths.logs] { rmdir(folder) }
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
      runMemory: sweep.limits.runMemory, maxInitialFailures: sweep.limits.initialFailures,
      helloTimeout: .seconds(sweep.limits.helloTimeout),
      answerTimeout: SchedulerLimits.answerTimeout(for: sweep.budget),
      heartbeatTimeout: .seconds(sweep.limits.heartbeatTimeout),
      shutdownGracePeriod: .seconds(sweep.limits.shutdownGracePeriod))
  }

  /// The end of what a worker wrote on its standard error, to follow a message.
  private static func standardError(_ tail: String) -> String {
    let lines = Formatting.lines(tail, last: 20)
    return lines.isEmpty ? "" : "\nits standard error ends: \(lines)"
  }

  private func check(_ report: SweepReport) throws {
    switch report.ending {
    case .completed: return
    case .interrupted:
      let done = plan.counts.done + report.progress.recorded
      let failed = plan.counts.failed + report.progress.failed
      throw Failure(
        .interrupted,
        "interrupted with \(done) of \(plan.counts.total) runs recorded\(failed > 0 ? ", \(failed) failed" : ""); "
          + "run the same command again to resume"
      )
    case .workersUnusable(let failure, let tail):
      throw Failure(
        .unavailable,
        "the worker cannot be used: \(worker.words) \(Formatting.line("\(failure)")); try `\(worker.trial)`, then run "
          + "the same command again to resume" + Self.standardError(tail))
    case .allAttemptsFailed(let failure, let attempts, let tail):
      throw Failure(
        .unavailable,
        "all of the first \(attempts) attempts failed alike, so the sweep has stopped: the worker "
          + "\(Formatting.line("\(failure)")); correct it, then run the same command again to resume"
          + Self.standardError(tail))
    case .recordingFailed:
      throw Failure(
        .inputOutput, "results could not be recorded; run the same command again to resume")
    }
  }
}
