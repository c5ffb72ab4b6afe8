import Foundation
import Testing

@testable import Model

/// The expansion of axes.
struct AxesTests {
  private let axes = Axes(
    parameters: ["gamma": [0.5, 1], "beta": [-1, 0, 1]], width: [10, 20], seed: [0, 7])

  @Test func everyCombinationOnceAndInOrder() {
    let runs = Array(axes.runs)
    #expect(runs.count == axes.runCount && axes.runCount == 24)
    #expect(Set(runs).count == 24)
    for (a, b) in zip(runs, runs.dropFirst()) {
      #expect((a.setting, a.width, a.seed) < (b.setting, b.width, b.seed))
    }
    #expect(axes.settings == Array(Set(runs.map(\.setting))).sorted() && axes.settingCount == 6)
  }

  @Test func anEmptyAxisMeansNoRuns() {
    let none = Axes(parameters: ["gamma": [0.5]], width: [], seed: [1])
    #expect(none.runCount == 0 && Array(none.runs).isEmpty)
  }

  private let block = Axes(parameters: ["gamma": [2], "beta": [0.5]], width: [30], seed: [.max])

  private func sweep() throws -> Sweep {
    Sweep(
      name: "a", axes: axes,
      problem: Problem(
        method: "a/1", network: ["bias": .boolean(true)], samples: try SampleSet(x: [0.1, 2], y: [1, -1])))
  }

  @Test func sweepsSurviveEncoding() throws {
    let plain = try sweep()
    var full = plain
    full.include = [axes, block]
    full.problem.parameters = ["depth": .number(3)]
    (full.plane, full.orderParameter) = (["gamma"], "loss")
    full.budget.time = 5
    full.limits = Limits(
      attempts: 2, memory: 1 << 30, runMemory: 5, heartbeatTimeout: 1.5, shutdownGracePeriod: 3)
    full.record = [RecordRule(what: ["curve"], parameters: ["beta": [0]], seed: [0])]
    full.worker = WorkerProgram(arguments: ["w", ""], folder: "/")
    (full.database, full.slurm) = ("d", SlurmRequest(tasks: 3))
    var empty = plain
    empty.axes = Axes(parameters: [:], width: [1], seed: [0])
    empty.problem.samples = nil
    for sweep in [plain, full, empty] {
      let copy = try JSONDecoder().decode(Sweep.self, from: JSONEncoder().encode(sweep))
      #expect(copy == sweep && copy.problem.digest == sweep.problem.digest && copy.digest == sweep.digest)
    }
    let text = String(decoding: try JSONEncoder().encode(plain), as: UTF8.self)
    for key in ["include", "plane", "order_parameter", "record", "worker", "database", "slurm"] {
      #expect(!text.contains(key), "what is not given leaves no trace")
    }
  }

  @Test func theDigestTellsWhichRunsAreAskedFor() throws {
    let sweep = try sweep()
    func digest(_ change: (inout Sweep) -> Void) -> Digest {
      var other = sweep
      change(&other)
      return other.digest
    }
    func axes(gamma: [Double] = [0.5, 1], beta: [Double] = [-1, 0, 1]) -> Axes {
      Axes(parameters: ["gamma": gamma, "beta": beta], width: [10, 20], seed: [0, 7])
    }
    let others = [
      digest { $0.axes = axes(gamma: [0.5]) }, digest { $0.axes = axes(beta: [0, 1]) },
      digest { $0.axes = axes(gamma: [-1, 0, 1], beta: [0.5, 1]) }, digest { $0.axes.width = [10] },
      digest { $0.axes.seed = [0] }, digest { $0.problem.target = 1e-5 }, digest { $0.include = [block] },
      digest { ($0.axes.width, $0.axes.seed) = ([10, 20, 0], [7]) }, sweep.digest,
    ]
    #expect(Set(others).count == others.count)
    // Neither the name, nor what a run may cost, nor the order of the blocks.
    #expect(digest { ($0.name, $0.limits.attempts, $0.plane) = ("b", 9, ["beta"]) } == sweep.digest)
    #expect(digest { ($0.axes, $0.include) = (block, [self.axes]) } == digest { $0.include = [block] })
  }
}

/// What is a set of samples, and what is not.
struct SampleSetTests {
  @Test func repeatedSamplesAreNoContradiction() throws {
    #expect(try SampleSet(x: [1, 1], y: [2, 2]).count == 2)
    #expect(try SampleSet(x: [[1, 2], [1, 3]], y: [0, 1]).dimension == 2)
  }

  @Test(
    arguments: [
      ([], [], .empty, "there are no samples; give at least one"),
      (
        [[1], [2]], [1], .unequalLengths(x: 2, y: 1),
        "x has 2 values and y has 1; every sample needs one of each"
      ),
      (
        [[1], [2, 3]], [1, 2], .unequalDimensions(sample: 1, expected: 1, found: 2),
        "the input of sample 2 has 2 components, the first has 1"
      ),
      ([[1], [.nan]], [1, 2], .notFinite(sample: 1), "sample 2 holds a number that is not finite"),
      ([[1], [2]], [.infinity, 2], .notFinite(sample: 0), "sample 1 holds a number that is not finite"),
      (
        [[0], [1], [-0.0]], [1, 1, 2], .contradiction(first: 0, second: 2),
        "samples 1 and 3 have the same x and different y, so that no function passes through both; remove one or "
          + "average them"
      ),
    ] as [([[Double]], [Double], SampleSetError, String)])
  func errors(x: [[Double]], y: [Double], error: SampleSetError, text: String) {
    #expect(throws: error) { try SampleSet(x: x, y: y) }
    #expect(error.description == text)
  }

  @Test func decodingChecksToo() {
    let text = #"{"x": [[1], [1]], "y": [1, 2]}"#
    #expect(throws: SampleSetError.contradiction(first: 0, second: 1)) {
      try JSONDecoder().decode(SampleSet.self, from: Data(text.utf8))
    }
  }
}
