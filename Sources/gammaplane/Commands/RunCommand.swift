import ArgumentParser
import Foundation
import Grid
import LimitFit
import Model
import Platform
import ResultStore
import Scheduling

/// `gammaplane run`.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Carry out a sweep, or what is left of it, and draw its phase map.",
    discussion: """
      Starts worker processes, records every result in RESULTS/NAME/gammaplane.sqlite, fits the slopes and \
      draws RESULTS/NAME/phase-map.svg. The same command resumes a sweep that was interrupted, and does \
      nothing, quickly, when all is done. What shards of the sweep have recorded is merged first. A first SIGINT, SIGTERM, SIGUSR1 or SIGHUP begins no more runs, puts \
      those under way down, or waits for them, and ends after limits.grace (10 s) at the latest; a second one ends \
      it at once. No recorded result is ever lost.

      \(CommandStatus.help)
      """)

  @Argument(
    help: "A grid file; with --shard also the folder of a submission.",
    completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @OptionGroup var machine: MachineOptions
  @OptionGroup var processes: ProcessesOptions
  @OptionGroup var sharding: ShardOptions
  @OptionGroup var results: ResultsOption

  @Flag(help: "Try again the runs that failed in earlier sessions.")
  var retryFailed = false

  @Flag(help: "More than ten million runs are meant.")
  var yes = false

  mutating func run() async throws { try await run(takingIn: true) }

  /// - Parameter takesIn: whether what shards have recorded is merged first.
  func run(takingIn takesIn: Bool) async throws {
    // Before there are many threads, and again before workers are started: one that was just being made slips through.
    processes.apply()
    let interruption = Interruption()
    SignalWatch.start { interruption.signalled($0) }
    if let shard = sharding.shard {
      try await ShardRun(shard, command: self).carryOut(interruption)
      return
    }
    if isFolder(grid),
      let shards = try? ShardSet(path: URL(fileURLWithPath: grid).path).readSplit().shards.count
    {
      throw CommandFailure(
        .usage,
        "\(grid) is a submission of \(Formatting.count(shards, "shard")); say which: --shard 1/\(shards)")
    }
    let outcome = try await carryOut(interruption, takingIn: takesIn)
    summarise(outcome.map, folder: outcome.folder)
    if let shortage = outcome.shortage { Console.note(shortage) }
    if let failure = outcome.failure { throw failure }
  }

  /// What came of a sweep.
  struct Outcome {
    var map: PhaseMap
    var folder: SweepFolder
    /// What to say of memory that was short.
    var shortage: String?
    /// Why not everything is in the map.
    var failure: CommandFailure?
  }

  /// Carries the sweep out to its map.
  ///
  /// - Parameter takesIn: whether what shards have recorded is merged first.
  /// - Throws: ``CommandFailure``, also if it is interrupted.
  func carryOut(_ interruption: Interruption, takingIn takesIn: Bool = true) async throws -> Outcome {
    let sweep = try loadGrid(grid, allowHuge: yes)
    let folder = SweepFolder(results: results.folder, sweep: sweep)
    try refuseWhatTasksAreAt(sweep, folder)
    let store = try ResultStore.open(at: folder.database)
    try store.register(sweep)
    let memory = machine.memory(sweep.limits)
    func look() throws -> Plan {
      try planning { try Plan(sweep: sweep, memory: memory, recordedIn: store) }
    }
    var plan = try look()
    if takesIn, retryFailed || plan.counts.toDo + plan.counts.tooLarge > 0, try takeIn(folder, into: store) {
      plan = try look()
    }
    if retryFailed {
      try store.forgetFailures(of: sweep.problem.digest)
      plan = try look()
    }
    try folder.removeStaleCheckpoints(store)
    if plan.counts.toDo > 0 {
      try Threads.check(Threads.sweep)
      processes.apply()
      let session = SweepSession(
        sweep: sweep, plan: plan, sink: StoreSink(store: store, sweep: sweep), places: .init(folder),
        worker: try locateWorker(of: sweep), workers: try workers(atMost: plan.counts.toDo), memory: memory,
        isPinned: processes.pin)
      try await session.carryOut(interruption)
    } else {
      let failed = plan.counts.failed > 0 ? ", \(plan.counts.failed) failed" : ""
      // Not that all is done: what is left does not fit.
      let what = plan.counts.tooLarge > 0 ? "nothing that fits into the memory is" : "nothing"
      Console.note("\(sweep.name): \(what) to do, \(Formatting.count(plan.counts.done, "run")) done\(failed)")
    }
    let map = try fitAndSave(sweep, in: store)
    try writeFigure(of: map, sweep: sweep, in: folder, results: results)
    let failures = try store.failures(of: sweep).count
    try store.close()
    let report = PlanReport(plan, of: sweep, workers: machine.workers, memory: memory)
    var failure: CommandFailure?
    if failures > 0 {
      failure = someFailed(failures)
    } else if plan.counts.tooLarge > 0 {
      failure = CommandFailure(
        .someRunsFailed,
        "\(Formatting.count(plan.counts.tooLarge, "run")) need more memory than \(memory?.source ?? "the limit") "
          + "allows and are missing from the fit; raise it and run the same command again")
    }
    return Outcome(map: map, folder: folder, shortage: report.shortage, failure: failure)
  }

  /// Merges what shards have recorded, so that nothing is computed again that is done somewhere.
  ///
  /// - Returns: whether that brought anything.
  /// - Throws: ``CommandFailure`` if results contradict each other: which of them holds is for people to say.
  func takeIn(_ folder: SweepFolder, into store: ResultStore) throws -> Bool {
    var merge = ShardMerge(of: folder)
    guard !merge.tasks.isEmpty else { return false }
    try merge.carryOut(into: store)
    if merge.broughtAnything { Console.note(merge.summary) }
    merge.warnings.forEach(Console.note)
    if let contradiction = merge.contradiction { throw contradiction }
    let underWay = merge.tasks.count(where: \.isUnderWay)
    if underWay > 0 {
      Console.note(
        "warning: \(Formatting.count(underWay, "shard")) \(underWay == 1 ? "is" : "are") under way, and what "
          + "\(underWay == 1 ? "it has" : "they have") yet to do is computed twice")
    }
    return merge.broughtAnything
  }

  /// Refuses to do what tasks of Slurm do, or will: of this sweep, or of others that share the folder.
  ///
  /// - Throws: ``CommandFailure`` if they are at runs that are to do.
  func refuseWhatTasksAreAt(_ sweep: Sweep, _ folder: SweepFolder) throws {
    let look = QueueLook()
    for name in folder.submittedNames {
      var view = SubmissionView(SweepFolder(path: folder.path, name: name), queue: look)
      if let failure = view.queueFailure, view.tasks.contains(where: { $0.state == .unknown }) {
        Console.note(
          "warning: \(name) has been submitted, and its tasks in the queue are not known (\(failure.cause)); what they do, too, "
            + "is computed twice")
      }
      view.tasks = view.tasks.filter { $0.set.isSubmission && $0.state.isAlive }
      guard !view.tasks.isEmpty else { continue }
      let left = try planning {
        try Submission(sweep, in: folder, asking: SlurmRequest(), beside: view, retryFailed: retryFailed)
      }
      guard left.covered > 0 else { continue }
      let reference = name == sweep.name ? grid : name
      throw CommandFailure(
        .cannotOpen,
        "\(sweep.name): \(Formatting.count(left.covered, "run")) are with \(Formatting.count(left.coveringTasks, "task")) of Slurm, and would "
          + "be computed twice; wait for them (\(results.command("status", reference)) says where they stand), or end them first "
          + "(\(results.command("cancel", reference)))")
    }
  }

  /// How many workers to start: no more than there are runs, nor than there are file descriptors for.
  func workers(atMost runs: Int) throws -> Int {
    let wanted = min(machine.workers, runs)
    let possible = Descriptors.workersPossible()
    guard possible > 0 else {
      throw CommandFailure(
        .cannotOpen, "too few files may be open at once to start a worker; raise the limit (`ulimit -n 1024`)"
      )
    }
    if wanted > possible {
      Console.note(
        "\(Formatting.count(possible, "worker")) instead of \(wanted), because few files may be open at once "
          + "(`ulimit -n`)")
    }
    return min(wanted, possible)
  }

  func summarise(_ map: PhaseMap, folder: SweepFolder) {
    Console.print("phase map: \(folder.phaseMap)")
    Console.print("verdicts:  \(verdictSummary(map))")
    Console.print("theory:    \(Agreement(map).summary)")
    if let distance = BoundaryDistance(map) { Console.print("boundary:  \(distance.summary)") }
  }

  private func someFailed(_ count: Int) -> CommandFailure {
    CommandFailure(
      .someRunsFailed,
      "\(Formatting.count(count, "run")) failed and \(count == 1 ? "is" : "are") missing from the fit; "
        + "\(results.command("status", grid)) says why, \(results.command("retry", grid)) tries again")
  }
}
