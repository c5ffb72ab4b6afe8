import Foundation
import Testing

/// `retry`: failures are forgotten, all or by reason, and the sweep is resumed.
@Suite struct RetryTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.grid(attempts: 1)
  }

  @Test func failedRunsAreRetried() async throws {
    #expect(
      try await bench.run("run", "tiny.yaml", "--workers", "1", worker: bench.refusingWorker()).status == 1)
    let other = try await bench.run("retry", "--reason", "memory", "tiny.yaml", "--workers", "1")
    #expect(other.status == 64, "\(other.errors)")
    #expect(
      other.errors.contains(
        "no run of tiny has failed for “memory”; there are runs that failed for refused"))
    #expect(try bench.results().isEmpty)
    let retried = try await bench.run("retry", "tiny.yaml", "--reason", "refused", "--workers", "2")
    #expect(retried.status == 0, "\(retried.errors)")
    #expect(retried.errors.contains("tiny: 12 failed runs (refused) to be retried"))
    #expect(try bench.results().count == 12)
  }

  @Test func aReasonMayBeAPartOfWhatStatusShows() async throws {
    #expect(
      try await bench.run("run", "tiny.yaml", "--workers", "1", worker: bench.refusingWorker()).status == 1)
    let retried = try await bench.run("retry", "--reason", "BY THE worker", "tiny.yaml")
    #expect(retried.status == 0, "\(retried.errors)")
  }

  @Test func whereNothingRanThereIsNothingToRetry() async throws {
    let ended = try await bench.run("retry", "tiny.yaml")
    #expect(ended.status == 66)
    #expect(!FileManager.default.fileExists(atPath: bench.path("results")))
    #expect(try await bench.run("retry").status == 64)
    #expect(try await bench.run("retry", "--nonsense", "tiny.yaml").status == 64)
  }
}

extension Workbench {
  /// A worker that refuses every run.
  func refusingWorker() throws -> String {
    try worker(
      """
      printf '%s\\n' '{"type":"hello","worker":"w","protocol":1,"methods":["impulse/4"]}'
      read -r problem
      while read -r line; do
        run=$(printf '%s' "$line" | sed 's/.*"run":"\\([0-9a-f]*\\)".*/\\1/')
        printf '{"type":"refusal","run":"%s","reason":"not today"}\\n' "$run"
      done
      """)
  }
}
