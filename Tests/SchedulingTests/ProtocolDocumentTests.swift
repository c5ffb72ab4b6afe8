import Foundation
import Model
import Testing
import WorkerProtocol

@testable import Scheduling

/// What `docs/worker-protocol.md` shows is what the code does.
@Suite struct ProtocolDocumentTests {
  private func document() throws -> [String] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../docs/worker-protocol.md")
    return try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
  }

  private static let orders: Set = ["problem", "run", "checkpoint"]
  private static let answers: Set = ["hello", "result", "refusal", "failure", "progress", "checkpointed"]

  @Test func everyMessageShownIsUnderstood() throws {
    var shown: Set<String> = []
    var conversation: [Substring: Int] = [:]
    for line in try document() where line.hasPrefix("    ") {
      guard let type = line.firstMatch(of: /{"type":"(\w+)"/)?.1 else { continue }
      shown.insert(String(type))
      let message = line.drop { $0 != "{" }.utf8
      if Self.orders.contains(String(type)) {
        #expect(throws: Never.self) { try OrchestratorMessage(line: message) }
        #expect(!line.contains("< {"))
      } else {
        #expect(throws: Never.self) { try WorkerMessage(line: message) }
        #expect(!line.contains("> {"))
      }
      if line.contains("> {") || line.contains("< {") { conversation[type, default: 0] += 1 }
    }
    #expect(shown == Self.orders.union(Self.answers))
    // One answer for every run.
    let answers = ["result", "refusal", "failure", "checkpointed"].compactMap { conversation[$0] }
    #expect(conversation["run"] == answers.reduce(0, +))
  }

  /// Every message has a section of its own.
  @Test func everyMessageIsExplained() throws {
    let headings = try document().filter { $0.hasPrefix("### `") }.map { $0.dropFirst(5).dropLast() }
    #expect(Set(headings.map(String.init)) == Self.orders.union(Self.answers))
    #expect(headings.count == Set(headings).count)
  }

  @Test func everyAbilityCauseAndOutcomeIsExplained() throws {
    let text = try document().joined(separator: "\n")
    let abilities: WorkerAbilities = [.progress, .checkpoint]
    let causes = [FailureCause.memory.rawValue, FailureCause.error.rawValue]
    for name in abilities.names + causes + Outcome.allCases.map(\.rawValue) {
      #expect(text.contains("`\(name)`: "), "\(name)")
    }
  }

  @Test(.timeLimit(.minutes(20))) func thePythonWorkerWorks() async throws {
    let lines = try document()
    let start = try #require(lines.firstIndex(of: "```python"))
    let end = try #require(lines[start...].firstIndex(of: "```"))
    let script = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString).py")
    defer { try? FileManager.default.removeItem(at: script) }
    try lines[(start + 1)..<end].joined(separator: "\n").write(to: script, atomically: true, encoding: .utf8)

    let executor = SweepExecutor(
      worker: WorkerCommand(path: "/usr/bin/env", arguments: ["python3", script.path]),
      problem: Problem(method: "example/1"), budget: .default, limits: SchedulerLimits(workers: 1))
    let sink = MemorySink()
    let report = try await executor.execute(plan(memory: [1, 1, 1]), sink: sink)
    #expect(report.ending == .completed)
    for run in await sink.recorded {
      guard case .result(let result) = run.ending else {
        Issue.record("\(run)")
        continue
      }
      #expect(result.quantities == ["magnitude": 1])
      #expect(run.arrays.isEmpty)
    }
  }
}
