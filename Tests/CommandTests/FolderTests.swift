import Foundation
import Orchestration
import Platform
import Testing

/// Folders of results that were copied, renamed or closed to others.
@Suite struct FolderTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func names(_ folders: [(path: String, name: String)]) -> SweepNames {
    SweepNames(folders.map { SweepFolder(path: "results/\($0.path)", name: $0.name) })
  }

  @Test func aFolderIsASecondName() async throws {
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let results = bench.url.appendingPathComponent("results")
    try FileManager.default.copyItem(
      at: results.appendingPathComponent("tiny"), to: results.appendingPathComponent("before"))
    let list = try await bench.run("status")
    #expect(list.output.contains("tiny in before") && list.output.contains("\n  tiny  "), "\(list)")
    let unclear = try await bench.run("show", "0.5", "0")
    #expect(unclear.status == 64)
    #expect(unclear.errors.contains("before, tiny"), "\(unclear.errors)")
    // The name is that of the sweep where `run` puts it; its copy goes by its folder.
    for (word, head) in [("tiny", "tiny: 12 of 12"), ("before", "tiny in before: 12 of 12")] {
      let status = try await bench.run("status", word)
      #expect(status.status == 0 && status.output.hasPrefix(head), "\(status)")
    }
    let drawn = try await bench.run("render", "before")
    #expect(drawn.output == "results/before/phase-map.svg\n", "\(drawn)")
    // Copies only: the name does not decide between them.
    try FileManager.default.moveItem(
      at: results.appendingPathComponent("tiny"), to: results.appendingPathComponent("after"))
    let between = try await bench.run("status", "tiny")
    #expect(between.status == 64 && between.errors.contains("after, before"), "\(between)")
    let planned = try await bench.run("plan", "tiny.yaml")
    #expect(planned.status == 0 && planned.errors.contains("rename the folder to results/tiny"), "\(planned)")
    // One that was renamed keeps its name and the name of its map.
    try FileManager.default.removeItem(at: results.appendingPathComponent("before"))
    let renamed = try await bench.run("status", "tiny")
    #expect(renamed.output.hasPrefix("tiny in after: 12 of 12"), "\(renamed)")
    #expect(renamed.output.hasSuffix("phase map: results/after/phase-map.svg\n"), "\(renamed)")
  }

  @Test func everySweepHasAWordOfItsOwn() {
    let folders = [
      ("a", "a"), ("a", "a-refined"), ("b", "a"), ("b", "a-refined"), ("a-refined", "c"), ("d", "d"),
    ]
    let names = names(folders)
    #expect(Set(names.folders.map(names.word)).count == folders.count)
    for folder in names.folders { #expect(names.folders(named: names.word(for: folder)) == [folder]) }
    #expect(names.folders(named: "none").isEmpty)
  }

  /// Also where a sweep is called like a kind of figure.
  @Test func sweepsOfOneFolderHaveFiguresOfTheirOwn() {
    let kinds = ["phase-map", "scaling", "phase-map-scaling", "scaling-gamma0.5"]
    let sweeps = ["x", "phase-map", "scaling", "x-scaling", "x.scaling", "scaling.phase-map"]
    let files = sweeps.flatMap { name in
      kinds.flatMap { kind in
        ["", "-dark"].map { SweepFolder(path: "results/x", name: name).figure(kind, ending: "\($0).svg") }
      }
    }
    #expect(Set(files).count == files.count)
  }

  /// Not taken for results that are not there.
  @Test func resultsThatMayNotBeReadAreNamed() async throws {
    guard getuid() == 0 else { return }
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    let asOther = ["--reuid=65534", "--regid=65534", "--clear-groups", Executables.gammaplane]
    func deny(_ path: String, _ mode: Int) throws {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: bench.path(path))
    }
    for (path, mode) in [(".", 0o755), ("tiny.yaml", 0o644)] { try deny(path, mode) }
    for closed in ["results", "results/tiny", "results/tiny/gammaplane.sqlite"] {
      let mode = closed.hasSuffix("sqlite") ? 0o644 : 0o755
      try deny(closed, mode & 0o700)
      defer { try? deny(closed, mode) }
      for command in [
        ["status"], ["status", "tiny"], ["plan", "tiny.yaml"], ["export", "runs", "tiny"],
        ["show", "1.75", "0"],
        ["render"], ["report"], ["run", "tiny.yaml"],
      ] {
        let ended = try await RunningCommand("/usr/bin/setpriv", asOther + command, in: bench).end()
        #expect(
          ended.status == 73 && ended.errors.contains("Permission denied"), "\(closed) \(command): \(ended)")
        #expect(!ended.errors.contains("is no ") && !ended.errors.contains("there are no"), "\(ended.errors)")
      }
    }
  }
}
