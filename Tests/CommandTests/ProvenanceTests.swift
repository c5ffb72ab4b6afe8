import Foundation
import Model
import Platform
import Testing

/// Every result tells where it comes from.
@Suite struct ProvenanceTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid()
  }

  /// The exported runs of the sweep.
  private func exported() async throws -> [[String: Any]] {
    let ended = try await bench.run("export", "runs", "tiny", "--format", "jsonl")
    #expect(ended.status == 0, "\(ended)")
    return try ended.output.split(separator: "\n").map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  private static func date(_ text: Any?) throws -> Date {
    try Date(try #require(text as? String), strategy: .iso8601)
  }

  @Test func exportedRunsNameProgramWorkerHostAndDate() async throws {
    // Dates have no fractions of seconds.
    let start = Date(timeIntervalSinceNow: -1)
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let rows = try await exported()
    #expect(rows.count == 12)
    for row in rows {
      #expect(row["program"] as? String == Program.nameAndVersion)
      #expect(row["worker"] as? String == "gammaplane-worker \(Program.version)")
      #expect(row["host"] as? String == hostName)
      #expect(row["command"] as? String == nil, "the program's own worker has no command line of a grid")
      #expect((start...Date()).contains(try Self.date(row["finished_at"])))
    }
  }

  @Test func runsWithoutAResultHaveNone() async throws {
    let command = try bench.start(["run", "tiny.yaml", "--workers", "1"], worker: bench.gatedWorker(runs: 2))
    try await bench.waitForResults(2)
    let rows = try await exported()
    #expect(rows.filter { $0["state"] as? String == "pending" }.count == 10)
    for row in rows {
      let isPending = row["state"] as? String == "pending"
      for name in ["program", "worker", "host", "finished_at"] {
        #expect((row[name] as? String == nil) == isPending, "\(name) of \(row)")
      }
    }
    try bench.openGate()
    _ = try await command.end()
  }

  @Test func showTellsWhoComputedAPoint() async throws {
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let text = try await bench.run("show", "1.75", "0")
    let line = try #require(text.output.split(separator: "\n").last { $0.hasPrefix("computed: ") })
    let host = try #require(hostName)
    #expect(line.hasPrefix("computed: 6 by gammaplane-worker \(Program.version) on \(host), "), "\(line)")
    #expect(line.contains("recorded by \(Program.nameAndVersion)"), "\(line)")
    let json = try await bench.run("show", "1.75", "0", "--json")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let origins = try #require(report["provenance"] as? [[String: Any]])
    let origin = try #require(origins.first)
    #expect(origins.count == 1 && origin["runs"] as? Int == 6 && origin["host"] as? String == host)
    #expect(try Self.date(origin["first"]) <= Self.date(origin["last"]))
  }

  /// Of one point, some runs by one worker and some by another.
  @Test func pointsOfSeveralOriginsShowAll() async throws {
    try bench.grid(widths: [50, 100])
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    try bench.grid(widths: [50, 100, 150])
    let renamed = try bench.worker(#""$WORKER" | sed -u 's/"worker":"[^"]*"/"worker":"other 2"/'"#)
    #expect(try await bench.run("run", "tiny.yaml", worker: renamed).status == 0)
    let lines = try await bench.run("show", "1.75", "0").output.split(separator: "\n")
      .filter { $0.hasPrefix("computed: ") }
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("computed: 4 by gammaplane-worker") == true, "\(lines)")
    #expect(lines.last?.hasPrefix("computed: 2 by other 2 on ") == true, "\(lines)")
    let workers = try await exported().compactMap { $0["worker"] as? String }
    #expect(workers.filter { $0 == "other 2" }.count == 4)
  }
}
