import Foundation
import Platform
import Testing

@Suite struct ShellQuotingTests {
  /// Signs that mean something to a shell, and some that mean nothing.
  private static let alphabet: [Character] = Array(
    "ab09 \t\n\r'\"\\$`!#&|;<>()[]{}*?~^=%-_./+:,@é∞\u{a0}\u{1b}\u{7f}\u{85}")

  private func words(seed: UInt64) -> [String] {
    var generator = SplitMix(state: seed)
    return (0..<300).map { _ in
      String(
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in
          Self.alphabet.randomElement(using: &generator) ?? "a"
        })
    }
  }

  /// The words that a shell finds in a command.
  private func read(_ command: String, by shell: String) throws -> [String] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: shell)
    process.arguments = ["-c", "for word in \(command); do printf '%s\\0' \"$word\"; done"]
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test(
    arguments: ["/bin/sh", "/bin/bash"].filter(isProgram), (0..<5).map { _ in UInt64.random(in: 0 ... .max) })
  func wordsComeBackAsTheyWere(shell: String, seed: UInt64) throws {
    let words = words(seed: seed) + ["", "-n", "~", "#", "a=b", "*"]
    let read = try read(words.map(shellQuoted).joined(separator: " "), by: shell)
    #expect(read.count == words.count, "seed \(seed)")
    let changed = zip(words, read).first { $0 != $1 }
    #expect(changed == nil, "seed \(seed)")
  }

  @Test(arguments: ["a", "grids/quick-start.yaml", "--results=x", "12:30,5", "50%", "me@host", "a_b+c"])
  func harmlessWordsStayReadable(word: String) { #expect(shellQuoted(word) == word) }
}

/// https://prng.di.unimi.it/splitmix64.c
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
