import Foundation
import Testing

/// Grids beside an installed program, which are run by name.
@Suite struct ShippedGridTests {
  let bench: Workbench
  private let program: String

  /// An installation: the program itself in `prefix/bin`, a grid in `prefix/share`.
  init() throws {
    bench = try Workbench()
    let files = FileManager.default
    for folder in ["prefix/bin", "prefix/share/gammaplane/grids"] {
      try files.createDirectory(atPath: bench.path(folder), withIntermediateDirectories: true)
    }
    program = bench.path("prefix/bin/gammaplane")
    for name in ["gammaplane", "gammaplane-worker"] {
      let built = URL(fileURLWithPath: name == "gammaplane" ? Executables.gammaplane : Executables.worker)
        .resolvingSymlinksInPath().path
      // A link of the same file, as the programs are large; a copy where that is another disk.
      do {
        try files.linkItem(atPath: built, toPath: bench.path("prefix/bin/\(name)"))
      } catch {
        try files.copyItem(atPath: built, toPath: bench.path("prefix/bin/\(name)"))
      }
    }
    let grid = try bench.grid()
    try files.moveItem(atPath: bench.path(grid), toPath: bench.path("prefix/share/gammaplane/grids/\(grid)"))
  }

  private func run(_ arguments: String...) async throws -> Ended {
    try await RunningCommand(program, arguments, in: bench).end()
  }

  @Test func aGridIsRunByName() async throws {
    #expect(try await run("plan", "tiny").output.contains("12"))
    let ended = try await run("run", "tiny")
    #expect(ended.status == 0, "\(ended)")
    #expect(try bench.results().count == 12)
    #expect(try await run("run", "tiny").errors == "tiny: nothing to do, 12 runs done\n")
  }

  @Test func aFileComesFirst() async throws {
    try bench.grid("tiny", widths: [50])
    try FileManager.default.moveItem(atPath: bench.path("tiny.yaml"), toPath: bench.path("tiny"))
    #expect(try await run("run", "tiny").errors.contains("4 of 4 runs to do"))
  }

  @Test func whatIsThereIsNamed() async throws {
    let ended = try await run("run", "quickstart")
    #expect(ended.status == 66 && ended.errors.contains("by name there are tiny"), "\(ended)")
    let path = try await run("run", "./tiny")
    #expect(path.status == 66, "\(path)")
  }
}
