import Foundation
import Testing

@testable import Model

/// The expansion of axes.
struct AxesTests {
  private let axes = Axes(gamma: [0.5, 1], gammaPrime: [-1, 0, 1], width: [10, 20], seed: [0, 7])

  @Test func everyCombinationOnceAndInOrder() {
    let runs = Array(axes.runs)
    #expect(runs.count == axes.runCount && axes.runCount == 24)
    #expect(Set(runs).count == 24)
    for (a, b) in zip(runs, runs.dropFirst()) {
      #expect((a.point, a.width, a.seed) < (b.point, b.width, b.seed))
    }
    #expect(axes.points == Array(Set(runs.map(\.point))).sorted())
  }

  @Test func anEmptyAxisMeansNoRuns() {
    let none = Axes(gamma: [0.5], gammaPrime: [0], width: [], seed: [1])
    #expect(none.runCount == 0 && Array(none.runs).isEmpty)
  }

  @Test func sweepsSurviveEncoding() throws {
    let problem = Problem(
      network: Network(antisymmetric: true), samples: try SampleSet(x: [0.1, 2], y: [1, -1]))
    let sweep = Sweep(
      name: "a", axes: axes, problem: problem, budget: .standard, limits: Limits(attempts: 2, memory: 1 << 30)
    )
    let copy = try JSONDecoder().decode(Sweep.self, from: JSONEncoder().encode(sweep))
    #expect(copy == sweep && copy.problem.digest == problem.digest)
  }

  @Test func furtherBlocksSurviveEncodingAndTheirAbsenceLeavesNoTrace() throws {
    let problem = Problem(network: Network(), samples: try SampleSet(x: [0.1, 2], y: [1, -1]))
    var sweep = Sweep(name: "a", axes: axes, problem: problem, budget: .standard, limits: Limits())
    let without = String(decoding: try JSONEncoder().encode(sweep), as: UTF8.self)
    #expect(!without.contains("also"))
    sweep.also = [axes, Axes(gamma: [2], gammaPrime: [0.5], width: [30], seed: [.max])]
    #expect(try JSONDecoder().decode(Sweep.self, from: JSONEncoder().encode(sweep)) == sweep)
  }

  @Test func theDigestTellsWhichRunsAreAskedFor() throws {
    let problem = Problem(network: Network(), samples: try SampleSet(x: [0.1, 2], y: [1, -1]))
    let sweep = Sweep(name: "a", axes: axes, problem: problem, budget: .standard, limits: Limits())
    let block = Axes(gamma: [2], gammaPrime: [0.5], width: [30], seed: [.max])
    func digest(_ change: (inout Sweep) -> Void) -> Digest {
      var other = sweep
      change(&other)
      return other.digest
    }
    let others = [
      digest { $0.axes.gamma = [0.5] }, digest { $0.axes.gammaPrime = [0, 1] },
      digest { $0.axes.width = [10] },
      digest { $0.axes.seed = [0] }, digest { $0.problem.target = 1e-5 }, digest { $0.also = [block] },
      digest { ($0.axes.width, $0.axes.seed) = ([10, 20, 0], [7]) }, sweep.digest,
    ]
    #expect(Set(others).count == others.count)
    // Neither the name, nor what a run may cost, nor the order of the blocks.
    #expect(digest { ($0.name, $0.limits.attempts) = ("b", 9) } == sweep.digest)
    #expect(digest { ($0.axes, $0.also) = (block, [axes]) } == digest { $0.also = [block] })
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
