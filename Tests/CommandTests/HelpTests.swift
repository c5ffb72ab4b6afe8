import Foundation
import Networks
import ProjectFiles
import Testing

@testable import gammaplane

/// The help of all commands, and the document that is written from it.
@Suite struct HelpTests {
  /// What the program tells of itself (`--experimental-dump-help`).
  private struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable {
        var name: String
      }

      var abstract: String?
      var names: [Name]?
      var valueName: String
      var shouldDisplay: Bool
    }

    var commandName: String
    var abstract: String?
    var discussion: String?
    var arguments: [Argument]?
    var subcommands: [Command]?
    var shouldDisplay: Bool

    /// This command and all below it that are shown, each after the words before its name.
    func all(after words: [String] = []) -> [(words: [String], command: Command)] {
      guard shouldDisplay, commandName != "help" else { return [] }
      let own = words + [commandName]
      return [(own, self)] + (subcommands ?? []).flatMap { $0.all(after: own) }
    }

    /// The arguments but `--help` and `--version`.
    var ownArguments: [Argument] {
      (arguments ?? []).filter { !["help", "version"].contains($0.valueName) && $0.shouldDisplay }
    }
  }

  private struct Dump: Decodable {
    var command: Command
  }

  private let bench: Workbench

  init() throws { bench = try Workbench() }

  private func commands() async throws -> [(words: [String], command: Command)] {
    let ended = try await bench.run("--experimental-dump-help")
    return try JSONDecoder().decode(Dump.self, from: Data(ended.output.utf8)).command.all()
  }

  @Test func everythingIsDescribed() async throws {
    let commands = try await commands()
    #expect(commands.count > 17)
    for (words, command) in commands {
      let name = words.joined(separator: " ")
      #expect(command.abstract?.hasSuffix(".") == true, "\(name)")
      for argument in command.ownArguments {
        #expect(argument.abstract?.isEmpty == false, "\(name): \(argument.valueName)")
      }
      guard command.subcommands == nil || words.count > 1 else { continue }
      let help = try await bench.start(words.dropFirst() + ["--help"]).end()
      #expect(help.status == 0 && help.output.hasPrefix("OVERVIEW: "), "\(name)")
      #expect(help.output.contains("USAGE: \(name)"), "\(name)")
    }
  }

  @Test func helpSpeaksTheFieldsEnglish() async throws {
    #expect(!Words.offences("Say what was set aside.").isEmpty)
    for words in try await commands().map(\.words) {
      let help = try await bench.start(words.dropFirst() + ["--help"]).end()
      // Words may be divided by the wrapping of lines.
      let text = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(Words.offences(text) == [], "\(words.joined(separator: " "))")
    }
  }

  /// An option of a parameter would hide one of the command's own.
  @Test func parametersHaveOptionsOfTheirOwn() async throws {
    let parameters = NetworkFamilies.builtIn.parameters.map { SettingOptions.optionName($0.name) }
    for (words, command) in try await commands() where SettingOptions.commands.contains(words.last ?? "") {
      let options = command.ownArguments.flatMap { $0.names ?? [] }.map { "--" + $0.name }
      #expect(Set(options).isDisjoint(with: parameters), "\(words)")
    }
  }

  /// The table of JSON values names every member.
  @Test func everyMemberOfJSONIsDocumented() async throws {
    let document = try String(contentsOfFile: Repository.path + "/docs/commands.md", encoding: .utf8)
    let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `") }
    try bench.grid()
    #expect(try await bench.run("run", "tiny.yaml").status == 0)
    for command in [
      ["plan", "tiny.yaml"], ["status", "tiny"], ["show", "0.5", "0"], ["fit", "tiny"], ["doctor"],
      ["diff", "tiny", "tiny.yaml"],
      ["schemes"],
      ["flow", "--gamma", "1", "--gamma-prime", "0", "--width", "20"],
      ["limit", "--gamma", "1", "--gamma-prime", "0"],
    ] {
      let ended = try await bench.start(command + ["--json"]).end()
      #expect(ended.status == 0, "\(ended.errors)")
      let value = try JSONSerialization.jsonObject(with: Data(ended.output.utf8))
      let object = try #require((value as? [[String: Any]])?.first ?? value as? [String: Any])
      let row = try #require(rows.first { $0.hasPrefix("| `\(command[0])` |") }, "\(command[0])")
      for key in object.keys { #expect(row.contains("`\(key)`"), "\(command[0]): \(key)") }
      for (key, member) in object {
        for name in ((member as? [[String: Any]])?.first ?? [:]).keys where ["widths", "bands"].contains(key)
        {
          #expect(row.contains("`\(name)`"), "\(command[0]): \(key).\(name)")
        }
      }
    }
  }

  /// `make docs` has been run since the help changed.
  @Test(.enabled(if: hasPython, "needs python3"))
  func theDocumentIsThatOfTheProgram() async throws {
    let written = try await RunningCommand(
      "/usr/bin/env", ["python3", Repository.path + "/scripts/commands.py", Executables.gammaplane], in: bench
    ).end()
    #expect(written.status == 0, "\(written.errors)")
    let document = try String(contentsOfFile: Repository.path + "/docs/commands.md", encoding: .utf8)
    #expect(written.output == document, "run `make docs`")
  }

  private static let hasPython = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { access("\($0)/python3", X_OK) == 0 }
}
