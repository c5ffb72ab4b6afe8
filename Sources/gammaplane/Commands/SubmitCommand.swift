import ArgumentParser
import Cluster
import Foundation
import GridFile
import Model
import Platform
import ResultStore

/// `gammaplane submit`.
struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Hand a sweep over to the scheduler of a cluster.",
    subcommands: [SubmitSlurmCommand.self])

  /// What may have been meant by arguments that are wrong; nil if nothing is to be said.
  static func hint(about arguments: [String]) -> String? {
    guard arguments.first == configuration.commandName, arguments.count > 1, arguments[1] != "slurm"
    else { return nil }
    return "The name of the scheduler comes first: `gammaplane submit slurm GRID`."
  }
}

/// `gammaplane submit slurm`.
struct SubmitSlurmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slurm",
    abstract: "Carry out what is left of a sweep as a job array of Slurm.",
    usage: "gammaplane submit slurm <grid> [<options>] [-- <options of sbatch>]",
    discussion: """
      Divides the runs to do into shards of equal cost, writes the batch scripts into RESULTS/NAME/shards/sN, and submits an \
      array, a task a shard, and a job that merges what the tasks leave, whatever becomes of them. The same command again \
      submits only what nobody has done and no task is at. Options may also stand in the grid, under slurm.

      \(ExitStatus.help)
      """)

  @Argument(help: "A grid file.", completion: .file(extensions: ["yaml", "yml"]))
  var grid: String

  @Option(help: "How many tasks, and so shards (default: such that each takes about an hour; 1000 at most).")
  var tasks: Int?

  @Option(help: "The partition.")
  var partition: String?

  @Option(help: "The time limit of a task, as sbatch writes it: 90, 04:00:00, 1-12.")
  var time: String?

  @Option(
    name: .customLong("mem"),
    help: "The memory of a task, such as 8GiB (default: what its runs are expected to need).")
  var memory: String?

  @Option(help: "The cores of a task (default: 1).")
  var cpusPerTask: Int?

  @Flag(help: "Print the script and the shards, and submit nothing.")
  var dryRun = false

  @Flag(help: "Also the runs that were set aside.")
  var retryFailed = false

  @OptionGroup var results: ResultsOption

  @Flag(help: "More than ten million runs are meant.")
  var yes = false

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("Options of sbatch, such as --qos=low.", valueName: "options of sbatch"))
  var options: [String] = []

  func validate() throws {
    if let tasks, !(1...Shard.most).contains(tasks) {
      throw ValidationError("--tasks must be from 1 to \(Shard.most), not \(tasks).")
    }
    if let cpusPerTask, !(1...4096).contains(cpusPerTask) {
      throw ValidationError("--cpus-per-task must be from 1 to 4096, not \(cpusPerTask).")
    }
    if let memory, byteCount(of: memory) == nil {
      throw ValidationError("--mem must be a size such as 500MB or 8GiB, not “\(memory)”.")
    }
    if let time, SlurmRequest.seconds(ofTimeLimit: time) == nil {
      throw ValidationError(
        "--time must be a time limit such as 90 (minutes), 04:00:00 or 1-12 (days and hours), not “\(time)”.")
    }
    if let partition, !SlurmRequest.isWord(partition) {
      throw ValidationError("--partition must be the name of a partition, not “\(partition)”.")
    }
    for option in options {
      if let objection = SlurmRequest.objection(toOption: option) {
        throw ValidationError("“\(option)” cannot be passed on to sbatch: \(objection).")
      }
    }
  }

  mutating func run() async throws {
    let sweep = try loadGrid(grid, allowHuge: yes)
    let folder = SweepFolder(results: results.folder, sweep: sweep)
    let asked = SlurmRequest(
      tasks: tasks, partition: partition, time: time, memory: memory.flatMap(byteCount(of:)),
      cpusPerTask: cpusPerTask,
      options: options)
    let request = (sweep.slurm ?? SlurmRequest()).overridden(by: asked)
    let notice = Submission.notice(sweep)
    if let time = request.time, let limit = SlurmRequest.seconds(ofTimeLimit: time),
      limit < Double(notice + 60)
    {
      throw Failure(
        .usage,
        "a time limit of \(time) leaves a task no time: it is told \(notice) seconds before the end. Ask for "
          + "\((notice + 119) / 60) minutes or more (--time, or slurm.time)")
    }
    if let objection = JobScript.objection(toFolder: folder.shards) {
      throw Failure(
        .usage,
        "Slurm cannot write its logs to \(folder.shards): \(objection); name another folder with --results")
    }
    if dryRun {
      try rehearse(sweep, folder, request)
    } else {
      try submit(sweep, folder, request)
    }
  }

  // MARK: A rehearsal

  private func rehearse(_ sweep: Sweep, _ folder: SweepFolder, _ request: SlurmRequest) throws {
    let look = QueueSnapshot()
    let view = SubmissionView(folder, queue: look).withOthers(in: folder, queue: look)
    if let failure = view.queueFailure {
      Console.note("note: what is in the queue is not known: \(failure.cause)")
    }
    let submission = try planning {
      try Submission(sweep, in: folder, asking: request, beside: view, retryFailed: retryFailed)
    }
    guard submission.plan.counts.toDo > 0 else {
      sayNothingToDo(submission)
      return
    }
    var set = ShardSet(path: folder.shards + "/s1")
    if let last = ShardSet.all(in: folder).last(where: \.isSubmission),
      let number = Int(last.name.dropFirst())
    {
      set = ShardSet(path: folder.shards + "/s\(number + 1)")
    }
    let script = submission.script(set, results: results)
    Console.print(submission.summary + "\n" + submission.table)
    mentionShortage(submission)
    Console.print("\n# \(set.arrayScript)\n\(script.array)\n# \(set.mergeScript)\n\(script.merge)")
  }

  // MARK: For good

  private func submit(_ sweep: Sweep, _ folder: SweepFolder, _ request: SlurmRequest) throws {
    _ = try locateWorker(of: sweep)
    try makeFolders(folder.shards)
    guard let lock = try FolderLock(folder.shards + "/lock") else {
      throw Failure(
        .cannotOpen, "somebody is just submitting \(sweep.name); run the same command again when that is done"
      )
    }
    defer { withExtendedLifetime(lock) {} }
    let look = QueueSnapshot()
    let view = SubmissionView(folder, queue: look, alwaysAsks: true)
    let all = view.withOthers(in: folder, queue: look)
    if let failure = all.queueFailure { throw unavailable("what is in the queue cannot be told", failure) }
    try refuseUnreadable(view)
    let submission = try planning {
      try Submission(sweep, in: folder, asking: request, beside: all, retryFailed: retryFailed)
    }
    guard submission.plan.counts.toDo > 0 else {
      sayNothingToDo(submission)
      return
    }
    try submission.refuseWhileRun()
    let tasks = submission.split.parts.count
    let most: Int?
    do throws(SlurmProgram.Failure) { most = try Slurm.mostTasks() } catch {
      throw unavailable("the limits of the cluster cannot be told", error)
    }
    if let most, most < 1 {
      throw Failure(
        .unavailable,
        "this cluster allows no arrays (MaxArraySize of `scontrol show config`); submit a job for each shard that runs "
          + results.command("run", grid, "--shard", "1/\(tasks)"))
    }
    if let most, tasks > most {
      throw Failure(
        .usage,
        "\(tasks) tasks are more than this cluster allows in an array (\(most); MaxArraySize and MaxJobCount of `scontrol show "
          + "config`): say --tasks \(most) or less, each task then does more")
    }
    removeVoid(folder, view)
    gatherCheckpoints(folder, view)
    let set = try ShardSet.makeSubmission(in: folder)
    let script = submission.script(set, results: results)
    do { try submission.write(set, script) } catch {
      set.removeUnused()
      throw error
    }
    Console.note(submission.summary)
    mentionShortage(submission)
    let job: Int
    do throws(SlurmProgram.Failure) { job = try Slurm.submit(set.arrayScript) } catch {
      throw refused(error, tasks: tasks, set)
    }
    Console.print(
      "submitted \(sweep.name) as job \(job), \(Formatting.count(tasks, "task")): \(set.arrayScript)")
    do throws(SlurmProgram.Failure) {
      let merge = try Slurm.submit(set.mergeScript, ["--dependency=afterany:\(job)"])
      Console.print("job \(merge) merges the results when they have ended")
    } catch {
      Console.note(
        "warning: the job that merges could not be submitted (\(error.cause)); run \(results.command("merge", grid)) when the tasks "
          + "have ended")
    }
    Console.note(
      "\(results.command("status", grid)) says where it stands, \(results.command("cancel", grid)) ends it")
  }

  private func sayNothingToDo(_ submission: Submission) {
    let counts = submission.plan.counts
    if submission.covered > 0 {
      Console.note(
        "\(submission.sweep.name): nothing to submit: \(Formatting.count(submission.covered, "run")) are with "
          + "\(Formatting.count(submission.coveringTasks, "task")) that run or wait; \(results.command("status", grid)) says where they stand"
      )
    } else {
      let failed =
        counts.failed > 0 ? ", \(counts.failed) failed (--retry-failed takes them, too)" : ""
      Console.note(
        "\(submission.sweep.name): nothing to submit, \(Formatting.count(counts.done, "run")) done\(failed); "
          + "\(results.command("merge", grid)) brings together what is in shards")
    }
    mentionShortage(submission)
  }

  private func mentionShortage(_ submission: Submission) {
    guard submission.plan.counts.tooLarge > 0, let memory = submission.memory else { return }
    Console.note(
      "\(Formatting.count(submission.plan.counts.tooLarge, "run")) cannot be done: \(memory.source) is "
        + "\(Formatting.bytes(memory.value)), and they need more; ask for more with --mem, or in the grid")
  }

  /// Submissions that never came to anything leave a folder without tasks; their runs are in the new one.
  private func removeVoid(_ folder: SweepFolder, _ view: SubmissionView) {
    let inUse = Set(view.tasks.filter { $0.queued != nil || $0.report != nil }.map(\.set))
    let known = Set(view.tasks.map(\.set))
    for set in known.subtracting(inUse) where set.tasks.isEmpty { set.removeUnused() }
    // Killed, or out of room, before anything was submitted.
    for (set, _) in view.unreadable where set.tasks.isEmpty && !isFile(set.manifest) { set.removeUnused() }
  }

  /// A division that cannot be read says no more whose runs its tasks are at.
  private func refuseUnreadable(_ view: SubmissionView) throws {
    for (set, cause) in view.unreadable {
      let jobs = view.queueOfUnreadable.filter { $0.submission == set.name }
      if let job = jobs.first {
        throw Failure(
          .inputOutput,
          "which runs \(Formatting.count(jobs.count, "task")) of job \(job.id.prefix { $0 != "_" }) \(jobs.count == 1 ? "is" : "are") at "
            + "is not known any more, so nothing has been submitted: \(cause)\nend them first (\(results.command("cancel", grid)))"
        )
      }
      if isFile(set.manifest) { Console.note("warning: \(cause)") }
    }
  }

  /// What tasks have put down that are over is for whoever takes the runs up.
  private func gatherCheckpoints(_ folder: SweepFolder, _ view: SubmissionView) {
    let alive = Set(view.tasks.filter { $0.state.isAlive }.map { $0.set.task($0.number) })
    for task in ShardSet.all(in: folder).flatMap(\.tasks) where task.isOver && !alive.contains(task) {
      task.giveCheckpoints(to: folder)
    }
  }

  private func unavailable(_ what: String, _ failure: SlurmProgram.Failure) -> Failure {
    Failure(
      .unavailable,
      "\(what), so nothing has been submitted: \(failure.cause)\n"
        + SlurmAnswers.remedy(sbatchError: failure.cause, tasks: tasks ?? 1))
  }

  private func refused(_ failure: SlurmProgram.Failure, tasks: Int, _ set: ShardSet) -> Failure {
    Failure(
      .unavailable,
      "the array could not be submitted: \(failure.cause)\n"
        + "\(SlurmAnswers.remedy(sbatchError: failure.cause, tasks: tasks))\nthe script stays in \(set.arrayScript)"
    )
  }
}
