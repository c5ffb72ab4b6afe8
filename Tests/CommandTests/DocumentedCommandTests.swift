import Foundation
import Testing

/// Every command that README and docs show, run as it stands: with the grids of the project at
/// small widths, a scheduler that takes every job, and `make` and `ssh` that only pass commands on.
@Suite struct DocumentedCommandTests {
  let bench: Workbench
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  init() throws {
    bench = try Workbench()
    try copyGrids()
    try makePrograms()
  }

  /// README, docs, and what stands beside examples.
  private static var documents: [URL] {
    get throws {
      let folder = repository.appendingPathComponent("docs")
      return [repository.appendingPathComponent("README.md")]
        + (try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
        .filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
    }
  }

  /// The grids with widths of a few milliseconds each, under their own names.
  private func copyGrids() throws {
    let folder = Self.repository.appendingPathComponent("grids")
    try FileManager.default.createDirectory(
      at: bench.url.appendingPathComponent("grids"), withIntermediateDirectories: true)
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      let isInSteps = lines.contains { $0.hasPrefix("method:") }
      let small = lines.filter { !$0.hasPrefix("limit:") }.map { line -> String in
        let key = line.trimmingCharacters(in: .whitespaces)
        if key.hasPrefix("width:") { return "  width: [20, 40, 80]" }
        // Of the points, those that documents name are kept.
        if key.hasPrefix("gamma:") { return "  gamma: [0.5, 1, 1.25, 1.75]" }
        if key.hasPrefix("gamma_prime:") { return "  gamma_prime: [-0.5, 0, 0.5]" }
        // Optimisers take steps until they are stopped.
        if key.hasPrefix("stop:"), isInSteps {
          return "stop: { mean_squared_residual: 1e-2, steps: 200, epochs: 200 }"
        }
        return String(line)
      }
      let name = "grids/\(file.lastPathComponent)"
      // A limit takes a second in a program that is not optimised. Figures of limits are of this
      // grid.
      let limit = name.hasSuffix("/gallery.yaml") ? "on" : "off"
      // Blocks and rules of recording name points and widths that a small grid does not have.
      try bench.file(name, (Self.withoutBlocks(small) + ["limit: \(limit)", ""]).joined(separator: "\n"))
    }
  }

  /// Lines without the keys `include` and `record`; everything is recorded instead.
  private static func withoutBlocks(_ lines: [String]) -> [String] {
    var isInside = false
    // Not every family has a function to record.
    let hasNone = lines.contains { $0.contains("activation: tanh") || $0.hasPrefix("method:") }
    return lines.filter { line in
      if line.hasPrefix("include:") || line.hasPrefix("record:") {
        isInside = true
      } else if let first = line.first, first != " ", first != "-", first != "#" {
        isInside = false
      }
      return !isInside
    } + ["record: [trajectory, neurons\(hasNone ? "" : ", function")]"]
  }

  /// What the commands of documents need besides, in a folder of its own.
  private func makePrograms() throws {
    let folder = bench.url.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let programs = [
      "gammaplane": "exec '\(Executables.gammaplane)' \"$@\"",
      "make": "exit 0",
      // The command is for the shell of the other machine.
      "ssh": "shift; exec sh -c \"$*\"",
      "sbatch": "echo 'Submitted batch job 7'",
      "squeue": "exit 0",
      "scancel": "exit 0",
      "sacct": "exit 0",
      "scontrol": "echo 'MaxArraySize = 1001'; echo 'MaxJobCount = 10000'",
    ]
    for (name, script) in programs {
      try bench.file("bin/\(name)", "#!/bin/sh\n\(script)\n")
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: bench.path("bin/\(name)"))
    }
  }

  /// Runs a text in the shell.
  private func shell(_ text: String) async throws -> Ended {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try await RunningCommand(
      "/bin/sh", ["-e", "-c", text], in: bench,
      environment: [
        "PATH": "\(bench.path("bin")):\(path)", "PBS_ARRAY_INDEX": "1", "LSB_JOBINDEX": "2",
        "TMPDIR": bench.url.path,
      ]
    ).end()
  }

  /// The shell blocks of a document: fenced ones, and indented lines that call the program.
  private static func blocks(_ document: URL) throws -> [String] {
    let text = try String(contentsOf: document, encoding: .utf8)
    let fenced = text.components(separatedBy: "```sh\n").dropFirst().map {
      String($0[..<($0.range(of: "```")?.lowerBound ?? $0.endIndex)])
    }
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("    gammaplane ") }.map(String.init)
    return fenced + lines
  }

  /// What the text names as a command, but for forms with placeholders.
  private static func inlineCommands(_ document: URL) throws -> [String] {
    try String(contentsOf: document, encoding: .utf8).matches(of: /`(gammaplane [^`]+)`/).map {
      String($0.1).replacing("\n", with: " ")
    }
    .filter { $0.split(separator: " ").count > 1 && !$0.contains("<") && !$0.contains("…") }
    .filter { !$0.split(separator: " ").contains { $0.allSatisfy { $0.isUppercase } } }
    // Without its arguments, the name of a command stands for itself.
    .filter { !$0.hasSuffix("submit slurm") }
    .filter { $0.split(separator: " ").count > 2 || $0.hasSuffix("cite") || $0.hasSuffix("doctor") }
  }

  @Test func everyShellBlockRuns() async throws {
    for grid in ["quickstart", "gallery", "gallery-neurons", "wide"] {
      let ended = try await bench.run("run", "grids/\(grid).yaml")
      #expect(ended.status == 0, "\(grid): \(ended.errors)")
    }
    var count = 0
    for document in try Self.documents {
      for block in try Self.blocks(document) {
        // Wide networks take long in a program that is not optimised.
        let ended = try await shell(block)
        #expect(ended.status == 0, "\(document.lastPathComponent): \(block)\n\(ended.errors)")
        count += 1
      }
    }
    #expect(count >= 10)
  }

  @Test func everyCommandInTheTextRuns() async throws {
    try FileManager.default.copyItem(
      at: Self.repository.appendingPathComponent("Examples"),
      to: bench.url.appendingPathComponent("Examples"))
    for arguments in [[], ["--shard", "1/8"]] {
      let ended = try await bench.start(["run", "grids/wide.yaml"] + arguments).end()
      #expect(ended.status == 0, "\(ended.errors)")
    }
    var commands: Set<String> = []
    for document in try Self.documents { commands.formUnion(try Self.inlineCommands(document)) }
    #expect(commands.count >= 5)
    for command in commands.sorted() {
      // The example with NumPy has a test of its own, as it takes seconds.
      if command.contains("Examples/") || command.contains("1e6") { continue }
      let ended = try await shell(command)
      #expect([0, 1].contains(ended.status), "\(command)\n\(ended.errors)")
    }
  }

  /// What README says of the files that there are.
  @Test func theTableOfGridsIsComplete() throws {
    let text = try String(contentsOf: Self.repository.appendingPathComponent("README.md"), encoding: .utf8)
    let named = text.matches(of: /\| `grids\/([^`]+)` \|/).map { String($0.1) }
    let files = try FileManager.default.contentsOfDirectory(
      atPath: Self.repository.appendingPathComponent("grids").path)
    func isNamed(_ file: String) -> Bool {
      named.contains { $0.hasSuffix("*.yaml") ? file.hasPrefix($0.dropLast(6)) : $0 == file }
    }
    #expect(files.filter { !isNamed($0) } == [])
    for name in named where !name.contains("*") { #expect(files.contains(name), "\(name)") }
  }

  /// Targets of `make` that documents name.
  @Test func everyTargetOfMakeIsThere() throws {
    let make = try String(contentsOf: Self.repository.appendingPathComponent("Makefile"), encoding: .utf8)
    for document in try Self.documents {
      for match in try String(contentsOf: document, encoding: .utf8).matches(
        of: /(?:`|^ *)make ([a-z-]+)/.anchorsMatchLineEndings())
      {
        #expect(make.contains("\n\(match.1):"), "\(document.lastPathComponent): make \(match.1)")
      }
    }
  }

  /// Names of suites and tests in `swift test --filter`.
  @Test func everyFilterMatchesATest() throws {
    let tests = Self.repository.appendingPathComponent("Tests")
    let files =
      FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
    let sources = try files.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    for document in try Self.documents {
      let text = try String(contentsOf: document, encoding: .utf8)
      for match in text.matches(of: /swift test --filter "?([A-Za-z|]+)"?/) {
        for name in match.1.split(separator: "|") where name.contains(where: \.isLowercase) {
          let isTarget = FileManager.default.fileExists(atPath: tests.path + "/\(name)")
          let isThere = try isTarget || sources.contains(Regex("(struct|func) \\w*\(name)\\w*"))
          #expect(isThere, "\(document.lastPathComponent): \(name)")
        }
      }
    }
  }
}
