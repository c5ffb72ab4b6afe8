import GridFile
import Foundation
import LimitFit
import Model
import Networks
import Planning
import Platform
import ResultStore
import Scheduling

/// Runs a sweep, or what is left of it, to its phase map.
package struct SweepRunner {
  private let request: RunRequest
  private let display: any SweepDisplay
  private let draw: Draw

  /// Draws the phase map of a sweep into its folder.
  package typealias Draw =
    @Sendable (PhaseMap, Sweep, SweepContext, SweepFolder) throws -> Void

  /// What came of a sweep.
  package struct Outcome: Sendable {
    /// The fit of everything that is recorded.
    package var map: PhaseMap
    /// What the names in it mean.
    package var context: SweepContext
    /// Where the results are.
    package var folder: SweepFolder
    /// Which runs did not fit into the memory; nil if all did.
    package var shortage: String?
    /// Why not everything is in the map; nil if it is.
    package var failure: Failure?
    /// What came of the sample that was asked for; nil: the whole sweep was run.
    package var sample: RunSample.Report?
  }

  /// A runner.
  ///
  /// - Parameters:
  ///   - request: what to run.
  ///   - display: shows how it goes.
  ///   - draw: draws the phase map.
  package init(_ request: RunRequest, display: any SweepDisplay, draw: @escaping Draw) {
    self.request = request
    self.display = display
    self.draw = draw
  }

  /// Runs the sweep.
  ///
  /// - Throws: ``Failure``, also if it is interrupted; what the store throws.
  package func run(_ interruption: Interruption) async throws -> Outcome {
    let sweep = try loadGrid(request.grid, families: request.families, allowHuge: request.allowHuge)
    let folder = SweepFolder(results: request.results, sweep: sweep)
    try refuseWhatTasksDo(sweep, folder)
    if request.retries != .none { try refuseRetryWithoutDatabase(sweep, folder) }
    // A sweep that cannot begin leaves no folder behind.
    if !folder.hasDatabase { _ = try locateWorker(of: sweep) }
    if let warning = folder.namesakeWarning { display.note(warning) }
    let store = try ResultStore.open(at: folder.database)
    // Before anything is written: what is refused changes nothing.
    if !request.acceptsWorkerChange { try WorkerChange.refuse(sweep, recordedIn: store) }
    let last = try store.sweeps().first { $0.name == sweep.name }
    if let keys = last.flatMap({ ProblemChange.keys(from: $0.problem, to: sweep.problem) }) {
      display.note(
        "\(sweep.name): \(keys) differ from those of its last run. Its results stay in the database, and its "
          + "fit and phase map are replaced; give the grid another name to keep both")
    }
    try store.register(sweep)
    if request.acceptsWorkerChange { try WorkerChange.accept(sweep, in: store) }
    let memory = request.resources.memory(sweep.limits)
    let sample = request.sample.map { RunSample($0, of: sweep) }
    func makePlan() throws -> Plan {
      try noting(display) {
        try sample?.plan(of: sweep, families: request.families, memory: memory, recordedIn: store)
          ?? Plan(sweep: sweep, families: request.families, memory: memory, recordedIn: store)
      }
    }
    var plan = try makePlan()
    let isAllDone = plan.counts.toDo + plan.counts.tooLarge == 0
    // Before failures are forgotten, or those that are in shards would be back at once.
    if request.retries != .none || !isAllDone, try mergeShards(folder, into: store) { plan = try makePlan() }
    try folder.removeStaleCheckpoints(store)
    if try forgetFailures(of: sweep, in: store) { plan = try makePlan() }
    if plan.counts.toDo > 0 {
      let worker = try locateWorker(of: sweep)
      try Threads.check(Threads.sweep)
      request.processes.apply()
      let session = SweepSession(
        sweep: sweep, plan: plan, sink: StoreSink(store: store, sweep: sweep, worker: worker),
        paths: .init(folder), worker: worker,
        workers: try request.resources.workers(atMost: plan.counts.toDo, display), memory: memory,
        processes: request.processes, display: display)
      try await session.run(interruption)
    } else {
      display.note("\(sweep.name): \(nothingToDo(plan))")
    }
    let context = try SweepContext(sweep, families: request.families, store: store)
    let map = try fitAndSave(sweep, context, in: store)
    try draw(map, sweep, context, folder)
    let failures = try store.failures(of: sweep).count
    let sampled = try sample?.report(
      of: sweep, orderParameter: context.orderParameter, families: request.families, in: store)
    try store.close()
    let report = PlanReport(
      plan, of: sweep, families: request.families, workers: request.resources.workerCount, memory: memory)
    return Outcome(
      map: map, context: context, folder: folder, shortage: report.shortage,
      failure: failure(failures, tooLarge: plan.counts.tooLarge, memory), sample: sampled)
  }

  private func nothingToDo(_ plan: Plan) -> String {
    let failed = plan.counts.failed > 0 ? ", \(plan.counts.failed) failed" : ""
    // Then not all is done: what is left does not fit.
    let what = plan.counts.tooLarge > 0 ? "nothing that fits into the memory is" : "nothing"
    return "\(what) to do, \(Formatting.count(plan.counts.done, "run")) done\(failed)"
  }

  private func failure(_ failed: Int, tooLarge: Int, _ memory: Machine.Bound?) -> Failure? {
    if failed > 0 {
      return Failure(
        .someRunsFailed,
        "\(Formatting.count(failed, "run")) failed and \(failed == 1 ? "is" : "are") missing from the fit; "
          + "\(request.results.command("status", request.grid)) shows why, "
          + "\(request.results.command("retry", request.grid)) retries")
    }
    guard tooLarge > 0 else { return nil }
    return Failure(
      .someRunsFailed,
      "\(Formatting.count(tooLarge, "run")) \(tooLarge == 1 ? "needs" : "need") more memory than "
        + "\(memory?.source ?? "the limit") allows and \(tooLarge == 1 ? "is" : "are") missing from the fit; raise it and run the same command again"
    )
  }

  // MARK: Failures of earlier sessions

  /// Not to make a database where there is none.
  private func refuseRetryWithoutDatabase(_ sweep: Sweep, _ folder: SweepFolder) throws {
    if !folder.hasDatabase, !ShardSet.all(in: folder).flatMap(\.tasks).isEmpty {
      throw Failure(
        .noInput,
        "the results of \(sweep.name) are in shards; \(request.results.command("merge", request.grid)) merges "
          + "them")
    }
    try ResultStore.read(at: folder.database, checked: false).close()
  }

  /// Forgets the failures that the request names; returns whether there were any.
  ///
  /// - Throws: ``Failure`` if no run failed for the reason that is named.
  private func forgetFailures(of sweep: Sweep, in store: ResultStore) throws -> Bool {
    var wanted: String?
    switch request.retries {
    case .none: return false
    case .all: break
    case .reason(let reason): wanted = reason
    }
    let forgotten = try store.forgetFailures(of: sweep.problem.digest, reason: wanted)
    if let wanted, forgotten == 0 {
      let reasons = Set(try store.failureGroups(of: sweep).map(\.example.cause)).sorted()
      throw Failure(
        .usage,
        "no run of \(sweep.name) has failed for “\(Formatting.line(wanted))”; "
          + (reasons.isEmpty
            ? "none has failed" : "there are runs that failed for \(reasons.joined(separator: ", "))"))
    }
    let why = wanted.map { " (\($0))" } ?? ""
    display.note("\(sweep.name): \(Formatting.count(forgotten, "failed run"))\(why) to be retried")
    return forgotten > 0
  }

  // MARK: Shards

  /// Merges what shards have recorded, so that nothing is computed again that is done somewhere.
  ///
  /// - Returns: whether that brought anything.
  /// - Throws: ``Failure`` if results contradict each other: people have to decide which of them
  ///   holds.
  private func mergeShards(_ folder: SweepFolder, into store: ResultStore) throws -> Bool {
    var merge = ShardMerge(of: folder)
    guard !merge.tasks.isEmpty else { return false }
    try merge.merge(into: store, display)
    if merge.broughtAnything { display.note(merge.summary) }
    merge.warnings.forEach(display.note)
    if let contradiction = merge.contradiction { throw contradiction }
    let running = merge.tasks.count(where: \.isUnderWay)
    if running > 0 {
      display.note(
        "warning: \(Formatting.count(running, "shard")) \(running == 1 ? "is" : "are") running, and what "
          + "\(running == 1 ? "it has" : "they have") yet to do is computed twice")
    }
    return merge.broughtAnything
  }

  /// Refuses to do what tasks of Slurm do, or will: of this sweep, or of others that share the
  /// folder.
  ///
  /// - Throws: ``Failure`` if they have runs that are to do.
  private func refuseWhatTasksDo(_ sweep: Sweep, _ folder: SweepFolder) throws {
    let queue = QueueSnapshot()
    for name in folder.submittedNames {
      var view = SubmissionView(SweepFolder(path: folder.path, name: name), queue: queue)
      if let failure = view.queueFailure, view.tasks.contains(where: { $0.state == .unknown }) {
        display.note(
          "warning: \(name) has been submitted, and the state of its tasks is not known (\(failure.cause)); "
            + "what they do is computed twice")
      }
      view.tasks = view.tasks.filter { $0.set.isSubmission && $0.state.isAlive }
      guard !view.tasks.isEmpty else { continue }
      let left = try noting(display) {
        try Submission(
          sweep, in: folder, families: request.families, asking: SlurmRequest(), beside: view,
          retryFailed: request.retries != .none, display)
      }
      guard left.covered > 0 else { continue }
      let reference = name == sweep.name ? request.grid : name
      throw Failure(
        .cannotOpen,
        "\(sweep.name): \(Formatting.count(left.covered, "run")) belong to "
          + "\(Formatting.count(left.coveringTasks, "task")) of Slurm, and would be computed twice; wait for them "
          + "(\(request.results.command("status", reference)) shows their state), or end them first "
          + "(\(request.results.command("cancel", reference)))")
    }
  }
}
