import Foundation
import Model
import ResultStore
import Testing

/// Grids that share a database, and grids that name a worker of their own.
@Suite struct SharingTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A tiny grid with lines added.
  private func grid(_ name: String, widths: [Int], _ lines: String) throws -> String {
    let file = try bench.grid(name, widths: widths)
    let text = try String(contentsOfFile: bench.path(file), encoding: .utf8)
    return try bench.file(file, text + lines + "\n")
  }

  @Test func runsOfOneGridAreNotRepeatedForAnother() async throws {
    let first = try grid("first", widths: [50, 100, 150], "database: both")
    let second = try grid("second", widths: [100, 150, 200], "database: both")
    #expect(try await bench.run("run", first).status == 0)
    let ended = try await bench.run("run", second)
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.errors.contains("second: 4 of 12 runs to do"))
    #expect(ended.output.hasPrefix("phase map: results/both/second.phase-map.svg\n"))
    for name in ["first", "second"] {
      #expect(FileManager.default.fileExists(atPath: bench.path("results/both/\(name).phase-map.svg")))
      let status = try await bench.run("status", name)
      #expect(status.output.hasPrefix("\(name): 12 of 12 runs done (100 %), finished\n"), "\(status)")
      #expect(try await bench.run("show", "1.75", "0", name).status == 0)
    }
    let all = try await bench.run("status")
    #expect(all.output.contains("first") && all.output.contains("second"))
    // Each alone, for comparison.
    try bench.grid("alone", widths: [100, 150, 200])
    #expect(try await bench.run("run", "alone.yaml").status == 0)
    let store = try ResultStore.read(at: bench.path("results/both/\(ResultStore.fileName)"))
    let shared = try store.records(of: store.sweep(named: "second")).map(\.result.quantities)
    #expect(try bench.results("alone").map(\.result.quantities) == shared)
  }

  @Test func aGridNamesItsWorker() async throws {
    let folder = bench.url.appendingPathComponent("elsewhere")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let script = """
      printf '%s\\n' '{"type":"hello","worker":"own","protocol":1,"methods":["own/1"]}'
      while IFS= read -r line; do
        case $line in *'"type":"problem"'*) continue;; esac
        run=${line#*'"run":"'}; run=${run%%'"'*}
        printf '%s%s%s\\n' '{"type":"result","run":"' "$run" '","outcome":"converged","quantities":{"size":1}}'
      done
      """
    try Data(script.utf8).write(to: folder.appendingPathComponent("own.sh"))
    let name = try grid("tiny", widths: [50, 100, 150], "method: own/1\nworker: [sh, own.sh]")
    try FileManager.default.moveItem(
      at: bench.url.appendingPathComponent(name), to: folder.appendingPathComponent(name))
    let ended = try await bench.run("run", "elsewhere/\(name)")
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(
      try bench.results().allSatisfy { $0.result.quantities == ["size": 1] } && bench.results().count == 12)
    let examined = try await bench.run("doctor", "elsewhere/\(name)", "--start-worker")
    #expect(examined.output.contains("own"), "\(examined)")
  }
}
