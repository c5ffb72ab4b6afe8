import Foundation
import Model
import Testing
import WorkerProtocol

@testable import Scheduling

/// `docs/worker-protocol.md` says what is true.
@Suite struct ProtocolDocumentTests {
  private func document() throws -> [String] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../docs/worker-protocol.md")
    return try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
  }

  @Test func everyMessageShownIsUnderstood() throws {
    let shown = try document().filter { $0.hasPrefix("    ") && $0.contains(#"{"type":"#) }
    for line in shown {
      let message = line.drop { $0 != "{" }.utf8
      if line.contains(#""type":"problem""#) || line.contains(#""type":"run""#) {
        #expect(throws: Never.self) { try OrchestratorMessage(line: message) }
      } else {
        #expect(throws: Never.self) { try WorkerMessage(line: message) }
      }
    }
    #expect(shown.count >= 10)
  }

  /// It knows nothing of what is to be kept, and is none the worse for it.
  @Test(.timeLimit(.minutes(1))) func thePythonWorkerWorks() async throws {
    let lines = try document()
    let start = try #require(lines.firstIndex(of: "```python"))
    let end = try #require(lines[start...].firstIndex(of: "```"))
    let script = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString).py")
    defer { try? FileManager.default.removeItem(at: script) }
    try lines[(start + 1)..<end].joined(separator: "\n").write(to: script, atomically: true, encoding: .utf8)

    let executor = SweepExecutor(
      worker: WorkerCommand(path: "/usr/bin/env", arguments: ["python3", script.path]),
      problem: Problem(network: Network(), samples: try SampleSet(x: [0, 1], y: [1, 0])),
      budget: .standard, limits: SchedulerLimits(workers: 1))
    let sink = MemorySink()
    var runs = plan(memory: [1, 1, 1])
    runs[1].keep = [.trajectory, .neurons, .function]
    let report = try await executor.execute(runs, sink: sink)
    #expect(report.ending == .completed)
    for run in await sink.recorded {
      guard case .result(let result) = run.ending else {
        Issue.record("\(run)")
        continue
      }
      #expect(result.reason == "this example does not integrate anything")
      #expect(run.record == FlowRecord())
    }
  }
}
