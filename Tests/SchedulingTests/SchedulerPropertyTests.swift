import Model
import Testing

@testable import Scheduling

/// The invariants, under random orders of events.
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
        memory: maybe(0...20, using: &random), runMemory: maybe(0...5, using: &random), maxShortages: 3,
        maxInitialFailures: Bool.random(using: &random) ? 2 : 20,
        maxUnrecorded: Bool.random(using: &random) ? 2 : 1024,
        backoff: Bool.random(using: &random) ? .zero : .seconds(1))
      var sweep = SimulatedSweep(
        plan(memory: memory), limits: limits, isResumable: Bool.random(using: &random))
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
      #expect(
        sweep.faults.isEmpty,
        "\(sweep.faults), seed \(seed), \(limits), memory \(memory), events \(events.suffix(12))")
      #expect(sweep.ending != nil, "does not end; seed \(seed)")
      sweep.feed(.interrupt)
      sweep.feed(.recorded(position: 0))
      #expect(sweep.faults.isEmpty, "after the end; seed \(seed)")
    }
  }

  private func maybe(_ range: ClosedRange<Int>, using random: inout SplitMix) -> Int? {
    Bool.random(using: &random) ? .random(in: range, using: &random) : nil
  }

  /// Whatever has happened, after an interrupt and its grace period nothing lives on, and then the
  /// sweep ends.
  @Test(arguments: 0..<4)
  func anInterruptEnds(_: Int) {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    for _ in 0..<40 {
      let memory = (0..<8).map { _ in Int.random(in: 0...10, using: &random) }
      var sweep = SimulatedSweep(
        plan(memory: memory), limits: SchedulerLimits(workers: 3, memory: maybe(10...20, using: &random)))
      sweep.feed(.begin)
      for _ in 0..<Int.random(in: 0...60, using: &random) where sweep.ending == nil {
        sweep.feed(choose(from: sweep.moves, using: &random))
      }
      guard sweep.ending == nil else { continue }
      sweep.feed(.interrupt)
      for _ in 0..<Int.random(in: 0...10, using: &random) where sweep.ending == nil {
        sweep.feed(choose(from: sweep.moves, using: &random))
      }
      if sweep.timers[.shutdown] != nil { sweep.feed(.timer(.shutdown)) }
      for id in Array(sweep.processes.keys) { sweep.feed(.exited(id, .signal(9), stderrTail: "")) }
      for run in sweep.unrecorded { sweep.feed(.recorded(position: run.position)) }
      #expect(sweep.ending != nil && sweep.faults.isEmpty, "seed \(seed): \(sweep.faults)")
    }
  }

  /// A worker that has answered with want of memory, which may be that of an earlier run, answers
  /// no second time, also if the end of the grace period kills it.
  @Test func aLateSecondAnswerIsNotBelieved() throws {
    var sweep = SimulatedSweep(plan(memory: [9, 1, 1]), limits: SchedulerLimits(workers: 1))
    let one = WorkerID(1)
    sweep.feed(.begin)
    var hello = testHello
    hello.worker = "\(one)"
    sweep.feed(.hello(one, hello))
    let first = try #require(sweep.processes[one]?.held?.identity)
    sweep.feed(.result(one, run: first, plausibleResult()))
    let second = try #require(sweep.processes[one]?.held?.identity)
    sweep.feed(.failure(one, run: second, .memory, detail: "no room"))
    #expect(sweep.processes[one]?.guilt == .retention && sweep.processes[one]?.stopped == true)
    sweep.feed(.interrupt)
    sweep.feed(.timer(.shutdown))
    sweep.feed(.result(one, run: second, plausibleResult()))
    #expect(sweep.concluded[second] == nil)
    sweep.feed(.exited(one, .signal(9), stderrTail: ""))
    for run in sweep.unrecorded { sweep.feed(.recorded(position: run.position)) }
    #expect(sweep.faults == [] && sweep.ending != nil)
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

  /// Every order of events of one worker and one run, and of two of each, until there are too many;
  /// then as many as there is time for.
  @Test(arguments: [(workers: 1, runs: 1), (workers: 2, runs: 2)])
  func holdsUnderAllOrders(workers: Int, runs: Int) {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SplitMix(seed)
    let limits = SchedulerLimits(
      workers: workers, attempts: 2, memory: 5, maxFruitlessStarts: 2, maxShortages: 2)
    var first = SimulatedSweep(plan(memory: Array(repeating: 2, count: runs)), limits: limits)
    first.feed(.begin)
    var layer = [first]
    var seen = 0
    for _ in 0..<12 {
      var next: [SimulatedSweep] = []
      for sweep in layer.shuffled(using: &random).prefix(400) where sweep.ending == nil {
        for move in sweep.moves + sweep.disturbances {
          var copy = sweep
          copy.feed(move.event)
          seen += 1
          if !copy.faults.isEmpty {
            Issue.record("\(move.event): \(copy.faults), seed \(seed)")
            return
          }
          next.append(copy)
        }
      }
      layer = next
    }
    #expect(seen > 1000)
  }
}
