import Cluster
import Foundation
import Orchestration
import Testing

@testable import ResultStore

/// What the job that merges meets, and what `run` does while tasks belong to the same sweep.
extension ShardTests {
  /// Slurm starts what waits for the end of a task also when that is only queued again.
  @Test func aMergeThatCameTooEarlyRunsAgain() async throws {
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

  /// In a job there is no user to repeat the command.
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

  /// A task that Slurm queued again and then could not start is in no queue any more, and was not
  /// cancelled.
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
          "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "\(number)", "GAMMAPLANE_COPY_SECONDS": "0.2",
        ]) { $1 })
      let folder = ShardSet(path: set).task(number)
      #expect(try await comesTrue { folder.report.map { $0.done >= 2 } == true })
      task.send(SIGTERM)
      #expect(try await task.end().status == 75)
    }
    func answer(_ number: Int, _ end: String) -> String {
      "echo 'JobId=\(8 - number) ArrayJobId=7 ArrayTaskId=\(number) JobName=\(folder.key.jobName(submission: "s1")) \(end)'"
    }
    // The second was cancelled.
    func slurmThatHasLostOne() throws -> [String: String] {
      try fakeSlurm(
        scontrol: answer(1, "JobState=FAILED ExitCode=1:0") + "; "
          + answer(2, "JobState=CANCELLED ExitCode=75:0"))
    }
    let some = try slurmThatHasLostOne()
    let merged = try await bench.start(["merge", set, "--follow"], environment: some).end()
    #expect(
      merged.errors.contains("has ended 1 task (1) before its time")
        && merged.errors.contains("4 new results"),
      "\(merged)")
    #expect(merged.status == 75 && merged.errors.contains("1 task (2) ended before its time"), "\(merged)")
    let calls = try String(contentsOfFile: bench.path("calls"), encoding: .utf8)
    #expect(
      calls.hasSuffix(
        "sbatch --parsable --array=1 \(set)/array.sh\n"
          + "sbatch --parsable --dependency=afterany:4711 --begin=now+30 \(set)/merge.sh\n"), "\(calls)")
    // It never starts: not for ever.
    let again = try await bench.start(["merge", set, "--follow"], environment: some).end()
    #expect(again.status == 75 && again.errors.contains("2 tasks (1-2) ended before their time"), "\(again)")
    // What the second had left was submitted again: only the first is missing.
    let name = folder.key.jobName(submission: "s1")
    let waiting = try fakeSlurm(squeue: "echo '4711|1|PENDING||\(name)|x|Priority'")
    #expect(try await bench.start(["submit", "slurm", "tiny.yaml"], environment: waiting).end().status == 0)
    let later = try await bench.start(["merge", set, "--follow"], environment: slurmThatHasLostOne()).end()
    #expect(later.status == 75 && later.errors.contains("1 task (1) ended before its time"), "\(later)")
    // Merging by hand prints what it always does.
    #expect(try await bench.start(["merge", set], environment: some).end().status == 0)
  }

  /// Its report is a moment old, as if it were running; Slurm knows better.
  @Test func aTaskThatWasJustKilledIsNamed() async throws {
    let slurm = try fakeSlurm()
    let submitted = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: slurm
    ).end()
    #expect(submitted.status == 0)
    let set = bench.path("results/tiny/shards/s1")
    let task = try bench.start(
      ["run", set, "--shard", "1/1", "--requeue", "--workers", "1"], worker: try bench.gatedWorker(runs: 2),
      environment: slurm.merging(["SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "1"]) { $1 })
    #expect(try await comesTrue { folder.tasks(1).report.map { $0.done >= 2 } == true })
    task.send(SIGKILL)
    _ = try await task.end()
    func merge(_ state: String) async throws -> Ended {
      let job = "JobId=7 ArrayJobId=7 ArrayTaskId=1 JobName=\(folder.key.jobName(submission: "s1"))"
      let answer = try fakeSlurm(scontrol: "echo '\(job) JobState=\(state) ExitCode=0:125'")
      return try await bench.start(["merge", set, "--follow"], environment: answer).end()
    }
    let named = try await merge("OUT_OF_MEMORY")
    #expect(named.status == 75 && named.errors.contains("1 task (1) ended before its time"), "\(named)")
    // What is named as left is there to be submitted.
    let lost = try await bench.start(["status", "tiny"], environment: slurm).end()
    #expect(lost.output.contains("tasks: 1 lost"), "\(lost)")
    let again = try await bench.start(["submit", "slurm", "tiny.yaml", "--dry-run"], environment: slurm).end()
    #expect(again.status == 0 && again.output.contains("10 runs to do"), "\(again)")
    let running = try await merge("RUNNING")
    #expect(running.status == 0, "\(running)")
    let status = try await bench.start(["status", "tiny"], environment: slurm).end()
    #expect(status.output.contains("tasks: 1 running"), "\(status)")
  }

  /// Nothing is computed twice.
  @Test func runsOfTasksAreNotRunBesideThem() async throws {
    let slurm = try fakeSlurm()
    let submitted = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "2"], environment: slurm
    ).end()
    #expect(submitted.status == 0)
    let waiting = try fakeSlurm(
      squeue: "echo '4711|[1-2]|PENDING||\(folder.key.jobName(submission: "s1"))|x|Priority'")
    for command in ["run", "retry", "refine"] {
      let refused = try await bench.start([command, "tiny.yaml"], environment: waiting).end()
      #expect(refused.status == 73 && refused.errors.contains("12 runs belong to 2 tasks"), "\(refused)")
      // The refined grid is another sweep, which shares the results.
      let reference = command == "refine" ? "tiny" : "tiny.yaml"
      #expect(refused.errors.contains("`gammaplane cancel \(reference)`"), "\(refused)")
      #expect(!folder.hasDatabase)
      #expect(!FileManager.default.fileExists(atPath: bench.path("tiny-refined.yaml")), "\(command)")
    }
    // A grid under another name in the same folder shares the results, as refined ones do.
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("tiny-2.yaml", text.replacing("name: tiny", with: "name: tiny-2\ndatabase: tiny"))
    let other = try await bench.start(["run", "tiny-2.yaml"], environment: waiting).end()
    #expect(other.status == 73 && other.errors.contains("`gammaplane cancel tiny`"), "\(other)")
    let submittedToo = try await bench.start(["submit", "slurm", "tiny-2.yaml"], environment: waiting).end()
    #expect(submittedToo.errors.contains("nothing to submit: 12 runs belong to 2 tasks"), "\(submittedToo)")
    let unknown = try fakeSlurm(squeue: "echo 'Unable to contact slurm controller' >&2; exit 1")
    let warned = try await bench.start(["run", "tiny.yaml"], environment: unknown).end()
    #expect(warned.status == 0 && warned.errors.contains("is not known"), "\(warned)")
    // The tasks have nothing left to do.
    #expect(try await bench.start(["run", "tiny.yaml"], environment: waiting).end().status == 0)
  }

  /// The file system of the results is away for a moment, or for ever.
  @Test(arguments: [true, false])
  func resultsThatCannotBeCopiedStayWhereTheyAre(comesBack: Bool) async throws {
    let scratch = ["--scratch", bench.path("scratch")]
    let task = try bench.start(
      ["run", "tiny.yaml", "--shard", "1/2", "--workers", "1"] + scratch,
      worker: try bench.gatedWorker(runs: 2),
      environment: ["GAMMAPLANE_COPY_SECONDS": comesBack ? "10000" : "0.2"])
    try await waitForReport { comesBack || $0.done >= 2 }
    let token = try #require(folder.tasks(1).lease?.token)
    let obstacle = folder.tasks(1).database(token) + ".part"
    // A copy may be under way.
    #expect(try await comesTrue { mkdir(obstacle, 0o755) == 0 })
    try bench.file("results/tiny/shards/of-2/1/\(token).sqlite.part/file", "")
    // By a process of its own: the last attempts take 17 s, and a test may have to wait for a
    // thread longer.
    let remover =
      comesBack
      ? try RunningCommand(
        "/bin/sh",
        [
          "-c", #"until grep -q "trying again" "$0"; do sleep 0.05; done; rm -r "$1""#, task.errorFile,
          obstacle,
        ],
        in: bench)
      : nil
    try bench.openGate()
    let ended = try await task.end()
    #expect(ended.errors.contains("trying again"), "\(ended)")
    remover?.send(SIGTERM)
    #expect(ended.status == (comesBack ? 0 : 74), "\(ended)")
    if !comesBack {
      #expect(ended.errors.contains("they are in \(bench.path("scratch"))/gammaplane-"), "\(ended)")
      try FileManager.default.removeItem(atPath: obstacle)
      let second = try await bench.start(["run", "tiny.yaml", "--shard", "1/2"] + scratch).end()
      #expect(second.status == 0 && second.errors.contains("nothing to do, 6 runs done"), "\(second)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path("scratch")).isEmpty)
    #expect(databases.count == 1)
  }

  /// A colleague's, in whose folders nothing can be made: that is no damage.
  @Test func shardsThatMayOnlyBeReadAreMerged() async throws {
    #expect(try await bench.run("run", "tiny.yaml", "--shard", "1/2").status == 0)
    for open in [bench.url.path, folder.path] { chmod(open, 0o777) }
    chmod(folder.tasks(1).path, 0o555)
    defer { chmod(folder.tasks(1).path, 0o755) }
    // Root may write everything.
    let asOther = getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let words = asOther + [Executables.gammaplane, "merge", "tiny.yaml"]
    let merged = try await RunningCommand("/usr/bin/env", words, in: bench).end()
    #expect(merged.status == 0 && merged.errors.contains("merged 1 shard: 6 new results"), "\(merged)")
  }
}
