import Foundation
import Model
import Testing

@testable import ResultStore

/// What docs/database.md shows works as it stands.
@Suite struct DocumentTests {
  private static let document = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/database.md")

  /// The code of the document in one language.
  private static func snippets(_ language: String) throws -> [String] {
    let text = try String(contentsOf: document, encoding: .utf8)
    return text.components(separatedBy: "```\(language)\n").dropFirst()
      .map { String($0[..<($0.range(of: "```")?.lowerBound ?? $0.endIndex)]) }
  }

  /// The path of a program; nil if it is not there.
  static func program(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Whether Python has NumPy.
  private static let hasNumPy =
    program("python3").flatMap { try? output($0, ["-c", "import numpy"], in: "/") }?.status == 0

  private static func output(
    _ program: String, _ arguments: [String], in folder: String
  ) throws -> (text: String, status: Int32) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus)
  }

  /// A folder with the database of a sweep of the name that the document uses, and of a refined
  /// one.
  private func makeResults() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let store = try ResultStore.open(at: folder.path("results/quickstart/\(ResultStore.fileName)"))
    for name in ["quickstart", "quickstart-refined"] {
      let sweep = try Fixture.sweep(name: name)
      try store.register(sweep)
      try store.record(
        sweep.axes.runs.enumerated().map { index, run in
          var record = Fixture.record(run, of: sweep, Fixture.result(rd: Double(index + 1)))
          record.record = ["trajectory"]
          record.arrays = ["trajectory": Fixture.array(Double(index))]
          return record
        })
      try store.save(Fixture.phaseMap(of: sweep), of: sweep)
    }
    try store.close()
    return folder
  }

  @Test(.enabled(if: program("sqlite3") != nil))
  func theQueriesWork() throws {
    let folder = try makeResults()
    let shell = try #require(try Self.snippets("sh").first)
    let (text, status) = try Self.output("/bin/sh", ["-c", shell], in: folder.url.path)
    #expect(status == 0)
    // A line for each setting of one of the two sweeps, and the header.
    #expect(
      text.split(separator: "\n").count == 5 && text.hasPrefix("gamma|gamma_prime|exponent|trend\n"),
      "\(text)")
    let queries = try Self.snippets("sql").joined()
    let database = "results/quickstart/\(ResultStore.fileName)"
    let answer = try Self.output(
      try #require(Self.program("sqlite3")), ["-readonly", database, queries], in: folder.url.path)
    #expect(answer.status == 0)
    let lines = answer.text.split(separator: "\n")
    #expect(lines.count == 9 && lines.last?.hasPrefix("node7|worker 1|16|") == true, "\(answer.text)")
  }

  @Test(.enabled(if: hasNumPy))
  func thePythonWorks() throws {
    let folder = try makeResults()
    let snippets = try Self.snippets("python")
    #expect(snippets.count == 2)
    let python = try #require(Self.program("python3"))
    let answers = try snippets.map { try Self.output(python, ["-c", $0], in: folder.url.path) }
    #expect(answers.allSatisfy { $0.status == 0 }, "\(answers)")
    #expect(answers[0].text.split(separator: "\n").count == 3, "\(answers[0].text)")
    #expect(answers[0].text.contains("'sup_rd': 1.5"), "\(answers[0].text)")
    #expect(answers[1].text == "[15. 15.] [15. 15.]\n", "\(answers[1].text)")
  }

  @Test func theLinesAreShort() throws {
    let lines = try String(contentsOf: Self.document, encoding: .utf8).split(separator: "\n")
    #expect(lines.filter { $0.count > 100 } == [])
  }
}
