import Testing

@testable import Scheduling

@Suite struct RunQueueTests {
  @Test func givesOutInOrderWhenAllFits() {
    var queue = RunQueue(memory: [5, 3, 4])
    #expect(queue.take(fitting: .max) == 0)
    #expect(queue.take(fitting: .max) == 1)
    queue.putBack(0)
    #expect(queue.take(fitting: .max) == 0)
    #expect(queue.take(fitting: .max) == 2)
    #expect(queue.take(fitting: .max) == nil)
    #expect(queue.isEmpty)
  }

  @Test func anEmptyQueueGivesNothing() {
    var queue = RunQueue(memory: [])
    #expect(queue.take(fitting: .max) == nil)
  }

  /// Against a plain search through a list.
  @Test func agreesWithASearch() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for size in [1, 2, 3, 7, 8, 100] {
      let memory = (0..<size).map { _ in Int.random(in: 0...20, using: &random) }
      var queue = RunQueue(memory: memory) { $0 % 3 != 1 }
      var waiting = Set(memory.indices.filter { $0 % 3 != 1 })
      for _ in 0..<500 {
        if Bool.random(using: &random), let taken = memory.indices.first(where: { !waiting.contains($0) }) {
          queue.putBack(taken)
          waiting.insert(taken)
        } else {
          let limit = Int.random(in: -1...21, using: &random)
          let expected = waiting.filter { memory[$0] <= limit }.min()
          #expect(queue.take(fitting: limit) == expected, "seed \(seed)")
          if let expected { waiting.remove(expected) }
        }
        #expect(queue.count == waiting.count, "seed \(seed)")
      }
    }
  }
}

/// Random numbers that a printed seed repeats (Steele, Lea, Flood, OOPSLA 2014).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
