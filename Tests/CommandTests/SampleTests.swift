import Foundation
import GridFile
import Model
import Testing

@testable import Orchestration

/// `run --sample` and `--on-end`.
@Suite struct SampleTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func aLargerSampleContainsASmallerOne() throws {
    let sweep = Sweep(
      name: "s",
      axes: Axes(
        parameters: ["gamma": [0, 1, 2, 3], "gamma_prime": [0, 1]], width: [10, 20, 30], seed: Array(0..<5)),
      problem: Problem(method: "m/1"))
    let all = Set(0..<120)
    var last: Set<Int> = []
    for count in [1, 2, 10, 60, 119, 120, 500] {
      let indices = RunSample(count, of: sweep).indices
      #expect(indices.count == min(count, 120) && indices == indices.sorted())
      #expect(last.isSubset(of: indices) && all.isSuperset(of: indices))
      last = Set(indices)
    }
    // No stretch of the order: all widths and points may occur.
    let few = RunSample(30, of: sweep).indices
    #expect(Set(few.map { $0 % 15 / 5 }).count == 3 && Set(few.map { $0 / 15 }).count > 4)
  }

  @Test func aSampleIsRunOnceAndThenTheRest() async throws {
    try bench.grid()
    let first = try await bench.run("run", "tiny.yaml", "--sample", "5")
    #expect(first.status == 0 && first.errors.contains("5 of 5 runs to do"))
    #expect(first.output.contains("× what was expected; all 12 would take about"))
    let sampled = try bench.results()
    #expect(sampled.count == 5)
    let again = try await bench.run("run", "tiny.yaml", "--sample", "5")
    #expect(again.status == 0 && again.errors.contains("nothing to do, 5 runs done"))
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let all = try bench.results()
    #expect(all.count == 12)
    for record in sampled { #expect(all.contains(record)) }
    for wrong in [["--sample", "0"], ["--sample", "5", "--shard", "1/2"]] {
      #expect(try await bench.start(["run", "tiny.yaml"] + wrong).end().status == 64)
    }
  }

  /// The command's variables, as it writes them to a file.
  private func told(by arguments: [String], worker: String? = nil) async throws -> [String: String] {
    let command = "env | grep ^GAMMAPLANE_ >> told; echo end >> told"
    _ = try await bench.start(arguments + ["--on-end", command], worker: worker).end()
    let lines = try String(contentsOfFile: bench.path("told"), encoding: .utf8).split(separator: "\n")
    try FileManager.default.removeItem(atPath: bench.path("told"))
    #expect(lines.count { $0 == "end" } == 1, "once")
    return Dictionary(
      lines.compactMap { line in
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (String(parts[0].dropFirst("GAMMAPLANE_".count)), parts[1]) : nil
      }, uniquingKeysWith: { $1 })
  }

  @Test func theEndIsTold() async throws {
    try bench.grid()
    let part = try await told(by: ["run", "tiny.yaml", "--sample", "5"])
    #expect(part["DONE"] == "5" && part["TO_DO"] == "7" && part["EXIT_CODE"] == "0")
    let broken = try bench.worker("exit 1")
    let failed = try await told(by: ["run", "tiny.yaml"], worker: broken)
    #expect(failed["EXIT_CODE"] == "69" && failed["STATE"] == "interrupted" && failed["DONE"] == "5")
    let all = try await told(by: ["run", "tiny.yaml"])
    #expect(
      all["SWEEP"] == "tiny" && all["STATE"] == "finished" && all["TOTAL"] == "12" && all["DONE"] == "12"
        && all["FAILED"] == "0" && all["DATABASE"] == "results/tiny/gammaplane.sqlite")
    let missing = try await told(by: ["run", "none.yaml"])
    #expect(missing["EXIT_CODE"] == "66" && missing["TOTAL"] == nil)
  }

  @Test func anInterruptedSweepTellsItsEnd() async throws {
    try bench.grid()
    let command = try bench.start(
      [
        "run", "tiny.yaml", "--workers", "1", "--on-end",
        "echo $GAMMAPLANE_EXIT_CODE $GAMMAPLANE_STATE > told",
      ],
      worker: try bench.gatedWorker(runs: 3))
    try await bench.waitForResults(3)
    command.send(SIGINT)
    try bench.openGate()
    #expect(try await command.end().status == 75)
    #expect(try String(contentsOfFile: bench.path("told"), encoding: .utf8) == "75 interrupted\n")
  }

  /// A command that fails changes nothing.
  @Test func aCommandThatFailsIsNoted() async throws {
    try bench.grid(widths: [20])
    let ended = try await bench.run("run", "tiny.yaml", "--on-end", "exit 3")
    #expect(ended.status == 0 && ended.errors.contains("--on-end ended with code 3"))
    #expect(try await bench.run("run", "tiny.yaml", "--on-end", "").status == 64)
  }
}
