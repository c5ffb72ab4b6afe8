import Foundation
import ProjectFiles
import Testing

/// Help, documents and public names speak the field's standard English.
struct WordsTests {
  /// Keys that have another name now.
  private static let bannedKeys = ["also:", "silence:", "grace:"]

  @Test func theTestSeesABannedWord() {
    #expect(Words.offences("the run is put down").count == 1)
    #expect(Words.offences("the run is suspended").isEmpty)
    #expect(Words.offences("one\ntwo is set aside\n").first?.hasPrefix("line 2: two is set aside") == true)
    for word in ["verdict", "scatter", "Usual", "widest", "somebody", "silence", "patience"] {
      #expect(Words.offences("a \(word) of runs").count == 1, "\(word)")
    }
  }

  /// Comments speak as the documents do, and their lines are as long.
  @Test func comments() throws {
    for (path, text) in try Repository.files(
      in: ["Sources", "Tests", "Benchmarks"], endings: [".swift", ".c", ".h"])
    {
      // What tests the words has to name them.
      guard !path.hasSuffix("Words.swift"), !path.hasSuffix("WordsTests.swift") else { continue }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.drop { $0 == " " }.hasPrefix("//") ? line : ""
      }
      #expect(Words.offences(lines.joined(separator: "\n")) == [], "\(path)")
      let long = lines.enumerated().filter { $0.element.count > 100 }.map { $0.offset + 1 }
      #expect(long == [], "comments of \(path) longer than 100 characters")
    }
  }

  @Test func documents() throws {
    var files = try Repository.files(in: ["docs", "Examples"], endings: [".md"])
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
      files[name] = try String(contentsOfFile: Repository.path + "/" + name, encoding: .utf8)
    }
    for (path, text) in files.sorted(by: { $0.key < $1.key }) {
      // The one place that tells what the program was called before.
      let text = path == "CHANGELOG.md" ? text.replacing(Words.oldName, with: "") : text
      #expect(Words.offences(text) == [], "\(path)")
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      let long = lines.filter { _, line in
        line.count > 100 && !line.hasPrefix("|") && !line.contains("](") && !line.hasPrefix("    ")
      }
      #expect(long.map { $0.offset + 1 } == [], "lines of \(path) longer than 100 characters")
    }
  }

  @Test func gridsUseTheKeysOfToday() throws {
    for (path, text) in try Repository.files(in: ["grids", "Examples"], endings: [".yaml"]) {
      for line in text.split(separator: "\n") {
        let key = line.trimmingCharacters(in: .whitespaces)
        #expect(!Self.bannedKeys.contains(where: key.hasPrefix), "\(path): \(line)")
      }
    }
  }

  /// Names that others see.
  @Test func publicNames() throws {
    let names = [
      "Mailbox", "Letter", "Crew", "Chatter", "Doom", "Farewell", "Nap", "Patience", "Places", "Verdict",
      "BalancedSplit", "SplitFile", "QueueLook", "Guard", "(most|least|largest|widest)[A-Z]\\w*",
    ]
    // Terms of their own.
    let terms = ["leastSquares", "leastNormalMagnitude", "leastNonzeroMagnitude"]
    for (path, text) in try Repository.files(in: ["Sources"], endings: [".swift"]) {
      for line in text.split(separator: "\n")
      where line.contains("public ") || line.contains("package ") {
        for name in names {
          let match = line.firstMatch(of: try Regex(#"\b"# + name + #"\b"#))
          #expect(match.map { terms.contains(String(line[$0.range])) } ?? true, "\(path): \(line)")
        }
      }
    }
  }
}
