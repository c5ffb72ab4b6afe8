import Cluster
import Foundation
import GridFile
import Model
import Networks
import Planning
import Platform
import ResultStore

/// Submits what is left of a sweep to Slurm, as an array of tasks and a job that merges.
package struct Submitter {
  private let request: RunRequest
  private let asked: SlurmRequest
  private let log: any MessageLog
  private var grid: String { request.grid }
  private var results: ResultsFolder { request.results }
  private var retryFailed: Bool { request.retries != .none }

  /// A submitter.
  ///
  /// - Parameters:
  ///   - request: the grid, and which runs are meant.
  ///   - asked: what to ask of Slurm, before what the grid asks for.
  package init(_ request: RunRequest, asking asked: SlurmRequest, _ log: any MessageLog) {
    self.request = request
    self.asked = asked
    self.log = log
  }

  /// Submits, or prints what would be submitted.
  ///
  /// - Throws: ``Failure`` if nothing was submitted.
  package func submit(dryRun: Bool) throws {
    let sweep = try loadGrid(grid, families: request.families, allowHuge: request.allowHuge)
    let folder = SweepFolder(results: results, sweep: sweep)
    let request = (sweep.slurm ?? SlurmRequest()).overridden(by: asked)
    let notice = Submission.notice(sweep)
    if let time = request.time, let limit = SlurmRequest.seconds(ofTimeLimit: time),
      limit < Double(notice + 60)
    {
      throw Failure(
        .usage,
        "a time limit of \(time) leaves a task no time: it is notified \(notice) seconds before the end. Ask for "
          + "\((notice + 119) / 60) minutes or more (--time, or slurm.time)")
    }
    if let objection = JobScript.objection(toFolder: folder.shards) {
      throw Failure(
        .usage,
        "Slurm cannot write its logs to \(folder.shards): \(objection); name another folder with --results")
    }
    if dryRun {
      try preview(sweep, folder, request)
    } else {
      try submit(sweep, folder, request)
    }
  }

  // MARK: A dry run

  private func preview(_ sweep: Sweep, _ folder: SweepFolder, _ request: SlurmRequest) throws {
    let queue = QueueSnapshot()
    let view = SubmissionView(folder, queue: queue).withOthers(in: folder, queue: queue)
    if let failure = view.queueFailure {
      log.note("note: the queue could not be read: \(failure.cause)")
    }
    let submission = try noting(log) {
      try Submission(
        sweep, in: folder, families: self.request.families, asking: request, beside: view,
        retryFailed: retryFailed, log)
    }
    guard submission.plan.counts.toDo > 0 else {
      try endWithoutTasks(submission)
      return
    }
    var set = ShardSet(path: folder.shards + "/s1")
    if let last = ShardSet.all(in: folder).last(where: \.isSubmission),
      let number = Int(last.name.dropFirst())
    {
      set = ShardSet(path: folder.shards + "/s\(number + 1)")
    }
    let script = submission.script(set, results: results)
    log.print(submission.summary + "\n" + submission.table)
    mentionShortage(submission)
    log.print("\n# \(set.arrayScript)\n\(script.array)\n# \(set.mergeScript)\n\(script.merge)")
  }

  // MARK: Submission

  private func submit(_ sweep: Sweep, _ folder: SweepFolder, _ request: SlurmRequest) throws {
    _ = try locateWorker(of: sweep)
    if !self.request.acceptsWorkerChange { try refuseWorkerChange(sweep, folder) }
    try makeFolders(folder.shards)
    guard let lock = try FolderLock(folder.shards + "/lock") else {
      throw Failure(
        .cannotOpen,
        "another process is submitting \(sweep.name); run the same command again when that is done"
      )
    }
    defer { withExtendedLifetime(lock) {} }
    let queue = QueueSnapshot()
    let view = SubmissionView(folder, queue: queue, alwaysAsks: true)
    let all = view.withOthers(in: folder, queue: queue)
    if let failure = all.queueFailure { throw unavailable("the queue could not be read", failure) }
    try refuseUnreadable(view)
    let submission = try noting(log) {
      try Submission(
        sweep, in: folder, families: self.request.families, asking: request, beside: all,
        retryFailed: retryFailed, log)
    }
    guard submission.plan.counts.toDo > 0 else {
      try endWithoutTasks(submission)
      return
    }
    try submission.refuseWhileRun()
    let tasks = submission.division.parts.count
    let limit: Int?
    do throws(SlurmProgram.Failure) { limit = try Slurm.maxTasks() } catch {
      throw unavailable("the limits of the cluster could not be read", error)
    }
    if let limit, limit < 1 {
      throw Failure(
        .unavailable,
        "this cluster allows no arrays (MaxArraySize of `scontrol show config`); submit a job for each shard that "
          + "runs \(results.command("run", grid, "--shard", "1/\(tasks)"))")
    }
    if let limit, tasks > limit {
      throw Failure(
        .usage,
        "\(tasks) tasks are more than this cluster allows in an array (\(limit); MaxArraySize and "
          + "MaxJobCount of `scontrol show config`): use --tasks \(limit) or less, each task then does more")
    }
    removeUnused(folder, view)
    gatherCheckpoints(folder, view)
    let set = try ShardSet.makeSubmission(in: folder)
    let script = submission.script(set, results: results)
    do { try submission.write(set, script) } catch {
      set.removeUnused()
      throw error
    }
    log.note(submission.summary)
    mentionShortage(submission)
    let job: Int
    do throws(SlurmProgram.Failure) { job = try Slurm.submit(set.arrayScript) } catch {
      throw refused(error, tasks: tasks, set)
    }
    log.print(
      "submitted \(sweep.name) as job \(job), \(Formatting.count(tasks, "task")): \(set.arrayScript)")
    do throws(SlurmProgram.Failure) {
      let merge = try Slurm.submit(set.mergeScript, ["--dependency=afterany:\(job)"])
      log.print("job \(merge) merges the results when they have ended")
    } catch {
      log.note(
        "warning: the job that merges could not be submitted (\(error.cause)); run "
          + "\(results.command("merge", grid)) when the tasks have ended")
    }
    log.note(
      "\(results.command("status", grid)) shows its state, \(results.command("cancel", grid)) ends it")
  }

  private func refuseWorkerChange(_ sweep: Sweep, _ folder: SweepFolder) throws {
    for path in [folder.database] + ShardSet.all(in: folder).flatMap(\.tasks).flatMap(\.databases) {
      do {
        try WorkerChange.refuse(sweep, recordedIn: try ResultStore.read(at: path, checked: false))
      } catch is StoreError {
        // Missing, or damaged: what is recorded is read again below, and reported there.
      }
    }
  }

  /// There is no run for a task.
  ///
  /// - Throws: ``Failure`` if there are runs to do and none fits into the memory.
  private func endWithoutTasks(_ submission: Submission) throws {
    noteNothingToDo(submission)
    guard submission.plan.counts.tooLarge == 0 else {
      throw Failure(.someRunsFailed, "no run that is left fits into the memory; nothing has been submitted")
    }
  }

  private func noteNothingToDo(_ submission: Submission) {
    let counts = submission.plan.counts
    if submission.covered > 0 {
      log.note(
        "\(submission.sweep.name): nothing to submit: \(Formatting.count(submission.covered, "run")) belong to "
          + "\(Formatting.count(submission.coveringTasks, "task")) that run or wait; "
          + "\(results.command("status", grid)) shows their state"
      )
    } else {
      let failed =
        counts.failed > 0 ? ", \(counts.failed) failed (--retry-failed retries them)" : ""
      log.note(
        "\(submission.sweep.name): nothing to submit, \(Formatting.count(counts.done, "run")) done\(failed); "
          + "\(results.command("merge", grid)) merges what is in shards")
    }
    mentionShortage(submission)
  }

  private func mentionShortage(_ submission: Submission) {
    guard submission.plan.counts.tooLarge > 0, let memory = submission.memory else { return }
    log.note(
      "\(Formatting.count(submission.plan.counts.tooLarge, "run")) cannot be run: \(memory.source) is "
        + "\(Formatting.bytes(memory.value)), and they need more; ask for more with --mem, or in the grid")
  }

  /// Removes submissions of which no task ever began; their runs are in the new one.
  private func removeUnused(_ folder: SweepFolder, _ view: SubmissionView) {
    let inUse = Set(view.tasks.filter { $0.queued != nil || $0.report != nil }.map(\.set))
    let known = Set(view.tasks.map(\.set))
    for set in known.subtracting(inUse) where set.tasks.isEmpty { set.removeUnused() }
    // Killed, or out of room, before anything was submitted.
    for (set, _) in view.unreadable where set.tasks.isEmpty && !isFile(set.manifest) { set.removeUnused() }
  }

  /// Without its manifest, the runs of a submission are not known: tasks of it that live would be
  /// repeated.
  private func refuseUnreadable(_ view: SubmissionView) throws {
    for (set, cause) in view.unreadable {
      let jobs = view.queueOfUnreadable.filter { $0.submission == set.name }
      if let job = jobs.first {
        throw Failure(
          .inputOutput,
          "the runs of \(Formatting.count(jobs.count, "task")) of job \(job.id.prefix { $0 != "_" }) are not known any "
            + "more, so nothing has been submitted: \(cause)\ncancel "
            + "\(jobs.count == 1 ? "it" : "them") first (\(results.command("cancel", grid)))"
        )
      }
      if isFile(set.manifest) { log.note("warning: \(cause)") }
    }
  }

  /// Moves checkpoints of tasks that are over to the sweep's folder, where the next process finds
  /// them.
  private func gatherCheckpoints(_ folder: SweepFolder, _ view: SubmissionView) {
    let alive = Set(view.tasks.filter { $0.state.isAlive }.map { $0.set.task($0.number) })
    for task in ShardSet.all(in: folder).flatMap(\.tasks) where task.isOver && !alive.contains(task) {
      task.moveCheckpoints(to: folder)
    }
  }

  private func unavailable(_ what: String, _ failure: SlurmProgram.Failure) -> Failure {
    Failure(
      .unavailable,
      "\(what), so nothing has been submitted: \(failure.cause)\n"
        + SlurmAnswers.remedy(sbatchError: failure.cause, tasks: asked.tasks ?? 1))
  }

  private func refused(_ failure: SlurmProgram.Failure, tasks: Int, _ set: ShardSet) -> Failure {
    Failure(
      .unavailable,
      "the array could not be submitted: \(failure.cause)\n"
        + "\(SlurmAnswers.remedy(sbatchError: failure.cause, tasks: tasks))\nthe script is \(set.arrayScript)"
    )
  }
}
