import Model
import Testing

@testable import Networks

/// What threads do together: every piece once, and everything before the caller goes on.
struct ThreadPoolTests {
  @Test(arguments: [1, 2, 3, 8])
  func everyPieceIsDoneOnce(count: Int) {
    let pool = ThreadPool(threadCount: count)
    for round in 0..<400 {
      let pieces = [0, 1, 2, 7, 500][round % 5]
      var done = [Int](repeating: 0, count: pieces)
      // Not atomic: a piece that two threads did, or that was not waited for, would be seen.
      pool.forEach(&done) { piece, times in times += 1 + piece }
      #expect(done == Array(1..<(pieces + 1)))
      #expect(pool.map(pieces) { $0 * round } == (0..<pieces).map { $0 * round })
    }
  }

  /// Threads that have ended are replaced.
  @Test func threadsComeBack() async throws {
    let pool = ThreadPool(threadCount: 4)
    for _ in 0..<3 {
      #expect(pool.map(64) { $0 } == Array(0..<64))
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// What a piece refers to is released when all are done.
  @Test func nothingIsHeldBack() {
    final class Token {}
    weak var token: Token?
    do {
      let strong = Token()
      token = strong
      let pool = ThreadPool(threadCount: 3)
      for _ in 0..<200 {
        var same = [Bool](repeating: false, count: 40)
        pool.forEach(&same) { _, value in value = strong === token }
        #expect(same.allSatisfy { $0 })
      }
    }
    #expect(token == nil)
  }

  /// Nothing depends on the number of threads.
  @Test func resultsAreTheSameOnAnyNumberOfThreads() throws {
    let run = Run(Setting(gamma: 1.5, gammaPrime: -0.5), width: 60_000, seed: 0)
    let budget = Budget(steps: 6, wallSeconds: 600)
    let alone = try train(run, of: .fourSamples(), budget: budget).result
    for threads in [2, 3, 8] {
      let together = try train(run, of: .fourSamples(), budget: budget, threads: threads).result
      #expect(together.quantities == alone.quantities)
    }
  }
}
