import Model
import Testing

@testable import GradientFlow

/// What cores do together: every piece once, and everything before the caller goes on.
struct CoresTests {
  @Test(arguments: [1, 2, 3, 8])
  func everyPieceIsDoneOnce(count: Int) {
    let cores = Cores(count: count)
    for round in 0..<400 {
      let pieces = [0, 1, 2, 7, 500][round % 5]
      var done = [Int](repeating: 0, count: pieces)
      // Not atomic: a piece that two threads did, or that was not waited for, would be seen.
      cores.forEach(&done) { piece, times in times += 1 + piece }
      #expect(done == Array(1..<(pieces + 1)))
      #expect(cores.map(pieces) { $0 * round } == (0..<pieces).map { $0 * round })
    }
  }

  /// Helpers that have gone to sleep come back.
  @Test func helpersComeBack() async throws {
    let cores = Cores(count: 4)
    for _ in 0..<3 {
      #expect(cores.map(64) { $0 } == Array(0..<64))
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// What a piece refers to is let go when all are done: a helper holds nothing back.
  @Test func nothingIsHeldBack() {
    final class Token {}
    weak var token: Token?
    do {
      let strong = Token()
      token = strong
      let cores = Cores(count: 3)
      for _ in 0..<200 {
        var same = [Bool](repeating: false, count: 40)
        cores.forEach(&same) { _, value in value = strong === token }
        #expect(same.allSatisfy { $0 })
      }
    }
    #expect(token == nil)
  }

  /// Nothing depends on the number of cores.
  @Test func resultsAreTheSameOnAnyNumberOfCores() throws {
    let samples = try SampleSet(x: [-1, -0.3, 0.4, 1], y: [0.2, -0.4, 0.6, -0.1])
    let run = try FlowRun(
      Run(point: PhasePoint(gamma: 1.5, gammaPrime: -0.5), width: 60_000, seed: 0),
      of: Problem(network: Network(), samples: samples))
    let budget = Budget(steps: 6, wallSeconds: 600)
    let alone = try run(budget: budget)
    for threads in [2, 3, 8] {
      let together = try run(budget: budget, threads: threads)
      #expect(together.rd.bitPattern == alone.rd.bitPattern)
      #expect(together.meanSquaredResidual.bitPattern == alone.meanSquaredResidual.bitPattern)
      #expect(together.time.bitPattern == alone.time.bitPattern)
    }
  }
}
