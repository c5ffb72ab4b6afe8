import Model
import Testing

@testable import Scheduling

/// The invariants, under orders of events nobody thought of.
@Suite struct SchedulerPropertyTests {
  @Test(arguments: 0..<8)
  func holdsUnderRandomOrders(_: Int) {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for _ in 0..<40 {
      let memory = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        Int.random(in: 0...10, using: &random)
      }
      let limits = SchedulerLimits(
        workers: .random(in: 1...5, using: &random), attempts: .random(in: 1...3, using: &random),
        memory: Bool.random(using: &random) ? .random(in: 0...20, using: &random) : nil)
      var sweep = SimulatedSweep(plan(memory: memory), limits: limits)
      let disturbed = Int.random(in: 0..<4, using: &random) == 0
      var events: [SchedulerEvent] = [.begin]
      sweep.feed(.begin)
      while sweep.ending == nil, sweep.faults.isEmpty, events.count < 5000 {
        var moves = sweep.moves
        if disturbed, Int.random(in: 0..<30, using: &random) == 0 || moves.isEmpty {
          moves = sweep.disturbances
        }
        events.append(choose(from: moves, using: &random))
        sweep.feed(events[events.count - 1])
      }
      #expect(sweep.faults.isEmpty, "seed \(seed), \(limits), memory \(memory), events \(events.suffix(12))")
      #expect(sweep.ending != nil, "does not end; seed \(seed)")
      sweep.feed(.interrupt)
      sweep.feed(.recorded(position: 0))
      #expect(sweep.faults.isEmpty, "after the end; seed \(seed)")
    }
  }

  private func choose(
    from moves: [SimulatedSweep.Move], using random: inout SplitMix
  ) -> SchedulerEvent {
    var ticket = Int.random(in: 0..<moves.reduce(0) { $0 + $1.weight }, using: &random)
    for move in moves {
      ticket -= move.weight
      if ticket < 0 { return move.event }
    }
    return .killAll
  }

  /// Every order of events of one worker and one run, to the end; and of two of each, to a depth.
  @Test(arguments: [(workers: 1, runs: 1, depth: 7), (workers: 2, runs: 2, depth: 5)])
  func holdsUnderAllOrders(workers: Int, runs: Int, depth: Int) {
    let limits = SchedulerLimits(workers: workers, attempts: 2, memory: 3, barrenWorkers: 2)
    var first = SimulatedSweep(plan(memory: Array(repeating: 2, count: runs)), limits: limits)
    first.feed(.begin)
    var layer = [first]
    var seen = 0
    for _ in 0..<depth {
      var next: [SimulatedSweep] = []
      for sweep in layer where sweep.ending == nil {
        for move in sweep.moves + sweep.disturbances {
          var copy = sweep
          copy.feed(move.event)
          seen += 1
          #expect(copy.faults.isEmpty, "\(move.event): \(copy.faults)")
          if !copy.faults.isEmpty { return }
          next.append(copy)
        }
      }
      layer = next
    }
    #expect(seen > 1000)
  }
}
