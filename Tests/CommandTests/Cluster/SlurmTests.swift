import Foundation
import GRDB
import Model
import Orchestration
import Testing

@testable import ResultStore

/// Sweeps on a real Slurm, which each test starts and stops.
@Suite(
  .serialized, .enabled(if: SlurmCluster.obstacle == nil, "Slurm \(SlurmCluster.obstacle ?? "is there")"))
struct SlurmTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  /// Runs `gammaplane` as a user of the cluster.
  private func command(
    _ cluster: SlurmCluster, _ arguments: String..., worker: String? = nil
  ) async throws -> Ended {
    try await bench.start(arguments, worker: worker, environment: cluster.environment).end()
  }

  /// What a single machine makes of the same grid.
  private func single() async throws -> [RunRecord] {
    let ended = try await bench.run("run", "tiny.yaml", "--results", "whole")
    #expect(ended.status == 0, "\(ended.errors)")
    return try bench.results(in: "whole")
  }

  /// The merged database is, logically, that of a single machine.
  private func isWhole() async throws {
    #expect(try await single() == bench.results())
    let pictures = ["results", "whole"].map {
      FileManager.default.contents(atPath: bench.path("\($0)/tiny/phase-map.svg"))
    }
    #expect(pictures[0] != nil && pictures[0] == pictures[1])
    func tables(_ folder: String) throws -> [String] {
      let store = try ResultStore.read(at: bench.path("\(folder)/tiny/\(ResultStore.fileName)"))
      return try store.queue.read { db in
        try ["tally WHERE runs > 0", "recorded_seed", "failures", "phase_map", "boundary", "sweep"].map {
          table in
          var rows = try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\($0)" }
          // Times are measurements.
          if table.hasPrefix("tally") { rows = rows.map { $0.replacing(/wall_seconds:[^ \]]*/, with: "") } }
          return rows.sorted().joined(separator: "\n")
        }
      }
    }
    #expect(try tables("results") == tables("whole"))
  }

  /// How often each run has been recorded in any shard.
  private func recordings() throws -> [RunIdentity: Int] {
    var counts: [RunIdentity: Int] = [:]
    let folder = SweepFolder(path: bench.path("results/tiny"), name: "tiny")
    for database in ShardSet.all(in: folder).flatMap(\.tasks).flatMap(\.databases) {
      let store = try ResultStore.read(at: database)
      for record in try store.records(of: store.sweep(named: "tiny")) {
        counts[record.identity, default: 0] += 1
      }
    }
    return counts
  }

  private func resultsInShards() -> Int {
    let folder = SweepFolder(path: bench.path("results/tiny"), name: "tiny")
    return ShardSet.all(in: folder).flatMap(\.tasks).reduce(0) { $0 + ($1.report?.done ?? 0) }
  }

  private func reports(_ count: Int) -> Bool {
    let folder = SweepFolder(path: bench.path("results/tiny"), name: "tiny")
    return ShardSet.all(in: folder).flatMap(\.tasks).count { $0.report != nil } >= count
  }

  /// No process of the cluster or of its jobs is left.
  private func leavesNoProcess(_ cluster: SlurmCluster) {
    cluster.stop()
    #expect(cluster.processes().isEmpty)
  }

  @Test(.timeLimit(.minutes(5)))
  func anArrayEqualsASingleMachine() async throws {
    let cluster = try await SlurmCluster(settings: ["MaxArraySize=11"])
    let tooMany = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "12")
    #expect(tooMany.status == 64 && tooMany.errors.contains("--tasks 10 or less"), "\(tooMany)")
    #expect(cluster.queue.isEmpty)
    let submitted = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "3")
    #expect(submitted.status == 0, "\(submitted.errors)")
    #expect(submitted.output.contains("3 tasks") && submitted.output.contains("merges the results"))
    let again = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "3")
    #expect(again.status == 0 && again.errors.contains("nothing to submit"), "\(again)")
    try await cluster.waitUntilEmpty()
    try await isWhole()
    #expect(try recordings().values.allSatisfy { $0 == 1 } && recordings().count == 12)
    let status = try await command(cluster, "status", "tiny")
    #expect(status.output.hasPrefix("tiny: 12 of 12 runs done (100 %), finished\n"), "\(status)")
    #expect(status.output.contains("tasks: 3 finished"))
    leavesNoProcess(cluster)
  }

  @Test(.timeLimit(.minutes(5)))
  func cancelledTasksAreResumedBySubmittingAgain() async throws {
    let cluster = try await SlurmCluster()
    let gated = try bench.gatedWorker(runs: 2)
    let submitted = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "3", worker: gated)
    #expect(submitted.status == 0, "\(submitted.errors)")
    try await cluster.wait("two tasks have recorded two runs each") { resultsInShards() >= 4 }
    let status = try await command(cluster, "status", "tiny")
    #expect(status.output.hasPrefix("tiny: 4 of 12 runs done (33 %), running\n"), "\(status)")
    #expect(status.output.contains("tasks: 2 running, 1 queued"), "\(status)")
    #expect(status.output.contains("1 task waits: Resources"), "\(status)")
    // While they run, what there is can be merged.
    let merged = try await command(cluster, "merge", "tiny.yaml")
    #expect(merged.status == 0 && merged.errors.contains("2 shards under way"), "\(merged)")
    let cancelled = try await command(cluster, "cancel", "tiny.yaml")
    #expect(cancelled.output == "cancelled tiny: 2 running and 1 waiting tasks\n", "\(cancelled)")
    try await cluster.waitUntilEmpty()
    let interrupted = try await command(cluster, "status", "tiny.yaml")
    #expect(
      interrupted.output.contains("interrupted") && interrupted.output.contains("submit slurm tiny.yaml"),
      "\(interrupted)")
    try bench.openGate()
    let second = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "2")
    #expect(second.errors.contains("8 runs to do in 2 tasks"), "\(second)")
    try await cluster.waitUntilEmpty()
    try await isWhole()
    #expect(try recordings().values.allSatisfy { $0 == 1 })
    leavesNoProcess(cluster)
  }

  // MARK: What takes longer

  @Test(.enabled(if: SlurmCluster.slow), .timeLimit(.minutes(10)))
  func aControllerThatDiesRightAfterIsNoReasonForDuplicates() async throws {
    let cluster = try await SlurmCluster()
    let gated = try bench.gatedWorker(runs: 1)
    let submitted = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "2", worker: gated)
    #expect(submitted.status == 0, "\(submitted.errors)")
    cluster.killController()
    // It is away: nothing is submitted, and nothing is reported as over.
    let away = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "2", worker: gated)
    #expect(away.status == 69 && away.errors.contains("nothing has been submitted"), "\(away)")
    let status = try await command(cluster, "status", "tiny")
    #expect(status.output.contains("the queue could not be read"), "\(status)")
    #expect(!status.output.contains("missing") && !status.output.contains("finished"), "\(status)")
    #expect(try await command(cluster, "cancel", "tiny").status == 69)
    try cluster.startController()
    try await cluster.wait("the controller answers") { !cluster.run("sinfo", "-h").isEmpty }
    // Whether the jobs were lost or not, and whatever the nodes do with jobs that the controller
    // does not know: submitting until nothing is left completes the sweep.
    try bench.openGate()
    for _ in 0..<5 {
      let again = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "2")
      #expect(again.status == 0, "\(again.errors)")
      try await cluster.waitUntilEmpty()
      try await cluster.wait("no task is left") { cluster.jobProcesses().isEmpty }
      if again.errors.contains("12 runs done") { break }
    }
    #expect(try await command(cluster, "merge", "tiny.yaml").status == 0)
    try await isWhole()
    #expect(try recordings().values.allSatisfy { $0 == 1 })
    leavesNoProcess(cluster)
  }

  /// The signal as Slurm sends it, without the wait for it.
  @Test(.enabled(if: SlurmCluster.slow), .timeLimit(.minutes(10)))
  func aTaskWhoseTimeIsUpIsQueuedAgain() async throws {
    let cluster = try await SlurmCluster()
    let gated = try bench.gatedWorker(runs: 2)
    let submitted = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "2", worker: gated)
    #expect(submitted.status == 0, "\(submitted.errors)")
    try await cluster.wait("both tasks have recorded two runs") { resultsInShards() >= 4 }
    for line in cluster.queue where line.contains("RUNNING") {
      cluster.run("scancel", "--batch", "--signal=USR1", String(line.prefix { $0 != " " }))
    }
    try await cluster.wait("both are queued again") {
      cluster.queue.count { $0.contains("PENDING") && !$0.hasSuffix("merge") } == 2
    }
    try bench.openGate()
    try await cluster.waitUntilEmpty()
    try await isWhole()
    #expect(try recordings().values.allSatisfy { $0 == 1 })
    let logs = try (1...2).map {
      try String(contentsOfFile: bench.path("results/tiny/shards/s1/\($0).log"), encoding: .utf8)
    }
    for log in logs { #expect(log.contains("time is up") && log.contains("4 of 6 runs to do"), "\(log)") }
    leavesNoProcess(cluster)
  }

  /// By the clock of Slurm, which is checked every half minute.
  @Test(.enabled(if: SlurmCluster.slow), .timeLimit(.minutes(15)))
  func aTimeLimitIsKeptTo() async throws {
    let cluster = try await SlurmCluster(nodes: 1)
    let gated = try bench.gatedWorker(runs: 2)
    // It is notified two minutes before the end of the three.
    let submitted = try await command(
      cluster, "submit", "slurm", "tiny.yaml", "--tasks", "1", "--time", "3", worker: gated)
    #expect(submitted.status == 0, "\(submitted.errors)")
    try await cluster.wait("it is queued again", seconds: 240) {
      cluster.queue.contains { $0.contains("PENDING") && !$0.hasSuffix("merge") } && resultsInShards() == 2
    }
    try bench.openGate()
    try await cluster.waitUntilEmpty(seconds: 240)
    try await isWhole()
    #expect(try recordings().values.allSatisfy { $0 == 1 })
    leavesNoProcess(cluster)
  }

  /// Also where Slurm mostly loses it, because it is started in the same second.
  @Test(.enabled(if: SlurmCluster.slow), .timeLimit(.minutes(10)), arguments: [false, true])
  func aTaskThatIsQueuedAgainByOthersIsResumed(atOnce: Bool) async throws {
    let cluster = try await SlurmCluster()
    let gated = try bench.gatedWorker(runs: 2)
    _ = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "2", worker: gated)
    try await cluster.wait("both tasks have recorded two runs") { resultsInShards() >= 4 }
    for line in cluster.queue where line.contains("RUNNING") {
      cluster.run("scontrol", "requeue", String(line.prefix { $0 != " " }))
    }
    try bench.openGate()
    try await cluster.waitUntilEmpty(startingAtOnce: atOnce)
    try await isWhole()
    #expect(try recordings().values.allSatisfy { $0 == 1 })
    leavesNoProcess(cluster)
  }

  /// The node is given up for dead while the task's processes are alive: two attempts at once.
  @Test(.enabled(if: SlurmCluster.slow), .timeLimit(.minutes(15)), arguments: [false, true])
  func aDeadNodeWhoseProcessesAreAlive(scratch: Bool) async throws {
    let text = try String(contentsOfFile: bench.path("tiny.yaml"), encoding: .utf8)
    try bench.file("tiny.yaml", text + (scratch ? "" : "slurm: { scratch: none }\n"))
    let cluster = try await SlurmCluster()
    let gated = try bench.gatedWorker(runs: 2)
    _ = try await command(cluster, "submit", "slurm", "tiny.yaml", "--tasks", "1", worker: gated)
    try await cluster.wait("the task has recorded two runs") { resultsInShards() >= 2 }
    let node = cluster.run("squeue", "-h", "-t", "R", "-o", "%N").contains("n1") ? 1 : 2
    cluster.killNode(node)
    #expect(!cluster.jobProcesses().isEmpty)
    try await cluster.wait("a second attempt has begun", seconds: 240) {
      cluster.hurry()
      return SweepFolder(path: bench.path("results/tiny"), name: "tiny").shardAttempts == [2]
    }
    try bench.openGate()
    try await cluster.waitUntilEmpty(seconds: 240)
    try await isWhole()
    try await cluster.wait("the first attempt has ended") { cluster.jobProcesses().isEmpty }
    let log = try String(contentsOfFile: bench.path("results/tiny/shards/s1/1.log"), encoding: .utf8)
    #expect(log.contains("attempt 2 at shard 1/1 of tiny has taken over"), "\(log)")
    leavesNoProcess(cluster)
  }

  @Test(
    .enabled(if: SlurmCluster.slow && getuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0),
    .timeLimit(.minutes(5)))
  func aMissingPermissionIsReported() async throws {
    let cluster = try await SlurmCluster(nodes: 1, partition: "AllowGroups=root")
    chmod(bench.url.path, 0o777)
    chmod(cluster.folder.path, 0o755)
    let process = try RunningCommand(
      "/usr/bin/setpriv",
      [
        "--reuid=65534", "--regid=65534", "--clear-groups", Executables.gammaplane, "submit", "slurm",
        "tiny.yaml",
      ],
      in: bench, environment: cluster.environment)
    let ended = try await process.end()
    #expect(ended.status == 69, "\(ended)")
    #expect(
      ended.errors.contains("sbatch failed") && ended.errors.contains("ask the administrators"), "\(ended)")
    #expect(cluster.queue.isEmpty)
    leavesNoProcess(cluster)
  }
}

extension SweepFolder {
  /// The numbers of the latest attempts at all shards.
  fileprivate var shardAttempts: [Int] {
    ShardSet.all(in: self).flatMap(\.tasks).compactMap { $0.lease?.attempt }
  }
}
