import Foundation
import ProjectFiles
import Testing

@testable import gammaplane

/// What shells offer, and the pages of `man`: what `make share` makes.
@Suite struct CompletionTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  /// The answers of the program to bash, for the last of some words.
  private func completions(_ words: String...) async throws -> [String] {
    let script = """
      source "$SHARE/bash-completion/completions/gammaplane"
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9
      _gammaplane gammaplane "${@: -1}" "${@: -2:1}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let ended = try await RunningCommand(
      "/usr/bin/env", ["bash", "-c", script, "bash"] + words, in: bench,
      environment: [
        "SHARE": bench.path("share"),
        "PATH": URL(fileURLWithPath: Executables.gammaplane).deletingLastPathComponent().path + ":" + path,
      ]
    ).end()
    #expect(ended.errors == "")
    return ended.output.split(separator: "\n").map(String.init)
  }

  private func makeShare() async throws {
    let ended = try await RunningCommand(
      "/usr/bin/env",
      ["bash", Repository.path + "/scripts/share.sh", Executables.gammaplane, bench.path("share")], in: bench
    ).end()
    #expect(ended.status == 0, "\(ended.errors)")
  }

  @Test(.enabled(if: ["bash", "python3"].allSatisfy(isInstalled), "needs bash and python3"))
  func shellsKnowCommandsSweepsAndGrids() async throws {
    try await makeShare()
    try bench.grid("small", widths: [20, 40])
    #expect(try await bench.run("run", "small.yaml").status == 0)
    #expect(try await completions("gammaplane", "sta") == ["status"])
    #expect(try await completions("gammaplane", "run", "sm") == ["small.yaml"])
    let all = try await completions("gammaplane", "status", "")
    #expect(Set(all) == ["small", "small.yaml", "results/", "share/"])
    #expect(try await completions("gammaplane", "show", "1", "0", "sm") == ["small", "small.yaml"])
    #expect(try await completions("gammaplane", "render", "small", "--figure", "slo") == ["slope-map"])
    // Sweeps of another folder are those of that folder.
    let others = try await completions("gammaplane", "status", "--results", "share", "sm")
    #expect(others == ["small.yaml"])
  }

  /// Every command has a page in which nothing is taken for a request of roff.
  @Test(.enabled(if: ["bash", "python3"].allSatisfy(isInstalled), "needs bash and python3"))
  func everyCommandHasAPage() async throws {
    try await makeShare()
    let pages = try FileManager.default.contentsOfDirectory(atPath: bench.path("share/man/man1"))
    let commands = Gammaplane.configuration.subcommands.filter { $0.configuration.shouldDisplay }
    #expect(pages.count == commands.count + 1)
    for page in pages {
      let text = try String(contentsOfFile: bench.path("share/man/man1/\(page)"), encoding: .utf8)
      #expect(!text.utf8.contains { $0 > 127 }, "\(page)")
      for section in ["NAME", "SYNOPSIS", "DESCRIPTION"] {
        #expect(text.contains(".SH \(section)\n"), "\(page): \(section)")
      }
      for line in text.split(separator: "\n") where line.hasPrefix(".") {
        #expect(line.contains(/^\.(TH|SH|TP|PP|B|BR|nf|fi)( |$)/), "\(page): \(line)")
      }
    }
    guard isInstalled("groff") else { return }
    for page in pages {
      let ended = try await RunningCommand(
        "/usr/bin/env", ["groff", "-man", "-ww", "-Tutf8", "-z", "share/man/man1/\(page)"], in: bench
      ).end()
      #expect(ended.status == 0 && ended.errors == "", "\(page): \(ended.errors)")
    }
  }

  @Test func theSchemaIsOneJSONValue() async throws {
    let ended = try await bench.run("schema")
    let value = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
    #expect(ended.status == 0 && value?["$schema"] != nil)
    let file = try String(contentsOfFile: Repository.path + "/docs/grid.schema.json", encoding: .utf8)
    #expect(file == ended.output, "run `make docs`")
  }
}

/// Whether a program is in PATH.
private func isInstalled(_ program: String) -> Bool {
  (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { access("\($0)/\(program)", X_OK) == 0 }
}
