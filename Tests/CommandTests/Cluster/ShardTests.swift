import Cluster
import Failpoints
import Foundation
import GRDB
import Model
import Orchestration
import Testing

@testable import ResultStore

/// Shards without a scheduler, and with one that is faked.
@Suite struct ShardTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  func single() async throws -> [RunRecord] {
    let ended = try await bench.run("run", "tiny.yaml", "--results", "whole")
    #expect(ended.status == 0, "\(ended.errors)")
    return try bench.results(in: "whole")
  }

  private func picture(_ results: String) -> Data? {
    FileManager.default.contents(atPath: bench.path("\(results)/tiny/phase-map.svg"))
  }

  var folder: SweepFolder { SweepFolder(path: bench.path("results/tiny"), name: "tiny") }
  var databases: [String] { ShardSet.all(in: folder).flatMap(\.tasks).flatMap(\.databases) }

  /// Programs of Slurm that do as scripts say; `sbatch` takes everything unless told otherwise.
  func fakeSlurm(
    sbatch: String = "echo 4711", squeue: String = "true", scontrol: String = "echo 'MaxArraySize = 1001'",
    scancel: String = "true"
  ) throws -> [String: String] {
    let bin = bench.url.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
    for (name, script) in ["sbatch": sbatch, "squeue": squeue, "scontrol": scontrol, "scancel": scancel] {
      let text = "echo \(name) \"$@\" >> '\(bench.path("calls"))'\n\(script)\n"
      try Data(text.utf8).write(to: bin.appendingPathComponent(name + ".sh"), options: .atomic)
    }
    try makeFakes(bin)
    return ["PATH": bin.path + ":/usr/bin:/bin"]
  }

  /// Programs that source the script of their name, made once: what has just been written cannot be
  /// executed as long as a process that another test was starting then has it open (“Text file
  /// busy”).
  private func makeFakes(_ bin: URL) throws {
    let fake = bin.appendingPathComponent("fake").path
    guard access(fake, F_OK) != 0 else { return }
    try bench.file("bin/fake", "#!/bin/sh\n[ \"${0##*/}\" = fake ] || . \"$0.sh\"\n")
    chmod(fake, 0o755)
    for _ in 0..<1200 {
      let trial = Process()
      trial.executableURL = URL(fileURLWithPath: fake)
      if (try? trial.run()) != nil {
        trial.waitUntilExit()
        break
      }
      usleep(50_000)
    }
    for name in ["sbatch", "squeue", "scontrol", "scancel"] { symlink("fake", bin.path + "/" + name) }
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

  /// An attempt that fails at its beginning leaves nothing on the disk of the node.
  @Test func anAttemptThatCannotBeginLeavesNothing() async throws {
    let lease = bench.url.appendingPathComponent("results/tiny/shards/of-2/1/attempt.json")
    try FileManager.default.createDirectory(at: lease, withIntermediateDirectories: true)
    let ended = try await bench.run(
      "run", "tiny.yaml", "--shard", "1/2", "--scratch", bench.path("scratch"))
    #expect(ended.status == 73 && ended.errors.contains("attempt.json cannot be written"), "\(ended)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path("scratch")).isEmpty)
  }

  func system(_ words: String...) async throws -> Int32 {
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

  @Test func anInterruptedShardIsResumed() async throws {
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

  func waitForReport(_ condition: (TaskReport) -> Bool) async throws {
    for _ in 0..<1200 {
      if let report = folder.tasks(1).report, condition(report) { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("no such report within a minute: \(String(describing: folder.tasks(1).report))")
  }

  /// Killed when results are copied back, and when earlier attempts are about to be removed:
  /// nothing is lost, and nothing is done twice.
  @Test(arguments: [Failpoint.duringCopy, .beforeRemoval, .beforeCommit, .afterCommit])
  func aShardThatIsKilledAnywhereIsResumed(place: Failpoint) async throws {
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
      ["run", "tiny.yaml", "--shard", "1/2"] + scratch, environment: ["GAMMAPLANE_FAILPOINT": place.rawValue]
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
      ["merge", "tiny.yaml"], environment: ["GAMMAPLANE_FAILPOINT": "during-merge"]
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
    #expect(second.status == 73 && second.errors.contains("is being run by process"), "\(second)")
    try bench.openGate()
    #expect(try await first.end().status == 0)
  }

  /// Slurm takes the first attempt for dead; it is not.
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
    let often = ["GAMMAPLANE_COPY_SECONDS": "0.2"]
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
    #expect(again.errors.contains("is skipped"), "\(again)")
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
      [record, other].allSatisfy { merged.errors.contains($0.result.quantities.text) }, "\(merged)")
    let recorded = try bench.results().first { $0.identity == record.identity }
    #expect(recorded?.result.quantities == record.result.quantities)
  }

  /// Halves all quantities of a run in a database, with a checksum that is right.
  func forge(_ path: String) throws -> (RunRecord, RunRecord) {
    let store = try ResultStore.open(at: path)
    let record = try #require(try store.records(of: store.sweep(named: "tiny")).first)
    try store.queue.write { db in
      try db.execute(sql: "DELETE FROM runs WHERE run = ?", arguments: [record.identity.description])
    }
    var other = record
    other.result.quantities = NamedNumbers(
      record.result.quantities.pairs.map { (name: $0.name, value: $0.value / 2) })
    try store.record([other])
    try store.close()
    return (record, other)
  }
}

extension SweepFolder {
  /// The folder of a shard in the first set.
  func tasks(_ number: Int) -> TaskFolder {
    ShardSet.all(in: self).first?.task(number) ?? ShardSet(path: path).task(number)
  }
}
