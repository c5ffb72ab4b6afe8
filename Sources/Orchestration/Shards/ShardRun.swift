import Cluster
import Foundation
import GridFile
import Model
import Networks
import Planning
import Platform
import ResultStore
import Scheduling

/// `gammaplane run --shard i/N`: one shard of a sweep, by hand or as a task of Slurm.
package struct ShardRun {
  private let shard: Shard
  private let request: RunRequest
  private let scratch: String?
  private let requeues: Bool
  private let display: any SweepDisplay
  private let sweep: Sweep
  private let folder: SweepFolder
  private let set: ShardSet
  private let indices: [Int]

  /// Finds the runs of the shard: in the manifest of a submission, or by dividing the grid.
  ///
  /// - Parameters:
  ///   - request: its grid is a grid file or the folder of a submission.
  ///   - scratch: where to make a folder on the disk of the node; nil: none.
  ///   - requeues: whether a task of Slurm whose time is up is queued again.
  package init(
    _ shard: Shard, _ request: RunRequest, scratch: String?, requeues: Bool, _ display: any SweepDisplay
  ) throws {
    self.shard = shard
    self.request = request
    self.scratch = scratch.map { URL(fileURLWithPath: $0).path }
    self.requeues = requeues
    self.display = display
    if isFolder(request.grid) {
      set = ShardSet(path: URL(fileURLWithPath: request.grid).path)
      let file = try set.readManifest()
      guard file.shards.count == shard.count else {
        throw Failure(
          .usage,
          "\(set.path) has \(Formatting.count(file.shards.count, "shard")), and not \(shard.count); use --shard "
            + "\(min(shard.number, file.shards.count))/\(file.shards.count)")
      }
      sweep = file.sweep
      let results = URL(fileURLWithPath: set.path).deletingLastPathComponent().deletingLastPathComponent()
      folder = SweepFolder(path: results.path, name: sweep.name)
      indices = try set.indices(of: shard, by: file)
    } else {
      sweep = try loadGrid(request.grid, families: request.families, allowHuge: request.allowHuge)
      folder = SweepFolder(results: request.results, sweep: sweep)
      set = .byHand(shard.count, in: folder)
      let division = Submission.divide(sweep, into: shard.count, families: request.families)
      indices = division.parts[shard.number - 1].indices.map(Int.init)
    }
  }

  /// Runs the shard.
  ///
  /// - Throws: ``Failure``, also if it is interrupted.
  package func run(_ interruption: Interruption) async throws {
    let task = set.task(shard.number)
    try makeFolders(task.path)
    let lock = try lock(task)
    defer { withExtendedLifetime(lock) {} }
    interruption.beginFinishing()
    let attempt: ShardAttempt
    do {
      attempt = try ShardAttempt(
        shard, in: task, scratch: scratch, of: sweep, total: indices.count, display)
    } catch {
      throw explained(error)
    }
    do {
      try await run(attempt, interruption)
    } catch {
      throw explained(try end(attempt, after: error, interruption))
    }
    try finish(attempt)
    let report = task.report
    display.print(
      "shard \(shard) of \(sweep.name): \(report?.done ?? 0) of \(Formatting.count(indices.count, "run")) done"
        + (report.map { $0.failed > 0 ? ", \($0.failed) failed" : "" } ?? ""))
    if let failed = report?.failed, failed > 0 {
      throw Failure(
        .someRunsFailed,
        "\(Formatting.count(failed, "run")) failed; `gammaplane merge` and `gammaplane status` show why")
    }
    let missing = indices.count - (report?.done ?? 0)
    if missing > 0 {
      throw Failure(
        .someRunsFailed,
        "\(Formatting.count(missing, "run")) \(missing == 1 ? "needs" : "need") more memory than this machine "
          + "allows and \(missing == 1 ? "has" : "have") been left out"
      )
    }
  }

  /// A shard that is run by hand is locked; of two tasks of Slurm with the same shard the later one
  /// has the lease, since Slurm takes the other for dead.
  private func lock(_ task: TaskFolder) throws -> FolderLock? {
    guard !set.isSubmission else { return nil }
    if let lock = try FolderLock(task.lock) { return lock }
    let holder = task.report.map { "process \($0.pid) on \($0.host)" } ?? "another process"
    throw Failure(
      .cannotOpen,
      "shard \(shard) of \(sweep.name) is being run by \(holder); wait for it, or choose another shard"
    )
  }

  private func run(_ attempt: ShardAttempt, _ interruption: Interruption) async throws {
    let memory = request.resources.memory(sweep.limits)
    try refuseWorkerChange(attempt)
    if request.retries != .none { try attempt.store.forgetFailures(of: sweep.problem.digest) }
    let plan = try plan(attempt, memory)
    let (done, failed) = (plan.counts.done, plan.counts.failed)
    attempt.update(
      done: done, failed: failed, rate: 0, eta: nil,
      elsewhere: max(0, done - (try attempt.store.totals().results)))
    adoptCheckpoints(plan)
    attempt.noteCheckpoints()
    guard plan.counts.toDo > 0 else {
      display.note("\(sweep.name), shard \(shard): nothing to do, \(Formatting.count(done, "run")) done")
      return
    }
    attempt.writeReport()
    request.processes.apply()
    try SweepFolder.removeStaleCheckpoints(
      in: attempt.folder.checkpoints, attempts: attempt.folder.attempts, attempt.store)
    let worker = try locateWorker(of: sweep)
    let session = SweepSession(
      sweep: named, plan: plan,
      sink: FencedSink(
        sink: StoreSink(store: attempt.store, sweep: sweep, worker: worker), attempt: attempt),
      paths: .init(
        checkpoints: attempt.folder.checkpoints,
        logs: attempt.scratch.map { $0 + "/logs" } ?? attempt.folder.logs,
        attempts: attempt.folder.attempts),
      observer: {
        attempt.update(done: $0.runs.done, failed: $0.runs.failed, rate: $0.rate, eta: $0.etaSeconds)
      },
      worker: worker, workers: try request.resources.workers(atMost: plan.counts.toDo, display),
      memory: memory, processes: request.processes, display: display)
    let keeper = Task { await keep(attempt) }
    defer { keeper.cancel() }
    try await session.run(interruption)
  }

  /// A submission was checked when it was made.
  private func refuseWorkerChange(_ attempt: ShardAttempt) throws {
    guard !set.isSubmission, !request.acceptsWorkerChange else { return }
    try WorkerChange.refuse(sweep, recordedIn: attempt.store)
    if let store = try folder.store(mayBeMissing: true) {
      try WorkerChange.refuse(sweep, recordedIn: store)
    }
  }

  /// The sweep under the name by which messages are to call it.
  private var named: Sweep {
    var named = sweep
    named.name += ", shard \(shard)"
    return named
  }

  private func plan(_ attempt: ShardAttempt, _ memory: Machine.Bound?) throws -> Plan {
    var bounded = sweep
    bounded.limits.memory = memory?.value
    var states: [Int: PlanState] = [:]
    func read(_ store: ResultStore) throws {
      try store.forEachKnownRun(of: sweep) { index, run, known in
        let state = PlanState(known, budget: sweep.budget, record: sweep.recordNames(of: run))
        // A failure behind a result that a smaller budget cut short comes last.
        states[index] = states[index] == .done ? .done : state
      }
    }
    // The runs of a submission were to do when it was made. By hand, what the sweep's database has
    // already is not done again.
    if !set.isSubmission, folder.hasDatabase {
      do {
        try read(try ResultStore.read(at: folder.database))
      } catch StoreError.missing {
        // Another process is just making it.
      }
      if request.retries != .none { states = states.filter { $0.value != .failed } }
    }
    try read(attempt.store)
    return Plan(sweep: bounded, indices: indices) { index, _ in states[index] ?? .toDo }
  }

  /// Moves checkpoints of runs of this shard that other processes have left in the sweep's folder
  /// here.
  private func adoptCheckpoints(_ plan: Plan) {
    let names = Set(listFolder(folder.checkpoints))
    guard !names.isEmpty else { return }
    let own = set.task(shard.number).checkpoints
    for run in plan.runs {
      let name = CheckpointFolder.name(of: run.identity)
      guard names.contains(name) else { continue }
      // A checkpoint here is later than one that was moved away while the task seemed dead.
      guard access("\(own)/\(name)", F_OK) != 0 else { continue }
      try? makeFolders(own)
      rename("\(folder.checkpoints)/\(name)", "\(own)/\(name)")
    }
  }

  /// Copies the database and writes the report now and then; returns when its task is cancelled.
  private func keep(_ attempt: ShardAttempt) async {
    var sinceCopy = 0.0
    var sinceBegin = 0.0
    var pause = attempt.interval
    while true {
      // At the beginning a user may be watching.
      let tick = min(sinceBegin < 30 ? 3 : 20, attempt.interval)
      guard (try? await Task.sleep(for: .seconds(tick))) != nil else { return }
      sinceBegin += tick
      sinceCopy += tick
      if sinceCopy >= pause {
        let began = ContinuousClock().now
        do {
          try attempt.copyBack()
        } catch is ShardAttempt.Superseded {
          // The sink will see it, too.
        } catch {
          display.note("shard \(shard): cannot copy the results beside the sweep now: \(error)")
        }
        // Not to spend more than a twentieth of the time on copying.
        pause = max(attempt.interval, 20 * ((ContinuousClock().now - began) / .seconds(1)))
        sinceCopy = 0
      }
      attempt.writeReport()
    }
  }

  // MARK: The end

  private func finish(_ attempt: ShardAttempt) throws {
    let totals = try counts(attempt)
    attempt.update(done: totals.done, failed: totals.failed, rate: 0, eta: nil)
    do {
      try attempt.end(.finished)
    } catch {
      throw explained(stranded(attempt, error))
    }
  }

  private func counts(_ attempt: ShardAttempt) throws -> (done: Int, failed: Int) {
    let counts = try plan(attempt, request.resources.memory(sweep.limits)).counts
    return (counts.done, counts.failed)
  }

  /// Saves results after an error; returns the error to report.
  private func end(_ attempt: ShardAttempt, after error: any Error, _ interruption: Interruption) throws
    -> any Error
  {
    if let superseded = error as? ShardAttempt.Superseded {
      try? attempt.end(.superseded)
      return superseded
    }
    let isInterrupted = (error as? Failure)?.status == .interrupted
    if let totals = try? counts(attempt) {
      attempt.update(done: totals.done, failed: totals.failed, rate: 0, eta: nil)
    }
    do {
      try attempt.end(isInterrupted ? .interrupted : .failed)
    } catch {
      return stranded(attempt, error)
    }
    if isInterrupted, requeues, interruption.firstSignal == SIGUSR1 {
      Requeue(set: set, shard: shard, log: display).request(hasAchieved: attempt.hasAchieved)
    }
    return error
  }

  private func stranded(_ attempt: ShardAttempt, _ error: any Error) -> any Error {
    if error is ShardAttempt.Superseded { return error }
    guard let scratch = attempt.scratch else { return error }
    attempt.writeReport(ending: .failed)
    return Failure(
      .inputOutput,
      "the results of shard \(shard) could not be copied beside the sweep (\(error)); they are in \(scratch) on "
        + "\(LockHolder.current.host): copy \(ResultStore.fileName) from there to "
        + "\(attempt.folder.database(attempt.lease.token)), or run the shard there again")
  }

  private func explained(_ error: any Error) -> any Error {
    guard let superseded = error as? ShardAttempt.Superseded else { return error }
    return Failure(
      .cannotOpen,
      "attempt \(superseded.by.attempt) at shard \(shard) of \(sweep.name) has taken over, so this one has ended; "
        + "there is nothing to do about it")
  }
}
