import Cluster
import Foundation
import Networks

/// What the job that merges does about tasks of its submission that have not finished: it runs
/// again when those in the queue have ended, submits those again that Slurm has lost, and names the
/// others.
package struct MergeFollowUp {
  package var set: ShardSet
  package var folder: SweepFolder
  package var families: NetworkFamilies
  package var log: any MessageLog

  /// Does what can be done.
  ///
  /// - Returns: the tasks that have not finished and will not resume by themselves, ascending.
  package func run() -> [Int] {
    // A `submit` at the same time would not see what is submitted here.
    let lock = lock()
    defer { withExtendedLifetime(lock) {} }
    let view = SubmissionView(folder)
    let unfinished = view.tasks.filter { $0.set == set && $0.state != .finished }
    if let failure = view.queueFailure {
      log.note(
        "warning: the queue could not be read (\(failure.cause)); if tasks are still running, merge again when they "
          + "have ended"
      )
      return []
    }
    // A task that is queued again counts as ended for a moment, and then Slurm may start what waits
    // for its end.
    let waiting = unfinished.compactMap(\.queued)
    let gone = withoutResubmitted(unfinished.filter { $0.queued == nil }, view)
    let lost = gone.isEmpty || lock == nil ? [] : lost(among: gone)
    let newJob = lost.isEmpty ? nil : submitAgain(lost)
    var jobs = Set(waiting.map { String($0.id.prefix { $0 != "_" }) })
    if let newJob { jobs.insert("\(newJob)") }
    mergeAgain(after: jobs, waiting.count)
    // One that runs though it is in no queue is left alone.
    let left = gone.filter { $0.state.needsSubmission && (newJob == nil || !lost.contains($0.number)) }
    return left.map(\.number)
  }

  /// Keeps others from submitting; nil if that cannot be within a minute.
  private func lock() -> FolderLock? {
    for _ in 0..<60 {
      do {
        if let lock = try FolderLock(folder.shards + "/lock") { return lock }
      } catch {
        log.note("warning: nothing can be submitted again: \(Formatting.line("\(error)"))")
        return nil
      }
      Thread.sleep(forTimeInterval: 1)
    }
    return nil
  }

  /// Tasks without those of which a later submission has runs: what they had left was submitted
  /// again.
  private func withoutResubmitted(_ tasks: [SubmissionView.Task], _ view: SubmissionView) -> [SubmissionView
    .Task]
  {
    let later = Set(ShardSet.all(in: folder).filter(\.isSubmission).drop { $0 != set }.dropFirst())
    guard !tasks.isEmpty, !later.isEmpty, let sweep = try? set.readManifest().sweep else { return tasks }
    var taken: Set<Int> = []
    for task in view.tasks where later.contains(task.set) {
      if let indices = try? Submission.indices(of: task, in: sweep, families) { taken.formUnion(indices) }
    }
    return tasks.filter { task in
      (try? Submission.indices(of: task, in: sweep, families))?.contains(where: taken.contains) != true
    }
  }

  // MARK: What is lost

  /// The tasks that Slurm reports as lost. Each attempt is repeated once: a task that never starts
  /// is not submitted for ever.
  private func lost(among gone: [SubmissionView.Task]) -> [Int] {
    let ended = Slurm.ended(gone.compactMap(\.report), of: folder.key).filter { $0.submission == set.name }
    return gone.compactMap { task in
      guard let report = task.report, report.ending == nil || report.ending == .interrupted,
        set.task(task.number).resubmittedAfter < report.attempt,
        ended.contains(where: { $0.isLoss && $0.id == report.job })
      else { return nil }
      return task.number
    }
  }

  /// Submits tasks again; returns the number of the job, nil if that failed.
  private func submitAgain(_ tasks: [Int]) -> Int? {
    for task in tasks.map(set.task) { task.resubmittedAfter = task.lease?.attempt ?? 1 }
    do throws(SlurmProgram.Failure) {
      let job = try Slurm.submit(set.arrayScript, ["--array=\(Self.ranges(tasks))"])
      log.note(
        "Slurm has ended \(Formatting.count(tasks.count, "task")) (\(Self.ranges(tasks))) before "
          + "\(tasks.count == 1 ? "its" : "their") time; submitted again as job \(job)")
      return job
    } catch {
      log.note(
        "warning: \(Formatting.count(tasks.count, "task")) could not be submitted again (\(error.cause))")
      return nil
    }
  }

  private func mergeAgain(after jobs: Set<String>, _ waiting: Int) {
    guard !jobs.isEmpty else { return }
    do throws(SlurmProgram.Failure) {
      let job = try Slurm.submit(
        set.mergeScript, ["--dependency=afterany:\(jobs.sorted().joined(separator: ":"))", "--begin=now+30"])
      let cause = waiting > 0 ? "\(Formatting.count(waiting, "task")) not ended yet; " : ""
      log.note("\(cause)job \(job) merges again after \(waiting == 1 && jobs.count == 1 ? "it" : "them")")
    } catch {
      log.note(
        "warning: tasks have not ended yet, and the merge could not be submitted again (\(error.cause))")
    }
  }

  /// Numbers, ascending, as sbatch writes them: "1-3,7".
  package static func ranges(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}
