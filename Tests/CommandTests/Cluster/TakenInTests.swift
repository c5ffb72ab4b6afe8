import Foundation
import Testing

@testable import gammaplane

/// What shards have recorded is not computed again by whoever carries out the whole sweep.
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
    // Where nothing is to do, nothing is read, nor said.
    let nothing = try await bench.run("run", "tiny.yaml", worker: "/nonexistent/worker")
    #expect(nothing.status == 0 && nothing.errors == "tiny: nothing to do, 12 runs done\n", "\(nothing)")
  }

  /// Put down by a task that has ended, and to be gone on with.
  @Test func whatShardsHavePutDownGoesOn() async throws {
    #expect(try await bench.run("run", "tiny.yaml", "--shard", "1/2").status == 0)
    let put = URL(fileURLWithPath: folder.tasks(1).checkpoints)
    try FileManager.default.createDirectory(at: put, withIntermediateDirectories: true)
    let name = "\(String(repeating: "0", count: 64)).checkpoint"
    try Data().write(to: put.appendingPathComponent(name))
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    #expect(!FileManager.default.fileExists(atPath: put.appendingPathComponent(name).path))
  }

  /// Those of the sweep were taken from the task while it seemed dead, and are older.
  @Test func whatATaskHasPutDownItselfComesFirst() async throws {
    let names = try await single().map { "\($0.identity).checkpoint" }
    let own = folder.path + "/shards/of-2/1/checkpoints"
    for (place, text) in [(own, "later"), (folder.checkpoints, "earlier")] {
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      for name in names { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(place)/\(name)")) }
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
  @Test func aShardThatIsDamagedKeepsNobodyFromGoingOn() async throws {
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

  /// Which result holds is for people to say; meanwhile nothing is added.
  @Test func contradictionsAreForPeopleToResolve() async throws {
    for shard in ["1/1", "1/2"] {
      #expect(try await bench.run("run", "tiny.yaml", "--shard", shard).status == 0)
    }
    let (record, other) = try forge(databases[0])
    let refused = try await bench.run("run", "tiny.yaml")
    #expect(refused.status == 74, "\(refused)")
    for side in [record, other] { #expect(refused.errors.contains("RD \(side.result.rd),"), "\(refused)") }
    #expect(!refused.errors.contains("to do"), "\(refused)")
    try FileManager.default.removeItem(atPath: databases[0])
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
  }

  /// Failures that are in shards alone are known, and are forgotten where that is asked for.
  @Test(arguments: [["retry"], ["run", "--retry-failed"]])
  func failuresOfShardsAreTriedAgainWhereThatIsMeant(words: [String]) async throws {
    let failed = try await bench.run(
      "run", "tiny.yaml", "--shard", "1/2", "--workers", "1", worker: bench.refusingWorker())
    #expect(failed.status == 1, "\(failed)")
    let rest = try await bench.run("run", "tiny.yaml")
    #expect(rest.status == 1 && rest.errors.contains("6 of 12 runs to do"), "\(rest)")
    #expect(rest.errors.contains("0 new results, 0 known already, 6 runs set aside"), "\(rest)")
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
    #expect(second.status == 0 && second.errors.contains("warning: 1 shard is under way"), "\(second)")
    #expect(second.errors.contains("10 of 12 runs to do"), "\(second)")
    try bench.openGate()
    #expect(try await first.end().status == 0)
    #expect(try await bench.run("merge", "tiny.yaml").status == 0)
    let single = try await single()
    #expect(try bench.results() == single)
  }
}
