import Model
import Synchronization

/// How a run under way learns that it is to be suspended, and reports how far it is.
public final class RunContext: Sendable {
  private let order: RunOrder
  private let orders: OrderQueue
  private let answers: AnswerWriter
  private let lastReport: Mutex<ContinuousClock.Instant>

  init(_ order: RunOrder, _ orders: OrderQueue, _ answers: AnswerWriter) {
    self.order = order
    self.orders = orders
    self.answers = answers
    lastReport = Mutex(.now)
  }

  /// Whether the orchestrator has asked to suspend this run. It stays so until the run is answered.
  public var shouldSuspend: Bool { orders.shouldSuspend(order.run) }

  /// Reports how far the run is, as often as its order asks and no more often; costs next to
  /// nothing in between.
  ///
  /// Progress is a heartbeat: it must come from where the work is done, never from a timer. Of a
  /// report with a number that is not finite only the steps are sent.
  ///
  /// - Parameter progress: called only if it is time.
  public func report(_ progress: @autoclosure () -> RunProgress) {
    guard let interval = order.progressSeconds else { return }
    let isDue = lastReport.withLock { last in
      let now = ContinuousClock.now
      guard now - last >= .seconds(min(max(0, interval), 1e9)) else { return false }
      last = now
      return true
    }
    guard isDue else { return }
    let progress = progress()
    for progress in [progress, RunProgress(steps: progress.steps)] {
      guard let line = try? WorkerMessage.progress(run: order.run, progress).line() else { continue }
      // A reader that has gone is noticed elsewhere.
      try? answers.write(line)
      return
    }
  }

  /// Answers the run with a failure and ends the process; does nothing if the run has been
  /// answered. For any thread.
  ///
  /// - Parameters:
  ///   - cause: why.
  ///   - detail: what happened, in one sentence.
  ///   - code: the exit code.
  public func failRun(_ cause: FailureCause, detail: String, exitCode code: CInt) {
    let failure = WorkerMessage.failure(run: order.run, cause, detail: detail)
    guard let line = try? failure.line() else { return }
    answers.answer(order.run, line, thenExit: code)
  }
}
