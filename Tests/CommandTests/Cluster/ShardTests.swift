import Cluster
import Failpoints
import Foundation
import GRDB
import Model
import Testing

@testable import ResultStore
@testable import phasesweep

/// Shards without a scheduler, and schedulers that are not there.
@Suite struct ShardTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  private func single() async throws -> [RunRecord] {
    let ended = try await bench.run("run", "tiny.yaml", "--results", "whole")
    #expect(ended.status == 0, "\(ended.errors)")
    return try bench.results(in: "whole")
  }

  private func picture(_ results: String) -> Data? {
    FileManager.default.contents(atPath: bench.path("\(results)/tiny/phase-map.svg"))
  }

  private var folder: SweepFolder { SweepFolder(path: bench.path("results/tiny"), name: "tiny") }
  private var databases: [String] { ShardSet.all(in: folder).flatMap(\.tasks).flatMap(\.databases) }

  /// Programs of Slurm that do as scripts say; `sbatch` takes everything unless told otherwise.
  private func fakeSlurm(
    sbatch: String = "echo 4711", squeue: String = "true", scontrol: String = "echo 'MaxArraySize = 1001'",
    scancel: String = "true"
  ) throws -> [String: String] {
    let bin = bench.url.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    for (name, script) in ["sbatch": sbatch, "squeue": squeue, "scontrol": scontrol, "scancel": scancel] {
      let path = bin.appendingPathComponent(name)
      try Data("#!/bin/sh\necho \(name) \"$@\" >> '\(bench.path("calls"))'\n\(script)\n".utf8).write(to: path)
      chmod(path.path, 0o755)
    }
    return ["PATH": bin.path + ":/usr/bin:/bin"]
  }

  @Test func shardsByHandMakeWhatASingleMachineMakes() async throws {
    for (number, scratch) in [(2, ["--scratch", bench.path("scratch")]), (3, []), (1, [])] {
      let ended = try await bench.start(["run", "tiny.yaml", "--shard", "\(number)/3"] + scratch).end()
      #expect(ended.status == 0, "\(ended)")
      #expect(ended.output == "shard \(number)/3 of tiny: 4 of 4 runs done\n")
      let merged = try await bench.run("merge", "tiny.yaml")
      #expect(merged.errors.contains("4 new results"), "\(merged)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path("scratch")).isEmpty)
    let single = try await single()
    #expect(try bench.results() == single)
    let again = try await bench.run("merge", "tiny")
    #expect(again.status == 0 && again.errors.contains("0 new results, 12 known already"), "\(again)")
    #expect(try bench.results() == single)
    let nothing = try await bench.run("run", "tiny.yaml", "--shard", "1/3")
    #expect(nothing.errors.contains("nothing to do, 4 runs done"), "\(nothing)")
    #expect(picture("results") == picture("whole"))
  }

  @Test func withoutTheDiskOfTheNodeTheDatabaseIsBesideTheSweep() async throws {
    let ended = try await bench.run("run", "tiny.yaml", "--shard", "1/2", "--scratch", "/proc/nowhere")
    #expect(ended.status == 0 && ended.errors.contains("kept beside the sweep"), "\(ended)")
    #expect(databases.count == 1)
  }

  @Test func whatIsMergedIsNotDoneAgainByOtherShards() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let ended = try await bench.run("run", "tiny.yaml", "--shard", "1/2")
    #expect(ended.errors.contains("nothing to do"), "\(ended)")
    // Nor is it taken for something that has to be merged.
    let status = try await bench.run("status", "tiny")
    #expect(status.output.contains("12 of 12") && !status.output.contains("in shards"), "\(status)")
  }

  /// What an attempt has begun on the disk of the node does not stay there when it cannot begin.
  @Test func anAttemptThatCannotBeginLeavesNothing() async throws {
    let claim = bench.url.appendingPathComponent("results/tiny/shards/of-2/1/attempt.json")
    try FileManager.default.createDirectory(at: claim, withIntermediateDirectories: true)
    let ended = try await bench.run(
      "run", "tiny.yaml", "--shard", "1/2", "--scratch", bench.path("scratch"))
    #expect(ended.status == 73 && ended.errors.contains("attempt.json cannot be written"), "\(ended)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path("scratch")).isEmpty)
  }

  private func system(_ words: String...) async throws -> Int32 {
    try await RunningCommand("/usr/bin/env", words, in: bench).end().status
  }

  @Test func onAFullDiskOfTheNodeTheDatabaseIsBesideTheSweep() async throws {
    let mount = bench.path("full")
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    guard getuid() == 0, try await system("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", mount) == 0
    else { return }
    let ended = try await bench.run("run", "tiny.yaml", "--shard", "1/2", "--scratch", mount)
    let left = try FileManager.default.contentsOfDirectory(atPath: mount)
    _ = try await system("umount", mount)
    #expect(ended.status == 0 && ended.errors.contains("kept beside the sweep"), "\(ended)")
    #expect(left.isEmpty)
  }

  @Test func aShardThatIsInterruptedGoesOn() async throws {
    let gated = try bench.gatedWorker(runs: 2)
    for scratch in [["--scratch", bench.path("scratch")], []] {
      try? FileManager.default.removeItem(at: bench.url.appendingPathComponent("results"))
      let first = try bench.start(
        ["run", "tiny.yaml", "--shard", "1/2", "--workers", "1"] + scratch, worker: gated)
      try await waitForReport { $0.done >= 2 }
      first.send(SIGTERM)
      let ended = try await first.end()
      #expect(ended.status == 75, "\(ended)")
      #expect(folder.tasks(1).report?.ending == .interrupted)
      let second = try await bench.start(["run", "tiny.yaml", "--shard", "1/2"] + scratch).end()
      #expect(second.status == 0 && second.errors.contains("4 of 6 runs to do"), "\(second)")
      #expect(databases.count == 1)
    }
  }

  private func waitForReport(_ condition: (TaskReport) -> Bool) async throws {
    for _ in 0..<1200 {
      if let report = folder.tasks(1).report, condition(report) { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("no such report within a minute: \(String(describing: folder.tasks(1).report))")
  }

  /// Killed when results are copied back, and when earlier attempts are about to be removed: nothing is lost, and nothing is done twice.
  @Test(arguments: [Failpoint.duringCopy, .beforeRemoval, .beforeCommit, .afterCommit])
  func aShardThatIsKilledAnywhereGoesOn(place: Failpoint) async throws {
    let scratch = ["--scratch", bench.path("scratch")]
    if place == .beforeRemoval {
      let gated = try bench.gatedWorker(runs: 2)
      let first = try bench.start(["run", "tiny.yaml", "--shard", "1/2"] + scratch, worker: gated)
      try await waitForReport { $0.done >= 1 }
      first.send(SIGTERM)
      #expect(try await first.end().status == 75)
      try bench.openGate()
    }
    let killed = try await bench.start(
      ["run", "tiny.yaml", "--shard", "1/2"] + scratch, environment: ["PHASESWEEP_FAILPOINT": place.rawValue]
    ).end()
    #expect(killed.wasSignalled && killed.status == SIGKILL, "\(place): \(killed)")
    for shard in ["1/2", "2/2"] {
      let ended = try await bench.start(["run", "tiny.yaml", "--shard", shard] + scratch).end()
      #expect(ended.status == 0, "\(place): \(ended)")
      if place == .duringCopy, shard == "1/2" {
        // What was on the disk of the node has been found there.
        #expect(ended.errors.contains("nothing to do, 6 runs done"), "\(ended)")
      }
    }
    #expect(databases.count == 2)
    #expect(try await bench.run("merge", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path("scratch")).isEmpty)
  }

  @Test func aMergeThatIsKilledIsDoneAnew() async throws {
    for shard in ["1/2", "2/2"] {
      #expect(try await bench.run("run", "tiny.yaml", "--shard", shard).status == 0)
    }
    let killed = try await bench.start(
      ["merge", "tiny.yaml"], environment: ["PHASESWEEP_FAILPOINT": "during-merge"]
    ).end()
    #expect(killed.wasSignalled, "\(killed)")
    #expect(try await bench.run("merge", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
  }

  @Test func theSameShardTwiceAtOnceIsRefusedByHand() async throws {
    let gated = try bench.gatedWorker(runs: 1)
    let first = try bench.start(["run", "tiny.yaml", "--shard", "1/2"], worker: gated)
    try await waitForReport { _ in true }
    let second = try await bench.run("run", "tiny.yaml", "--shard", "1/2")
    #expect(second.status == 73 && second.errors.contains("is being carried out by process"), "\(second)")
    try bench.openGate()
    #expect(try await first.end().status == 0)
  }

  /// Slurm thinks the first attempt dead; it is not.
  @Test(arguments: [false, true])
  func aLaterTaskTakesOver(scratch: Bool) async throws {
    let slurm = try fakeSlurm()
    let submitted = try await bench.start(
      ["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: slurm
    ).end()
    #expect(submitted.status == 0, "\(submitted)")
    let gated = try bench.gatedWorker(runs: 2)
    let set = bench.path("results/tiny/shards/s1")
    let options = scratch ? ["--scratch", bench.path("scratch")] : []
    let often = ["PHASESWEEP_COPY_SECONDS": "0.2"]
    let first = try bench.start(
      ["run", set, "--shard", "1/1", "--workers", "1"] + options, worker: gated, environment: often)
    try await waitForReport { $0.done >= 2 && $0.kept >= 2 }
    let second = try await bench.start(["run", set, "--shard", "1/1"] + options, environment: often).end()
    #expect(second.status == 0, "\(second)")
    #expect(second.errors.contains("10 of 12 runs to do"), "\(second)")
    try bench.openGate()
    let ended = try await first.end()
    #expect(
      ended.status == 73 && ended.errors.contains("attempt 2 at shard 1/1 of tiny has taken over"), "\(ended)"
    )
    if scratch { #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path("scratch")).isEmpty) }
    #expect(try await bench.run("merge", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
  }

  @Test func aTruncatedShardIsNamedAndItsRunsAreDoneAgain() async throws {
    let slurm = try fakeSlurm()
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "2"], environment: slurm).end().status
        == 0)
    let set = bench.path("results/tiny/shards/s1")
    for shard in ["1/2", "2/2"] { #expect(try await bench.run("run", set, "--shard", shard).status == 0) }
    truncate(databases[0], 4096)
    let merged = try await bench.run("merge", "tiny.yaml")
    #expect(merged.status == 1 && merged.errors.contains(databases[0]), "\(merged)")
    #expect(merged.errors.contains("6 new results"), "\(merged)")
    let again = try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: slurm)
      .end()
    #expect(again.status == 0 && again.errors.contains("6 runs to do in 1 task"), "\(again)")
    #expect(again.errors.contains("is passed over"), "\(again)")
    #expect(try await bench.run("run", bench.path("results/tiny/shards/s2"), "--shard", "1/1").status == 0)
    try FileManager.default.removeItem(atPath: databases[0])
    #expect(try await bench.run("merge", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
  }

  @Test func contradictionsAreShown() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    #expect(try await bench.run("run", "tiny.yaml", "--shard", "1/1", "--results", "other").status == 0)
    let task = bench.path("results/tiny/shards/of-1/1")
    try FileManager.default.createDirectory(
      at: bench.url.appendingPathComponent("results/tiny/shards/of-1"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: bench.path("other/tiny/shards/of-1/1"), toPath: task)
    let (record, other) = try forge(databases[0])
    let merged = try await bench.run("merge", "tiny.yaml")
    #expect(merged.status == 74, "\(merged)")
    #expect(
      merged.errors.contains("RD \(record.result.rd),") && merged.errors.contains("RD \(other.result.rd),"),
      "\(merged)")
    let kept = try bench.results().first { $0.identity == record.identity }
    #expect(kept?.result.rd == record.result.rd)
  }

  /// Halves RD of a run in a database, with a checksum that is right.
  private func forge(_ path: String) throws -> (RunRecord, RunRecord) {
    let store = try ResultStore.open(at: path)
    let record = try #require(try store.records(of: store.sweep(named: "tiny")).first)
    try store.queue.write { db in
      try db.execute(sql: "DELETE FROM runs WHERE run = ?", arguments: [record.identity.description])
    }
    var other = record
    other.result.rd /= 2
    try store.record([other])
    try store.close()
    return (record, other)
  }

  // MARK: Without a cluster, and with one that refuses

  @Test func withoutSlurmItIsSaidSo() async throws {
    let none = ["PATH": "/nowhere"]
    let submitted = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: none).end()
    #expect(submitted.status == 69 && submitted.errors.contains("squeue is not here"), "\(submitted)")
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
      again.status == 0 && again.errors.contains("nothing to submit: 12 runs are with 3 tasks"), "\(again)")
    let queued = try await bench.start(["status", "tiny", "--json"], environment: waiting).end()
    #expect(
      queued.output.contains("\"state\" : \"queued\"") && queued.output.contains("\"reason\" : \"Priority\""),
      "\(queued)")
    // One is lost: its runs alone are submitted, by the key in the comment where the name has been changed.
    let comment = folder.key.comment(submission: "s1")
    let lost = try fakeSlurm(
      squeue: "echo '12|2|RUNNING|n1|renamed|\(comment)|None'; echo '12|3|RUNNING|n2|renamed|\(comment)|None'"
    )
    let second = try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "1"], environment: lost)
      .end()
    #expect(
      second.errors.contains("4 runs to do in 1 task")
        && second.errors.contains("8 runs more are with 2 tasks"), "\(second)")
    let failing = try fakeSlurm(
      squeue: "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    let unknown = try await bench.start(["status", "tiny"], environment: failing).end()
    #expect(unknown.output.contains("unknown") && unknown.output.contains("is not known"), "\(unknown)")
    #expect(!unknown.output.contains("missing"), "\(unknown)")
    // As squeue 22.05 does of a user who has no name on this machine.
    let nameless = try fakeSlurm(squeue: "echo 'squeue: error: Invalid user: \(getuid())' >&2")
    let nobody = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: nameless).end()
    #expect(nobody.status == 69 && nobody.errors.contains("Invalid user"), "\(nobody)")
    let away = try fakeSlurm(
      squeue: "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    let refused = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: away).end()
    #expect(refused.status == 69 && refused.errors.contains("submits nothing twice"), "\(refused)")
  }

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
    #expect(again.errors.contains("nothing to submit: 12 runs are with 3 tasks"), "\(again)")
    let calls = try String(contentsOfFile: bench.path("calls"), encoding: .utf8)
    #expect(calls.contains("name <>") && !calls.contains("mine"), "\(calls)")
  }

  /// Of tasks whose division is damaged nobody knows what they are at.
  @Test func runsOfADamagedDivisionAreNotSubmittedTwice() async throws {
    let slurm = try fakeSlurm()
    #expect(
      try await bench.start(["submit", "slurm", "tiny.yaml", "--tasks", "3"], environment: slurm).end().status
        == 0)
    truncate(bench.path("results/tiny/shards/s1/split"), 100)
    let name = folder.key.jobName(submission: "s1")
    let running = try fakeSlurm(squeue: "echo '4711|2|RUNNING|n1|\(name)|x|None'")
    let refused = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: running).end()
    #expect(refused.status == 74 && refused.errors.contains("phasesweep cancel tiny.yaml"), "\(refused)")
    let ended = try await bench.start(["submit", "slurm", "tiny.yaml"], environment: fakeSlurm()).end()
    #expect(ended.status == 0 && ended.errors.contains("12 runs to do"), "\(ended)")
  }

  /// Killed before it had written down anything, or out of room.
  @Test func aSubmissionThatCameToNothingLeavesNoTrace() async throws {
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

  /// A run that was put down before and got no farther is no reason to come to the same end again.
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

  /// A cluster that forbids to queue a task again gets a new job for it.
  @Test func whereTasksMayNotBeQueuedAgainTheyAreSubmittedAnew() async throws {
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
    #expect(ended.status == 75 && ended.errors.contains("submitted anew as job 4711"), "\(ended)")
    let calls = try String(contentsOfFile: bench.path("calls"), encoding: .utf8)
    #expect(
      calls.contains(
        "scontrol requeue 4711_1\nsbatch --parsable --array=1 \(bench.path("results/tiny/shards/s1/array.sh"))"
      ), "\(calls)")
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
    #expect(ended.errors.hasPrefix("phasesweep: error: "), "\(ended)")
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
    #expect(none.status == 64 && none.errors.contains("say which: --shard 1/3"), "\(none)")
    let split = bench.path("results/tiny/shards/s1/split")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: split))
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: URL(fileURLWithPath: split))
    let damaged = try await bench.run("run", bench.path("results/tiny/shards/s1"), "--shard", "3/3")
    #expect(damaged.status == 74 && damaged.errors.contains("is not what was written"), "\(damaged)")
  }
}

extension SweepFolder {
  /// The first set's folder of a shard.
  fileprivate func tasks(_ number: Int) -> TaskFolder {
    ShardSet.all(in: self).first?.task(number) ?? TaskFolder(path: path, number: number)
  }
}
