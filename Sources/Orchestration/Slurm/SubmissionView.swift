import Cluster
import Foundation
import ResultStore

/// The submissions of a sweep and the state of their tasks, by their folders and the queue.
package struct SubmissionView {
  /// One task.
  package struct Task {
    package var set: ShardSet
    package var number: Int
    /// Its entry in the manifest; nil if it was started by hand.
    package var entry: ShardManifest.Entry?
    package var queued: QueuedJob?
    package var report: TaskReport?
    package var merged: Int
    package var state: TaskState
  }

  /// The shards that were begun by hand, and the tasks of all submissions, in order.
  package var tasks: [Task] = []
  /// The jobs that merge.
  package var mergeJobs: [QueuedJob] = []
  /// Submissions whose manifest cannot be read, with the reason.
  package var unreadable: [(set: ShardSet, cause: String)] = []
  /// Jobs of theirs, but for those that merge.
  package var queueOfUnreadable: [QueuedJob] = []
  /// Why the queue is not known; nil if it is.
  package var queueFailure: SlurmProgram.Failure?

  /// Reads the folders of a sweep, and the queue if any of their tasks may be in it.
  ///
  /// - Parameters:
  ///   - snapshot: reads the queue, if that is needed.
  ///   - alwaysAsks: whether the queue is read in any case.
  package init(
    _ folder: SweepFolder, queue snapshot: QueueSnapshot = QueueSnapshot(), alwaysAsks: Bool = false
  ) {
    let now = Date().timeIntervalSince1970
    var found: [(set: ShardSet, file: ShardManifest, reports: [Int: TaskReport])] = []
    for set in ShardSet.all(in: folder) where set.isSubmission {
      do {
        let file = try set.readManifest()
        // Several sweeps may share the folder.
        guard file.sweep.name == folder.name else { continue }
        let reports = Dictionary(
          set.tasks.compactMap { task in task.report.map { (task.number, $0) } }, uniquingKeysWith: { $1 })
        found.append((set, file, reports))
      } catch {
        unreadable.append((set, "\((error as? Failure)?.message ?? "\(error)")"))
      }
    }
    let isOver = found.allSatisfy {
      $0.reports.count == $0.file.shards.count && $0.reports.values.allSatisfy { $0.ending == .finished }
    }
    var queue = QueueListing(jobs: [])
    if alwaysAsks || !isOver {
      do throws(SlurmProgram.Failure) { queue = try snapshot.queue(of: folder) } catch {
        queueFailure = error
      }
    }
    mergeJobs = queue.jobs.filter(\.isMerge)
    let jobs = Dictionary(grouping: queue.jobs.filter { !$0.isMerge }, by: \.submission)
    queueOfUnreadable = unreadable.flatMap { jobs[$0.set.name] ?? [] }
    for set in ShardSet.all(in: folder) where !set.isSubmission {
      for task in set.tasks {
        guard let report = task.report else { continue }
        tasks.append(
          Task(
            set: set, number: task.number, report: report, merged: task.merged,
            state: TaskState(queued: nil, report: report, queueIsKnown: true, now: now)))
      }
    }
    for (set, file, reports) in found {
      // A task that was submitted again may be there twice: the one that runs is what counts.
      let queued = Dictionary(
        (jobs[set.name] ?? []).compactMap { job in job.task.map { ($0, job) } },
        uniquingKeysWith: { $0.isPending ? $1 : $0 })
      // The report of a task that was killed a moment ago looks as if it were running.
      let doubtful = reports.filter {
        queued[$0.key] == nil && $0.value.ending == nil && !$0.value.isStale(now: now)
      }
      let over =
        queueFailure == nil ? Slurm.ended(doubtful.map(\.value), of: folder.key).filter(\.isOver) : []
      let overIDs = Set(over.filter { $0.submission == set.name }.map(\.id))
      for number in 1...max(1, file.shards.count) where number <= file.shards.count {
        let report = reports[number]
        tasks.append(
          Task(
            set: set, number: number, entry: file.shards[number - 1], queued: queued[number], report: report,
            merged: report == nil ? 0 : set.task(number).merged,
            state: TaskState(
              queued: queued[number], report: report, queueIsKnown: queueFailure == nil,
              isOver: report?.job.map(overIDs.contains) ?? false, now: now)))
      }
    }
  }

  /// With the tasks of other sweeps that share the folder, and so their results: a grid, and its
  /// refinement by `refine`.
  package func withOthers(in folder: SweepFolder, queue snapshot: QueueSnapshot) -> SubmissionView {
    var all = self
    for name in folder.submittedNames where name != folder.name {
      let other = SubmissionView(SweepFolder(path: folder.path, name: name), queue: snapshot)
      all.tasks += other.tasks.filter(\.set.isSubmission)
      all.queueFailure = all.queueFailure ?? other.queueFailure
    }
    return all
  }

  /// Jobs of the sweep that are in the queue, but for those that merge.
  package var queued: [QueuedJob] { tasks.compactMap(\.queued) }
  /// Whether any task runs, or will by itself.
  package var isAlive: Bool { tasks.contains { $0.state.isAlive } }
  /// Results of tasks that have not been merged, as far as is known.
  package var unmerged: Int { tasks.reduce(0) { $0 + max(0, ($1.report?.own ?? 0) - $1.merged) } }

  /// Whether there are neither tasks nor unreadable submissions.
  package var isEmpty: Bool { tasks.isEmpty && unreadable.isEmpty }

  /// The tasks of the latest submission, those before it that are not over, and shards by hand that
  /// are not merged.
  package var shown: [Task] {
    let last = tasks.last { $0.set.isSubmission }?.set
    return tasks.filter { task in
      task.set == last || task.state.isAlive || task.state == .unknown
        || (!task.set.isSubmission && (task.state != .finished || (task.report?.own ?? 0) > task.merged))
    }
  }
}
