import Cluster
import Foundation
import GridFile
import Model
import Networks
import Planning
import ResultStore

/// What is to be submitted of a sweep: its runs that are neither done nor under way, in shards.
package struct Submission {
  package var sweep: Sweep
  package var folder: SweepFolder
  package var request: SlurmRequest
  package var division: ShardDivision
  package var plan: Plan
  /// Runs to do that belong to tasks that run or wait.
  package var covered: Int
  /// How many such tasks there are.
  package var coveringTasks: Int
  /// The memory of a task, in bytes, and where that bound comes from; nil: none.
  package var memory: Machine.Bound?

  /// A task is given about an hour if their number is not asked for.
  private static let defaultSeconds = 3600.0
  /// Not more tasks than this unless they are asked for.
  private static let maxDefaultTasks = 1000

  /// Cores of a task.
  package var cores: Int { request.cpusPerTask ?? 1 }

  /// Finds out what is to do, and divides it.
  ///
  /// - Parameters:
  ///   - view: the tasks there are.
  ///   - retryFailed: whether failed runs are to be done again.
  package init(
    _ sweep: Sweep, in folder: SweepFolder, families: NetworkFamilies, asking request: SlurmRequest,
    beside view: SubmissionView, retryFailed: Bool, _ log: any MessageLog
  ) throws {
    self.sweep = sweep
    self.folder = folder
    self.request = request
    var states = try Self.known(of: sweep, in: folder, retryFailed: retryFailed, log)
    covered = 0
    coveringTasks = 0
    for task in view.tasks where task.state.isAlive || task.state == .unknown {
      guard let indices = try Self.indices(of: task, in: sweep, families) else { continue }
      coveringTasks += 1
      for index in indices where states[index] == .toDo {
        states[index] = .done
        covered += 1
      }
    }
    var bounds = [sweep.limits.memory.map { Machine.Bound(value: $0, source: "limits.memory") }].compactMap {
      $0
    }
    if let asked = request.memory {
      bounds.append(Machine.Bound(value: asked, source: "the memory asked for"))
    }
    memory = bounds.min { $0.value < $1.value }
    var bounded = sweep
    bounded.limits.memory = memory?.value
    plan = Plan(sweep: bounded, families: families, states: states)
    let cores = Double(request.cpusPerTask ?? 1)
    let tasksForTime = min(
      Double(Self.maxDefaultTasks), (plan.counts.cost / cores / Self.defaultSeconds).rounded(.up))
    let tasks = max(1, min(request.tasks ?? Int(tasksForTime), plan.counts.toDo))
    var division = ShardDivision(shards: tasks)
    plan.runs.forEachIndex { division.add(index: $0, cost: $1) }
    division.finish()
    self.division = division
    self.request.tasks = tasks
    self.request.cpusPerTask = self.cores
    if request.memory == nil {
      // What the runs are expected to need at once, a tenth more, and the orchestrator itself; in
      // steps of 64 MiB.
      let needed = plan.memory(workers: self.cores)
      let step = 64 << 20
      self.request.memory = (needed + needed / 10 + (256 << 20) + step - 1) / step * step
    }
  }

  /// The indices in a sweep of those of its runs that a task has; nil if they belong to another
  /// problem.
  package static func indices(
    of task: SubmissionView.Task, in sweep: Sweep, _ families: NetworkFamilies
  ) throws -> [Int]? {
    guard let (others, indices) = try runs(of: task, in: sweep, families) else { return nil }
    guard let others else { return indices }
    let runs = RunSet(sweep)
    return indices.compactMap { runs.index(of: others[$0]) }
  }

  /// The runs of a task, by their indices in a sweep, or in the runs given if the grid has been
  /// edited since; nil if they belong to another problem.
  private static func runs(
    of task: SubmissionView.Task, in sweep: Sweep, _ families: NetworkFamilies
  ) throws -> (RunSet?, [Int])? {
    guard task.set.isSubmission else {
      guard let shard = task.report.flatMap({ Shard($0.shard) }) else { return nil }
      return (
        nil,
        divide(sweep, into: shard.count, families: families).parts[shard.number - 1].indices.map(Int.init)
      )
    }
    let file = try task.set.readManifest()
    guard file.sweep.problem == sweep.problem, let shard = Shard(number: task.number, of: file.shards.count)
    else {
      return nil
    }
    let isSame = file.sweep.axes == sweep.axes && file.sweep.include == sweep.include
    return (isSame ? nil : RunSet(file.sweep), try task.set.indices(of: shard, by: file))
  }

  /// All runs of a sweep in so many shards, whatever is recorded of them: the division is the same
  /// on all machines.
  package static func divide(_ sweep: Sweep, into shards: Int, families: NetworkFamilies) -> ShardDivision {
    var whole = sweep
    whole.limits.memory = nil
    var division = ShardDivision(shards: shards)
    Plan(sweep: whole, families: families).runs.forEachIndex { division.add(index: $0, cost: $1) }
    division.finish()
    return division
  }

  /// What is known of each run, by the sweep's database or any shard.
  ///
  /// - Parameter retryFailed: whether failed runs are to be done again.
  package static func known(
    of sweep: Sweep, in folder: SweepFolder, retryFailed: Bool, _ log: any MessageLog
  ) throws -> [PlanState] {
    var states = [PlanState](repeating: .toDo, count: RunSet(sweep).count)
    func read(_ store: ResultStore) throws {
      try store.forEachKnownRun(of: sweep) { index, run, known in
        let record = sweep.recordNames(of: run)
        let state = PlanState(known, budget: sweep.budget, record: record)
        if state == .done || (state == .failed && !retryFailed && states[index] == .toDo) {
          states[index] = state
        }
      }
    }
    do {
      try read(try ResultStore.read(at: folder.database))
    } catch StoreError.missing {
      // Nothing has been run yet.
    }
    for database in ShardSet.all(in: folder).flatMap(\.tasks).flatMap(\.databases) {
      do {
        try read(try ResultStore.read(at: database))
      } catch StoreError.missing {
        // It has just begun, or a later attempt has merged it.
      } catch let error as StoreError {
        log.note("warning: \(database) is skipped, its runs count as to do: \(error)")
      }
    }
    return states
  }

  /// Refuses to submit a sweep that `run` is running, here or on another machine: tasks would
  /// compute it a second time.
  ///
  /// - Throws: ``Failure`` if there is one.
  package func refuseWhileRun() throws {
    guard let writer = ResultStore.writer(of: folder.database),
      SessionFile.read(from: folder.session, of: writer) != nil
    else { return }
    throw Failure(
      .cannotOpen,
      "\(sweep.name) is being run by \(writer), so nothing has been submitted; wait until that has ended, or "
        + "interrupt it: what it has recorded stays, and the same command submits the rest")
  }

  /// How long the longest task is expected to take, in seconds.
  package var taskSeconds: Double { division.parts.map(seconds).max() ?? 0 }

  /// How long a shard is expected to take, in seconds: no less than its longest run.
  package func seconds(_ part: ShardDivision.Part) -> Double {
    max(part.longest, part.seconds / Double(cores))
  }

  /// How long before its end a task is notified, in seconds: time to checkpoint runs and to copy
  /// results back. Slurm checks its clocks only every half minute or so.
  package static func notice(_ sweep: Sweep) -> Int {
    max(120, Int(sweep.limits.shutdownGracePeriod.rounded(.up)) + 90)
  }

  /// What merging and fitting a sweep may take, in bytes, in steps of 64 MiB: measured are 105 MiB
  /// and 180 bytes a run (docs/scaling.md).
  package static func mergeMemory(_ sweep: Sweep) -> Int {
    let step = 64 << 20
    return ((256 << 20) + 300 * RunSet(sweep).count + step - 1) / step * step
  }

  /// The scripts, for a folder.
  package func script(_ set: ShardSet, results: ResultsFolder) -> JobScript {
    let worker = ProcessInfo.processInfo.environment["GAMMAPLANE_WORKER"] ?? ""
    return JobScript(
      key: folder.key, submission: set.name, folder: set.path, shards: division.parts.count,
      program: ownProgram().path,
      request: request, notice: Self.notice(sweep),
      environment: worker.isEmpty ? [:] : ["GAMMAPLANE_WORKER": absolute(worker)],
      mergeCommand: [ownProgram().path, "merge", set.path, "--follow"],
      mergeMemory: Self.mergeMemory(sweep))
  }

  private func absolute(_ path: String) -> String {
    path.contains("/") ? URL(fileURLWithPath: path).path : path
  }

  /// Writes the manifest and the scripts.
  package func write(_ set: ShardSet, _ script: JobScript) throws {
    do {
      for (path, bytes) in [
        (set.manifest, try ShardManifest.encode(division, of: sweep)),
        (set.arrayScript, Data(script.array.utf8)),
        (set.mergeScript, Data(script.merge.utf8)),
      ] {
        try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
      }
    } catch {
      throw Failure(
        .cannotOpen,
        "\(set.path) cannot be written (\(error.localizedDescription)); check the permissions and the space on "
          + "the disk"
      )
    }
  }

  /// What is to be submitted, for people.
  package var summary: String {
    let tasks = division.parts.count
    var lines = [
      "\(sweep.name): \(Formatting.count(plan.counts.toDo, "run")) to do in \(Formatting.count(tasks, "task")) of "
        + "\(Formatting.count(cores, "core")) and \(Formatting.bytes(request.memory ?? 0)), about "
        + "\(Self.hours(taskSeconds)) each, \(Self.hours(plan.counts.cost)) of CPU time in all"
    ]
    if covered > 0 {
      lines.append(
        "\(covered) more \(covered == 1 ? "run belongs" : "runs belong") to "
          + "\(Formatting.count(coveringTasks, "task")) that \(coveringTasks == 1 ? "runs or waits" : "run or wait")"
      )
    }
    if let time = request.time, let limit = SlurmRequest.seconds(ofTimeLimit: time), limit < 1.2 * taskSeconds
    {
      lines.append(
        "a task may not be done within \(time): it is then queued again, and resumes; more tasks need less time each"
      )
    }
    return lines.joined(separator: "\n")
  }

  /// A table of the shards; of many, only some.
  package var table: String {
    let numbers = Array(division.parts.indices)
    let maxRows = 20
    let shown =
      numbers.count > maxRows ? Array(numbers.prefix(maxRows - 1)) + numbers.suffix(1) : numbers
    var rows = [["shard", "runs", "CPU time", "about"]]
    for number in shown {
      if numbers.count > maxRows, number == numbers.last { rows.append(["…", "…", "…", "…"]) }
      let part = division.parts[number]
      rows.append([
        "\(number + 1)", "\(part.indices.count)", Self.hours(part.seconds), Self.hours(seconds(part)),
      ])
    }
    return Formatting.table(rows)
  }

  /// A time as hours where it is not short.
  package static func hours(_ seconds: Double) -> String {
    seconds < 3600 ? Formatting.duration(seconds) : String(format: "%.1f h", seconds / 3600)
  }
}
