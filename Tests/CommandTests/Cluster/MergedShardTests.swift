import Foundation
import Testing

/// What shards have recorded is not computed again when the whole sweep is run.
extension ShardTests {
  @Test func whatShardsHaveDoneIsNotDoneAgain() async throws {
    #expect(try await bench.run("run", "tiny.yaml", "--shard", "1/2").status == 0)
    let planned = try await bench.run("plan", "tiny.yaml", "--json")
    #expect(planned.output.contains("\"to_do\" : 6"), "\(planned)")
    #expect(!folder.hasDatabase)
    let rest = try await bench.run("run", "tiny.yaml")
    #expect(rest.status == 0, "\(rest)")
    #expect(rest.errors.contains("tiny: merged 1 shard: 6 new results, 0 known already\n"), "\(rest)")
    #expect(rest.errors.contains("tiny: 6 of 12 runs to do"), "\(rest)")
    let single = try await single()
    #expect(try bench.results() == single)
    // Where nothing is to do, nothing is merged.
    let nothing = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(nothing.status == 0 && nothing.errors == "tiny: nothing to do, 12 runs done\n", "\(nothing)")
  }

  /// Runs that a task suspended before it ended are resumed.
  @Test func checkpointsOfShardsAreUsed() async throws {
    #expect(try await bench.run("run", "tiny.yaml", "--shard", "1/2").status == 0)
    let checkpoints = URL(fileURLWithPath: folder.tasks(1).checkpoints)
    try FileManager.default.createDirectory(at: checkpoints, withIntermediateDirectories: true)
    let name = "\(String(repeating: "0", count: 64)).checkpoint"
    try Data().write(to: checkpoints.appendingPathComponent(name))
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    #expect(!FileManager.default.fileExists(atPath: checkpoints.appendingPathComponent(name).path))
  }

  /// Those in the sweep's folder were moved away from the task while it seemed dead, and are older.
  @Test func aTaskPrefersItsOwnCheckpoints() async throws {
    let names = try await single().map { "\($0.identity).checkpoint" }
    let own = folder.path + "/shards/of-2/1/checkpoints"
    for (folder, text) in [(own, "later"), (folder.checkpoints, "earlier")] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for name in names { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    }
    let task = try bench.start(["run", "tiny.yaml", "--shard", "1/2"], worker: bench.gatedWorker(runs: 0))
    try await waitForReport { _ in true }
    #expect(try await comesTrue { try task.said().contains("6 of 6 runs to do") })
    for name in names {
      #expect(try String(contentsOfFile: "\(own)/\(name)", encoding: .utf8) == "later")
    }
    task.send(SIGKILL)
    _ = try await task.end()
    try bench.openGate()
  }

  /// One that cannot be read is named, and its runs are done again.
  @Test func aDamagedShardStopsNothing() async throws {
    for shard in ["1/2", "2/2"] {
      #expect(try await bench.run("run", "tiny.yaml", "--shard", shard).status == 0)
    }
    truncate(databases[0], 4096)
    let ended = try await bench.run("run", "tiny.yaml")
    #expect(ended.status == 0 && ended.errors.contains("warning: \(databases[0])"), "\(ended)")
    #expect(ended.errors.contains("6 of 12 runs to do"), "\(ended)")
    let status = try await bench.run("status", "tiny")
    #expect(status.output.contains("12 of 12") && !status.output.contains("in shards"), "\(status)")
    let single = try await single()
    #expect(try bench.results() == single)
  }

  /// People decide which result holds; meanwhile nothing is added.
  @Test func contradictionsAreForPeopleToResolve() async throws {
    for shard in ["1/1", "1/2"] {
      #expect(try await bench.run("run", "tiny.yaml", "--shard", shard).status == 0)
    }
    let (record, other) = try forge(databases[0])
    let refused = try await bench.run("run", "tiny.yaml")
    #expect(refused.status == 74, "\(refused)")
    for side in [record, other] {
      #expect(refused.errors.contains(side.result.quantities.text), "\(refused)")
    }
    #expect(!refused.errors.contains("to do"), "\(refused)")
    try FileManager.default.removeItem(atPath: databases[0])
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
  }

  /// Failures that are recorded in shards only are known, and are forgotten on request.
  @Test(arguments: [["retry"], ["run", "--retry-failed"]])
  func failuresOfShardsAreRetriedOnRequest(words: [String]) async throws {
    let failed = try await bench.run(
      "run", "tiny.yaml", "--shard", "1/2", "--workers", "1", worker: bench.refusingWorker())
    #expect(failed.status == 1, "\(failed)")
    let rest = try await bench.run("run", "tiny.yaml")
    #expect(rest.status == 1 && rest.errors.contains("6 of 12 runs to do"), "\(rest)")
    #expect(rest.errors.contains("0 new results, 0 known already, 6 failed runs"), "\(rest)")
    let retried = try await bench.start(words + ["tiny.yaml"]).end()
    #expect(retried.status == 0 && retried.errors.contains("6 of 12 runs to do"), "\(retried)")
    let single = try await single()
    #expect(try bench.results() == single)
  }

  @Test func shardsThatAreUnderWayAreMentioned() async throws {
    let gated = try bench.gatedWorker(runs: 2)
    let first = try bench.start(["run", "tiny.yaml", "--shard", "1/2", "--workers", "1"], worker: gated)
    try await waitForReport { $0.done >= 2 }
    let second = try await bench.run("run", "tiny.yaml")
    #expect(second.status == 0 && second.errors.contains("warning: 1 shard is running"), "\(second)")
    #expect(second.errors.contains("10 of 12 runs to do"), "\(second)")
    try bench.openGate()
    #expect(try await first.end().status == 0)
    #expect(try await bench.run("merge", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
  }
}
