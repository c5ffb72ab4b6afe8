import Testing

@testable import Scheduling

@Suite struct RunQueueTests {
  private func queue(cost: [Double], memory: [Int]) -> RunQueue {
    RunQueue(cost: cost, classes: cost.map { _ in 0 }, classCount: 1) { memory[$0] }
  }

  @Test func givesOutTheLongestFirst() {
    let costs = LearnedCosts(classes: 1)
    var queue = queue(cost: [1, 3, 2, 3], memory: [5, 3, 4, 5])
    #expect(queue.take(fitting: 4, costs: costs) == 1)
    #expect(queue.take(fitting: 4, costs: costs) == 2)
    #expect(queue.take(fitting: 4, costs: costs) == nil)
    queue.putBack(1, memory: 9)
    #expect(queue.take(fitting: 8, costs: costs) == 3)
    #expect(queue.take(fitting: .max, costs: costs) == 1)
    #expect(queue.take(fitting: .max, costs: costs) == 0)
    #expect(queue.isEmpty)
  }

  @Test func anEmptyQueueGivesNothing() {
    var queue = RunQueue(cost: [], classes: [], classCount: 0) { _ in 0 }
    #expect(queue.take(fitting: .max, costs: LearnedCosts(classes: 0)) == nil)
  }

  /// Against a plain search through a list, while costs are learned and memory changes.
  @Test func agreesWithASearch() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for size in [1, 2, 3, 7, 8, 100, 100, 100] {
      let classCount = Int.random(in: 1...5, using: &random)
      let classes = (0..<size).map { _ in Int.random(in: 0..<classCount, using: &random) }
      let cost = (0..<size).map { _ in Double(Int.random(in: 0...9, using: &random)) }
      var memory = (0..<size).map { _ in Int.random(in: 0...20, using: &random) }
      var costs = LearnedCosts(classes: classCount)
      var queue = RunQueue(cost: cost, classes: classes, classCount: classCount) {
        $0 % 3 == 1 ? nil : memory[$0]
      }
      var waiting = Set(memory.indices.filter { $0 % 3 != 1 })
      for _ in 0..<500 {
        if Int.random(in: 0..<4, using: &random) == 0 {
          costs.learn(.random(in: 0...20, using: &random), estimate: 2, class: classes[0])
        }
        if Bool.random(using: &random), let taken = memory.indices.first(where: { !waiting.contains($0) }) {
          memory[taken] = .random(in: 0...20, using: &random)
          queue.putBack(taken, memory: memory[taken])
          waiting.insert(taken)
        } else {
          let limit = Int.random(in: -1...21, using: &random)
          func learned(_ run: Int) -> Double { cost[run] * costs.ratio(of: classes[run]) }
          let expected = waiting.filter { memory[$0] <= limit }.min {
            (learned($1), $0) < (learned($0), $1)
          }
          #expect(queue.take(fitting: limit, costs: costs) == expected, "seed \(seed)")
          if let expected { waiting.remove(expected) }
        }
        #expect(queue.count == waiting.count, "seed \(seed)")
      }
    }
  }
}

@Suite struct LearnedCostsTests {
  @Test func believesTheEstimatesAtFirst() {
    let costs = LearnedCosts(classes: 2)
    #expect(costs.ratio(of: 0) == 1 && costs.ratio(of: 1) == 1)
  }

  @Test func aClassTendsToWhatItsRunsTake() {
    var costs = LearnedCosts(classes: 2)
    var last = 1.0
    for _ in 0..<200 {
      costs.learn(20, estimate: 2, class: 0)
      #expect(costs.ratio(of: 0) > last)
      last = costs.ratio(of: 0)
      // The other is believed to be like it, and less surely so.
      #expect(costs.ratio(of: 1) > 1 && costs.ratio(of: 1) < last)
    }
    #expect(abs(last - 10) < 0.2)
    for _ in 0..<1000 { costs.learn(1, estimate: 2, class: 1) }
    #expect(abs(costs.ratio(of: 1) - 0.5) < 0.05 && abs(costs.ratio(of: 0) - 10) < 0.3)
  }

  @Test func nonsenseTeachesNothing() {
    var costs = LearnedCosts(classes: 1)
    costs.learn(.nan, estimate: 1, class: 0)
    costs.learn(.infinity, estimate: 1, class: 0)
    costs.learn(1, estimate: 0, class: 0)
    costs.learn(-1, estimate: 1, class: 0)
    #expect(costs.ratio(of: 0) == 1)
    costs.learn(0, estimate: 1, class: 0)
    #expect(costs.ratio(of: 0) > 0)
  }

  /// ETA: what remains shared by the workers, and never less than the longest run under way.
  @Test func theTimeLeftIsThatOfTheLongestRunAtLeast() {
    var progress = SweepProgress(total: 10, waiting: 8, remainingCost: 100, totalCost: 100)
    progress.running = 2
    #expect(progress.estimatedSecondsLeft(workers: 4) == 25)
    #expect(progress.estimatedSecondsLeft(workers: 4, running: [(elapsed: 10, expected: 50)]) == 40)
    // Overdue: 15 s more of its own, and 80 s of the others.
    #expect(progress.estimatedSecondsLeft(workers: 4, running: [(elapsed: 60, expected: 20)]) == 23.75)
    progress.waiting = 0
    #expect(progress.estimatedSecondsLeft(workers: 4) == 50)
    // A half of the work took three times as long as its runs.
    progress.waiting = 8
    progress.recorded = 5
    progress.remainingCost = 50
    #expect(progress.estimatedSecondsLeft(workers: 4, elapsed: 37.5) == 37.5)
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
