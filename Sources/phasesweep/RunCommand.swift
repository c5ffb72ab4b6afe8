import ArgumentParser
import Foundation
import Grid
import LimitFit
import Model
import ResultStore
import Scheduling

/// `phasesweep run`.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Carry out a sweep, or what is left of it, and draw its phase map.",
    discussion: """
      Starts worker processes, records every result in RESULTS/NAME/phasesweep.sqlite, fits the slopes and \
      draws RESULTS/NAME/phase-map.svg. The same command resumes a sweep that was interrupted, and does \
      nothing, quickly, when all is done. A first SIGINT, SIGTERM, SIGUSR1 or SIGHUP ends it after recording \
      what has been received; a second one ends it at once. No recorded result is ever lost.

      \(CommandStatus.help)
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @OptionGroup var workers: WorkersOption
  @OptionGroup var results: ResultsOption

  @Flag(help: "Try again the runs that failed in earlier sessions.")
  var retryFailed = false

  @Flag(help: "More than ten million runs are meant.")
  var yes = false

  mutating func run() async throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.signalled() }
    let sweep = try loadGrid(grid, allowHuge: yes)
    let folder = SweepFolder(results: results.folder, name: sweep.name)
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    if retryFailed { try store.forgetFailures(of: sweep.problem.digest) }
    let known = try store.recordedStates(of: sweep.problem.digest)
    let plan = planning { Plan(sweep: sweep, recorded: known) }
    if plan.counts.toDo > 0 {
      let session = SweepSession(
        sweep: sweep, plan: plan, store: store, workers: workers.count, worker: try locateWorker())
      try await session.carryOut(interruption)
    } else {
      let failed = plan.counts.failed > 0 ? ", \(plan.counts.failed) failed" : ""
      Console.note("\(sweep.name): nothing to do, \(Formatting.count(plan.counts.done, "run")) done\(failed)")
    }
    let map = try fitAndSave(sweep, in: store)
    try writeFigure(of: map, sweep: sweep, in: folder, results: results)
    let failures = try store.failures(of: sweep).count
    try store.close()
    summarise(map, folder: folder)
    if let shortage = PlanReport(plan, of: sweep, workers: workers.count).shortage { Console.note(shortage) }
    if failures > 0 { try reportFailures(failures) }
    if plan.counts.tooLarge > 0 {
      throw CommandFailure(
        .someRunsFailed,
        "\(Formatting.count(plan.counts.tooLarge, "run")) need more memory than limits.memory allows and are "
          + "missing from the fit; raise it in \(grid) and run the same command again")
    }
  }

  private func summarise(_ map: PhaseMap, folder: SweepFolder) {
    Console.print("phase map: \(folder.phaseMap)")
    Console.print("verdicts:  \(verdictSummary(map))")
    Console.print("theory:    \(Agreement(map).summary)")
  }

  private func reportFailures(_ count: Int) throws {
    throw CommandFailure(
      .someRunsFailed,
      "\(Formatting.count(count, "run")) failed and \(count == 1 ? "is" : "are") missing from the fit; "
        + "\(results.command("status", grid)) says why, \(results.command("run", "--retry-failed", grid)) tries "
        + "again")
  }
}

/// The part of `run` in which workers live.
struct SweepSession {
  var sweep: Sweep
  var plan: Plan
  var store: ResultStore
  var workers: Int
  var worker: WorkerCommand

  /// Carries out what the plan says.
  ///
  /// - Throws: ``CommandFailure`` if it was interrupted or the workers are of no use, and what the store throws.
  func carryOut(_ interruption: Interruption) async throws {
    let counts = plan.counts
    let workers = min(workers, counts.toDo)
    Console.note(
      "\(sweep.name): \(counts.toDo) of \(Formatting.count(counts.total, "run")) to do, about "
        + "\(Formatting.duration(plan.wallSeconds(workers: workers))) with "
        + Formatting.count(workers, "worker"))
    let runs = Array(plan.runs)
    let executor = SweepExecutor(
      worker: worker, problem: sweep.problem, budget: sweep.budget,
      limits: SchedulerLimits(
        workers: workers, attempts: sweep.limits.attempts, memory: sweep.limits.memory,
        answer: SchedulerLimits.answer(within: sweep.budget)))
    let display = ProgressDisplay(
      ProgressLine(
        name: sweep.name, done: counts.done + counts.failed, total: counts.total,
        remainingCost: counts.cost, totalCost: counts.cost))
    interruption.attach(executor) { display.note($0) }
    let clock = Task { await display.tick() }
    defer {
      clock.cancel()
      interruption.detach()
      display.end()
    }
    let report = try await executor.execute(runs, sink: StoreSink(store: store, sweep: sweep)) {
      progress, _ in
      display.update(progress)
    }
    display.update(report.progress)
    try check(report)
  }

  private func check(_ report: SweepReport) throws {
    switch report.ending {
    case .completed: return
    case .interrupted:
      let ended = plan.counts.done + plan.counts.failed + report.progress.recorded + report.progress.setAside
      throw CommandFailure(
        .interrupted,
        "interrupted with \(ended) of \(plan.counts.total) runs recorded; run the same command again to resume"
      )
    case .workersUnusable(let failure, let tail):
      let lastWords = tail.trimmingCharacters(in: .whitespacesAndNewlines)
      throw CommandFailure(
        .noWorker,
        "the workers are of no use: \(worker.path) \(failure); try `\(worker.path) < /dev/null`, then run the "
          + "same command again to resume" + (lastWords.isEmpty ? "" : "\nits last words: \(lastWords)"))
    case .recordingFailed:
      throw CommandFailure(
        .inputOutput, "results could not be recorded; run the same command again to resume")
    }
  }
}
