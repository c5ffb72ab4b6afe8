import Cluster
import Foundation

/// What is asked of a cluster's Slurm. Every call may take ten seconds and fail because the
/// controller is away.
package enum Slurm {
  /// All jobs of users that wait or run, as ``QueueListing`` reads them.
  package static func queue(of users: Set<uid_t>) throws(SlurmProgram.Failure) -> String {
    let list = users.sorted().map { "\($0)" }.joined(separator: ",")
    // For a user without a name squeue shows nothing, complains, and exits with 0; for others who
    // left that does not matter. Without --all it shows jobs in hidden partitions to root only.
    return try SlurmProgram.output(
      "squeue", ["--all", "--noheader", "--array", "--user=\(list)", "--format=\(QueueListing.format)"],
      failingOn: "Invalid user: \(getuid())\n")
  }

  /// How many tasks an array may have; nil if that is not known.
  package static func maxTasks() throws(SlurmProgram.Failure) -> Int? {
    SlurmAnswers.maxTasks(config: try SlurmProgram.output("scontrol", ["show", "config"]))
  }

  /// Submits a script; returns the number of the job.
  package static func submit(_ script: String, _ options: [String] = []) throws(SlurmProgram.Failure) -> Int {
    let text = FileManager.default.contents(atPath: script).map { String(decoding: $0, as: UTF8.self) }
    let output = try SlurmProgram.output(
      "sbatch", ["--parsable"] + options + [script], within: 180, submitting: text)
    guard let number = SlurmAnswers.jobNumber(sbatch: output) else {
      throw .failed("sbatch", message: "no number of a job in “\(Formatting.line(output))”")
    }
    return number
  }

  /// What Slurm still knows of the jobs of attempts that may be over; empty if it does not answer.
  package static func ended(_ attempts: [TaskReport], of key: SweepKey) -> [EndedJob] {
    let arrays = Set(attempts.compactMap { $0.job.map { String($0.prefix { $0 != "_" }) } }).sorted()
    return arrays.flatMap { array -> [EndedJob] in
      let answer = try? SlurmProgram.output("scontrol", ["--oneliner", "show", "job", array])
      return answer.map { EndedJob.all(in: $0, key: key) } ?? []
    }
  }

  /// Ends jobs, waiting or running.
  package static func cancel(_ jobs: [String]) throws(SlurmProgram.Failure) {
    var failure: SlurmProgram.Failure?
    // A command line has its limits.
    for start in stride(from: 0, to: jobs.count, by: 1000) {
      let some = Array(jobs[start..<min(jobs.count, start + 1000)])
      do throws(SlurmProgram.Failure) { _ = try SlurmProgram.output("scancel", some, within: 180) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}

/// A snapshot of the queue, read once for any number of sweeps.
package final class QueueSnapshot {
  package init() {}

  private var answers: [Set<uid_t>: Result<String, SlurmProgram.Failure>] = [:]

  /// The jobs of a sweep that wait or run: those of this user, and of others who have submitted to
  /// the same folder.
  package func queue(of folder: SweepFolder) throws(SlurmProgram.Failure) -> QueueListing {
    let key = folder.key
    let users = folder.submitters.union([getuid()])
    if answers[users] == nil {
      do throws(SlurmProgram.Failure) { answers[users] = .success(try Slurm.queue(of: users)) } catch {
        answers[users] = .failure(error)
      }
    }
    switch answers[users] {
    case .success(let text): return QueueListing(parsing: text, key: key)
    case .failure(let failure): throw failure
    case nil: return QueueListing(jobs: [])
    }
  }
}

/// Queues a task again whose time is up.
package struct Requeue {
  package var set: ShardSet
  package var shard: Shard
  package var log: any MessageLog

  /// Asks Slurm for it, and logs the answer. Slurm may end this process at once.
  ///
  /// - Parameter hasAchieved: whether this attempt got farther than the one before; if not, another
  ///   would end in the same way.
  package func request(hasAchieved: Bool) {
    guard let task = SlurmTask(ProcessInfo.processInfo.environment) else {
      log.note("shard \(shard): not queued again, as this is no task of Slurm")
      return
    }
    guard hasAchieved else {
      log.note(
        "shard \(shard): not queued again, as no run has ended or got farther in this attempt; submit it with "
          + "more time (--time)")
      return
    }
    do throws(SlurmProgram.Failure) {
      log.note("shard \(shard): time is up, asking for task \(task.id) to be queued again")
      _ = try SlurmProgram.output("scontrol", ["requeue", task.id])
    } catch {
      submitAgain(task, because: error.cause)
    }
  }

  /// Clusters may forbid requeuing; a new job for this task alone does the same. The job that
  /// merges, which waits for the end of this one, finds it in the queue and runs again after it:
  /// one for each task would be as many merges.
  private func submitAgain(_ task: SlurmTask, because cause: String) {
    do throws(SlurmProgram.Failure) {
      let job = try Slurm.submit(set.arrayScript, ["--array=\(shard.number)"])
      log.note("shard \(shard): it could not be queued again (\(cause)); submitted again as job \(job)")
    } catch {
      log.note(
        "shard \(shard): it could neither be queued again (\(cause)) nor submitted again (\(error.cause)); "
          + "`gammaplane submit slurm` resumes it")
    }
  }
}

/// The task of Slurm that this process is, by its environment.
package struct SlurmTask: Hashable {
  /// "4711_3", or "4711" outside of arrays.
  package var id: String
  /// The number in its array.
  package var task: Int?

  /// Nil if this process is no task.
  package init?(_ environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    if let array = number("SLURM_ARRAY_JOB_ID"), let task = number("SLURM_ARRAY_TASK_ID") {
      id = "\(array)_\(task)"
      self.task = task
    } else if let job = number("SLURM_JOB_ID") {
      id = "\(job)"
      task = nil
    } else {
      return nil
    }
  }
}
