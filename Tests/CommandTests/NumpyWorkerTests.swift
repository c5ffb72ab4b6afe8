import Foundation
import Model
import Testing

/// The example of a worker in another language, `Examples/numpy-worker`.
@Suite(
  .serialized, .timeLimit(.minutes(20)),
  .enabled(if: Python.runs("import numpy"), "there is no python3 with numpy here"))
struct NumpyWorkerTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Examples/numpy-worker/worker.py").path

  private static let method = "gradient-descent/1"
  private static let problem = WorkerUnderTest.problem.replacing("impulse/4", with: method)
    .replacing("1e-06", with: "1e-3")

  private func start() throws -> WorkerUnderTest {
    try WorkerUnderTest(bench, shell: "exec python3 '\(Self.script)'")
  }

  /// Both integrate the same flow: at equal points their mean log RD agrees within the dispersion
  /// of the seeds, and a percent for the length of the steps.
  @Test func itAgreesWithTheImpulseMethod() async throws {
    let points = [(0.5, 0.0), (1.75, 0.0)]
    let seeds = 0..<4
    func logs(_ worker: WorkerUnderTest, _ problem: String) async throws -> [[Double]] {
      worker.send(problem)
      var logs: [[Double]] = []
      for (gamma, gammaPrime) in points {
        logs.append([])
        for seed in seeds {
          worker.send(
            WorkerUnderTest.order("r", width: 100, seed: seed, gamma: gamma, gammaPrime: gammaPrime))
          let result = try worker.answer()
          #expect(result["outcome"] as? String == "converged", "\(result)")
          logs[logs.count - 1].append(
            Foundation.log(try #require((result["quantities"] as? [String: Double])?["sup_rd"])))
        }
      }
      #expect(try await worker.end().status == 0)
      return logs
    }
    let theirs = try await logs(start(), Self.problem)
    let ours = try await logs(
      WorkerUnderTest(bench), WorkerUnderTest.problem.replacing("1e-06", with: "1e-3"))
    for (point, (a, b)) in zip(points, zip(theirs, ours)) {
      let difference = mean(a) - mean(b)
      let dispersion = (variance(a) / Double(a.count) + variance(b) / Double(b.count)).squareRoot()
      #expect(abs(difference) < 5 * dispersion + 0.015, "\(point): \(difference) ± \(dispersion)")
    }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private func variance(_ values: [Double]) -> Double {
    let mean = mean(values)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  }

  @Test func itKeepsToItsBudgetAndReports() async throws {
    let worker = try start()
    worker.send(
      Self.problem, WorkerUnderTest.order("r", width: 10, more: #","progress_seconds":0"#, steps: 3))
    for step in 1...3 {
      let progress = try worker.line()
      #expect(progress["type"] as? String == "progress" && progress["steps"] as? Int == step)
    }
    let result = try worker.line()
    #expect(result["outcome"] as? String == "budget_exhausted" && result["steps"] as? Int == 3)
    worker.send(
      WorkerUnderTest.order("t", width: 10).replacing(
        "\"steps\":100000", with: "\"steps\":100000,\"time\":0.5"))
    let limited = try worker.line()
    #expect(limited["outcome"] as? String == "budget_exhausted")
    #expect(abs(((limited["quantities"] as? [String: Double])?["time"] ?? 0) - 0.5) < 1e-9)
    #expect(try await worker.end().status == 0)
  }

  /// What it records is what figures draw; more points than a trajectory may have are thinned out.
  @Test func itRecordsTrajectories() async throws {
    let worker = try start()
    worker.send(Self.problem)
    for (width, steps) in [(100, 300), (1000, 100_000)] {
      worker.send(
        WorkerUnderTest.order("r", width: width, more: #","record":["trajectory"]"#, steps: steps))
      let answer = try worker.line()
      let arrays = try #require(answer["arrays"] as? [String: String])
      let bytes = try #require(arrays["trajectory"].flatMap { Data(base64Encoded: $0) })
      let trajectory = try #require(Trajectory(try NumericArray(npy: bytes)))
      #expect(trajectory.columns == ["time", "mean_squared_residual", "rd"])
      #expect(trajectory.points.count > 100)
      let quantities = try #require(answer["quantities"] as? [String: Double])
      for (name, last) in zip(trajectory.columns, trajectory.points[trajectory.points.count - 1]) {
        // Reading the answer rounds.
        #expect(abs(last - (quantities[name] ?? .nan)) <= 1e-14 * last, "\(name)")
      }
    }
    #expect(try await worker.end().status == 0)
  }

  @Test func itRefusesAndFailsAndStaysAlive() async throws {
    let worker = try start()
    worker.send(
      Self.problem.replacing("\"antisymmetric\":false", with: "\"antisymmetric\":true"),
      WorkerUnderTest.order("odd", width: 11),
      WorkerUnderTest.order("other", width: 10).replacing("gamma_prime", with: "beta"),
      WorkerUnderTest.order("large", width: 4_000_000, more: #","memory":100000000"#),
      WorkerUnderTest.order("r", width: 10, steps: 1))
    for run in ["odd", "other"] {
      let refusal = try worker.line()
      #expect(refusal["type"] as? String == "refusal" && refusal["run"] as? String == run, "\(refusal)")
    }
    let failure = try worker.line()
    #expect(failure["type"] as? String == "failure" && failure["cause"] as? String == "memory", "\(failure)")
    #expect(try worker.line()["type"] as? String == "result")
    let ended = try await worker.end()
    #expect(ended.status == 0 && ended.errors == "")
  }

  @Test func itEndsWhenItsAnswersHaveNoReader() async throws {
    let worker = try start()
    worker.send(Self.problem, WorkerUnderTest.order("r", width: 1000, more: #","progress_seconds":0"#))
    try worker.waitForSteps(1)
    worker.closeOutput()
    #expect(try await worker.end(closingInput: false).status == 0)
  }
}
