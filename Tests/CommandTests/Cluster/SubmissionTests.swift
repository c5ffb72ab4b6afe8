import Cluster
import Foundation
import Orchestration
import Testing

@testable import ResultStore

/// Submitting to a Slurm that is missing, that refuses, or that answers as a test needs it.
extension ShardTests {
  @Test func withoutSlurmThatIsReported() async throws {
    let none = ["PATH": "/nowhere"]
    let submitted = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: none).end()
    #expect(submitted.status == 69 && submitted.errors.contains("squeue is not installed"), "\(submitted)")
    #expect(submitted.errors.contains("on a login node"), "\(submitted)")
    let rehearsed = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "2", "--dry-run"], environment: none
    ).end()
    #expect(rehearsed.status == 0 && rehearsed.output.contains("#SBATCH --array=1-2"), "\(rehearsed)")
    #expect(!FileManager.default.fileExists(atPath: bench.path("results/tiny/shards/s1")))
  }

  @Test func aRefusalComesWithItsRemedyAndLeavesNothingThatCounts() async throws {
    let slurm = try fakeSlurm(
      sbatch:
        "echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2; echo 'sbatch: error: Batch job submission failed: Job violates accounting/QOS policy' >&2; exit 1"
    )
    let refused = try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "4"], environment: slurm)
      .end()
    #expect(refused.status == 69 && refused.errors.contains("ask for fewer tasks (--tasks)"), "\(refused)")
    let good = try fakeSlurm()
    let submitted = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: good
    ).end()
    #expect(submitted.status == 0 && submitted.errors.contains("12 runs to do in 3 tasks"), "\(submitted)")
    #expect(ShardSet.all(in: folder).map(\.name) == ["s1"])
  }

  /// squeue printing nothing is not "all done".
  @Test func whatIsNotInTheQueueIsSubmittedAgainAndWhatIsThereIsNot() async throws {
    let slurm = try fakeSlurm()
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: slurm).end().status
        == 0)
    let status = try await bench.start(["status", "tiny"], environment: slurm).end()
    #expect(
      status.output.contains("tasks: 3 missing") && status.output.contains("0 of 12 runs done"), "\(status)")
    let name = folder.key.jobName(submission: "s1")
    let waiting = try fakeSlurm(
      squeue: "echo '4711|1|PENDING||\(name)|x|Priority'; echo '4711|[2-3]|PENDING||\(name)|x|Resources'")
    let again = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: waiting).end()
    #expect(
      again.status == 0 && again.errors.contains("nothing to submit: 12 runs belong to 3 tasks"), "\(again)")
    let queued = try await bench.start(["status", "tiny", "--json"], environment: waiting).end()
    #expect(
      queued.output.contains("\"state\" : \"queued\"") && queued.output.contains("\"reason\" : \"Priority\""),
      "\(queued)")
    // One is lost: its runs alone are submitted, by the key in the comment where the name has been
    // changed.
    let comment = folder.key.comment(submission: "s1")
    let lost = try fakeSlurm(
      squeue: "echo '12|2|RUNNING|n1|renamed|\(comment)|None'; echo '12|3|RUNNING|n2|renamed|\(comment)|None'"
    )
    let second = try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: lost)
      .end()
    #expect(
      second.errors.contains("4 runs to do in 1 task")
        && second.errors.contains("8 more runs belong to 2 tasks"), "\(second)")
    let failing = try fakeSlurm(
      squeue: "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    let unknown = try await bench.start(["status", "tiny"], environment: failing).end()
    #expect(unknown.output.contains("unknown"), "\(unknown)")
    #expect(unknown.output.contains("the queue could not be read"), "\(unknown)")
    #expect(!unknown.output.contains("missing"), "\(unknown)")
    // As squeue 22.05 does of a user who has no name on this machine.
    let nameless = try fakeSlurm(squeue: "echo 'squeue: error: Invalid user: \(getuid())' >&2")
    let unnamed = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: nameless).end()
    #expect(unnamed.status == 69 && unnamed.errors.contains("Invalid user"), "\(unnamed)")
    let away = try fakeSlurm(
      squeue: "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    let refused = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: away).end()
    #expect(refused.status == 69 && refused.errors.contains("submits nothing twice"), "\(refused)")
  }

  @Test func variablesOfSlurmDoNotHideWhatIsInTheQueue() async throws {
    let name = folder.key.jobName(submission: "s1")
    let slurm = try fakeSlurm(
      sbatch: "echo \"name <$SBATCH_JOB_NAME>\" >> '\(bench.path("calls"))'; echo 4711",
      squeue: "[ -n \"$SQUEUE_STATES\" ] || [ ! -f '\(bench.path("calls"))' ] || "
        + "echo '4711|[1-3]|PENDING||\(name)|x|Priority'"
    ).merging(["SQUEUE_STATES": "R", "SBATCH_JOB_NAME": "mine"]) { $1 }
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: slurm).end().status
        == 0)
    let again = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: slurm).end()
    #expect(again.errors.contains("nothing to submit: 12 runs belong to 3 tasks"), "\(again)")
    let calls = try String(contentsOfFile: bench.path("calls"), encoding: .utf8)
    #expect(calls.contains("name <>") && !calls.contains("mine"), "\(calls)")
  }

  /// As squeue does for all but root: it lists jobs in hidden partitions only with --all.
  @Test func tasksInHiddenPartitionsAreSeen() async throws {
    let name = folder.key.jobName(submission: "s1")
    let hidden = "case \"$*\" in *--all*) echo '4711|[1-3]|SUSPENDED|n1|\(name)|x|None';; esac"
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: fakeSlurm()).end()
        .status == 0)
    let slurm = try fakeSlurm(squeue: hidden)
    let again = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: slurm).end()
    #expect(again.errors.contains("nothing to submit: 12 runs belong to 3 tasks"), "\(again)")
    let status = try await bench.start(["status", "tiny"], environment: slurm).end()
    #expect(status.output.contains("3 tasks wait: Suspended"), "\(status)")
  }

  /// The runs of tasks whose manifest is damaged are not known.
  @Test func runsOfADamagedManifestAreNotSubmittedTwice() async throws {
    let slurm = try fakeSlurm()
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: slurm).end().status
        == 0)
    truncate(bench.path("results/tiny/shards/s1/manifest"), 100)
    let name = folder.key.jobName(submission: "s1")
    let running = try fakeSlurm(squeue: "echo '4711|2|RUNNING|n1|\(name)|x|None'")
    let refused = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: running).end()
    #expect(refused.status == 74 && refused.errors.contains("gammaplane cancel tiny.yaml"), "\(refused)")
    let ended = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: fakeSlurm()).end()
    #expect(ended.status == 0 && ended.errors.contains("12 runs to do"), "\(ended)")
  }

  /// The other way round from what `run` refuses.
  @Test func whatIsRunHereIsNotSubmitted() async throws {
    let session = try bench.start(["run", "tiny.yaml"], worker: try bench.gatedWorker(runs: 1))
    #expect(try await comesTrue { FileManager.default.fileExists(atPath: folder.session) })
    let slurm = try fakeSlurm()
    let refused = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: slurm).end()
    #expect(refused.status == 73 && refused.errors.contains("is being run by process"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: folder.shards + "/s1"))
    let rehearsed = try await bench.start(["submit", "slurm", "tiny.yaml", "--dry-run"], environment: slurm)
      .end()
    #expect(rehearsed.status == 0, "\(rehearsed)")
    session.send(SIGTERM)
    try bench.openGate()
    _ = try await session.end()
    let submitted = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: slurm).end()
    #expect(submitted.status == 0 && submitted.errors.contains("runs to do"), "\(submitted)")
  }

  /// Killed before it had written anything, or the disk was full.
  @Test func anEmptySubmissionLeavesNoTrace() async throws {
    try FileManager.default.createDirectory(
      at: bench.url.appendingPathComponent("results/tiny/shards/s1"), withIntermediateDirectories: true)
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml"], environment: fakeSlurm()).end().status == 0)
    let status = try await bench.start(["status", "tiny"], environment: fakeSlurm()).end()
    #expect(status.output.contains("tasks: 1 missing") && !status.output.contains("warning"), "\(status)")
  }

  /// A task may end while it is being cancelled, and Slurm then complains.
  @Test func whatHasEndedByItselfNeedNotBeCancelled() async throws {
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml"], environment: fakeSlurm()).end().status == 0)
    let name = folder.key.jobName(submission: "s1")
    let gone = bench.path("gone")
    for (isGone, status) in [(true, Int32(0)), (false, 69)] {
      let slurm = try fakeSlurm(
        squeue: "[ -f '\(gone)' ] || echo '4711|1|RUNNING|n1|\(name)|x|None'",
        scancel: (isGone ? "touch '\(gone)'; " : "") + "echo 'Invalid job id specified' >&2; exit 1")
      let ended = try await bench.start(["cancel", "tiny.yaml"], environment: slurm).end()
      #expect(ended.status == status, "\(ended)")
      let byName = try await bench.start(["cancel", "tiny"], environment: slurm).end()
      #expect(!byName.errors.contains("submit slurm tiny`"), "\(byName)")
      try? FileManager.default.removeItem(atPath: gone)
    }
  }

  /// A run that was suspended before and got no farther is no reason for another attempt.
  @Test func aTaskThatGotNoFartherIsNotQueuedAgain() async throws {
    let slurm = try fakeSlurm()
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: slurm).end().status
        == 0)
    let set = bench.path("results/tiny/shards/s1")
    let checkpoints = bench.url.appendingPathComponent("results/tiny/shards/s1/1/checkpoints")
    try FileManager.default.createDirectory(at: checkpoints, withIntermediateDirectories: true)
    let name = String(repeating: "0", count: 32) + ".checkpoint"
    try Data("old".utf8).write(to: checkpoints.appendingPathComponent(name))
    let task = try bench.start(
      ["run", set, "--shard", "1/1", "--requeue"], worker: try bench.gatedWorker(runs: 0),
      environment: slurm.merging(["SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "1"]) { $1 })
    try await waitForReport { _ in true }
    task.send(SIGUSR1)
    let ended = try await task.end()
    #expect(ended.status == 75 && ended.errors.contains("not queued again"), "\(ended)")
  }

  /// On a cluster that forbids requeuing, a new job is submitted for the task.
  @Test func whereRequeuingIsForbiddenTasksAreSubmittedAgain() async throws {
    let slurm = try fakeSlurm(
      scontrol:
        "case $1 in requeue) echo 'Requested operation is presently disabled' >&2; exit 1;; esac; echo 'MaxArraySize = 1001'"
    )
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: slurm).end().status
        == 0)
    let gated = try bench.gatedWorker(runs: 2)
    let task = try bench.start(
      ["run", bench.path("results/tiny/shards/s1"), "--shard", "1/1", "--requeue"], worker: gated,
      environment: slurm.merging(["SLURM_ARRAY_JOB_ID": "4711", "SLURM_ARRAY_TASK_ID": "1"]) { $1 })
    try await waitForReport { $0.done >= 2 }
    task.send(SIGUSR1)
    let ended = try await task.end()
    #expect(ended.status == 75 && ended.errors.contains("submitted again as job 4711"), "\(ended)")
    let calls = try String(contentsOfFile: bench.path("calls"), encoding: .utf8)
    #expect(
      calls.contains(
        "scontrol requeue 4711_1\nsbatch --parsable --array=1 \(bench.path("results/tiny/shards/s1/array.sh"))"
      ), "\(calls)")
    // Not every one of a thousand tasks has all merged once more.
    #expect(calls.components(separatedBy: "merge.sh").count == 2, "\(calls)")
  }

  @Test(arguments: [
    (["run", "tiny.yaml", "--shard", "4/3"], 64), (["run", "tiny.yaml", "--shard", "x"], 64),
    (["run", "tiny.yaml", "--scratch", "/tmp"], 64), (["run", "tiny.yaml", "--requeue"], 64),
    (["run", "nowhere", "--shard", "1/2"], 66), (["merge", "tiny.yaml"], 66), (["merge", "tinny"], 66),
    (["cancel", "tiny.yaml"], 66), (["submit", "slurm", "tiny.yml"], 66),
    (["submit", "slrum", "tiny.yaml"], 64),
    (["submit", "slurm", "tiny.yaml", "--time", "soon"], 64),
    (["submit", "slurm", "tiny.yaml", "--mem", "much"], 64),
    (["submit", "slurm", "tiny.yaml", "--tasks", "0"], 64),
    (["submit", "slurm", "tiny.yaml", "--", "--array=1"], 64),
    (["submit", "slurm", "tiny.yaml", "--", "low"], 64), (["submit", "tiny.yaml"], 64),
  ])
  func mistakesAreNamed(arguments: [String], status: Int) async throws {
    let ended = try await bench.start(arguments).end()
    #expect(ended.status == Int32(status), "\(arguments): \(ended)")
    #expect(ended.errors.hasPrefix("gammaplane: error: "), "\(ended)")
    if arguments.contains("4/3") { #expect(ended.errors.contains("from 1/N to N/N"), "\(ended)") }
    #expect(!FileManager.default.fileExists(atPath: bench.path("results")))
  }

  @Test func aWrongNumberOfShardsIsNamed() async throws {
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: fakeSlurm()).end()
        .status == 0)
    let ended = try await bench.run("run", bench.path("results/tiny/shards/s1"), "--shard", "1/4")
    #expect(ended.status == 64 && ended.errors.contains("3 shards, and not 4"), "\(ended)")
    let none = try await bench.run("run", bench.path("results/tiny/shards/s1"))
    #expect(none.status == 64 && none.errors.contains("name one: --shard 1/3"), "\(none)")
    let manifest = bench.path("results/tiny/shards/s1/manifest")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: manifest))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: manifest))
    let damaged = try await bench.run("run", bench.path("results/tiny/shards/s1"), "--shard", "3/3")
    #expect(damaged.status == 74 && damaged.errors.contains("is not what was written"), "\(damaged)")
  }

  /// The jobs of other users who have submitted to the folder count, too.
  @Test func tasksOfOthersInTheSameFolderAreLookedFor() async throws {
    let slurm = try fakeSlurm()
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: slurm).end().status
        == 0)
    guard getuid() == 0, chown(bench.path("results/tiny/shards/s1"), 12_345, 0) == 0 else { return }
    #expect(try await bench.start(["status", "tiny"], environment: slurm).end().status == 0)
    let calls = try String(contentsOfFile: bench.path("calls"), encoding: .utf8)
    #expect(calls.contains(" --user=0,12345 "), "\(calls)")
  }
}
