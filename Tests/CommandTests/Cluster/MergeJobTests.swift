import Cluster
import Foundation
import Testing

@testable import ResultStore
@testable import phasesweep

/// What the job that merges meets, and what `run` does while tasks are at the same sweep.
extension ShardTests {
  /// Slurm lets go what waits for the end of a task also when that is only queued again.
  @Test func aMergeThatCameTooEarlyComesAgain() async throws {
    let slurm = try fakeSlurm()
    let submitted = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "2"], environment: slurm
    ).end()
    #expect(submitted.status == 0)
    let set = bench.path("results/tiny/shards/s1")
    #expect(try await bench.run("run", set, "--shard", "1/2").status == 0)
    let name = folder.key.jobName(submission: "s1")
    let waiting = try fakeSlurm(squeue: "echo '4711|2|PENDING||\(name)|x|BeginTime'")
    let early = try await bench.start(["merge", set, "--follow"], environment: waiting).end()
    #expect(early.status == 0 && early.errors.contains("merges again"), "\(early)")
    let call = "sbatch --parsable --dependency=afterany:4711 --begin=now+30 \(set)/merge.sh\n"
    #expect(try String(contentsOfFile: bench.path("calls"), encoding: .utf8).contains(call))
    #expect(try await bench.run("run", set, "--shard", "2/2").status == 0)
    let late = try await bench.start(["merge", set, "--follow"], environment: slurm).end()
    #expect(!late.errors.contains("merges again"), "\(late)")
    #expect(try bench.results().count == 12)
  }

  /// In a job nobody is there to say it again.
  @Test func aMergeInAJobWaitsForAnother() async throws {
    let slurm = try fakeSlurm()
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: slurm).end().status
        == 0)
    let set = bench.path("results/tiny/shards/s1")
    #expect(try await bench.run("run", set, "--shard", "1/1").status == 0)
    let store = try ResultStore.open(at: folder.database)
    let refused = try await bench.start(["merge", set], environment: slurm).end()
    #expect(refused.status == 73, "\(refused)")
    let waiting = try bench.start(["merge", set, "--follow"], environment: slurm)
    try await Task.sleep(for: .seconds(1))
    try store.close()
    let ended = try await waiting.end()
    #expect(ended.status == 0 && ended.errors.contains("12 new results"), "\(ended)")
  }

  /// A task that Slurm queued again and then could not start is in no queue any more, and nobody has ended it.
  @Test func aTaskThatSlurmHasLostIsSubmittedAgainOnce() async throws {
    let slurm = try fakeSlurm()
    let submitted = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "2"], environment: slurm
    ).end()
    #expect(submitted.status == 0)
    let set = bench.path("results/tiny/shards/s1")
    let gated = try bench.gatedWorker(runs: 2)
    for number in 1...2 {
      let task = try bench.start(
        ["run", set, "--shard", "\(number)/2", "--requeue", "--workers", "1"], worker: gated,
        environment: slurm.merging([
          "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "\(number)", "PHASESWEEP_COPY_SECONDS": "0.2",
        ]) { $1 })
      let folder = ShardSet(path: set).task(number)
      #expect(try await comesTrue { folder.report.map { $0.done >= 2 } == true })
      task.send(SIGTERM)
      #expect(try await task.end().status == 75)
    }
    func answer(_ number: Int, _ end: String) -> String {
      "echo 'JobId=\(8 - number) ArrayJobId=7 ArrayTaskId=\(number) JobName=\(folder.key.jobName(submission: "s1")) \(end)'"
    }
    // Somebody has ended the second.
    let some = try fakeSlurm(
      scontrol: answer(1, "JobState=FAILED ExitCode=1:0") + "; "
        + answer(2, "JobState=CANCELLED ExitCode=75:0"))
    let merged = try await bench.start(["merge", set, "--follow"], environment: some).end()
    #expect(
      merged.errors.contains("1 task (1) could not go on") && merged.errors.contains("4 new results"),
      "\(merged)")
    #expect(merged.status == 75 && merged.errors.contains("1 task (2) ended before its time"), "\(merged)")
    let calls = try String(contentsOfFile: bench.path("calls"), encoding: .utf8)
    #expect(
      calls.hasSuffix(
        "sbatch --parsable --array=1 \(set)/array.sh\n"
          + "sbatch --parsable --dependency=afterany:4711 --begin=now+30 \(set)/merge.sh\n"), "\(calls)")
    // It never begins: not for ever.
    let again = try await bench.start(["merge", set, "--follow"], environment: some).end()
    #expect(again.status == 75 && again.errors.contains("2 tasks (1-2) ended before their time"), "\(again)")
    // Whoever merges by hand is told as ever.
    #expect(try await bench.start(["merge", set], environment: some).end().status == 0)
  }

  /// Nothing is computed twice, nor are results in the way of each other.
  @Test func whatTasksAreAtIsNotRunBesideThem() async throws {
    let slurm = try fakeSlurm()
    let submitted = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "2"], environment: slurm
    ).end()
    #expect(submitted.status == 0)
    let waiting = try fakeSlurm(
      squeue: "echo '4711|[1-2]|PENDING||\(folder.key.jobName(submission: "s1"))|x|Priority'")
    for command in ["run", "retry"] {
      let refused = try await bench.start([command, "tiny.yaml"], environment: waiting).end()
      #expect(refused.status == 73 && refused.errors.contains("12 runs are with 2 tasks"), "\(refused)")
      #expect(refused.errors.contains("`phasesweep cancel tiny.yaml`"), "\(refused)")
      #expect(!folder.hasDatabase)
    }
    let unknown = try fakeSlurm(squeue: "echo 'Unable to contact slurm controller' >&2; exit 1")
    let warned = try await bench.start(["run", "tiny.yaml"], environment: unknown).end()
    #expect(warned.status == 0 && warned.errors.contains("are not known"), "\(warned)")
    // They have nothing left to do.
    #expect(try await bench.start(["run", "tiny.yaml"], environment: waiting).end().status == 0)
  }
}
